//! How the API writes plain values as text: whole numbers, ARNs and words from a fixed list.
//!
//! This room contains nothing specific to Glacier. Both `domain` and `policy` use it, and it imports no other room.

pub(crate) mod arn;
pub(crate) mod decimal;
pub(crate) mod word_enum;
