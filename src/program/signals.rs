//! The signals that the program reacts to.

use std::io;
#[cfg(unix)]
use std::task::Poll;

#[cfg(unix)]
use crate::server::background;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// Stop: SIGINT, SIGTERM, or Ctrl-C on Windows.
    Stop,
    /// Return to the state at the start: SIGHUP, which Windows does not have.
    Reset,
}

/// The signals that have arrived since [`listen`](Self::listen).
///
/// The program listens for them before it reports that it is ready, because a parent process that reads that line may
/// send a signal at once.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let _entered = background().enter();
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal. One that stops the program takes precedence.
    pub(super) async fn next(&mut self) -> Signal {
        std::future::poll_fn(|context| {
            if self.interrupt.poll_recv(context).is_ready() || self.terminate.poll_recv(context).is_ready() {
                Poll::Ready(Signal::Stop)
            } else if self.hang_up.poll_recv(context).is_ready() {
                Poll::Ready(Signal::Reset)
            } else {
                Poll::Pending
            }
        })
        .await
    }
}

#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Signals)
    }

    pub(super) async fn next(&mut self) -> Signal {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
        Signal::Stop
    }
}
