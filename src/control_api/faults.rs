//! Endpoints of faults.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::control::Faults;

use super::answer::{Created, Json};
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{FaultForm, SetFaultForm};
use super::parts::Parts;
use super::path::PathOf;
use super::read::{Body, Nothing, Query};

/// The ID of a fault.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FaultPath {
    id: u64,
}

/// The ID of a fault that was set.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Set {
    id: u64,
}

/// The faults that are set, in the order in which they were set. Those that are used up are among them.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct List {
    faults: Vec<SetFaultForm>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/faults", "Sets a fault", set)
        .get("/faults", "The faults that are set, and how often each fired", list)
        .delete("/faults", "Removes all faults", clear)
        .delete("/faults/{id}", "Removes a fault", remove)
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
