//! The forms of jobs, of their timing and of the notifications of their ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::account::Account;
use crate::domain::vault::{JobAt, Notice};
use crate::domain::words::{JobId, Timestamp};
use crate::service::{FoundJob, JobTiming};
use crate::wire::job_description;

use super::text::Text;

/// A job.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct JobForm {
    /// The members of Glacier's answer to DescribeJob, for example `JobId` and `StatusCode`.
    job: Map<String, Value>,
    account: Text<Account>,
    region: String,
    vault: String,
}

impl JobForm {
    pub(crate) fn of(found: &FoundJob) -> Self {
        let vault_arn = found.place.vault_arn(&found.vault);
        JobForm {
            job: members(&vault_arn, &found.seen),
            account: Text(found.place.account),
            region: found.place.region.to_string(),
            vault: found.vault.to_string(),
        }
    }
}

fn members(vault_arn: &str, job: &JobAt) -> Map<String, Value> {
    // The text is always that of an object.
    serde_json::from_str(&job_description(vault_arn, job)).unwrap_or_default()
}

/// When jobs complete.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum TimingForm {
    /// At once.
    Instant,
    /// When the test decides it.
    Manual,
    /// As on AWS: a Standard retrieval takes 4 to 5 hours. The command line's `by-tier` is accepted too.
    #[serde(alias = "by-tier")]
    ByTier,
    /// After this time on the mock's clock.
    After(Text<Duration>),
    /// After this number of responses that reported the job as in progress.
    AfterPolls(u32),
}

impl From<TimingForm> for JobTiming {
    fn from(form: TimingForm) -> Self {
        match form {
            TimingForm::Instant => JobTiming::instant(),
            TimingForm::Manual => JobTiming::manual(),
            TimingForm::ByTier => JobTiming::by_tier(),
            TimingForm::After(Text(duration)) => JobTiming::after(duration),
            TimingForm::AfterPolls(polls) => JobTiming::after_polls(polls),
        }
    }
}

/// A notification of the end of a job.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NotificationForm {
    /// The ARN of the SNS topic.
    topic: String,
    /// When the job ended.
    time: Text<Timestamp>,
    account: Text<Account>,
    region: String,
    vault: String,
    job: Text<JobId>,
    /// The text that was published: the members of DescribeJob, as JSON.
    message: String,
}

impl NotificationForm {
    pub(crate) fn of(notice: &Notice) -> Self {
        NotificationForm {
            topic: notice.topic.as_str().to_owned(),
            time: Text(notice.at),
            account: Text(notice.place.account),
            region: notice.place.region.to_string(),
            vault: notice.vault.to_string(),
            job: Text(notice.job.job.id.clone()),
            message: job_description(&notice.vault_arn, &notice.job),
        }
    }
}
