//! Every error that the service answers with: its code, its text, and a hint for the person who reads it.

mod error_code;
mod refusals;
mod signature_flaw;

pub use self::error_code::ErrorCode;
pub(crate) use self::refusals::{Failure, Layer};
pub(crate) use self::signature_flaw::SignatureFlaw;
