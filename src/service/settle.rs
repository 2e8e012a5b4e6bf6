//! What has happened by itself since somebody last looked: jobs that ended, and the notices of it.
//!
//! Nothing ticks. Every command and every handle settles first what time has brought, so that what it sees, and the
//! settings that a notice depends on, are those of the moment at which the thing happened.

use std::collections::BTreeMap;

use crate::domain::account::Scope;
use crate::domain::job::{Ending, JobAt, Status};
use crate::domain::name::VaultName;
use crate::domain::notice::{Notice, topics};
use crate::domain::timestamp::Timestamp;

use super::state::State;

/// Jobs that end by themselves, by when they do and by their number. An entry whose job has another ending by now is
/// found to be void when its time comes.
pub(super) type Due = BTreeMap<(Timestamp, u64), DueJob>;

#[derive(Clone, Debug)]
pub(super) struct DueJob {
    pub(super) scope: Scope,
    pub(super) vault: VaultName,
    pub(super) id: String,
}

impl State {
    /// Notes when a job ends, if it ends by itself or has ended. Once for each ending that a job is given: so each end is
    /// announced once.
    pub(super) fn expect_end(&mut self, scope: &Scope, vault: &VaultName, job: &JobAt, ending: &Ending) {
        let at = match ending {
            Ending::At(at, _) => *at,
            Ending::Ended(Status::Succeeded { at } | Status::Failed { at, .. }) => *at,
            Ending::Ended(Status::InProgress) | Ending::AfterPolls(_) | Ending::Manual => return,
        };
        let due = DueJob { scope: scope.clone(), vault: vault.clone(), id: job.job.id.to_string() };
        self.due.insert((at, job.job.number), due);
    }

    /// Announces the jobs that have ended, and frees what they retrieved at. Costs one look where none has.
    pub(super) fn settle(&mut self, now: Timestamp) {
        while let Some(entry) = self.due.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((at, _), due) = entry.remove_entry();
            let Some(vault) = self.vault(&due.scope, &due.vault).ok() else { continue };
            // As it was then: by now it may be forgotten.
            let Some(job) = vault.jobs.get(&due.id, at) else { continue };
            if job.status.completed_at() != Some(at) {
                continue;
            }
            vault.jobs.note_end(&due.id, at);
            let notice = |topic| Notice {
                topic,
                vault: due.vault.to_string(),
                vault_arn: vault.arn.clone(),
                at,
                job: job.clone(),
            };
            let notices: Vec<_> = topics(&job, vault.notifications.as_ref()).into_iter().map(notice).collect();
            self.notices.extend(notices);
            self.scope(&due.scope).standard_retrievals.end(job.job.number);
        }
    }
}
