//! Bytes into commands, outcomes into bytes. Opens no socket, keeps no state.

mod archives;
pub(crate) mod credentials;
pub(crate) mod error;
mod fields;
pub(crate) mod jobs;
pub(crate) mod json;
mod locks;
pub(crate) mod operation;
pub(crate) mod request;
pub(crate) mod response;
mod retrieval_limits;
pub(crate) mod signature;
pub(crate) mod target;
pub(crate) mod uploads;
mod vault_settings;
mod vaults;
