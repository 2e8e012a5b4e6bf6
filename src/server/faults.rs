//! What a fault does to a request on its way through, and to its answer.

use std::future::pending;
use std::sync::Arc;

use axum::response::Response;

use crate::fault::{After, Before, Effect, Fired};
use crate::record::{End, Open};
use crate::wire::Payload;

use super::connection::{Break, Breaker};
use super::hold::Hold;
use super::nap::wait;
use super::receive::Arriving;
use super::{Core, pipeline, send, spoil};

/// A fault, the request that met it, and where that came from.
pub(super) struct Fault<'a> {
    pub(super) core: &'a Arc<Core>,
    pub(super) breaker: &'a Breaker,
    pub(super) open: &'a Open,
    pub(super) fired: Fired,
}

impl Fault<'_> {
    /// What keeps the service from seeing a request, or makes it wait. Gives the request's body back.
    pub(super) async fn before<'b>(&self, mut body: Arriving<'b>) -> Arriving<'b> {
        let Effect::Before(before) = self.fired.effect() else { return body };
        match before {
            Before::Hang => {
                if let Some(hold) = self.hold() {
                    hold.let_go();
                }
                self.never().await
            }
            Before::Reset(after) => {
                if let Some(bytes) = after {
                    self.read(&mut body, *bytes).await;
                }
                self.breaker.pull(Break::Reset);
                self.never().await
            }
            Before::Delay(delay) => {
                let hold = self.hold();
                let _watching = self.breaker.watch();
                wait(self.core, hold.clone(), self.open.arrival().service_time, *delay).await;
                if hold.is_some_and(|hold| hold.is_gone()) {
                    self.never().await
                }
            }
            Before::Refuse(_) | Before::Answer { .. } => {}
        }
        body
    }

    /// Reads so many bytes of a body, or notes that there are fewer.
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

    /// What keeps the client from seeing the answer, or makes it wait.
    pub(super) async fn after(&self) {
        let Effect::After(after) = self.fired.effect() else { return };
        match after {
            After::LoseAnswer => self.breaker.pull(Break::Close),
            After::Reset => self.breaker.pull(Break::Reset),
            After::Delay(delay) => {
                let _watching = self.breaker.watch();
                return wait(self.core, self.hold(), self.core.service.now(), *delay).await;
            }
            After::Spoil(_) => return,
        }
        self.never().await
    }

    /// The answer as it goes out.
    pub(super) async fn answer(&self, response: hyper::Response<Payload>) -> Response {
        let response = response.map(|payload| send::body(self.core, payload, || self.open.request()));
        match self.fired.effect() {
            Effect::After(After::Spoil(how)) => spoil::spoil(self, how, response).await,
            _ => response,
        }
    }

    /// There is no answer, and nobody need wait for one.
    async fn never<T>(&self) -> T {
        self.open.end(End::Disconnected);
        pipeline::log(self.core, self.open).await;
        let _watching = self.breaker.watch();
        pending().await
    }

    /// The client's hold on paused time.
    pub(super) fn hold(&self) -> Option<Arc<Hold>> {
        self.core.holds.of(&self.open.request())
    }

    /// The fault could not do what it was to do.
    pub(super) fn missed(&self, why: &str) {
        self.core.faults.missed(&self.fired, why);
    }
}
