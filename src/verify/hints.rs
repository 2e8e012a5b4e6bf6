//! What to look at next: the mistakes that users of Glacier make, recognised in the record and the mock's state.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use ring::digest::{Context, SHA256};

use crate::domain::bytes::Digest;
use crate::domain::failure::{Failure, SignatureFlaw};
use crate::domain::words::{Operation, VaultName};
use crate::record::{Call, Request, short};

use super::known::{Known, StateView};

/// The header of tree hashes, and the name that the service's error gives to a wrong one.
const TREE_HASH: &str = "x-amz-sha256-tree-hash";

use super::job_hints::{is_idle_poll, job_hints};

/// The SHA-256 of nothing.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Why the first request may be missing.
const NO_REQUEST: &str = "was the call awaited, and does the client use this mock's endpoint? A configuration of your own \
                          also needs a region and credentials (any will do)";
/// So many polls of one job without the clock's moving are no accident.
const IDLE_POLLS: usize = 5;

/// A report shows this many hints and no more: the first mistakes are usually the cause of the later ones.
const SHOWN: usize = 8;
const PLAIN_HASH: &str = "the client sent the plain SHA-256 of the archive; a tree hash was expected";

/// The hints that apply to these calls, in the order of the requests that they are about. Each appears once, and a
/// line at the end says that there are more than a report shows.
pub(crate) fn hints(calls: &[Call], state: &dyn StateView) -> Vec<String> {
    if calls.is_empty() {
        return vec![NO_REQUEST.into()];
    }
    let mut requests: Vec<Request> = calls.iter().flat_map(|call| call.attempts().to_vec()).collect();
    requests.sort_by_key(Request::number);
    let known = OnceCell::new();
    let mut missing = HashSet::new();
    let mut hints = Vec::new();
    for (n, request) in requests.iter().enumerate() {
        let Some(failure) = request.failure().filter(|failure| !is_injected(request, failure)) else { continue };
        let found = match failure {
            Failure::ChecksumMismatch { .. } | Failure::InvalidParameter { name: TREE_HASH, .. } => {
                // To hash the parts of an upload takes time. Once is enough.
                let may_be_plain = !hints.iter().any(|hint| hint == PLAIN_HASH);
                empty_hash(request).or_else(|| if may_be_plain { plain_hash(request, &requests[..n]) } else { None })
            }
            // The same vault is often missing many times.
            Failure::VaultNotFound { .. } => {
                let place = (request.scope(), request.vault());
                let is_new = !missing.contains(&place);
                let hint = if is_new { vault(request, known.get_or_init(|| state.known())) } else { None };
                // Code that only asks for the vault gets no hint, but the code that uses it later may need one.
                if hint.is_some() {
                    missing.insert(place);
                }
                hint
            }
            _ => of_one(request, failure),
        };
        if let Some(hint) = found.filter(|hint| !hints.contains(hint)) {
            if hints.len() == SHOWN {
                hints.push("more hints apply to later requests".into());
                break;
            }
            hints.push(hint);
        }
    }
    hints.extend(job_hints(&requests));
    hints.extend(idle_polls(&requests));
    hints
}

/// Whether a fault of the test answered with this error. Its text names nothing of the request, and the request did
/// nothing wrong.
fn is_injected(request: &Request, failure: &Failure) -> bool {
    request.fault() == Some(failure.code().as_str())
}

/// What can be said of a refused request without a look at others.
fn of_one(request: &Request, failure: &Failure) -> Option<String> {
    match failure {
        Failure::IncompleteUpload { hole } => {
            Some(format!("the parts leave a hole at byte {hole}: one is missing, or the one before it is short"))
        }
        Failure::MisalignedRetrieval { .. } => {
            Some("a RetrievalByteRange begins at a multiple of 1048576 and ends before one, or with the archive".into())
        }
        Failure::UnknownAccessKey => Some(
            "the mock does not know the access key, or the session token does not belong to it: it knows its own \
             clients, mock.env(), access keys that are account numbers, and builder().principal(..)"
                .into(),
        ),
        Failure::SignatureMismatch | Failure::Signature(SignatureFlaw::Mismatch { .. }) => {
            let unknown = "the secret is not that of the access key, or the request was changed after it was signed: \
                           compare the canonical string in error_message() with the one that the client signed";
            Some(failure.hint().unwrap_or(unknown).into())
        }
        Failure::AccessDenied { because, .. } => Some(because.clone()),
        Failure::MissingPayloadHash => failure.hint().map(str::to_owned),
        Failure::MalformedAccount => Some(no_account(request)),
        Failure::Unroutable { path, .. } if path.starts_with("/vaults") || path.starts_with("//") => {
            Some(no_account(request))
        }
        _ => None,
    }
}

/// The account in a path is a number or `-`.
fn no_account(request: &Request) -> String {
    format!("the path {} names no account: use `-` for the caller's own", short(request.path()))
}

/// The hash of nothing where a tree hash belongs.
fn empty_hash(request: &Request) -> Option<String> {
    let text = "the client sent the hash of an empty body; the tree hash of the whole archive was expected";
    (request.header(TREE_HASH)? == OF_NOTHING).then(|| text.into())
}

/// A plain hash where a tree hash belongs.
fn plain_hash(request: &Request, before: &[Request]) -> Option<String> {
    let sent = request.header(TREE_HASH)?;
    let plain = match request.operation()? {
        Operation::CompleteMultipartUpload => plain_hash_of_parts(request.upload_id()?.as_str(), before),
        _ => request.body()?.sha256(),
    };
    (plain.to_string() == sent).then(|| PLAIN_HASH.into())
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

/// Where a vault is that was not found.
fn vault(request: &Request, known: &Known) -> Option<String> {
    let (named, scope) = (request.vault()?, request.scope());
    let vault = short(named);
    if known.exists(scope, named) {
        // Code that creates a vault only where it is missing asks first; there is nothing to mend.
        let asks = request.operation() == Some(Operation::DescribeVault);
        return (!asks).then(|| format!("the vault {vault:?} exists now, but did not when it was first used"));
    }
    let instead = known.instead_of(scope, named);
    let is_own = *scope == known.own;
    let place =
        if is_own { String::new() } else { format!(" in account {} and region {}", scope.account, scope.region) };
    let missing = format!("there is no vault {vault:?}{place}: {}", instead.text);
    if instead.is_found {
        return Some(missing);
    }
    if VaultName::parse(named).is_none() {
        return Some(format!(
            "{vault:?} is not a valid vault name: a name has 1 to 255 of the letters a to z and A to Z, digits, `_`, \
             `-` and `.`"
        ));
    }
    let create = if is_own {
        format!("mock.create_vault({vault:?})")
    } else {
        format!("mock.vault_in(Account::new(\"{}\"), {:?}, {vault:?}).create()", scope.account, scope.region)
    };
    Some(format!("{missing}. Call CreateVault first, or {create}"))
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
