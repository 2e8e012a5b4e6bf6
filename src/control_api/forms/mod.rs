//! The JSON forms of faults, filters and rules for jobs (docs/control-api.md).
//!
//! [`read`] parses a form from JSON, a method such as [`FaultForm::into_fault`] converts the form into data, and `of`
//! converts data into a form. A closure of the test has no form: it is written as `{"custom": "text"}`, which is
//! refused when it is read.

mod call;
mod effect;
mod event;
mod fault;
mod filter;
mod job_rule;
mod leftover;
mod object;
mod record_query;
mod request;
mod step;
mod text;
mod times;
mod usage;
mod verification;

use serde::de::DeserializeOwned;

use crate::control::ControlError;

pub(super) use self::call::CallForm;
pub(crate) use self::event::EventForm;
pub(crate) use self::fault::{FaultForm, SetFaultForm};
pub(crate) use self::filter::FilterForm;
pub(crate) use self::job_rule::{JobRuleForm, SetJobRuleForm};
pub(super) use self::leftover::{LeftoverForm, is_within};
pub(super) use self::record_query::{RecordQuery, within};
pub(super) use self::request::RequestForm;
pub(super) use self::usage::UsageForm;
pub(super) use self::verification::{Asked, VerifyForm, WaitForm};

pub(crate) use self::text::Text;

use self::object::Object;

/// Reads a form, which is an object. The error says what is wrong, and where in the document.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, ControlError> {
    let read = serde_json::from_slice(json).map(|Object(form)| form);
    read.map_err(|error| ControlError::invalid(error.to_string()))
}

#[cfg(test)]
mod tests;
