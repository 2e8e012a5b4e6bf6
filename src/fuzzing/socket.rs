//! Bytes to a mock through a socket, and the responses to them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use super::exchange::check_error;
use crate::fixture::GlacierMock;

/// How long a server may take to answer or to close the connection, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A response as it came over the wire.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

/// Sends these pieces, one after the other, closes the sending half, and reads until the server closes the connection.
/// Panics if it does not, or if it sends anything other than responses.
pub(super) fn exchange(mock: &GlacierMock, pieces: &[&[u8]]) -> Vec<Response> {
    let mut stream = connect(mock.address()).expect("the mock listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("an open socket");
    stream.set_nodelay(true).expect("an open socket");
    for piece in pieces {
        // The server may have answered and closed the connection already.
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut received = Vec::new();
    match stream.read_to_end(&mut received) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("no answer and no end of the connection: {error}, after {} bytes", received.len()),
    }
    let (mut rest, mut responses) = (&*received, Vec::new());
    while !rest.is_empty() {
        let (response, after) = Response::read(rest)
            .unwrap_or_else(|| panic!("not a response: {}", String::from_utf8_lossy(&rest[..rest.len().min(1000)])));
        responses.push(response);
        rest = after;
    }
    responses
}

/// Connects to the mock, on Linux from each of 60,000 loopback addresses in turn. After a connection, its port stays in
/// TIME_WAIT at its address for a minute. With a single address, the ports would run out after 28,000 inputs within a
/// minute, and no mock could start.
fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    static CONNECTIONS: AtomicU16 = AtomicU16::new(0);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if cfg!(target_os = "linux") {
        let [high, low] = CONNECTIONS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        socket.bind(&SocketAddr::from(([127, 1 + high % 250, low, 1], 0)).into())?;
    }
    // Unlike `connect`, this continues after the signals of libFuzzer's timer.
    socket.connect_timeout(&server.into(), PATIENCE)?;
    Ok(socket.into())
}

impl Response {
    /// Reads the first response and returns the bytes that follow it.
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..end]).ok()?;
        let (first, lines) = head.split_once("\r\n").unwrap_or((head, ""));
        let version = first.strip_prefix("HTTP/1.1 ").or(first.strip_prefix("HTTP/1.0 "))?;
        let status = version.get(..3)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers = lines.split("\r\n").filter(|line| !line.is_empty()).map(header).collect::<Option<_>>()?;
        let mut response = Response { status, headers, body: Vec::new() };
        let after = &bytes[end + 4..];
        // The response to HEAD has the length of a body and no body.
        if status < 200 || status == 204 || status == 304 || after.starts_with(b"HTTP/1.") || after.is_empty() {
            return Some((response, after));
        }
        if response.header("transfer-encoding").is_some() {
            let after = response.read_chunks(after)?;
            return Some((response, after));
        }
        let length = response.header("content-length").map_or(Some(after.len()), |length| length.parse().ok())?;
        let (body, after) = after.split_at_checked(length)?;
        response.body = body.to_vec();
        Some((response, after))
    }

    fn read_chunks<'a>(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        loop {
            let end = rest.windows(2).position(|window| window == b"\r\n")?;
            let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).ok()?, 16).ok()?;
            let (chunk, after) = rest[end + 2..].split_at_checked(length)?;
            self.body.extend_from_slice(chunk);
            rest = after.strip_prefix(b"\r\n")?;
            if length == 0 {
                return Some(rest);
            }
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether the response comes from hyper, which answers what is not a request before the mock sees it.
    pub(super) fn is_of_hyper(&self) -> bool {
        matches!(self.status, 400 | 414 | 431) && self.header("content-type").is_none()
    }

    /// Panics if this is not a response that AWS could give.
    pub(super) fn check_aws(&self) {
        if self.status < 200 || self.is_of_hyper() {
            return;
        }
        let date = self.header("date").is_some();
        assert!(date && self.header("x-amzn-requestid").is_some_and(|id| id.len() == 47), "{self:?}");
        let is_json = self.header("content-type") == Some("application/json");
        match self.status {
            200..300 => {}
            // The body of the response to HEAD is not sent.
            400..500 if self.body.is_empty() && is_json => {}
            400..500 => check_error(&self.json()),
            status => panic!("status {status}: {}", String::from_utf8_lossy(&self.body)),
        }
    }

    pub(super) fn json(&self) -> Value {
        let error = |error| panic!("{error}: {self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(error)
    }
}
