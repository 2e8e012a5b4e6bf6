//! InitiateJob, DescribeJob, ListJobs, GetJobOutput (api.md sections 5 and 6).

use crate::domain::account::Scope;
use crate::domain::archive_list::{Period, Window};
use crate::domain::failure::Failure;
use crate::domain::inventory::InventoryRetrieval;
use crate::domain::inventory_format::Format;
use crate::domain::job::{ArchiveRetrieval, Job, JobAt, JobKind, Status, StatusCode, Tier};
use crate::domain::name::VaultName;
use crate::domain::page::PageRequest;
use crate::domain::range::ByteRange;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::{Found, Vault};

use super::command::{DescribeJob, GetJobOutput, InitiateJob, ListJobs, Outcome, Retrieval};
use super::far_job::FarJob;
use super::retrieval_limits;
use super::state::State;

/// How many jobs a page of ListJobs holds.
const PAGE: usize = 50;

pub(super) fn initiate(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: InitiateJob,
) -> Result<Outcome, Failure> {
    let InitiateJob { vault: name, description, sns_topic, retrieval } = request;
    let refuse_archive = state.settings.refuse_archive_of_inventory;
    let vault = state.vault(scope, &name)?;
    let kind = match retrieval {
        Retrieval::Archive { archive, range, tier } => {
            JobKind::Archive(archive_retrieval(vault, archive, range, tier)?)
        }
        Retrieval::Inventory { archive: Some(archive), .. } if refuse_archive => {
            return Err(Failure::invalid("ArchiveId", archive));
        }
        Retrieval::Inventory { format, period, limit, marker, .. } => {
            JobKind::Inventory(inventory_retrieval(vault, now, format, period, limit, marker)?)
        }
    };
    // Last of all: what is wrong in itself is not refused for a limit, and a refusal uses up nothing.
    retrieval_limits::admit(state, scope, &kind, now)?;
    let (id, number) = (state.ids.job(), state.next_job_number());
    let carried = retrieval_limits::begin(state, scope, &kind, number, now);
    let ruled = state.rules.take(name.as_str(), &kind, now);
    let ending = ruled.unwrap_or_else(|| state.settings.jobs.ending(&kind, now, carried));
    let job = Job::new(id.clone(), number, kind, description, sns_topic, now);
    state.vault(scope, &name)?.jobs.start(job, ending.clone(), now);
    if let Some(job) = state.vault(scope, &name)?.jobs.get(id.as_str(), now) {
        state.expect_end(scope, &name, &job, &ending);
    }
    Ok(Outcome::JobStarted { vault: name, id })
}

/// A job for an archive that was deleted is accepted, and fails (api.md section 4).
fn archive_retrieval(
    vault: &Vault,
    id: String,
    range: Option<ByteRange>,
    tier: Tier,
) -> Result<ArchiveRetrieval, Failure> {
    let (archive, content) = match vault.find(&id) {
        Some(Found::Stored(archive, content)) => (archive.clone(), Some(content.clone())),
        Some(Found::Deleted(archive)) => (archive.clone(), None),
        None => return Err(Failure::ArchiveNotFound { id }),
    };
    let range = match range {
        Some(range) if !range.is_megabyte_aligned(archive.size()) => {
            return Err(Failure::MisalignedRetrieval { given: range.to_string() });
        }
        Some(range) => range,
        None => archive.bytes(),
    };
    Ok(ArchiveRetrieval { archive, content, range, tier })
}

fn inventory_retrieval(
    vault: &mut Vault,
    now: Timestamp,
    format: Format,
    period: Period,
    limit: Option<u64>,
    marker: Option<String>,
) -> Result<InventoryRetrieval, Failure> {
    let asked = PageRequest { limit: None, marker };
    let not_taken = Failure::InventoryNotTaken { vault_arn: vault.arn.clone() };
    let seen = vault.inventory(now).ok_or(not_taken)?;
    let from = vault.inventory_markers.start(&asked).map_err(|()| asked.unknown_marker())?.unwrap_or(0);
    let mut retrieval = InventoryRetrieval {
        vault_arn: vault.arn.clone(),
        taken: seen.taken.unwrap_or(now),
        archives: seen.archives,
        format,
        page: Window::starting_at(from, period),
        limit,
        next: None,
    };
    if let Some((position, marker)) = limit.and_then(|limit| retrieval.cut(limit)) {
        vault.inventory_markers.give_out(marker.clone(), position);
        retrieval.next = Some(marker);
    }
    Ok(retrieval)
}

pub(super) fn describe(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: DescribeJob,
) -> Result<Outcome, Failure> {
    let job = poll(state, scope, &request.vault, request.job, now)?;
    Ok(Outcome::Job { vault_arn: state.vault(scope, &request.vault)?.arn.clone(), job })
}

/// A job as a client sees it, which may be what it waited for.
fn poll(state: &mut State, scope: &Scope, name: &VaultName, id: String, now: Timestamp) -> Result<JobAt, Failure> {
    let vault = state.vault(scope, name)?;
    let Some(scheduled) = vault.jobs.get_mut(&id, now) else {
        return Err(Failure::JobNotFound { id });
    };
    let has_ended = scheduled.poll(now);
    let (job, ending) = (scheduled.at(now), scheduled.ending.clone());
    if has_ended {
        state.expect_end(scope, name, &job, &ending);
    }
    state.far_job = state.far_job.take().or_else(|| FarJob::seen(name, &job, now));
    Ok(job)
}

/// In the order in which they were asked for; the marker is the ID of the next page's first job.
pub(super) fn list(state: &mut State, scope: &Scope, now: Timestamp, request: ListJobs) -> Result<Outcome, Failure> {
    let ListJobs { vault: name, page: asked, status, completed } = request;
    let vault = state.vault(scope, &name)?;
    let fits = |code| {
        status.is_none_or(|wanted| wanted == code)
            && completed.is_none_or(|wanted| wanted == (code != StatusCode::InProgress))
    };
    let mut markers = std::mem::take(&mut vault.jobs.markers);
    let page = markers.start(&asked).map(|start| {
        let entries = vault.jobs.with_status(fits, start.unwrap_or(0), now);
        markers.cut(entries, asked.size(PAGE), |_, job| job.job.id.to_string())
    });
    vault.jobs.markers = markers;
    let mut page = page.map_err(|()| asked.unknown_marker())?;
    for entry in &mut page.entries {
        *entry = poll(state, scope, &name, entry.job.id.to_string(), now)?;
    }
    // The look at a job may have been what it waited for.
    page.entries.retain(|job| fits(job.status.code()));
    Ok(Outcome::Jobs { vault_arn: scope.vault_arn(&name), page })
}

pub(super) fn output(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: GetJobOutput,
) -> Result<Outcome, Failure> {
    let job = poll(state, scope, &request.vault, request.job, now)?;
    match job.status {
        Status::Succeeded { .. } => Ok(Outcome::JobOutput(job)),
        Status::InProgress | Status::Failed { .. } => Err(Failure::JobNotReady { id: job.job.id.to_string() }),
    }
}
