//! Sends the changes of the state to its file, whenever the lock of the state is released or the file asks for them.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::RefUnwindSafe;
use std::sync::{Arc, MutexGuard};

use crate::domain::vault::{Batch, Collector};
use crate::sync::Mutex;

use super::Service;
use super::data::ServiceData;
use super::state::State;

/// Receives the changes of a state, in their order.
pub(crate) trait StateSink: Send + Sync + RefUnwindSafe {
    /// Takes changes. Called while the state is locked, so it must neither block nor use the service.
    fn put(&self, batch: Batch);
}

/// Where the changes of the state go.
pub(super) struct Saving {
    sink: Arc<dyn StateSink>,
    collector: Mutex<Collector>,
    /// Whether changes are sent at each release of the lock, and not only when the file asks for them.
    at_each_release: bool,
}

impl fmt::Debug for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Saving")
    }
}

/// The locked state.
pub(super) struct Locked<'a> {
    service: &'a Service,
    state: MutexGuard<'a, State>,
}

impl Deref for Locked<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // After a panic the state may be inconsistent, so it must not reach the file.
        if let Some(saving) = self.service.saving.get().filter(|saving| saving.at_each_release)
            && !std::thread::panicking()
        {
            self.service.give(saving, &mut self.state, false);
        }
    }
}

impl Service {
    /// Locks the state.
    pub(super) fn lock(&self) -> Locked<'_> {
        Locked { service: self, state: self.state.lock() }
    }

    /// Sends the changes of the state to a file from now on. `loaded` says whether the state was loaded from this file;
    /// otherwise the first changes are the whole state. A second call is an error.
    pub(crate) fn save_to(&self, sink: Arc<dyn StateSink>, loaded: bool, at_each_release: bool) -> Result<(), String> {
        let mut state = self.state.lock();
        let mut collector = Collector::default();
        if loaded {
            collector = *state.collector.take().ok_or("the state was not loaded")?;
        }
        let saving = Saving { sink, collector: Mutex::new(collector), at_each_release };
        self.saving.set(saving).map_err(|_| "the state is saved to a file already")?;
        if let Some(saving) = self.saving.get() {
            self.give(saving, &mut state, true);
        }
        Ok(())
    }

    /// Sends all changes to the file, including those that are not sent at each release of the lock.
    pub(crate) fn give_changes(&self) {
        let mut state = self.state.lock();
        if let Some(saving) = self.saving.get() {
            self.give(saving, &mut state, true);
        }
    }

    fn give(&self, saving: &Saving, state: &mut State, lazy: bool) {
        let mut collector = saving.collector.lock();
        if state.collector.take().is_some() {
            // The state was replaced by one from another file.
            collector.start_again();
            state.collect(&mut collector);
        } else {
            state.collect_changes(&mut collector, lazy);
        }
        if lazy {
            collector.tidy();
        }
        let was_moved = std::mem::take(&mut state.clock_was_moved);
        state.collect_whole(&mut collector, self.now(), self.is_closed_to_new_customers(), was_moved);
        if !collector.is_empty() {
            saving.sink.put(collector.take());
        }
    }

    /// Returns to the state of the file, because later changes could not be written. Announces no jobs. Calls
    /// `replaced` while the state is locked: changes that were sent before that call belong to the former state.
    pub(crate) fn roll_back(&self, data: &ServiceData, replaced: &mut dyn FnMut()) -> Result<(), String> {
        let mut state = self.state.lock();
        let mut restored = State::from_data(data, state.settings.bounds)?;
        // The options of the program stay.
        restored.settings = state.settings.clone();
        let collector = restored.collector.take().map(|known| *known).unwrap_or_default();
        // Callbacks and rules for jobs belong to the test, not to the file.
        std::mem::swap(&mut restored.listeners, &mut state.listeners);
        std::mem::swap(&mut restored.rules, &mut state.rules);
        if let Some(saving) = self.saving.get() {
            *saving.collector.lock() = collector;
        }
        let discarded = std::mem::replace(&mut *state, restored);
        replaced();
        drop(state);
        drop(discarded);
        self.changed.notify_waiters();
        Ok(())
    }
}
