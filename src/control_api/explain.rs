//! The endpoint that says whether the policies of a vault would allow a request.

use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::control::{Accounts, Hypothetical};
use crate::domain::words::{ArchiveId, Operation};

use super::answer::Json;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::Text;
use super::parts::Parts;
use super::read::Body;

/// A hypothetical request.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Asked {
    operation: Text<Operation>,
    /// The ARN or the access key of the caller. Defaults to the root user of the mock's account.
    principal: Option<String>,
    /// The name of the vault.
    vault: String,
    /// The ID of the archive that the request would delete or retrieve.
    archive: Option<Text<ArchiveId>>,
    /// The `User-Agent` of the request.
    user_agent: Option<String>,
}

/// What the policies would decide.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Decided {
    allowed: bool,
    /// The policy and the statement that decided, or why no statement did.
    because: String,
}

pub(super) fn routes() -> Routes {
    Routes::default().post("/explain", "Whether the policies of a vault would allow a request", explain)
}

async fn explain(State(parts): State<Parts>, body: Body<Asked>) -> Result<Json<Decided>, ApiError> {
    let Asked { operation: Text(operation), principal, vault, archive, user_agent } = body.form;
    let principal = principal.map(|named| Accounts(&parts.mock).named(&named)).transpose()?;
    let request = Hypothetical { operation, principal, archive: archive.map(|Text(id)| id), user_agent };
    let verdict = parts.vault(&body.place, &vault).explain(request)?;
    Ok(Json(Decided { allowed: verdict.is_allowed, because: verdict.because }))
}
