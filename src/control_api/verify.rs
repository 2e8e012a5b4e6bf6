//! Endpoints that verify the calls, wait for calls, and report what was used and left open.

use axum::Extension;
use axum::extract::State;
use serde::Serialize;

use crate::control::{self, Leftover, Verify};
use crate::server::OwnConnection;

use super::answer::Json;
use super::contents::Done;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{Asked, LeftoverForm, UsageForm, VerifyForm, WaitForm};
use super::parts::Parts;
use super::read::{Body, Nothing, Place, Query};

/// What the code under test left open.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Leftovers {
    /// In the order in which they were started; then archives that were stored twice.
    leftovers: Vec<LeftoverForm>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/verify", "Verifies the calls so far", verify)
        .post("/wait", "Waits until calls have been made", wait)
        .get("/usage", "What AWS would charge for the requests so far", usage)
        .get("/leftovers", "Uploads, locks and jobs that were left open", leftovers)
}

async fn verify(State(parts): State<Parts>, body: Body<VerifyForm>) -> Result<Json<Done>, ApiError> {
    let verify = Verify(&parts.mock);
    let verified = match body.form.asked(&body.place)? {
        Asked::Calls(filter, verification) => verify.calls(filter, &verification),
        Asked::FaultsApplied => verify.faults_applied(),
        Asked::NothingLeftOpen => verify.none_left(&left_in(&parts, &body.place)),
    };
    verified.map_err(ApiError::verification_failed)?;
    Ok(Done::new())
}

async fn wait(
    State(parts): State<Parts>,
    client: Option<Extension<OwnConnection>>,
    body: Body<WaitForm>,
) -> Result<Json<Done>, ApiError> {
    let (wanted, timeout) = body.form.into_wanted(&body.place)?;
    // The wait ends when the client goes away.
    let _watch = client.as_ref().map(|Extension(client)| client.watch());
    Verify(&parts.mock).wait(wanted, timeout).await.map_err(ApiError::verification_failed)?;
    Ok(Done::new())
}

async fn usage(State(parts): State<Parts>, query: Query<Nothing>) -> Json<UsageForm> {
    let Place { account, region } = query.place;
    let mut usage = control::usage(&parts.mock);
    if let Some(account) = account {
        usage = usage.account(account);
    }
    if let Some(region) = region {
        usage = usage.region(&region);
    }
    Json(UsageForm::of(&usage))
}

async fn leftovers(State(parts): State<Parts>, query: Query<Nothing>) -> Json<Leftovers> {
    Json(Leftovers { leftovers: left_in(&parts, &query.place).iter().map(LeftoverForm::of).collect() })
}

/// Returns what was left open in an account and a region, or everywhere.
fn left_in(parts: &Parts, place: &Place) -> Vec<Leftover> {
    let mut left = control::leftovers(&parts.mock);
    left.retain(|leftover| {
        let (account, region) = leftover.place();
        place.selects(*account, region)
    });
    left
}
