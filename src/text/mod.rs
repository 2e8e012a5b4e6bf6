//! How the API writes plain values as text: whole numbers, ARNs and words from a fixed list.
//!
//! This room contains nothing specific to Glacier. Both `domain` and `policy` use it, and it imports no other room.

mod arn;
mod decimal;
mod word_enum;

pub(crate) use self::arn::{Arn, arn_segments};
pub(crate) use self::decimal::decimal;
pub(crate) use self::word_enum::word_enum;
