//! Holds on paused tokio time, shared by both ends of a request.
//!
//! The mock's client takes a hold for each of its requests, so that time does not advance while the request is in
//! transit; `mod.rs` explains how and why. But while a fault delays the request, time must advance, or the delay would
//! never end. The server then releases the hold, and takes it again before it answers.

use std::collections::HashMap;
use std::sync::{Arc, mpsc};

use tokio::runtime::Handle;

use crate::sync::Mutex;

use super::tokio_time::{Watch, when_gone};

/// The holds of a mock's requests, by the key that identifies each attempt of each call.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<HashMap<String, Arc<Hold>>>);

impl Holds {
    /// Returns the hold of a request. There is one if the request comes from the mock's own client under paused time.
    /// `header` reads the headers of the request.
    pub(crate) fn of<'a>(&self, header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Arc<Hold>> {
        let key = key(header)?;
        self.0.lock().get(&key).cloned()
    }

    /// Makes a hold available to the server while the returned guard exists. `header` reads the headers of the request.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client takes holds"))]
    pub(crate) fn register<'a>(
        self: &Arc<Self>,
        header: impl Fn(&str) -> Option<&'a str>,
        hold: Arc<Hold>,
    ) -> Registered {
        let key = key(header).unwrap_or_default();
        self.0.lock().insert(key.clone(), hold.clone());
        Registered { holds: self.clone(), key, hold }
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
    key: String,
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
        self.holds.0.lock().remove(&self.key);
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
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    wanted: bool,
    gone: bool,
    release: bool,
    /// The runtime is shutting down, so the hold must end.
    is_over: bool,
    /// Dropping this sender ends the pending task.
    pending: Option<mpsc::Sender<()>>,
    /// Detects the shutdown of the runtime.
    watch: Option<Watch>,
}

#[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client takes holds"))]
impl Hold {
    /// Creates a hold that is not in effect yet.
    pub(crate) fn new(runtime: Handle) -> Arc<Self> {
        let hold = Arc::new(Hold { runtime, state: Mutex::default() });
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
    pub(crate) fn rest(&self) {
        self.change(|state| state.wanted = false);
    }
}

impl Hold {
    /// Returns the runtime whose time this holds.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Stops holding time, because the server waits for time to pass or never answers.
    pub(crate) fn release(&self) {
        self.change(|state| state.release = true);
    }

    /// Returns whether the client has given up. Under paused time, hours may pass before the server notices that the
    /// connection has ended.
    pub(crate) fn is_gone(&self) -> bool {
        self.state.lock().gone
    }

    /// Holds time again, because the server continues with the request.
    pub(super) fn resume(&self) {
        self.change(|state| state.release = false);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        change(&mut state);
        if state.wanted && !state.release && !state.is_over {
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
