//! The errors of the service: why a request fails, and the code and the text of the error response.

mod error_code;
mod failures;
mod refusals;
mod signature_flaw;
mod typical;

pub use self::error_code::{ErrorCode, ParseErrorCodeError};
pub(crate) use self::failures::{Failure, Layer};
#[cfg(feature = "standalone")]
pub(crate) use self::signature_flaw::MISMATCH;
pub(crate) use self::signature_flaw::SignatureFlaw;
