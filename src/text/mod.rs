//! How the API writes plain values as text: whole numbers, ARNs and words from a fixed list.
//!
//! The lowest room: it knows nothing of Glacier, and both `domain` and `policy` use it.

pub(crate) mod arn;
pub(crate) mod decimal;
pub(crate) mod word_enum;
