//! What the code under test sent, and what it was answered: every request in order of arrival.

pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod closure;
pub(crate) mod filter;
pub(crate) mod headers;
pub(crate) mod journal;
pub(crate) mod line;
pub(crate) mod request;
