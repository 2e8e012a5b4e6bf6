//! Endpoints of jobs: their state, when they complete, and how they end.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::control::{JobControl, set_timing};
use crate::domain::account::AccountRegion;
use crate::domain::vault::{Decision, JobStatus};
use crate::domain::words::ArchiveId;
use crate::service::FoundJob;

use super::answer::{Created, Json};
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{JobForm, KindForm, Text, TimingForm, timing as timing_form};
use super::parts::Parts;
use super::path::{PathOf, VaultPath};
use super::read::{Body, Nothing, Place, Query};

/// When the jobs that are initiated from now on complete.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Timing {
    #[serde(deserialize_with = "timing_form")]
    timing: TimingForm,
}

/// Which jobs to list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The name of a vault.
    vault: Option<String>,
    status: Option<Text<JobStatus>>,
}

/// The jobs of the mock.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Jobs {
    /// In the order in which they were initiated.
    jobs: Vec<JobForm>,
}

/// The ID of a job.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JobPath {
    id: String,
}

/// A retrieval to initiate: of a whole archive with the tier Standard, or of the inventory in JSON.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NewJob {
    kind: KindForm,
    /// The ID of the archive to retrieve.
    archive: Option<Text<ArchiveId>>,
}

/// Why a job fails.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Reason {
    /// The StatusMessage of the job.
    message: String,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/vaults/{name}/jobs", "Initiates a retrieval of an archive or of the inventory", start)
        .get("/jobs", "All jobs", list)
        .put("/jobs/timing", "Sets when jobs that are initiated afterwards complete", timing)
        .get("/jobs/{id}", "A job", read)
        .post("/jobs/{id}/complete", "Completes a job in progress", complete)
        .post("/jobs/{id}/fail", "Makes a job in progress fail", fail)
        .post("/jobs/{id}/hold", "Keeps a job in progress until it is completed or fails", hold)
        .post("/jobs/{id}/expire", "Makes the service forget a job that has ended", expire)
}

async fn start(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<NewJob>,
) -> Result<Created<JobForm>, ApiError> {
    let vault = parts.vault(&body.place, &path.name);
    let started = match (body.form.kind, body.form.archive) {
        (KindForm::ArchiveRetrieval, Some(Text(archive))) => vault.start_retrieval(archive)?,
        (KindForm::InventoryRetrieval, None) => vault.start_inventory_retrieval()?,
        (KindForm::ArchiveRetrieval, None) => return Err(ApiError::invalid("archive: name the archive to retrieve")),
        (KindForm::InventoryRetrieval, Some(_)) => {
            return Err(ApiError::invalid("archive: an inventory retrieval has no archive"));
        }
    };
    Ok(Created(JobForm::of(&started)))
}

async fn timing(State(parts): State<Parts>, body: Body<Timing>) -> NoContent {
    set_timing(&parts.mock, body.form.timing.into());
    NoContent
}

async fn list(State(parts): State<Parts>, query: Query<Wanted>) -> Json<Jobs> {
    let Query { form: Wanted { vault, status }, place } = query;
    let is_wanted = |job: &FoundJob| {
        place.selects(job.place.account, &job.place.region)
            && vault.as_deref().is_none_or(|vault| vault == job.vault.as_str())
            && status.is_none_or(|Text(status)| status == job.seen.status.code())
    };
    let jobs = JobControl::all(&parts.mock);
    Json(Jobs { jobs: jobs.iter().map(JobControl::place).filter(|job| is_wanted(job)).map(JobForm::of).collect() })
}

fn find(parts: &Parts, place: &Place, id: &str) -> Result<JobControl, ApiError> {
    let mut jobs = JobControl::all(&parts.mock).into_iter();
    jobs.find(|job| {
        job.id() == id && {
            let AccountRegion { account, region } = &job.place().place;
            place.selects(*account, region)
        }
    })
    .ok_or_else(|| ApiError::not_found(format!("there is no job {id:?}")))
}

fn decide(parts: &Parts, place: &Place, id: &str, decision: Decision) -> Result<Json<JobForm>, ApiError> {
    let job = find(parts, place, id)?;
    job.decide(decision)?;
    Ok(Json(JobForm::of(&FoundJob { seen: job.now()?, ..job.place().clone() })))
}

async fn read(
    State(parts): State<Parts>,
    PathOf(path): PathOf<JobPath>,
    query: Query<Nothing>,
) -> Result<Json<JobForm>, ApiError> {
    Ok(Json(JobForm::of(find(&parts, &query.place, &path.id)?.place())))
}

async fn complete(
    State(parts): State<Parts>,
    PathOf(path): PathOf<JobPath>,
    body: Body<Nothing>,
) -> Result<Json<JobForm>, ApiError> {
    decide(&parts, &body.place, &path.id, Decision::Complete)
}

async fn fail(
    State(parts): State<Parts>,
    PathOf(path): PathOf<JobPath>,
    body: Body<Reason>,
) -> Result<Json<JobForm>, ApiError> {
    decide(&parts, &body.place, &path.id, Decision::Fail(body.form.message))
}

async fn hold(
    State(parts): State<Parts>,
    PathOf(path): PathOf<JobPath>,
    body: Body<Nothing>,
) -> Result<Json<JobForm>, ApiError> {
    decide(&parts, &body.place, &path.id, Decision::Hold)
}

async fn expire(
    State(parts): State<Parts>,
    PathOf(path): PathOf<JobPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    find(&parts, &body.place, &path.id)?.decide(Decision::Expire)?;
    Ok(NoContent)
}
