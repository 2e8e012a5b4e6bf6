//! Holds on paused tokio time, where both ends of a request can reach them.
//!
//! The mock's client takes one for each of its requests, so that time does not jump while the request is on the wire
//! (how, and why, stands with the client). But when it is a fault that keeps the request waiting, time must go on, or it
//! would stand still for ever: then the server lets go of the hold, and takes it again before it answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use tokio::runtime::Handle;

use crate::record::Request;
use crate::service::{Watch, when_gone};

/// The holds of a mock's requests, by what tells the attempts of all calls apart.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<HashMap<String, Arc<Hold>>>);

impl Holds {
    /// The hold of a request, if its client is the mock's own and time is paused.
    pub(super) fn of(&self, request: &Request) -> Option<Arc<Hold>> {
        let key = key(|name| request.header(name))?;
        self.lock().get(&key).cloned()
    }

    /// Makes a hold known to the server for as long as what is returned lives. `header` reads the request's headers.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client takes holds"))]
    pub(crate) fn register<'a>(
        self: &Arc<Self>,
        header: impl Fn(&str) -> Option<&'a str>,
        hold: Arc<Hold>,
    ) -> Registered {
        let key = key(header).unwrap_or_default();
        self.lock().insert(key.clone(), hold.clone());
        Registered { holds: self.clone(), key, hold }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Hold>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An attempt of a call.
fn key<'a>(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<String> {
    Some(format!("{} {}", header("amz-sdk-invocation-id")?, header("amz-sdk-request")?))
}

/// A hold that the server knows of.
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
        self.holds.lock().remove(&self.key);
    }
}

/// Paused time does not jump while this is wanted by the client and not let go of by the server.
///
/// tokio does not jump while a `spawn_blocking` task is pending, so one is. A runtime that shuts down waits for such tasks.
/// The request may outlive the runtime, for example as a future that the test keeps, so the end of the runtime ends the hold.
#[derive(Debug)]
pub(crate) struct Hold {
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    wanted: bool,
    gone: bool,
    let_go: bool,
    /// The runtime shuts down: there is no time left to hold.
    is_over: bool,
    /// Dropping it ends the pending task.
    pending: Option<mpsc::Sender<()>>,
    /// Sees the runtime shut down.
    watch: Option<Watch>,
}

#[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client takes holds"))]
impl Hold {
    /// Holds nothing yet.
    pub(crate) fn new(runtime: Handle) -> Arc<Self> {
        let hold = Arc::new(Hold { runtime, state: Mutex::default() });
        let watched = Arc::downgrade(&hold);
        let watch = when_gone(&hold.runtime, move || {
            if let Some(hold) = watched.upgrade() {
                hold.change(|state| state.is_over = true);
            }
        });
        hold.lock().watch = Some(watch);
        hold
    }

    /// The client waits for the server from here on.
    pub(crate) fn want(&self) {
        self.change(|state| state.wanted = true);
    }

    /// The client waits no more.
    pub(crate) fn rest(&self) {
        self.change(|state| state.wanted = false);
    }
}

impl Hold {
    /// The runtime whose time it holds.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The server waits for time to pass, or for ever.
    pub(super) fn let_go(&self) {
        self.change(|state| state.let_go = true);
    }

    /// Whether the client has given up. Under paused time hours may pass before its connection's end is seen.
    pub(super) fn is_gone(&self) -> bool {
        self.lock().gone
    }

    /// The server goes on.
    pub(super) fn resume(&self) {
        self.change(|state| state.let_go = false);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        if state.wanted && !state.let_go && !state.is_over {
            if state.pending.is_none() {
                let (release, released) = mpsc::channel();
                // Pending until the other end is dropped, which is the only thing that can happen to it.
                self.runtime.spawn_blocking(move || released.recv());
                state.pending = Some(release);
            }
        } else {
            state.pending = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
