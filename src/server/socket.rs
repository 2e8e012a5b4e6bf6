//! Creates, opens and closes the listening socket, with the options that each step needs.

use std::io;
use std::net::{Shutdown, SocketAddr};

use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::TcpListener;

/// The number of connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// Creates a socket that is bound but does not listen.
///
/// On Linux, the socket is bound to an explicit port number even if any free port will do. Linux keeps such a port when
/// the socket stops listening, but releases a port that it chose itself.
pub(super) fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = new_socket(address)?;
    if !cfg!(target_os = "linux") || address.port() != 0 {
        return bind(&socket, address).map(|()| socket);
    }
    let chosen = choose_port(address)?;
    let address = chosen.local_addr()?.as_socket().unwrap_or(address);
    share_port(&socket, true)?;
    bind(&socket, address)?;
    share_port(&socket, false)?;
    Ok(socket)
}

/// Creates a socket on a free port, which another socket can share until that one listens. A child process that is
/// being started may have a copy of this socket; with `SO_REUSEADDR` the other socket can listen all the same. That
/// option is set after the port is chosen: otherwise the system could choose the port of a mock that does not listen
/// yet.
fn choose_port(address: SocketAddr) -> io::Result<Socket> {
    let chosen = new_socket(address)?;
    share_port(&chosen, true)?;
    chosen.bind(&address.into())?;
    take_lingering(&chosen, true)?;
    Ok(chosen)
}

fn new_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn bind(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    take_lingering(socket, true)?;
    socket.bind(&address.into())
}

/// Sets whether the socket can take a port whose old connections linger, as listeners of the standard library can. On
/// Windows the same option would allow stealing a port, so there it stays off.
fn take_lingering(socket: &Socket, can: bool) -> io::Result<()> {
    if cfg!(windows) { Ok(()) } else { socket.set_reuse_address(can) }
}

/// Sets whether another socket of the same user can be bound to the same address, if it sets this option too.
///
/// The option is off whenever a socket listens: otherwise a program that shares its port could receive half of the
/// mock's connections.
fn share_port(socket: &Socket, can: bool) -> io::Result<()> {
    #[cfg(unix)]
    socket.set_reuse_port(can)?;
    #[cfg(not(unix))]
    let _ = (socket, can);
    Ok(())
}

pub(super) fn listen(socket: &Socket) -> io::Result<()> {
    share_port(socket, false)?;
    take_lingering(socket, true)?;
    socket.listen(BACKLOG)
}

/// Closes a port. A child process that was forked and has not called `exec` yet has a copy of the listening socket,
/// which would keep the port open (for up to 76 ms, measured). The socket therefore stops listening before it is
/// closed.
pub(super) fn close(listener: TcpListener) {
    // On systems that cannot shut down a listening socket, it is still closed.
    let _ = SockRef::from(&listener).shutdown(Shutdown::Both);
}

/// Stops listening without releasing the port.
#[cfg(target_os = "linux")]
pub(super) fn stop_listening(listener: TcpListener, _: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::from(listener.into_std()?);
    // Two sockets with this option could be bound to one address while neither listens.
    take_lingering(&socket, false)?;
    // The port stays bound; see `bound`. Copies of the socket in child processes stop listening too.
    socket.shutdown(Shutdown::Both)?;
    Ok(socket)
}

/// Stops listening without releasing the port: first binds another socket that does not listen. Until the outage ends,
/// a program of the same user that sets `SO_REUSEPORT` could take the port.
#[cfg(not(target_os = "linux"))]
pub(super) fn stop_listening(listener: TcpListener, address: SocketAddr) -> io::Result<Socket> {
    let socket = new_socket(address)?;
    if cfg!(unix) {
        share_port(&SockRef::from(&listener), true)?;
        share_port(&socket, true)?;
        socket.bind(&address.into())?;
        close(listener);
    } else {
        // Where sockets cannot share an address, the port is free for a moment.
        close(listener);
        socket.bind(&address.into())?;
    }
    Ok(socket)
}

// What these tests show holds on Linux alone.
#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::server::background;

    /// A listening socket, and the copy of it that a child process has between `fork` and `exec`.
    fn listening() -> (TcpListener, Socket, SocketAddr) {
        let socket = bound("127.0.0.1:0".parse().unwrap()).unwrap();
        listen(&socket).unwrap();
        let (address, copy) = (socket.local_addr().unwrap().as_socket().unwrap(), socket.try_clone().unwrap());
        let _entered = background().enter();
        (TcpListener::from_std(socket.into()).unwrap(), copy, address)
    }

    fn is_refused(address: SocketAddr) -> bool {
        std::net::TcpStream::connect(address).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    #[test]
    fn a_mock_listens_while_a_copy_of_the_socket_that_chose_its_port_is_open() {
        let chosen = choose_port(([127, 0, 0, 1], 0).into()).unwrap();
        let address = chosen.local_addr().unwrap().as_socket().unwrap();
        let socket = new_socket(address).unwrap();
        share_port(&socket, true).and_then(|()| bind(&socket, address)).and_then(|()| listen(&socket)).unwrap();
    }

    #[test]
    fn a_closed_port_refuses_while_a_child_process_has_a_copy_of_its_socket() {
        let (listener, copy, address) = listening();
        assert!(!is_refused(address));
        close(listener);
        assert!(is_refused(address));
        drop(copy);
    }

    #[test]
    fn an_outage_refuses_and_keeps_the_port_while_a_child_process_has_a_copy_of_its_socket() {
        let (mut listener, copy, address) = listening();
        for _ in 0..3 {
            let socket = stop_listening(listener, address).unwrap();
            assert!(is_refused(address));
            assert!(std::net::TcpListener::bind(address).is_err());
            listen(&socket).unwrap();
            assert!(!is_refused(address));
            assert!(std::net::TcpListener::bind(address).is_err());
            let _entered = background().enter();
            listener = TcpListener::from_std(socket.into()).unwrap();
        }
        drop(copy);
    }
}
