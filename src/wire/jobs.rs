//! InitiateJob, DescribeJob, ListJobs and GetJobOutput on the wire (api.md sections 5 and 6, observed.md 2.D and 3.4).

use hyper::header::RANGE;
use serde::Serialize;

use crate::domain::bytes::{ByteRange, Digest, HeaderRange};
use crate::domain::failure::Failure;
use crate::domain::vault::{
    ArchiveRetrieval, Format, InventoryRetrieval, JobAt, JobKind, JobStatus, Page, Period, Status, Tier, Topic,
};
use crate::domain::words::{ArchiveId, Description, Timestamp};
use crate::service::{GetJobOutput, InitiateJob, ListJobs, Retrieval, VaultCommand};
use crate::text::decimal;

use super::display::Displayed;
use super::fields::Fields;
use super::request::Request;

pub(super) fn initiate(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let fields = request.fields()?.ok_or(Failure::missing("Job Parameters"))?;
    let retrieval = match fields.string("Type")? {
        None | Some("") => return Err(Failure::missing("type")),
        Some("archive-retrieval") => archive_retrieval(&fields)?,
        Some("inventory-retrieval") => inventory_retrieval(&fields)?,
        Some("select") => return Err(Failure::SelectWithdrawn),
        Some(other) => return Err(Failure::invalid("type", other)),
    };
    let text = fields.string("Description")?.unwrap_or_default();
    let description = Description::of_job(text).ok_or_else(|| Failure::invalid("job description", text))?;
    let sns_topic = fields.string("SNSTopic")?.map(Topic::parse).transpose()?;
    Ok(VaultCommand::InitiateJob(InitiateJob { description, sns_topic, retrieval }))
}

fn archive_retrieval(fields: &Fields) -> Result<Retrieval, Failure> {
    let archive = match fields.string("ArchiveId")? {
        None | Some("") => return Err(Failure::missing("archiveId")),
        Some(id) => ArchiveId::new(id),
    };
    let tier = match fields.string("Tier")? {
        None => Tier::Standard,
        Some(tier) => Tier::parse(tier).ok_or_else(|| Failure::invalid("tier", tier))?,
    };
    let misaligned = |given: &str| Failure::MisalignedRetrieval { given: given.to_owned() };
    let range = fields.string("RetrievalByteRange")?;
    let range = range.map(|given| ByteRange::parse(given).ok_or_else(|| misaligned(given))).transpose()?;
    if let Some(format) = fields.string("Format")? {
        Format::parse(format).ok_or_else(|| Failure::invalid("format", format))?;
    }
    Ok(Retrieval::Archive { archive, range, tier })
}

/// The service decides whether an ArchiveId is ignored: the tutorials of other emulators send one (api.md section 5).
fn inventory_retrieval(fields: &Fields) -> Result<Retrieval, Failure> {
    if fields.has("RetrievalByteRange") {
        return Err(Failure::RangeOfInventory);
    }
    if let Some(tier) = fields.string("Tier")? {
        Tier::parse(tier).ok_or_else(|| Failure::invalid("tier", tier))?;
    }
    let format = match fields.string("Format")? {
        None => Format::Json,
        Some(format) => Format::parse(format).ok_or_else(|| Failure::invalid("format", format))?,
    };
    let archive = fields.string("ArchiveId")?.map(ArchiveId::new);
    let Some(parameters) = fields.object("InventoryRetrievalParameters")? else {
        return Ok(Retrieval::Inventory { archive, format, period: Period::default(), limit: None, marker: None });
    };
    let date = |name: &'static str| {
        let text = parameters.string(name)?;
        let invalid = |given: &str| Failure::InvalidDateRange { name, given: given.to_owned() };
        // Only the form that ends in `Z` is accepted (observed.md 2.D).
        text.map(|text| Timestamp::parse_utc(text).ok_or_else(|| invalid(text))).transpose()
    };
    let period = Period { start: date("StartDate")?, end: date("EndDate")? };
    if let Period { start: Some(start), end: Some(end) } = period
        && start > end
    {
        let given = parameters.string("StartDate")?.unwrap_or_default().to_owned();
        return Err(Failure::InvalidDateRange { name: "StartDate", given });
    }
    let limit = match parameters.number_text("Limit")? {
        None => None,
        Some(text) => Some(inventory_limit(&text).ok_or_else(|| Failure::invalid("limit", text))?),
    };
    let marker = parameters.string("Marker")?.map(str::to_owned);
    Ok(Retrieval::Inventory { archive, format, period, limit, marker })
}

/// Parses a limit of at least 1. The page of an inventory has no maximum.
fn inventory_limit(text: &str) -> Option<u64> {
    decimal(text).filter(|&limit| limit > 0)
}

pub(super) fn describe(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::DescribeJob(request.job()?))
}

pub(super) fn list(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let status = match request.query.get("statuscode") {
        None => None,
        Some(code) => {
            let invalid = || Failure::InvalidStatusCode { given: code.to_owned() };
            Some(JobStatus::parse(code).ok_or_else(invalid)?)
        }
    };
    let completed = match request.query.get("completed") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(other) => return Err(Failure::invalid("completed", other)),
    };
    Ok(VaultCommand::ListJobs(ListJobs { page: request.page()?, status, completed }))
}

/// An unreadable Range is ignored (observed.md 2.D).
pub(super) fn output(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let written = request.headers.get(RANGE).and_then(|range| range.to_str().ok());
    let range = written.and_then(|written| {
        ByteRange::parse_header(written).map(|bytes| HeaderRange { bytes, written: written.into() })
    });
    Ok(VaultCommand::GetJobOutput(GetJobOutput { job: request.job()?, range }))
}

/// The answer to DescribeJob, and an entry of ListJobs. A field that does not apply is null.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GlacierJobDescription<'a> {
    action: &'static str,
    archive_id: Option<&'a str>,
    #[serde(rename = "ArchiveSHA256TreeHash")]
    archive_sha256_tree_hash: Option<Displayed<Digest>>,
    archive_size_in_bytes: Option<u64>,
    completed: bool,
    completion_date: Option<Displayed<Timestamp>>,
    creation_date: Displayed<Timestamp>,
    inventory_retrieval_parameters: Option<InventoryRetrievalJobDescription<'a>>,
    inventory_size_in_bytes: Option<u64>,
    job_description: Option<&'a str>,
    job_id: &'a str,
    retrieval_byte_range: Option<Displayed<ByteRange>>,
    #[serde(rename = "SHA256TreeHash")]
    sha256_tree_hash: Option<Displayed<Digest>>,
    #[serde(rename = "SNSTopic")]
    sns_topic: Option<&'a str>,
    status_code: &'static str,
    status_message: Option<&'a str>,
    tier: Option<&'static str>,
    #[serde(rename = "VaultARN")]
    vault_arn: &'a str,
}

/// The Marker is that of the next page, once there is a page. Limit is a string, and the dates have whole seconds
/// (observed.md 3.4).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InventoryRetrievalJobDescription<'a> {
    end_date: Option<String>,
    format: &'static str,
    limit: Option<Displayed<u64>>,
    marker: Option<&'a str>,
    start_date: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListJobsOutput<'a> {
    job_list: Vec<GlacierJobDescription<'a>>,
    marker: Option<&'a str>,
}

pub(super) fn description<'a>(vault_arn: &'a str, at: &'a JobAt) -> GlacierJobDescription<'a> {
    let JobAt { job, status, .. } = at;
    let (archive, inventory) = match &job.kind {
        JobKind::Archive(retrieval) => (Some(retrieval), None),
        JobKind::Inventory(retrieval) => (None, Some(retrieval)),
    };
    let succeeded = matches!(status, Status::Succeeded { .. });
    GlacierJobDescription {
        action: if archive.is_some() { "ArchiveRetrieval" } else { "InventoryRetrieval" },
        archive_id: archive.map(|of| of.archive.id.as_str()),
        archive_sha256_tree_hash: archive.map(|of| Displayed(of.archive.tree_hash())),
        archive_size_in_bytes: archive.map(|of| of.archive.size()),
        completed: *status != Status::InProgress,
        completion_date: status.completed_at().map(Displayed),
        creation_date: Displayed(job.created),
        inventory_retrieval_parameters: inventory.map(|of| inventory_parameters(of, succeeded)),
        inventory_size_in_bytes: inventory.filter(|_| succeeded).map(|_| job.output().1.len()),
        job_description: job.description.get(),
        job_id: job.id.as_str(),
        retrieval_byte_range: archive.map(|of| Displayed(of.range)),
        sha256_tree_hash: archive.and_then(ArchiveRetrieval::tree_hash).map(Displayed),
        sns_topic: job.sns_topic.as_ref().map(Topic::as_str),
        status_code: status.code().as_str(),
        status_message: status.message(),
        tier: archive.map(|of| of.tier.as_str()),
        vault_arn,
    }
}

fn inventory_parameters(retrieval: &InventoryRetrieval, succeeded: bool) -> InventoryRetrievalJobDescription<'_> {
    let period = &retrieval.page.period;
    InventoryRetrievalJobDescription {
        end_date: period.end.map(Timestamp::to_whole_seconds),
        format: retrieval.format.as_str(),
        limit: retrieval.limit.map(Displayed),
        marker: retrieval.next.as_deref().filter(|_| succeeded),
        start_date: period.start.map(Timestamp::to_whole_seconds),
    }
}

pub(super) fn list_page<'a>(vault_arn: &'a str, page: &'a Page<JobAt>) -> ListJobsOutput<'a> {
    ListJobsOutput {
        job_list: page.entries.iter().map(|job| description(vault_arn, job)).collect(),
        marker: page.marker.as_deref(),
    }
}

/// Returns the message of a notification: the same JSON as in the answer to DescribeJob.
pub(crate) fn description_text(vault_arn: &str, at: &JobAt) -> String {
    // Serialising these types cannot fail.
    serde_json::to_string(&description(vault_arn, at)).unwrap_or_default()
}
