//! Endpoints of faults.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::NoContent;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::Faults;

use super::answer::Created;
use super::error::ApiError;
use super::forms::{FaultForm, SetFaultForm};
use super::parts::Parts;
use super::path::PathOf;
use super::read::{Body, Nothing, Query};

/// The ID of a fault.
#[derive(Deserialize, JsonSchema)]
struct FaultPath {
    id: u64,
}

/// The ID of a fault that was set.
#[derive(Serialize, JsonSchema)]
struct Set {
    id: u64,
}

/// The faults that are set, in the order in which they were set. Those that are used up are among them.
#[derive(Serialize, JsonSchema)]
struct List {
    faults: Vec<SetFaultForm>,
}

pub(super) fn routes() -> ApiRouter<Parts> {
    ApiRouter::new()
        .api_route("/faults", post_with(set, |about| about.summary("Sets a fault")))
        .api_route(
            "/faults",
            get_with(list, |about| about.summary("The faults that are set, and how often each fired")),
        )
        .api_route("/faults", delete_with(clear, |about| about.summary("Removes all faults")))
        .api_route("/faults/{id}", delete_with(remove, |about| about.summary("Removes a fault")))
}

async fn set(State(parts): State<Parts>, body: Body<FaultForm>) -> Result<Created<Set>, ApiError> {
    let (rule, effect) = body.form.within(&body.place)?.into_fault()?;
    let id = Faults(&parts.mock.faults).set(rule, effect)?;
    Ok(Created(Set { id }))
}

async fn list(State(parts): State<Parts>, _: Query<Nothing>) -> Json<List> {
    Json(List { faults: Faults(&parts.mock.faults).list().iter().map(SetFaultForm::of).collect() })
}

async fn clear(State(parts): State<Parts>, _: Body<Nothing>) -> NoContent {
    Faults(&parts.mock.faults).clear();
    NoContent
}

async fn remove(
    State(parts): State<Parts>,
    PathOf(FaultPath { id }): PathOf<FaultPath>,
    _: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    Faults(&parts.mock.faults).remove(id)?;
    Ok(NoContent)
}
