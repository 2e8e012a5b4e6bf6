//! What a test does to the service without a request: it decides about jobs, moves the clock and reads notices.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::futures::Notified;

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Decision, Event, JobAt, JobError, Notice, Vault};
use crate::domain::words::{Timestamp, VaultName};

use super::Service;
use super::job_rules::JobRule;

/// A job and the vault that it belongs to, with what was seen of it.
#[derive(Clone, Debug)]
pub(crate) struct JobPlace {
    pub(crate) scope: AccountRegion,
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
    /// Every job that the service knows now, of all accounts and regions, in the order in which they were asked for.
    pub(crate) fn jobs(&self) -> Vec<JobPlace> {
        let now = self.now();
        self.lock().jobs(now)
    }

    /// The names of all vaults, of every account and region.
    pub(crate) fn vault_names(&self) -> Vec<(AccountRegion, VaultName)> {
        self.lock().names(|state| state.vaults.by_name.keys())
    }

    /// The names of all vaults that were deleted, of every account and region. There may be a new one of that name.
    pub(crate) fn deleted_vault_names(&self) -> Vec<(AccountRegion, VaultName)> {
        self.lock().names(|state| state.vaults.deleted.iter())
    }

    /// What a job is now, `None` once the service has forgotten it.
    pub(crate) fn job(&self, place: &JobPlace) -> Option<JobAt> {
        let now = self.now();
        self.lock().vault(&place.scope, place.vault.as_str())?.jobs.get(&place.seen.job.id, now)
    }

    /// Does with a job what a test decides.
    pub(crate) fn decide_job(&self, place: &JobPlace, decision: Decision) -> Result<(), JobError> {
        let mut state = self.lock();
        // Under the lock, as for a command.
        let now = self.now();
        state.settle(now);
        let (vaults, context) = state.open(&place.scope, now);
        let vault = vaults.get(&place.vault).ok_or(JobError::Gone)?;
        let decided = vault.jobs.decide(&place.seen.job.id, decision, now, context.schedule);
        state.settle(now);
        self.publish(state, false);
        decided
    }

    /// Adds a rule for how the next job that matches it ends.
    pub(crate) fn add_rule(&self, rule: JobRule) {
        self.lock().rules.push(rule);
    }

    /// Whether a request that is under way could change what verification finds: it may call a callback, or start the job
    /// that a rule has to be used by.
    pub(crate) fn closures_or_rules_are_pending(&self) -> bool {
        let state = self.lock();
        !state.listeners.is_empty() || state.rules.are_left()
    }

    /// The rules for single jobs that no job used. Takes all rules away.
    pub(crate) fn leftover_rules(&self) -> Vec<JobRule> {
        self.lock().rules.leftovers()
    }

    /// Sets whether the service refuses Expedited retrievals that provisioned capacity does not cover.
    pub(crate) fn set_expedited_is_short(&self, is_short: bool) {
        self.lock().settings.expedited_is_short = is_short;
    }

    /// Advances the clock, and notifies those that wait for a change.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle(self.now());
        self.changed.notify_waiters();
    }

    /// Advances the clock to the next moment at which something happens without a request, and returns what happens. Does
    /// nothing if nothing will happen.
    pub(crate) fn advance_to_next_event(&self) -> Vec<Event> {
        let now = self.now();
        let mut events = self.lock().events(now);
        let Some(next) = events.iter().map(|(at, _)| *at).min() else { return Vec::new() };
        self.advance(next.since(now));
        events.retain(|(at, _)| *at == next);
        events.into_iter().map(|(_, event)| event).collect()
    }

    /// Reads a vault, or changes what no notice depends on. `None` if there is no such vault.
    ///
    /// `look` runs while the lock is held: it may clone what is cheap, and must neither hash nor ask the service.
    pub(crate) fn with_vault<T>(
        &self,
        scope: &AccountRegion,
        vault: &VaultName,
        look: impl FnOnce(&mut Vault, Timestamp) -> T,
    ) -> Option<T> {
        let now = self.now();
        let mut state = self.lock();
        state.vault(scope, vault.as_str()).map(|vault| look(vault, now))
    }

    /// The notices of all completed jobs, in the order of their completion.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.settle(self.now());
        self.lock().notices.clone()
    }

    /// How long it is until the next job ends by itself, if the clock runs that far by itself.
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

    /// Waits until something may have changed: a job, a notice, the clock. Register with it before looking.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Waits until `choose` finds what it looks for among the jobs.
    pub(crate) async fn wait_for_jobs<T>(&self, mut choose: impl FnMut(Vec<JobPlace>) -> Option<T>) -> T {
        loop {
            // Register before looking: a job that starts in between must wake us.
            let changed = self.changed();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(chosen) = choose(self.jobs()) {
                return chosen;
            }
            changed.await;
        }
    }
}
