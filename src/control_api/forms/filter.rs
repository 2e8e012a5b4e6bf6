//! The form of a filter: `match`.

use std::collections::BTreeMap;

use hyper::header::HeaderName;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::control::ControlError;
use crate::domain::account::Account;
use crate::domain::bytes::ByteRange;
use crate::domain::failure::ErrorCode;
use crate::domain::words::Operation;
use crate::record::{Condition, Filter};

use super::super::read::Place;
use super::text::Text;

/// The pattern of the name of a header.
#[cfg(test)]
pub(super) const HEADER_NAME: &str = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

/// The conditions that requests must meet, all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FilterForm {
    /// The name of the vault in the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    vault: Option<String>,
    /// The ID of the archive in the path, of the archive that a job retrieves, or of the one that an upload created.
    #[serde(skip_serializing_if = "Option::is_none")]
    archive: Option<String>,
    /// The ID of the job in the path, or of the one that the request started.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<String>,
    /// The ID of the multipart upload in the path, or of the one that the request started.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<String>,
    /// The account of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Text<Account>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// The ARN of the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    /// Headers of the request, with their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(test, schemars(extend("propertyNames" = {"pattern": HEADER_NAME})))]
    header: BTreeMap<String, String>,
    /// The first and last byte. The last is `null` for a range without an end.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<(u64, Option<u64>)>,
    /// The status of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The error code of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Text<ErrorCode>>,
    /// Whether the request was refused or not answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<bool>,
    /// Conditions that have no form, as text: closures of the test, and further conditions of a kind that is set
    /// already.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "refuse_custom")]
    #[cfg_attr(test, schemars(skip))]
    custom: Option<String>,
}

impl FilterForm {
    /// Returns whether there is no condition.
    pub(crate) fn is_empty(&self) -> bool {
        *self == FilterForm::default()
    }

    /// Adds the account and the region that a request names beside its filter.
    pub(crate) fn within(mut self, place: &Place) -> Result<Self, ControlError> {
        let differs = |name| {
            let message = format!("`{name}` and `match.{name}` differ: leave one out");
            Err(ControlError::invalid(message).about(format!("match.{name}")))
        };
        if let Some(account) = place.account
            && self.account.get_or_insert(Text(account)).0 != account
        {
            return differs("account");
        }
        if let Some(region) = &place.region
            && self.region.get_or_insert_with(|| region.clone()) != region
        {
            return differs("region");
        }
        Ok(self)
    }

    /// Returns the filter for requests of an operation that meet these conditions.
    pub(crate) fn into_filter(self, operation: Option<Operation>) -> Result<Filter, ControlError> {
        let filter = operation.map_or_else(Filter::default, Filter::of);
        Ok(self.into_conditions()?.into_iter().fold(filter, Filter::and))
    }

    /// Returns the conditions.
    pub(crate) fn into_conditions(self) -> Result<Vec<Condition>, ControlError> {
        let FilterForm { vault, archive, job, upload, account, region, principal, header, range, .. } = self;
        let FilterForm { status, error, failed, custom, .. } = self;
        if let Some(custom) = custom {
            return Err(no_form(&custom));
        }
        let mut conditions = Vec::new();
        conditions.extend(vault.map(Condition::Vault));
        conditions.extend(archive.map(Condition::Archive));
        conditions.extend(job.map(Condition::Job));
        conditions.extend(upload.map(Condition::Upload));
        conditions.extend(account.map(|Text(account)| Condition::Account(account)));
        conditions.extend(region.map(Condition::Region));
        conditions.extend(principal.map(Condition::Principal));
        for (name, value) in header {
            if name.parse::<HeaderName>().is_err() {
                let message = format!("{name:?} is not a valid header name");
                return Err(ControlError::invalid(message).about("match.header"));
            }
            conditions.push(Condition::Header { name, value });
        }
        if let Some((first, last)) = range {
            let last = last.unwrap_or(ByteRange::OPEN_END);
            if first > last {
                return Err(ControlError::invalid(format!(
                    "the range ends at byte {last}, before its first byte {first}"
                ))
                .about("match.range"));
            }
            conditions.push(Condition::Range { first, last });
        }
        conditions.extend(status.map(Condition::Status));
        conditions.extend(error.map(|Text(code)| Condition::Error(code)));
        conditions.extend(failed.map(|failed| if failed { Condition::Failed } else { Condition::Succeeded }));
        Ok(conditions)
    }

    /// Adds a condition, as text if it has no form.
    pub(crate) fn add(&mut self, condition: &Condition) {
        let has_form = match condition.clone() {
            Condition::Vault(name) => put(&mut self.vault, name),
            Condition::Archive(id) => put(&mut self.archive, id),
            Condition::Job(id) => put(&mut self.job, id),
            Condition::Upload(id) => put(&mut self.upload, id),
            Condition::Account(account) => put(&mut self.account, Text(account)),
            Condition::Region(region) => put(&mut self.region, region),
            Condition::Principal(arn) => put(&mut self.principal, arn),
            Condition::Header { name, value } => {
                !self.header.contains_key(&name) && self.header.insert(name, value).is_none()
            }
            Condition::Range { first, last } => {
                put(&mut self.range, (first, Some(last).filter(|last| *last != ByteRange::OPEN_END)))
            }
            Condition::Status(status) => put(&mut self.status, status),
            Condition::Error(code) => put(&mut self.error, Text(code)),
            Condition::Failed => put(&mut self.failed, true),
            Condition::Succeeded => put(&mut self.failed, false),
            _ => false,
        };
        if !has_form {
            let custom = self.custom.take().map(|custom| format!("{custom} and ")).unwrap_or_default();
            self.custom = Some(format!("{custom}{condition}"));
        }
    }
}

const NO_CUSTOM: &str = "a custom condition cannot be set through the control API";

/// The error of a form that has a condition as text.
pub(super) fn no_form(custom: &str) -> ControlError {
    ControlError::invalid(format!("{NO_CUSTOM}: {custom}"))
}

/// Refuses a condition as text, whatever its value. As an unknown member it would be refused with a list of all others.
fn refuse_custom<'de, D: Deserializer<'de>>(_: D) -> Result<Option<String>, D::Error> {
    Err(D::Error::custom(NO_CUSTOM))
}

/// Sets an option that is `None`, and returns whether it was `None`.
pub(super) fn put<T>(place: &mut Option<T>, value: T) -> bool {
    let is_empty = place.is_none();
    place.get_or_insert(value);
    is_empty
}
