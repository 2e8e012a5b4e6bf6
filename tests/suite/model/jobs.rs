//! The model's jobs, which complete at once, and their output (api.md sections 5 and 6, observed.md 3.4 and 3.5).

use serde_json::{Value, json};

use super::answer::{Reply, invalid, not_found, policy_enforced};
use super::archives::Archive;
use super::service::{Date, PageParameters, Service, Vault, arn, date, whole_seconds};
use super::wire::Answer;
use crate::support::{MIB, tree_hash};

pub(super) struct Job {
    pub(super) id: String,
    place: u64,
    pub(super) completed: Date,
    /// The description that DescribeJob, ListJobs and notifications show.
    shown: Value,
    output: Option<Output>,
}

struct Output {
    kind: &'static str,
    bytes: Vec<u8>,
    description: String,
    /// The whole archive, and the first byte of the job's range in it. `None` for an inventory.
    source: Option<(Vec<u8>, usize)>,
}

/// The parameters of an inventory job, as the client sends them.
#[derive(Clone, Debug)]
pub(super) struct InventoryRequest {
    pub(super) format: String,
    pub(super) limit: String,
    pub(super) marker: Option<String>,
    pub(super) period: (Option<Date>, Option<Date>),
}

/// The byte ranges of all nodes in the tree of an archive of this length, by the definition of the tree.
fn nodes(length: usize) -> Vec<(usize, usize)> {
    let mut level: Vec<_> = (0..length).step_by(MIB).map(|first| (first, length.min(first + MIB) - 1)).collect();
    let mut all = level.clone();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| (pair[0].0, pair[pair.len() - 1].1)).collect();
        all.extend(&level);
    }
    all
}

/// The tree hash of a range, if the range is tree-hash aligned.
fn aligned_hash(archive: &[u8], first: usize, last: usize) -> Option<String> {
    nodes(archive.len()).contains(&(first, last)).then(|| tree_hash(&archive[first..=last]))
}

/// Parses `A-B`.
fn span(text: &str) -> Option<(usize, usize)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// Whether the range consists of whole MiB, except at the end of the archive.
fn can_be_retrieved((first, last): (usize, usize), length: usize) -> bool {
    last < length && first % MIB == 0 && ((last + 1) % MIB == 0 || last + 1 == length)
}

fn span_error(text: &str) -> Answer {
    invalid(format!(
        "Invalid retrieval byte range: {text}. It must lie within the archive, begin at a multiple of 1048576 and end \
         before one or at the end of the archive"
    ))
}

/// A valid range is shortened to the end of the output, and an invalid one is ignored (observed.md 2.D).
fn cut(text: &str, length: usize) -> Result<Option<(usize, usize)>, Answer> {
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let Ok(first) = first.parse::<usize>() else { return Ok(None) };
    let last = match last.parse::<usize>() {
        Ok(last) if last >= first => last.min(length - 1),
        Err(_) if last.is_empty() => length - 1,
        _ => return Ok(None),
    };
    if first < length {
        return Ok(Some((first, last)));
    }
    Err(invalid(format!("The start of the range is larger than size of retrieved data: {text}")))
}

fn no_job(id: &str) -> Answer {
    not_found(format!("The job ID was not found: {id}"))
}

/// Fields that do not apply are present and null.
fn shown(action: &str, vault: &str, job: &str, description: &str, now: Date) -> Value {
    json!({
        "Action": action,
        "ArchiveId": null,
        "ArchiveSHA256TreeHash": null,
        "ArchiveSizeInBytes": null,
        "Completed": true,
        "CompletionDate": date(now),
        "CreationDate": date(now),
        "InventoryRetrievalParameters": null,
        "InventorySizeInBytes": null,
        "JobDescription": (!description.is_empty()).then_some(description),
        "JobId": job,
        "RetrievalByteRange": null,
        "SHA256TreeHash": null,
        "SNSTopic": null,
        "StatusCode": "Succeeded",
        "StatusMessage": "Succeeded",
        "Tier": null,
        "VaultARN": arn(vault),
    })
}

fn json_inventory(vault: &str, taken: Date, archives: &[&Archive]) -> String {
    let entries: Vec<_> = archives
        .iter()
        .map(|archive| {
            format!(
                r#"{{"ArchiveId":"{}","ArchiveDescription":{},"CreationDate":"{}","Size":{},"SHA256TreeHash":"{}"}}"#,
                archive.id,
                Value::from(&*archive.description),
                whole_seconds(archive.created),
                archive.bytes.len(),
                archive.tree_hash
            )
        })
        .collect();
    let (arn, taken, entries) = (arn(vault), whole_seconds(taken), entries.join(","));
    format!(r#"{{"VaultARN":"{arn}","InventoryDate":"{taken}","ArchiveList":[{entries}]}}"#)
}

/// Quotes are escaped with a backslash; backslashes are not escaped (observed.md 3.5).
fn csv_inventory(archives: &[&Archive]) -> String {
    let mut lines = vec!["ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash".to_owned()];
    lines.extend(archives.iter().map(|archive| {
        let description = archive.description.replace('"', r#"\""#);
        let (created, size) = (whole_seconds(archive.created), archive.bytes.len());
        format!(r#"{},"{description}",{created},{size},{}"#, archive.id, archive.tree_hash)
    }));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

impl Vault {
    fn job(&self, id: &str) -> Result<&Job, Answer> {
        self.jobs.iter().find(|job| job.id == id).ok_or_else(|| no_job(id))
    }
}

fn accepted(vault: &str, job: &str) -> Answer {
    Answer::empty(202).with("location", format!("/000000000000/vaults/{vault}/jobs/{job}")).with("x-amz-job-id", job)
}

impl Service {
    pub(super) fn retrieve_archive(
        &mut self,
        vault: &str,
        (archive, range, tier): (&str, Option<&str>, &str),
        description: &str,
        id: String,
    ) -> Reply {
        if !["", "Expedited", "Standard", "Bulk"].contains(&tier) {
            return Err(invalid(format!("Invalid tier: {tier}")));
        }
        // The order is not specified. Like the mock, the model refuses a malformed range before it looks for the vault.
        let span = range.map(|text| span(text).ok_or_else(|| span_error(text))).transpose()?;
        let (place, now, rule) = (self.place(), self.now, self.rule.clone());
        let vault = self.vault(vault)?;
        let unknown = format!("The archive ID was not found: {archive}");
        let found = vault.archives.iter().find(|candidate| candidate.id == archive);
        let found = found.ok_or_else(|| not_found(&unknown))?;
        let length = found.bytes.len();
        let (first, last) = span.unwrap_or((0, length - 1));
        if !can_be_retrieved((first, last), length) {
            return Err(span_error(range.unwrap_or_default()));
        }
        if rule.forbids(tier, last - first + 1) {
            return Err(policy_enforced());
        }
        let mut shown = shown("ArchiveRetrieval", &vault.name, &id, description, now);
        shown["ArchiveId"] = json!(found.id);
        shown["ArchiveSHA256TreeHash"] = json!(found.tree_hash);
        shown["ArchiveSizeInBytes"] = json!(length);
        shown["RetrievalByteRange"] = json!(format!("{first}-{last}"));
        shown["SHA256TreeHash"] = json!(aligned_hash(&found.bytes, first, last));
        shown["Tier"] = json!(if tier.is_empty() { "Standard" } else { tier });
        // A job for a deleted archive is accepted and then fails (api.md section 4).
        let output = (!found.deleted).then(|| Output {
            kind: "application/octet-stream",
            bytes: found.bytes[first..=last].to_vec(),
            description: found.description.clone(),
            source: Some((found.bytes.clone(), first)),
        });
        if output.is_none() {
            shown["StatusCode"] = json!("Failed");
            shown["StatusMessage"] = json!(unknown);
        }
        let answer = accepted(&vault.name, &id);
        vault.jobs.push(Job { id, place, completed: now, shown, output });
        Ok(answer)
    }

    pub(super) fn retrieve_inventory(
        &mut self,
        vault: &str,
        asked: &InventoryRequest,
        description: &str,
        id: String,
    ) -> Reply {
        // The order of these checks is not specified, and follows the mock.
        let InventoryRequest { format, limit, marker, period: (since, until) } = asked;
        if !["", "JSON", "CSV"].contains(&&**format) {
            return Err(invalid(format!("Invalid format: {format}")));
        }
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            let prefix = "Invalid inventory retrieval date range: InventoryRetrievalJobInput::StartDate";
            return Err(invalid(format!("{prefix}={}", whole_seconds(*since))));
        }
        let most = if limit.is_empty() { usize::MAX } else { limit.parse().unwrap_or(0) };
        if most == 0 {
            return Err(invalid(format!("Invalid limit: {limit}")));
        }
        let (place, now) = (self.place(), self.now);
        let vault = self.vault(vault)?;
        let in_period = |archive: &&Archive| {
            since.is_none_or(|since| archive.created >= since) && until.is_none_or(|until| archive.created < until)
        };
        let all = vault.archives.iter().filter(|archive| !archive.deleted).filter(in_period);
        let all = all.map(|archive| (archive.place, archive.id.clone(), archive));
        let page = PageParameters { limit: None, marker: marker.clone() };
        let (page, next) = page.page(most, all, &mut vault.inventory_markers)?;
        // The specification does not cover a vault that was never written to. Like the mock, the model takes its
        // inventory now.
        let taken = vault.written.unwrap_or(now);
        let is_csv = format == "CSV";
        let text = if is_csv { csv_inventory(&page) } else { json_inventory(&vault.name, taken, &page) };
        let mut shown = shown("InventoryRetrieval", &vault.name, &id, description, now);
        shown["InventorySizeInBytes"] = json!(text.len());
        shown["InventoryRetrievalParameters"] = json!({
            "EndDate": until.map(whole_seconds),
            "Format": if is_csv { "CSV" } else { "JSON" },
            "Limit": (!limit.is_empty()).then_some(limit),
            "Marker": next,
            "StartDate": since.map(whole_seconds),
        });
        let kind = if is_csv { "text/csv" } else { "application/json" };
        let output = Output { kind, bytes: text.into_bytes(), description: String::new(), source: None };
        let answer = accepted(&vault.name, &id);
        vault.jobs.push(Job { id, place, completed: now, shown, output: Some(output) });
        Ok(answer)
    }

    pub(super) fn describe_job(&mut self, vault: &str, id: &str) -> Reply {
        Ok(Answer::json(&self.vault(vault)?.job(id)?.shown))
    }

    pub(super) fn list_jobs(&mut self, vault: &str, status: &str, completed: &str, asked: &PageParameters) -> Reply {
        if !["", "InProgress", "Succeeded", "Failed"].contains(&status) {
            return Err(invalid(format!("The job status code is not valid: {status}")));
        }
        if !["", "true", "false"].contains(&completed) {
            return Err(invalid(format!("Invalid completed: {completed}")));
        }
        let limit = asked.limit(50)?;
        let vault = self.vault(vault)?;
        let is_asked_for =
            |job: &&Job| (status.is_empty() || job.shown["StatusCode"] == status) && completed != "false";
        let all = vault.jobs.iter().filter(is_asked_for).map(|job| (job.place, job.id.clone(), &job.shown));
        let (page, next) = asked.page(limit, all, &mut vault.job_markers)?;
        Ok(Answer::json(&json!({ "JobList": page, "Marker": next })))
    }

    pub(super) fn get_job_output(&mut self, vault: &str, id: &str, range: &str) -> Reply {
        let job = self.vault(vault)?.job(id)?;
        let unavailable = || invalid(format!("The job is not currently available for download: {id}"));
        let output = job.output.as_ref().ok_or_else(unavailable)?;
        let length = output.bytes.len();
        let cut = cut(range, length)?;
        let (first, last) = cut.unwrap_or((0, length - 1));
        let status = if cut.is_some() { 206 } else { 200 };
        let mut answer = Answer::bytes(status, output.kind, output.bytes[first..=last].to_vec());
        answer = answer.with("accept-ranges", "bytes");
        if cut.is_some() {
            answer = answer.with("content-range", format!("bytes {first}-{last}/{length}"));
        }
        if !output.description.is_empty() {
            answer = answer.with("x-amz-archive-description", &output.description);
        }
        if let Some((archive, start)) = &output.source
            && aligned_hash(archive, *start, start + length - 1).is_some()
            && let Some(hash) = aligned_hash(archive, start + first, start + last)
        {
            answer = answer.with("x-amz-sha256-tree-hash", hash);
        }
        Ok(answer)
    }
}
