//! The form of a usage.

use std::time::Duration;

use serde::Serialize;

use crate::control::{EarlyDeletion, Usage};
use crate::domain::account::Account;
use crate::domain::vault::Tier;

use super::text::Text;

/// What AWS would charge for so far.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct UsageForm {
    /// The number of UPLOAD requests.
    upload_requests: u64,
    /// The number of archive retrievals that were started.
    retrieval_requests: Tiers,
    /// The number of requests that AWS does not charge for.
    free_requests: u64,
    /// The number of bytes in the ranges of the archive retrievals.
    retrieved_bytes: Tiers,
    /// The number of bytes of job outputs that were sent.
    downloaded_bytes: u64,
    /// The bytes stored, times the hours for which they were stored. Each archive counts 32,768 bytes more than its
    /// size.
    stored_byte_hours: u128,
    /// The archives that were deleted before they were 90 days old.
    early_deletions: Vec<EarlyDeletionForm>,
    /// The total size of these archives in bytes.
    early_deleted_bytes: u64,
    /// The bytes of these archives, each with 32,768 bytes more, times the hours that were left of the 90 days.
    early_deleted_byte_hours: u128,
    /// The number of units of provisioned capacity that were purchased.
    capacity_units: u64,
    /// The usage as a table for each account and region.
    text: String,
}

/// A number for each tier.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
struct Tiers {
    expedited: u64,
    standard: u64,
    bulk: u64,
}

/// An archive that was deleted before it was 90 days old.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EarlyDeletionForm {
    account: Text<Account>,
    region: String,
    vault: String,
    archive: String,
    bytes: u64,
    /// How much of the 90 days was left when it was deleted.
    missing: Text<Duration>,
}

impl UsageForm {
    pub(crate) fn of(usage: &Usage) -> Self {
        UsageForm {
            upload_requests: usage.upload_requests(),
            retrieval_requests: Tiers::of(|tier| usage.retrieval_requests(tier)),
            free_requests: usage.free_requests(),
            retrieved_bytes: Tiers::of(|tier| usage.retrieved(tier)),
            downloaded_bytes: usage.downloaded_bytes(),
            stored_byte_hours: usage.stored_byte_hours(),
            early_deletions: usage.early_deletions().iter().map(EarlyDeletionForm::of).collect(),
            early_deleted_bytes: usage.early_deleted_bytes(),
            early_deleted_byte_hours: usage.early_deleted_byte_hours(),
            capacity_units: usage.capacity_units(),
            text: usage.to_string(),
        }
    }
}

impl Tiers {
    fn of(number: impl Fn(Tier) -> u64) -> Self {
        Tiers { expedited: number(Tier::Expedited), standard: number(Tier::Standard), bulk: number(Tier::Bulk) }
    }
}

impl EarlyDeletionForm {
    fn of(early: &EarlyDeletion) -> Self {
        EarlyDeletionForm {
            account: Text(early.account()),
            region: early.region().into(),
            vault: early.vault().into(),
            archive: early.archive_id().to_string(),
            bytes: early.bytes(),
            missing: Text(early.missing()),
        }
    }
}
