//! Holds on paused tokio time, shared by both ends of a request.
//!
//! The mock's client takes a hold for each of its requests, so that time does not advance while the request is in
//! transit; `mod.rs` explains how and why. But while a fault delays the request, time must advance, or the delay would
//! never end. The server then releases the hold, and takes it again before it answers.
//!
//! The server finds the hold of a request by the headers that identify an attempt of the SDK. `GlacierMock::hold_time`
//! takes a hold for a future of the test, whose requests may have no such headers. A delayed request therefore releases
//! the holds of all futures that are pending when its delay begins. Releasing too many lets a timeout of another future
//! fire early at worst; releasing too few would let the test hang.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};

use tokio::runtime::{Handle, Id};

use crate::sync::Mutex;

use super::tokio_time::{Watch, when_gone};

/// The holds of a mock.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Those of the mock's own client, by the key that identifies each attempt of each call.
    requests: HashMap<String, Arc<Hold>>,
    /// Those of `GlacierMock::hold_time`, in the order in which they began. Which request belongs to which is unknown,
    /// because the server sees nothing of the future.
    futures: Vec<Arc<Hold>>,
}

impl Holds {
    /// Returns the holds that a request has to release while it is delayed: its own, if it comes from the mock's client
    /// under paused time, and those of all futures that are pending now. `header` reads the headers of the request.
    pub(crate) fn of<'a>(&self, header: impl Fn(&'static str) -> Option<&'a str>) -> RequestHolds {
        let key = key(header);
        let known = self.0.lock();
        let own = key.and_then(|key| known.requests.get(&key).cloned());
        RequestHolds { own, futures: known.futures.clone() }
    }

    /// Makes the hold of a request available to the server while the returned guard exists. `header` reads the headers
    /// of the request.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client sends such requests"))]
    pub(crate) fn of_request<'a>(
        self: &Arc<Self>,
        header: impl Fn(&str) -> Option<&'a str>,
        hold: Arc<Hold>,
    ) -> Registered {
        let key = key(header).unwrap_or_default();
        self.0.lock().requests.insert(key.clone(), hold.clone());
        Registered { holds: self.clone(), key: Some(key), hold }
    }

    /// Returns whether a request from this runtime waits for the server, and no fault delays it.
    pub(super) fn is_waiting(&self, runtime: Id) -> bool {
        self.requests_of(runtime).iter().any(|hold| hold.is_waiting())
    }

    /// Returns whether a request from this runtime waits for the server without being counted.
    pub(super) fn has_overlooked(&self, runtime: Id) -> bool {
        self.requests_of(runtime).iter().any(|hold| hold.is_overlooked())
    }

    /// Stops counting the requests from this runtime that wait for the server now.
    pub(super) fn overlook(&self, runtime: Id) {
        for hold in self.requests_of(runtime).iter().filter(|hold| hold.is_waiting()) {
            hold.change(|state| state.is_overlooked = true);
        }
    }

    fn requests_of(&self, runtime: Id) -> Vec<Arc<Hold>> {
        let known = self.0.lock();
        known.requests.values().filter(|hold| hold.runtime.id() == runtime).cloned().collect()
    }

    /// Releases the holds of all futures while the returned guard exists.
    pub(super) fn release_futures(&self) -> Released {
        let futures = self.0.lock().futures.clone();
        let released = RequestHolds { own: None, futures };
        released.release();
        Released(released)
    }

    /// Makes the hold of a future available to the server while the returned guard exists.
    pub(crate) fn of_future(self: &Arc<Self>, hold: Arc<Hold>) -> Registered {
        self.0.lock().futures.push(hold.clone());
        Registered { holds: self.clone(), key: None, hold }
    }
}

/// The holds that a delayed request releases.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestHolds {
    own: Option<Arc<Hold>>,
    futures: Vec<Arc<Hold>>,
}

impl RequestHolds {
    /// Returns the runtime of the caller. Without an own hold it is that of the last future that began, which is right
    /// unless several runtimes share the mock at the same time.
    pub(super) fn runtime(&self) -> Option<Handle> {
        let mut holds = self.all().filter(|hold| hold.holds_time);
        holds.next_back().map(|hold| hold.runtime.clone())
    }

    /// The server starts to wait for time to pass, or for ever.
    pub(crate) fn release(&self) {
        self.all().for_each(|hold| hold.release());
    }

    /// The server continues with the request. Called once for each `release`.
    pub(super) fn resume(&self) {
        self.all().for_each(|hold| hold.resume());
    }

    /// The request is delayed in real time. Paused time stands still, but other requests do not wait for their turn until
    /// this one has its response.
    pub(crate) fn overlook(&self) {
        if let Some(own) = &self.own {
            own.change(|state| state.is_overlooked = true);
        }
    }

    /// Returns whether the client has given up. Under paused time, hours may pass before the server sees the connection
    /// end. Any of the futures may have sent the request, so it is given up when none is left.
    pub(crate) fn is_gone(&self) -> bool {
        match &self.own {
            Some(own) => own.is_gone(),
            None => !self.futures.is_empty() && self.futures.iter().all(|hold| hold.is_gone()),
        }
    }

    /// The own hold is the last one.
    fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Hold>> {
        self.futures.iter().chain(&self.own)
    }
}

/// Releases holds while it exists.
#[derive(Debug)]
pub(super) struct Released(RequestHolds);

impl Drop for Released {
    fn drop(&mut self) {
        self.0.resume();
    }
}

/// Identifies an attempt of a call.
fn key<'a>(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<String> {
    Some(format!("{} {}", header("amz-sdk-invocation-id")?, header("amz-sdk-request")?))
}

/// A hold that is available to the server.
#[derive(Debug)]
pub(crate) struct Registered {
    holds: Arc<Holds>,
    /// `None` for the hold of a future.
    key: Option<String>,
    hold: Arc<Hold>,
}

impl std::ops::Deref for Registered {
    type Target = Hold;

    fn deref(&self) -> &Hold {
        &self.hold
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.hold.change(|state| (state.wanted, state.gone) = (false, true));
        let mut known = self.holds.0.lock();
        match &self.key {
            Some(key) => _ = known.requests.remove(key),
            None => known.futures.retain(|hold| !Arc::ptr_eq(hold, &self.hold)),
        }
    }
}

/// Keeps paused time from advancing while the client wants it to and the server has not released it.
///
/// tokio does not advance paused time while a `spawn_blocking` task is pending, so the hold keeps one pending. A
/// runtime that shuts down waits for such tasks. The request may outlive the runtime, for example as a future that the
/// test keeps, so the end of the runtime also ends the hold.
#[derive(Debug)]
pub(crate) struct Hold {
    runtime: Handle,
    /// Whether the time of the runtime is paused. Otherwise the hold only says that a request waits for the server.
    holds_time: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    wanted: bool,
    gone: bool,
    /// How many delayed requests release this hold. More than one is possible for the hold of a future.
    released: usize,
    /// Whether the request has taken so long that it does not count as waiting for the server.
    is_overlooked: bool,
    /// The runtime is shutting down, so the hold must end.
    is_over: bool,
    /// Dropping this sender ends the pending task.
    pending: Option<mpsc::Sender<()>>,
    /// Detects the shutdown of the runtime.
    watch: Option<Watch>,
}

impl State {
    /// The client waits for the server, which does not delay the request on the mock's clock.
    fn waits_for_server(&self) -> bool {
        self.wanted && self.released == 0 && !self.is_over
    }
}

impl Hold {
    /// Creates the hold of a request from a runtime whose time runs. It has no effect on time.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client waits for turns"))]
    pub(crate) fn without_effect(runtime: Handle) -> Arc<Self> {
        Arc::new(Hold { runtime, holds_time: false, state: Mutex::default() })
    }

    /// Creates a hold that is not in effect yet.
    pub(crate) fn new(runtime: Handle) -> Arc<Self> {
        let hold = Arc::new(Hold { runtime, holds_time: true, state: Mutex::default() });
        let watched = Arc::downgrade(&hold);
        let watch = when_gone(&hold.runtime, move || {
            if let Some(hold) = watched.upgrade() {
                hold.change(|state| state.is_over = true);
            }
        });
        hold.state.lock().watch = Some(watch);
        hold
    }

    /// Holds time from now on, because the client waits for the server.
    pub(crate) fn want(&self) {
        self.change(|state| state.wanted = true);
    }

    /// Stops holding time, because the client does not wait for the server.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client reads a body in steps"))]
    pub(crate) fn rest(&self) {
        self.change(|state| state.wanted = false);
    }
}

impl Hold {
    fn release(&self) {
        self.change(|state| state.released += 1);
    }

    fn resume(&self) {
        self.change(|state| state.released = state.released.saturating_sub(1));
    }

    fn is_gone(&self) -> bool {
        self.state.lock().gone
    }

    fn is_waiting(&self) -> bool {
        let state = self.state.lock();
        state.waits_for_server() && !state.is_overlooked
    }

    fn is_overlooked(&self) -> bool {
        let state = self.state.lock();
        state.waits_for_server() && state.is_overlooked
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        self.keep_pending(&mut state);
    }

    /// Keeps a blocking task pending, which stops paused time, while the state requires it.
    fn keep_pending(&self, state: &mut State) {
        if self.holds_time && state.waits_for_server() {
            if state.pending.is_none() {
                let (release, released) = mpsc::channel();
                // Blocks until the sender is dropped; nothing is ever sent.
                self.runtime.spawn_blocking(move || released.recv());
                state.pending = Some(release);
            }
        } else {
            state.pending = None;
        }
    }
}
