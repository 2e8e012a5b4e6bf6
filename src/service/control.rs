//! What a test can do to the service without a request: decide about jobs, advance the clock, read notices.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::futures::Notified;

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Decision, Event, JobAt, JobError, Notice, Vault, VaultPlace};
use crate::domain::words::{Timestamp, VaultName};
use crate::sync::until;

use super::bounds::Over;
use super::job_rules::JobRule;
#[cfg(feature = "publish")]
use super::outbox::Outbox;
use super::state::State;
use super::timing::JobTiming;
use super::{Service, vaults};

/// A job with its vault and its observed state.
#[derive(Clone, Debug)]
pub(crate) struct FoundJob {
    pub(crate) place: AccountRegion,
    pub(crate) vault: VaultName,
    pub(crate) seen: JobAt,
}

/// A callback for every notice.
#[derive(Clone)]
pub(crate) struct Listener(pub(crate) Arc<dyn Fn(&Notice) + Send + Sync>);

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}

impl Service {
    /// Returns every job that the service knows now, of all accounts and regions, in order of creation.
    pub(crate) fn jobs(&self) -> Vec<FoundJob> {
        let now = self.now();
        self.lock().jobs(now)
    }

    /// Returns the names of all vaults, of every account and region.
    pub(crate) fn vault_names(&self) -> Vec<(AccountRegion, VaultName)> {
        self.lock().names(|state| state.vaults.by_name.keys())
    }

    /// Returns the names of all deleted vaults, of every account and region. A new vault may have the same name.
    pub(crate) fn deleted_vault_names(&self) -> Vec<(AccountRegion, VaultName)> {
        self.lock().names(|state| state.vaults.deleted.iter())
    }

    /// Returns the current state of a job, or `None` after the service has removed it.
    pub(crate) fn job(&self, place: &FoundJob) -> Option<JobAt> {
        let now = self.now();
        self.lock().vault(&place.place, place.vault.as_str())?.jobs.get(&place.seen.job.id, now)
    }

    /// Applies a test's decision about a job.
    pub(crate) fn decide_job(&self, place: &FoundJob, decision: Decision) -> Result<(), JobError> {
        let mut state = self.lock();
        // The time is read under the lock, as for a command.
        let now = self.now();
        state.settle(now);
        let (vaults, context) = state.open(&place.place, now);
        let vault = vaults.get(&place.vault).ok_or(JobError::Gone)?;
        let decided = vault.jobs.decide(&place.seen.job.id, decision, now, context.schedule);
        state.settle(now);
        self.publish(state, false);
        decided
    }

    /// Removes a vault with everything in it, whatever policies or a lock say. Returns whether it existed.
    pub(crate) fn remove_vault(&self, place: &AccountRegion, name: &VaultName) -> bool {
        let mut state = self.lock();
        let now = self.now();
        state.settle(now);
        let (vaults, mut context) = state.open(place, now);
        let removed = vaults::remove(vaults, &mut context, name);
        state.ledger.vault_is_gone(place, name);
        if let Some(vault) = &removed {
            state.ledger.archives_are_gone(vault.archives().map(|(archive, _)| &archive.id));
            state.remember(|| Arc::new(VaultPlace { place: place.clone(), vault: name.clone() }), Over::Vault, now);
        }
        self.publish(state, removed.is_some());
        // Dropped without the lock: the vault may contain bytes that the test owned.
        removed.is_some()
    }

    /// Sets when the jobs that are started from now on complete.
    pub(crate) fn set_job_timing(&self, timing: JobTiming) {
        self.lock().settings.jobs = timing;
    }

    /// Resets the service to its state at the start. Announces nothing.
    pub(crate) fn reset(&self) {
        self.exchange(self.initial.state(), self.initial.closed_to_new_customers, |_, _| self.clock.reset());
    }

    /// Replaces the whole state by `new`, and announces nothing. `prepare` receives the previous state and the new one
    /// under the lock, and sets the clock.
    pub(super) fn exchange(
        &self,
        mut new: State,
        closed_to_new_customers: bool,
        prepare: impl FnOnce(&mut State, &mut State),
    ) {
        let mut state = self.lock();
        prepare(&mut state, &mut new);
        self.closed_to_new_customers.store(closed_to_new_customers, Ordering::SeqCst);
        let discarded = std::mem::replace(&mut *state, new);
        // Callbacks that wait for their turn belong to the discarded state.
        self.resets.fetch_add(1, Ordering::SeqCst);
        // So do notices that wait to be sent.
        #[cfg(feature = "publish")]
        let unsent: Vec<_> = self.outboxes().iter().map(|outbox| outbox.discard()).collect();
        drop(state);
        #[cfg(feature = "publish")]
        drop(unsent);
        // Values of the test, such as what a callback captured, are dropped without the lock, because they may use the
        // mock.
        drop(discarded);
        self.clock.end_waits();
        self.changed.notify_waiters();
    }

    /// Removes the callbacks for notices, which may refer to the mock themselves, when the `GlacierMock` ends.
    pub(crate) fn end(&self) {
        let listeners = std::mem::take(&mut self.lock().listeners);
        drop(listeners);
        self.changed.notify_waiters();
    }

    /// Adds a rule for how the next job that matches it ends.
    pub(crate) fn add_rule(&self, rule: JobRule) {
        self.lock().rules.push(rule);
    }

    /// Returns whether a request in flight could change what verification finds: it may call a callback, or start the
    /// job that has to use a rule.
    pub(crate) fn closures_or_rules_are_pending(&self) -> bool {
        let state = self.lock();
        !state.listeners.is_empty() || state.rules.are_left()
    }

    /// Removes all rules, and returns those for single jobs that no job used.
    pub(crate) fn leftover_rules(&self) -> Vec<JobRule> {
        self.lock().rules.leftovers()
    }

    /// Sets whether the service refuses Expedited retrievals that provisioned capacity does not cover.
    pub(crate) fn set_expedited_is_short(&self, is_short: bool) {
        self.lock().settings.expedited_is_short = is_short;
    }

    #[cfg(feature = "standalone")]
    pub(crate) fn expedited_is_short(&self) -> bool {
        self.lock().settings.expedited_is_short
    }

    /// Advances the clock, and notifies the waits for a change.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.lock().clock_was_moved = true;
        self.settle(self.now());
        self.changed.notify_waiters();
    }

    /// Advances the clock to the next time at which something happens without a request, and returns what happens. Does
    /// nothing if nothing will happen.
    pub(crate) fn advance_to_next_event(&self) -> Vec<Event> {
        let now = self.now();
        let mut events = self.lock().events(now);
        let Some(next) = events.iter().map(|(at, _)| *at).min() else { return Vec::new() };
        self.advance(next.since(now));
        events.retain(|(at, _)| *at == next);
        events.into_iter().map(|(_, event)| event).collect()
    }

    /// Advances the clock, and returns what happens on the way, with its times and in their order.
    #[cfg(feature = "standalone")]
    pub(crate) fn advance_with_events(&self, by: Duration) -> Vec<(Timestamp, Event)> {
        let now = self.now();
        let mut events = self.lock().events(now);
        events.retain(|(at, _)| at.since(now) <= by);
        events.sort_by_key(|(at, _)| *at);
        self.advance(by);
        events
    }

    /// Reads a vault, or changes something that no notice depends on. Returns `None` if there is no such vault.
    ///
    /// `look` runs under the lock. It may make cheap clones, but must neither hash nor use the service.
    pub(crate) fn with_vault<T>(
        &self,
        place: &AccountRegion,
        vault: &VaultName,
        look: impl FnOnce(&mut Vault, Timestamp) -> T,
    ) -> Option<T> {
        let now = self.now();
        let mut state = self.lock();
        state.vault(place, vault.as_str()).map(|vault| look(vault, now))
    }

    /// Announces the jobs that have ended.
    pub(crate) fn announce(&self) {
        self.settle(self.now());
    }

    /// Returns the notices of all completed jobs, in order of completion.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.settle(self.now());
        self.lock().notices.clone()
    }

    /// Returns the time until the next job ends without the test, if the clock runs.
    pub(crate) fn next_end(&self) -> Option<Duration> {
        let now = self.now();
        let next = self.lock().schedule.next_end()?;
        self.clock.runs().then(|| next.since(now))
    }

    /// Calls `listener` for every notice from now on.
    pub(crate) fn listen(&self, listener: Listener) {
        self.settle(self.now());
        self.lock().listeners.push(listener);
    }

    /// Puts all notices from now on into these queues. Later calls have no effect.
    #[cfg(feature = "publish")]
    pub(crate) fn send_to(&self, outboxes: Vec<Arc<Outbox>>) {
        let _ = self.outboxes.set(outboxes);
    }

    #[cfg(feature = "publish")]
    pub(super) fn outboxes(&self) -> &[Arc<Outbox>] {
        self.outboxes.get().map_or(&[], Vec::as_slice)
    }

    /// Returns a future that completes at the next change of a job, a notice or the clock. To miss no change, create it
    /// before reading the state.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Waits until `choose` returns a value for the current jobs.
    pub(crate) async fn wait_for_jobs<T>(&self, mut choose: impl FnMut(Vec<FoundJob>) -> Option<T>) -> T {
        until(|| self.changed(), || choose(self.jobs())).await
    }
}
