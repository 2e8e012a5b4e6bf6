//! What the test does to the service, past the wire: jobs, time, notices.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::futures::Notified;

use crate::domain::account::Scope;
use crate::domain::event::Event;
use crate::domain::job::{Ending, JobAt, ScheduledJob, Status, StatusCode};
use crate::domain::name::VaultName;
use crate::domain::notice::Notice;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::Vault;

use super::Service;
use super::job_rules::JobRule;

/// Where a job is, for a test that wants to decide about it.
#[derive(Clone, Debug)]
pub(crate) struct JobPlace {
    pub(crate) scope: Scope,
    pub(crate) vault: String,
    pub(crate) seen: JobAt,
}

/// Why the test cannot do with a job what it wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobError {
    /// The service does not know it, or not any more.
    Gone,
    /// Its state is the wrong one for that.
    Is(StatusCode),
}

/// What is called for every notice.
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

    /// What a job is now, `None` once the service has forgotten it.
    pub(crate) fn job(&self, place: &JobPlace) -> Option<JobAt> {
        let now = self.now();
        self.lock().scope(&place.scope).vault_named_mut(&place.vault)?.jobs.get(place.seen.job.id.as_str(), now)
    }

    /// Ends a job now.
    pub(crate) fn end_job(&self, place: &JobPlace, failure: Option<String>) -> Result<(), JobError> {
        self.decide(place, |job, at| {
            let status = match failure {
                None => Status::Succeeded { at },
                Some(message) => Status::Failed { at, message },
            };
            if job.status(at) == Status::InProgress {
                job.ending = Ending::Ended(status);
                return true;
            }
            false
        })
    }

    /// Keeps a job from ending by itself.
    pub(crate) fn hold_job(&self, place: &JobPlace) -> Result<(), JobError> {
        self.decide(place, |job, now| {
            let in_progress = job.status(now) == Status::InProgress;
            if in_progress {
                job.ending = Ending::Manual;
            }
            in_progress
        })
    }

    /// Makes the service forget a job that has ended, as it would after a day.
    pub(crate) fn expire_job(&self, place: &JobPlace) -> Result<(), JobError> {
        self.decide(place, |job, now| {
            job.expired = job.status(now) != Status::InProgress;
            job.expired
        })
    }

    /// `decision` says whether it could do what it wanted.
    fn decide(
        &self,
        place: &JobPlace,
        decision: impl FnOnce(&mut ScheduledJob, Timestamp) -> bool,
    ) -> Result<(), JobError> {
        let id = place.seen.job.id.as_str();
        let mut state = self.lock();
        // Under the lock, as for a command.
        let now = self.now();
        state.settle(now);
        let vault = state.scope(&place.scope).vault_named_mut(&place.vault).ok_or(JobError::Gone)?;
        let job = vault.jobs.get_mut(id, now).ok_or(JobError::Gone)?;
        if !decision(job, now) {
            return Err(JobError::Is(job.status(now).code()));
        }
        let (seen, ending) = (job.at(now), job.ending.clone());
        if let Some(name) = VaultName::parse(&place.vault) {
            state.expect_end(&place.scope, &name, &seen, &ending);
        }
        drop(state);
        self.settle(now);
        Ok(())
    }

    /// Lets the next job that fits end as the rule says.
    pub(crate) fn add_rule(&self, rule: JobRule) {
        self.lock().rules.push(rule);
    }

    /// The rules for single jobs that no job used, in words. Takes all rules away.
    pub(crate) fn leftover_rules(&self) -> Vec<String> {
        self.lock().rules.leftovers()
    }

    /// Whether Expedited retrievals are refused that no provisioned capacity guarantees.
    pub(crate) fn set_expedited_is_short(&self, is_short: bool) {
        self.lock().settings.expedited_is_short = is_short;
    }

    /// Moves the clock on, and wakes whoever waits for that.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.settle(self.now());
        self.changed.notify_waiters();
    }

    /// Moves the clock to the next moment at which something happens by itself, and says what does. Nothing, if
    /// nothing will.
    pub(crate) fn advance_to_next_event(&self) -> Vec<Event> {
        let now = self.now();
        let mut events = self.lock().events(now);
        let Some(next) = events.iter().map(|(at, _)| *at).min() else { return Vec::new() };
        self.advance(next.since(now));
        events.retain(|(at, _)| *at == next);
        events.into_iter().map(|(_, event)| event).collect()
    }

    /// Looks at a vault, or does something to it that needs no announcement. `None` if there is no such vault.
    ///
    /// `look` runs while the lock is held: it may clone what is cheap, and must neither hash nor ask the service.
    pub(crate) fn with_vault<T>(
        &self,
        scope: &Scope,
        vault: &str,
        look: impl FnOnce(&mut Vault, Timestamp) -> T,
    ) -> Option<T> {
        let now = self.now();
        let mut state = self.lock();
        state.scope(scope).vault_named_mut(vault).map(|vault| look(vault, now))
    }

    /// The notices of all completed jobs, in the order of their completion.
    pub(crate) fn notices(&self) -> Vec<Notice> {
        self.settle(self.now());
        self.lock().notices.clone()
    }

    /// How long it is until the next job ends by itself, if the clock runs that far by itself.
    pub(crate) fn next_end(&self) -> Option<Duration> {
        let now = self.now();
        let (next, _) = *self.lock().due.first_key_value()?.0;
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
