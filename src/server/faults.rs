//! Applies a fault to a request and to its response.

use std::future::pending;
use std::sync::Arc;

use crate::domain::words::Timestamp;
use crate::fault::{After, Before, Delay, Effect, Fired, Passing};
use crate::record::{End, Open};
use crate::time::{self, RequestHolds};
use crate::wire::Payload;

use super::body::Response;
use super::connection::{CloseMode, ConnectionControl};
use super::receive::Arriving;
use super::{Served, pipeline, send, spoil};

/// A fault with the request that it applies to, and that request's connection.
pub(super) struct Fault<'a> {
    pub(super) served: &'a Arc<Served>,
    pub(super) control: &'a ConnectionControl,
    pub(super) open: &'a Open,
    pub(super) fired: Fired,
}

impl Fault<'_> {
    /// Applies the delay before the effect, and an effect that precedes the service: the request never reaches it, or
    /// reaches it later. Returns the body.
    pub(super) async fn before<'b>(&self, mut body: Arriving<'b>) -> Arriving<'b> {
        let mut from = self.open.arrival().service_time;
        if let Some(delay) = self.fired.delay() {
            self.delay(from, delay).await;
            from = from.after(delay.time);
        }
        let Effect::Before(before) = self.fired.effect() else { return body };
        match before {
            Before::Hang => {
                self.holds().release();
                self.never(End::NotAnswered).await
            }
            Before::Reset(after) => {
                if let Some(bytes) = after {
                    self.read(&mut body, *bytes).await;
                }
                self.control.close_with(CloseMode::Reset);
                self.never(End::NotAnswered).await
            }
            Before::Delay(delay) => self.delay(from, *delay).await,
            Before::Refuse(_) | Before::Throttle(_) | Before::Answer { .. } => {}
        }
        body
    }

    /// Delays the request, starting at `from` on the mock's clock. Ends it if the client has given up meanwhile.
    async fn delay(&self, from: Timestamp, delay: Delay) {
        let holds = self.holds();
        let watching = self.control.watch();
        wait(self.served, holds.clone(), from, delay).await;
        drop(watching);
        if holds.is_gone() {
            self.never(End::ClientWentAway).await
        }
    }

    /// Reads this many bytes of a body, or records that it was shorter.
    async fn read(&self, body: &mut Arriving<'_>, bytes: u64) {
        let mut seen = 0;
        while seen < bytes {
            let Some(Ok(chunk)) = body.chunk().await else {
                self.missed(&format!("the body of the request had only {seen} bytes"));
                return;
            };
            seen += chunk.len() as u64;
        }
    }

    /// Applies an effect that follows the service: the client never receives the response, or receives it later. A delay
    /// starts at `from` on the mock's clock.
    pub(super) async fn after(&self, from: Timestamp) {
        let Effect::After(after) = self.fired.effect() else { return };
        match after {
            After::LoseAnswer => self.control.close_with(CloseMode::Close),
            After::Reset => self.control.close_with(CloseMode::Reset),
            After::Delay(delay) => {
                let _watching = self.control.watch();
                return wait(self.served, self.holds(), from, *delay).await;
            }
            After::Spoil(_) => return,
        }
        self.never(End::NotAnswered).await
    }

    /// Builds the response that is sent to the client.
    pub(super) async fn answer(&self, response: hyper::Response<Payload>) -> Response {
        let download = response.body().download();
        let response = response.map(|payload| send::body(self.served, payload, || self.open.request()));
        let response = match self.fired.effect() {
            Effect::After(After::Spoil(how)) => spoil::spoil(self, how, response).await,
            _ => response,
        };
        send::counted(response, download)
    }

    /// Ends the request without a response. The future never completes.
    async fn never<T>(&self, end: End) -> T {
        self.open.end(end);
        pipeline::log(self.served, self.open).await;
        let _watching = self.control.watch();
        pending().await
    }

    /// Returns the client's holds on paused time.
    pub(super) fn holds(&self) -> RequestHolds {
        let request = self.open.request();
        self.served.mock.holds.of(|name| request.header(name))
    }

    /// Records that the fault had no effect.
    pub(super) fn missed(&self, why: &str) {
        self.served.mock.faults.missed(&self.fired, why);
    }
}

/// Waits for the time of a delay, starting at `from` on the mock's clock. If the delay passes on the mock's clock,
/// paused time may advance meanwhile.
pub(super) async fn wait(served: &Served, holds: RequestHolds, from: Timestamp, delay: Delay) {
    match delay.on {
        // The server's runtime is never paused, so its time is the wall clock's.
        Passing::Wall => {
            holds.overlook();
            tokio::time::sleep(delay.time).await;
        }
        Passing::Mock => time::wait(served.mock.service.clock(), holds, from.after(delay.time)).await,
    }
}
