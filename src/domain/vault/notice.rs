//! Notifications about completed jobs (api.md section 7).

use super::job::{JobAt, JobKind};
use super::notification::{JobEvent, Notifications, Topic};
use crate::domain::account::AccountRegion;
use crate::domain::words::{Timestamp, VaultName};

/// A notification about a completed job, sent to one topic.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) topic: Topic,
    pub(crate) place: AccountRegion,
    pub(crate) vault: VaultName,
    pub(crate) vault_arn: String,
    pub(crate) at: Timestamp,
    pub(crate) job: JobAt,
}

/// Returns the topics to notify of a job: the vault's topic, if it is configured for the event, and the job's own
/// topic, if it has one.
pub(crate) fn topics(job: &JobAt, vault: Option<&Notifications>) -> Vec<Topic> {
    let event = match job.job.kind {
        JobKind::Archive(_) => JobEvent::ArchiveRetrievalCompleted,
        JobKind::Inventory(_) => JobEvent::InventoryRetrievalCompleted,
    };
    let of_vault = vault.filter(|set| set.events.contains(&event)).map(|set| set.topic.clone());
    of_vault.into_iter().chain(job.job.sns_topic.clone()).collect()
}
