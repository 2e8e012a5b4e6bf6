//! The form of an event: something that happened because time passed.

use serde::Serialize;

use crate::domain::account::Account;
use crate::domain::vault::Event;
use crate::domain::words::Timestamp;

use super::text::Text;

/// Something that happened because time passed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EventForm {
    /// One of `job_completed`, `output_expired`, `lock_expired`, `upload_expired`, `inventory_taken` and
    /// `capacity_expired`.
    r#type: &'static str,
    at: Text<Timestamp>,
    account: Text<Account>,
    region: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    /// The status of the job that ended: `Succeeded` or `Failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity: Option<String>,
}

impl EventForm {
    pub(crate) fn of(at: Timestamp, event: &Event) -> Self {
        let form = |r#type, account: &Account, region: &String, vault: Option<&String>| EventForm {
            r#type,
            at: Text(at),
            account: Text(*account),
            region: region.clone(),
            vault: vault.cloned(),
            job: None,
            status: None,
            lock: None,
            upload: None,
            capacity: None,
        };
        match event {
            Event::JobCompleted { account, region, vault, job, status } => EventForm {
                job: Some(job.to_string()),
                status: Some(status.as_str()),
                ..form("job_completed", account, region, Some(vault))
            },
            Event::OutputExpired { account, region, vault, job } => {
                EventForm { job: Some(job.to_string()), ..form("output_expired", account, region, Some(vault)) }
            }
            Event::LockExpired { account, region, vault, lock } => {
                EventForm { lock: Some(lock.to_string()), ..form("lock_expired", account, region, Some(vault)) }
            }
            Event::UploadExpired { account, region, vault, upload } => {
                EventForm { upload: Some(upload.to_string()), ..form("upload_expired", account, region, Some(vault)) }
            }
            Event::InventoryTaken { account, region, vault } => form("inventory_taken", account, region, Some(vault)),
            Event::CapacityExpired { account, region, capacity } => {
                EventForm { capacity: Some(capacity.to_string()), ..form("capacity_expired", account, region, None) }
            }
        }
    }
}
