//! What to look at next: the mistakes that users of Glacier make, recognised in the record.

use std::collections::{BTreeMap, HashMap};

use ring::digest::{Context, SHA256};

use crate::domain::digest::Digest;
use crate::record::call::Call;
use crate::record::line::short;
use crate::record::request::Request;
use crate::wire::operation::Operation;

use super::job_hints::{is_idle_poll, job_hints};

/// The SHA-256 of nothing.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Why the first request may be missing.
const NO_REQUEST: &str = "was the call awaited, and does the client use this mock's endpoint? A configuration of your own \
                          also needs a region and credentials (any will do)";
/// So many polls of one job without the clock's moving are no accident.
const IDLE_POLLS: usize = 5;

/// Each hint once, in the order of the requests that it is about.
pub(crate) fn hints(calls: &[Call]) -> Vec<String> {
    if calls.is_empty() {
        return vec![NO_REQUEST.into()];
    }
    let requests: Vec<Request> = calls.iter().flat_map(|call| call.attempts().to_vec()).collect();
    let mut hints = Vec::new();
    for (n, request) in requests.iter().enumerate() {
        let found = tree_hash(request, &requests[..n])
            .or_else(|| hole(request))
            .or_else(|| misaligned(request))
            .or_else(|| access_key(request))
            .or_else(|| signature(request))
            .or_else(|| account(request))
            .or_else(|| denied(request))
            .or_else(|| vault(request, &requests[..n]));
        if let Some(hint) = found.filter(|hint| !hints.contains(hint)) {
            hints.push(hint);
        }
    }
    hints.extend(job_hints(&requests));
    hints.extend(idle_polls(&requests));
    hints
}

/// The policy that stands in the way.
fn denied(request: &Request) -> Option<String> {
    let is_denied = request.error_code() == Some("AccessDeniedException");
    request.explanation().filter(|_| is_denied).map(str::to_owned)
}

fn message(request: &Request) -> &str {
    request.error_message().unwrap_or_default()
}

/// A hash of another kind where a tree hash belongs.
fn tree_hash(request: &Request, before: &[Request]) -> Option<String> {
    let refused = ["Checksum mismatch", "Invalid x-amz-sha256-tree-hash"];
    if !refused.iter().any(|text| message(request).starts_with(text)) {
        return None;
    }
    let sent = request.header("x-amz-sha256-tree-hash")?;
    if sent == OF_NOTHING {
        return Some(
            "the client sent the hash of an empty body; the tree hash of the whole archive was expected".into(),
        );
    }
    let plain = match request.operation()? {
        Operation::CompleteMultipartUpload => plain_hash_of_parts(request.upload_id()?.as_str(), before),
        _ => request.body()?.sha256(),
    };
    (plain.to_string() == sent)
        .then(|| "the client sent the plain SHA-256 of the archive; a tree hash was expected".into())
}

/// The plain hash of the whole that the stored parts of an upload make.
fn plain_hash_of_parts(upload: &str, before: &[Request]) -> Digest {
    let mut parts = BTreeMap::new();
    for part in before.iter().filter(|part| part.operation() == Some(Operation::UploadMultipartPart)) {
        let first = part
            .header("content-range")
            .and_then(|range| range.strip_prefix("bytes ")?.split('-').next()?.parse().ok());
        if let (Some(204), Some(first), Some(body), true) =
            (part.status(), first, part.body(), part.upload_id().is_some_and(|id| id.as_str() == upload))
        {
            let first: u64 = first;
            parts.insert(first, body);
        }
    }
    let mut whole = Context::new(&SHA256);
    parts.values().for_each(|body| body.chunks().for_each(|chunk| whole.update(&chunk)));
    whole.finish().into()
}

fn hole(request: &Request) -> Option<String> {
    let at = message(request).strip_prefix("The parts do not make a whole: no part begins at byte ")?;
    Some(format!("the parts leave a hole at byte {at}: one is missing, or the one before it is short"))
}

fn misaligned(request: &Request) -> Option<String> {
    message(request)
        .starts_with("Invalid retrieval byte range")
        .then(|| "a RetrievalByteRange begins at a multiple of 1048576 and ends before one, or with the archive".into())
}

/// A key that the mock does not know, or one that belongs to temporary credentials.
fn access_key(request: &Request) -> Option<String> {
    if !message(request).starts_with("The security token included in the request is invalid") {
        return None;
    }
    Some(
        "the access key is nobody's, or its session token is not the one that goes with it: the mock knows its own \
         clients, mock.env(), access keys that are account numbers, and builder().principal(..)"
            .into(),
    )
}

/// What the mock can tell of a signature that is wrong.
fn signature(request: &Request) -> Option<String> {
    let wrong = message(request).starts_with("The request signature we calculated");
    let unknown = "the secret is not that of the access key, or the request was changed after it was signed: compare the \
                   canonical string in error_message() with the one that the client signed";
    wrong.then(|| request.explanation().unwrap_or(unknown).into())
}

/// The account of a path is a number or `-`.
fn account(request: &Request) -> Option<String> {
    let unknown = message(request) == "No account found for the given parameters";
    let left_out =
        request.operation().is_none() && (request.path().starts_with("/vaults") || request.path().starts_with("//"));
    (unknown || left_out)
        .then(|| format!("the path {} names no account: use `-` for the caller's own", short(request.path())))
}

fn vault(request: &Request, before: &[Request]) -> Option<String> {
    let named = request.vault().filter(|_| message(request).starts_with("Vault not found for ARN"))?;
    let vault = short(named);
    let of_vault =
        |earlier: &&Request| earlier.operation() == Some(Operation::CreateVault) && earlier.vault() == Some(named);
    let Some(created) = before.iter().find(of_vault) else {
        return Some(format!(
            "nobody created the vault {vault:?}: call CreateVault first, or mock.create_vault({vault:?})"
        ));
    };
    let elsewhere = (created.account(), created.region()) != (request.account(), request.region());
    elsewhere.then(|| {
        format!(
            "the vault {vault:?} was created in account {} and region {}, and asked for in {} and {}",
            created.account(),
            created.region(),
            request.account(),
            request.region()
        )
    })
}

/// Polling a job for which the clock never moves.
fn idle_polls(requests: &[Request]) -> Vec<String> {
    let mut polls: HashMap<&str, Vec<&Request>> = HashMap::new();
    for request in requests.iter().filter(|request| is_idle_poll(request)) {
        if let Some(job) = request.job_id() {
            polls.entry(job.as_str()).or_default().push(request);
        }
    }
    let idle = polls.values().filter(|polls| {
        let times = polls.iter().map(|poll| poll.service_time());
        polls.len() >= IDLE_POLLS && times.clone().min() == times.max()
    });
    let worst = idle.map(Vec::len).max();
    let hint = |polls| {
        format!(
            "a job was polled {polls} times, and the mock's clock stood still: advance it with mock.clock().advance(..), or end \
             the job with mock.jobs()"
        )
    };
    worst.map(hint).into_iter().collect()
}
