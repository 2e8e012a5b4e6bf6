//! Announces the jobs that have ended since the state was last used.
//!
//! Every command, every decision of a test about a job, and every advance of the clock settles first. Nothing runs in
//! the background, except in a mock that publishes its notices, which settles when a job ends. A notice therefore
//! depends on the settings at the time at which the job ended, and lists of jobs by status are up to date.

use crate::domain::vault::{Notice, topics};
use crate::domain::words::Timestamp;

use super::bounds::Over;
use super::state::State;

impl State {
    /// Announces the jobs that have ended, and frees their share of the retrieval quota. If no job has ended, this
    /// costs one look at the schedule.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while let Some(due) = self.schedule.take_due(now) {
            let Some(place) = self.places.get_mut(&due.place.place) else { continue };
            self.changed_places.note(|| due.place.place.clone());
            let Some(vault) = place.vaults.get(&due.place.vault) else { continue };
            let Some(job) = vault.jobs.settle(&due) else { continue };
            place.limits.standard_retrievals.end(job.job.number);
            self.ledger.job_ended(job.job.number, &job.status);
            let notice = |topic| Notice {
                topic,
                place: due.place.place.clone(),
                vault: due.place.vault.clone(),
                vault_arn: vault.arn.clone(),
                at: due.at,
                job: job.announced(),
            };
            let topics = topics(&job, vault.notifications.as_ref());
            self.notices.extend(topics.into_iter().map(notice));
            let id = due.id.clone();
            self.remember(|| due.place.clone(), Over::Job(id), now);
        }
    }
}
