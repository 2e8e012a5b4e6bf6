//! The query that selects requests or calls of the record.

use serde::Deserialize;

use crate::domain::failure::ErrorCode;
use crate::domain::words::Operation;
use crate::record::{Condition, Filter};

use super::super::read::Place;
use super::text::Text;

/// Which requests or calls to return: those that meet all conditions.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RecordQuery {
    operation: Option<Text<Operation>>,
    vault: Option<String>,
    /// The ID of an archive.
    archive: Option<String>,
    /// The ID of a job.
    job: Option<String>,
    /// The ID of a multipart upload.
    upload: Option<String>,
    /// The ARN of the caller.
    principal: Option<String>,
    /// The status of the response.
    status: Option<u16>,
    /// The error code of the response.
    error: Option<Text<ErrorCode>>,
    /// Whether the request was refused or not answered.
    failed: Option<bool>,
    /// Returns only those with a higher number.
    pub(crate) after: Option<usize>,
    /// The maximum number to return. The oldest are returned.
    pub(crate) limit: Option<usize>,
}

impl RecordQuery {
    /// Returns the filter, restricted to an account and a region if they are given.
    pub(crate) fn filter(self, place: &Place) -> Filter {
        let RecordQuery { operation, vault, archive, job, upload, principal, status, error, failed, .. } = self;
        let filter = operation.map_or_else(Filter::default, |Text(operation)| Filter::of(operation));
        let mut conditions = Vec::new();
        conditions.extend(vault.map(Condition::Vault));
        conditions.extend(archive.map(Condition::Archive));
        conditions.extend(job.map(Condition::Job));
        conditions.extend(upload.map(Condition::Upload));
        conditions.extend(principal.map(Condition::Principal));
        conditions.extend(status.map(Condition::Status));
        conditions.extend(error.map(|Text(code)| Condition::Error(code)));
        conditions.extend(failed.map(|failed| if failed { Condition::Failed } else { Condition::Succeeded }));
        within(conditions.into_iter().fold(filter, Filter::and), place)
    }
}

/// Restricts a filter to the account and the region that a request names.
pub(crate) fn within(filter: Filter, place: &Place) -> Filter {
    let account = place.account.map(Condition::Account);
    let region = place.region.clone().map(Condition::Region);
    account.into_iter().chain(region).fold(filter, Filter::and)
}
