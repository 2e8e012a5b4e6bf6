//! Parses requests into commands and renders outcomes into responses. It opens no sockets and keeps no state.

mod archives;
mod credentials;
mod display;
mod error;
mod fields;
mod jobs;
mod locks;
mod operation;
mod request;
mod response;
mod retrieval_limits;
mod signature;
mod target;
mod uploads;
mod vault_settings;
mod vaults;

pub(crate) use self::credentials::{Defaults, identify};
pub(crate) use self::error::render as error_response;
pub(crate) use self::jobs::description_text as job_description;
pub(crate) use self::operation::parse;
pub(crate) use self::request::{Body, Query, Request, TREE_HASH, check_region};
pub(crate) use self::response::{Payload, custom as custom_response, render as render_outcome};
#[cfg(feature = "standalone")]
pub(crate) use self::signature::authorization::Authorization;
#[cfg(feature = "standalone")]
pub(crate) use self::signature::verify_for as verify_signature_for;
pub(crate) use self::signature::{Signed, verify as verify_signature};
#[cfg(feature = "publish")]
pub(crate) use self::signature::{Signer, sign_request};
pub(crate) use self::target::Target;
pub(crate) use self::uploads::content_range;
