//! InitiateJob, DescribeJob, ListJobs, GetJobOutput (api.md sections 5 and 6).

use crate::domain::bytes::ByteRange;
use crate::domain::failure::Failure;
use crate::domain::vault::{
    ArchiveRetrieval, Format, Found, InventoryRetrieval, Job, JobAt, JobKind, JobOutput, JobStatus, PageRequest,
    Period, Status, Tier, Vault, Window,
};
use crate::domain::words::{ArchiveId, JobId, Timestamp};

use super::command::{GetJobOutput, InitiateJob, ListJobs, Retrieval};
use super::context::Context;
use super::far_job::FarJob;
use super::outcome::Outcome;

/// The number of jobs on a page of ListJobs.
const PAGE: usize = 50;

pub(super) fn initiate(vault: &mut Vault, context: &mut Context<'_>, request: InitiateJob) -> Result<Outcome, Failure> {
    let InitiateJob { description, sns_topic, retrieval } = request;
    let now = context.now;
    let kind = match retrieval {
        Retrieval::Archive { archive, range, tier } => {
            JobKind::Archive(archive_retrieval(vault, archive, range, tier)?)
        }
        Retrieval::Inventory { archive: Some(archive), .. } if context.settings.refuse_archive_of_inventory => {
            return Err(Failure::invalid("ArchiveId", archive.as_str()));
        }
        Retrieval::Inventory { format, period, limit, marker, .. } => {
            JobKind::Inventory(inventory_retrieval(vault, now, format, period, limit, marker)?)
        }
    };
    // The limits come last: an invalid request is not refused for a limit, and a refused one does not count against it.
    context.limits.admit(&kind, context.settings, now)?;
    let (id, number) = (context.ids.job(), context.schedule.next_number());
    let carried = context.limits.begin(&kind, number, context.settings, now);
    let ruled = context.rules.take(context.place, vault.name.as_str(), &kind, now);
    let ending = ruled.unwrap_or_else(|| context.settings.jobs.ending(&kind, now, carried));
    let job = Job::new(id, number, kind, description, sns_topic, now);
    let job = vault.jobs.start(job, ending, context.schedule);
    Ok(Outcome::JobStarted { vault: vault.name.clone(), job })
}

/// Accepts a job for a deleted archive, which then fails (api.md section 4).
fn archive_retrieval(
    vault: &Vault,
    id: ArchiveId,
    range: Option<ByteRange>,
    tier: Tier,
) -> Result<ArchiveRetrieval, Failure> {
    let (archive, content) = match vault.find(&id) {
        Some(Found::Stored(archive, content)) => {
            archive.retrieve();
            (archive.clone(), Some(content.clone()))
        }
        Some(Found::Deleted(archive)) => (archive.clone(), None),
        None => return Err(Failure::ArchiveNotFound { id: id.into() }),
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

pub(super) fn describe(vault: &mut Vault, context: &mut Context<'_>, id: &JobId) -> Result<Outcome, Failure> {
    let job = poll(vault, context, id)?;
    Ok(Outcome::Job { vault_arn: vault.arn.clone(), job })
}

/// Returns a job as a client sees it. This poll may end the job.
fn poll(vault: &mut Vault, context: &mut Context<'_>, id: &JobId) -> Result<JobAt, Failure> {
    let job = vault.jobs.poll(id, context.now, context.schedule);
    let job = job.ok_or_else(|| Failure::JobNotFound { id: id.into() })?;
    if context.far_job.is_none() {
        *context.far_job = FarJob::seen(&vault.arn, &job, context.now);
    }
    Ok(job)
}

/// Lists jobs in order of creation. The marker is the ID of the first job on the next page.
pub(super) fn list(vault: &mut Vault, context: &mut Context<'_>, request: ListJobs) -> Result<Outcome, Failure> {
    let ListJobs { page: asked, status, completed } = request;
    let fits = |code| {
        status.is_none_or(|wanted| wanted == code)
            && completed.is_none_or(|wanted| wanted == (code != JobStatus::InProgress))
    };
    let mut markers = std::mem::take(&mut vault.jobs.markers);
    let page = markers.start(&asked).map(|start| {
        let entries = vault.jobs.with_status(fits, start.unwrap_or(0), context.now);
        markers.cut(entries, asked.size(PAGE), |_, job| job.job.id.to_string())
    });
    vault.jobs.markers = markers;
    let mut page = page.map_err(|()| asked.unknown_marker())?;
    for entry in &mut page.entries {
        *entry = poll(vault, context, &entry.job.id)?;
    }
    // Polling a job may have ended it.
    page.entries.retain(|job| fits(job.status.code()));
    Ok(Outcome::Jobs { vault_arn: vault.arn.clone(), page })
}

pub(super) fn output(vault: &mut Vault, context: &mut Context<'_>, request: GetJobOutput) -> Result<Outcome, Failure> {
    let JobAt { job, status, .. } = poll(vault, context, &request.job)?;
    match status {
        Status::Succeeded { .. } => Ok(Outcome::JobOutput(JobOutput::new(job, request.range.as_ref())?)),
        Status::InProgress | Status::Failed { .. } => Err(Failure::JobNotReady { id: (&job.id).into() }),
    }
}
