//! What a test may do to a mock, as data in and a `Result` out. The fixture is its face that panics.

mod error;
mod faults;
// The control API is not there yet, so only tests use the forms.
#[cfg(all(test, feature = "standalone"))]
mod forms;
mod job_rules;

pub(crate) use self::error::ControlError;
#[cfg_attr(not(test), expect(unused_imports, reason = "each kind of error will be a status of the control API"))]
pub(crate) use self::error::ErrorKind;
pub(crate) use self::faults::{FaultRule, Faults, drops_header, sets_header};
pub(crate) use self::job_rules::JobRules;
