//! The form of a call.

use serde::Serialize;

use crate::domain::failure::ErrorCode;
use crate::domain::words::Operation;
use crate::record::Call;

use super::request::RequestForm;
use super::text::Text;

/// A call with all attempts that the SDK made for it. Its status, its error and its vault are those of the last attempt.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CallForm {
    /// The position in the order in which the calls on record began, counted from 1.
    number: usize,
    operation: Option<Text<Operation>>,
    vault: Option<String>,
    status: Option<u16>,
    error: Option<Text<ErrorCode>>,
    /// In order; at least one.
    attempts: Vec<RequestForm>,
}

impl CallForm {
    pub(crate) fn of(call: &Call) -> Self {
        CallForm {
            number: call.number(),
            operation: call.operation().map(Text),
            vault: call.vault().map(str::to_owned),
            status: call.status(),
            error: call.error_code().map(Text),
            attempts: call.attempts().iter().map(RequestForm::of).collect(),
        }
    }
}
