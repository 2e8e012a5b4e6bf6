//! The JSON forms of faults, filters and rules for jobs (docs/control-api.md).
//!
//! [`read`] parses a form from JSON, a method such as [`FaultForm::into_fault`] converts the form into data, and `of`
//! converts data into a form. A closure of the test has no form: it is written as `{"custom": "text"}`, which is
//! refused when it is read.

mod effect;
mod event;
mod fault;
mod filter;
mod job;
mod job_rule;
mod object;
mod principal;
mod text;
mod times;
mod vault_properties;
mod vault_state;
mod words;

use serde::de::DeserializeOwned;

use crate::control::ControlError;

pub(crate) use self::event::EventForm;
pub(crate) use self::fault::{FaultForm, SetFaultForm};
pub(crate) use self::filter::FilterForm;
pub(crate) use self::job::{JobForm, NotificationForm, TimingForm};
pub(crate) use self::job_rule::{JobRuleForm, KindForm, SetJobRuleForm};

pub(crate) use self::object::members;
pub(crate) use self::principal::{NewPrincipalForm, PrincipalForm, RegisteredPrincipalForm};
pub(crate) use self::text::Text;
pub(crate) use self::vault_properties::VaultPropertiesForm;
pub(crate) use self::vault_state::{ArchivePage, VaultForm, VaultSummaryForm};

use self::object::Object;

/// Reads a form, which is an object. The error says what is wrong, and where in the document.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, ControlError> {
    let read = serde_json::from_slice(json).map(|Object(form)| form);
    read.map_err(|error| ControlError::invalid(error.to_string()))
}

#[cfg(test)]
mod tests;
