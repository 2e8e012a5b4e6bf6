//! Endpoints of accounts: principals, provisioned capacity, the data retrieval policy.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::control::Accounts;
use crate::domain::account::{CapacityUnit, RetrievalPolicy};
use crate::domain::words::{CapacityId, Timestamp};

use super::answer::{Created, Json};
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{NewPrincipalForm, PrincipalForm, RegisteredPrincipalForm, Text};
use super::parts::Parts;
use super::read::{Body, Nothing, Query};

/// The principals that were registered.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Principals {
    /// In the order of their access keys.
    principals: Vec<PrincipalForm>,
}

/// The capacity for Expedited retrievals.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Capacity {
    expedited: Expedited,
    /// The units of provisioned capacity of the account and the region that have not expired, in the order of purchase.
    provisioned: Vec<Unit>,
}

/// Whether capacity for Expedited retrievals is short, for every account and region.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NewCapacity {
    expedited: Expedited,
}

/// While it is short, Expedited retrievals are refused unless provisioned capacity covers them.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Expedited {
    Short,
    Available,
}

/// A unit of provisioned capacity.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Unit {
    capacity_id: Text<CapacityId>,
    start_date: Text<Timestamp>,
    expiration_date: Text<Timestamp>,
}

/// The data retrieval policy of an account in a region.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Policy {
    /// `BytesPerHour`, `FreeTier` or `None`.
    strategy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_per_hour: Option<u64>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/principals", "The principals that were registered", principals)
        .post("/principals", "Registers a principal", add_principal)
        .get("/capacity", "The capacity for Expedited retrievals", capacity)
        .put("/capacity", "Sets whether Expedited capacity is short", set_capacity)
        .get("/retrieval_policy", "The data retrieval policy", policy)
}

async fn principals(State(parts): State<Parts>, _: Query<Nothing>) -> Json<Principals> {
    let principals = Accounts(&parts.mock).principals();
    Json(Principals { principals: principals.iter().map(|principal| PrincipalForm::of(principal)).collect() })
}

async fn add_principal(
    State(parts): State<Parts>,
    body: Body<NewPrincipalForm>,
) -> Result<Created<RegisteredPrincipalForm>, ApiError> {
    let principal = body.form.into_principal()?;
    let accounts = Accounts(&parts.mock);
    let access_key = principal.access_key().to_owned();
    accounts.add_principal(principal);
    Ok(Created(RegisteredPrincipalForm::of(accounts.principal(&access_key)?.as_ref())))
}

async fn capacity(State(parts): State<Parts>, query: Query<Nothing>) -> Json<Capacity> {
    let accounts = Accounts(&parts.mock);
    let expedited = if accounts.has_expedited_shortage() { Expedited::Short } else { Expedited::Available };
    let units = accounts.provisioned_capacity(&parts.place(&query.place));
    Json(Capacity { expedited, provisioned: units.iter().map(unit).collect() })
}

fn unit(unit: &CapacityUnit) -> Unit {
    Unit {
        capacity_id: Text(unit.id().clone()),
        start_date: Text(unit.start()),
        expiration_date: Text(unit.expiration()),
    }
}

async fn set_capacity(State(parts): State<Parts>, body: Body<NewCapacity>) -> NoContent {
    Accounts(&parts.mock).set_expedited_shortage(body.form.expedited == Expedited::Short);
    NoContent
}

async fn policy(State(parts): State<Parts>, query: Query<Nothing>) -> Json<Policy> {
    let (strategy, bytes_per_hour) = match Accounts(&parts.mock).retrieval_policy(&parts.place(&query.place)) {
        RetrievalPolicy::BytesPerHour(limit) => ("BytesPerHour", Some(limit)),
        RetrievalPolicy::FreeTier => ("FreeTier", None),
        RetrievalPolicy::None => ("None", None),
    };
    Json(Policy { strategy, bytes_per_hour })
}
