//! Hints for failure reports: recognises common mistakes of Glacier users in the record and the mock's state.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::domain::bytes::{Digest, PlainHasher};
use crate::domain::failure::{Failure, SignatureFlaw};
use crate::domain::words::{Operation, VaultName};
use crate::record::{Call, Request, short};

use super::job_hints::{is_idle_poll, job_hints};
use super::known::{Known, StateView};
use super::style::Advice;

/// The header for tree hashes. The service's error uses the same name for an invalid hash.
const TREE_HASH: &str = "x-amz-sha256-tree-hash";

/// The SHA-256 of the empty string.
const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// The minimum number of polls of one job, without any progress of the clock, for a hint.
const IDLE_POLLS: usize = 5;

/// The maximum number of hints in a report. The first mistakes usually cause the later ones.
const SHOWN: usize = 8;
const PLAIN_HASH: &str = "the client sent the plain SHA-256 of the archive; a tree hash was expected";

/// Returns the hints that apply to these calls, in the order of the requests that they are about. Each hint appears
/// once. If there are more than [`SHOWN`], a line at the end says so.
pub(crate) fn hints(calls: &[Call], state: &dyn StateView, advice: Advice) -> Vec<String> {
    if calls.is_empty() {
        return vec![no_request(advice).into()];
    }
    let mut requests: Vec<Request> = Vec::new();
    for call in calls {
        requests.extend_from_slice(&call.attempts());
    }
    requests.sort_by_key(Request::number);
    let known = OnceCell::new();
    let mut missing = HashSet::new();
    let mut hints = Vec::new();
    for (n, request) in requests.iter().enumerate() {
        let Some(failure) = request.failure().filter(|failure| !is_injected(request, failure)) else { continue };
        let found = match failure {
            Failure::ChecksumMismatch { .. } | Failure::InvalidParameter { name: TREE_HASH, .. } => {
                // Hashing the parts of an upload is slow, and the hint is shown only once.
                let may_be_plain = !hints.iter().any(|hint| hint == PLAIN_HASH);
                empty_hash(request).or_else(|| if may_be_plain { plain_hash(request, &requests[..n]) } else { None })
            }
            // Code often uses the same missing vault many times.
            Failure::VaultNotFound { .. } => {
                let place = (request.place(), request.vault());
                let is_new = !missing.contains(&place);
                let hint = if is_new { vault(request, known.get_or_init(|| state.known()), advice) } else { None };
                // Code that only asks for the vault gets no hint, but the code that uses it later may need one.
                if hint.is_some() {
                    missing.insert(place);
                }
                hint
            }
            _ => of_one(request, failure, advice),
        };
        if let Some(hint) = found.filter(|hint| !hints.contains(hint)) {
            if hints.len() == SHOWN {
                hints.push("more hints apply to later requests".into());
                break;
            }
            hints.push(hint);
        }
    }
    hints.extend(job_hints(&requests, advice));
    hints.extend(idle_polls(&requests, advice));
    hints
}

/// Returns whether the error was injected by a fault of the test. The request is not at fault then, so no hint applies.
fn is_injected(request: &Request, failure: &Failure) -> bool {
    request.fault() == Some(failure.code().as_str())
}

/// Returns the hint that follows from a single refused request.
fn of_one(request: &Request, failure: &Failure, advice: Advice) -> Option<String> {
    match failure {
        Failure::IncompleteUpload { hole } => {
            Some(format!("the parts leave a gap at byte {hole}: a part is missing, or the previous one is too short"))
        }
        Failure::MisalignedRetrieval { .. } => Some(
            "a RetrievalByteRange must begin at a multiple of 1048576, and end just before one or at the end of the \
                 archive"
                .into(),
        ),
        Failure::UnknownAccessKey => {
            let accepted = match advice {
                Advice::Rust => {
                    "its own clients, mock.env(), account numbers as access keys, and the principals of \
                     builder().principal(..)"
                }
                Advice::Http => {
                    "the access key that the program prints when it starts, account numbers as access keys, and the \
                     principals of the option --principal and of POST /principals"
                }
            };
            Some(format!(
                "unknown access key, or a session token that does not belong to it: the mock accepts {accepted}"
            ))
        }
        Failure::SignatureMismatch | Failure::Signature(SignatureFlaw::Mismatch { .. }) => {
            let message = match advice {
                Advice::Rust => "error_message()",
                Advice::Http => "`message` of GET /requests",
            };
            let unknown = || {
                format!(
                    "the secret does not match the access key, or the request was changed after it was signed: compare \
                     the canonical string in {message} with the one that the client signed"
                )
            };
            Some(failure.hint().map_or_else(unknown, str::to_owned))
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

/// Returns the hint for a path whose first segment is neither an account number nor `-`.
fn no_account(request: &Request) -> String {
    format!("the path {} contains no valid account: use `-` for the caller's own account", short(request.path()))
}

/// Returns a hint if the client sent the hash of an empty body instead of a tree hash.
fn empty_hash(request: &Request) -> Option<String> {
    let text = "the client sent the hash of an empty body; the tree hash of the whole archive was expected";
    (request.header(TREE_HASH)? == OF_NOTHING).then(|| text.into())
}

/// Returns a hint if the client sent a plain SHA-256 instead of a tree hash.
fn plain_hash(request: &Request, before: &[Request]) -> Option<String> {
    let sent = request.header(TREE_HASH)?;
    let plain = match request.operation()? {
        Operation::CompleteMultipartUpload => plain_hash_of_parts(request.upload_id()?.as_str(), before),
        _ => request.body()?.sha256(),
    };
    (plain == sent).then(|| PLAIN_HASH.into())
}

/// Returns the plain SHA-256 of the archive that the stored parts of an upload form.
fn plain_hash_of_parts(upload: &str, before: &[Request]) -> Digest {
    let mut parts = BTreeMap::new();
    for part in before.iter().filter(|part| part.operation() == Some(Operation::UploadMultipartPart)) {
        let first = part.byte_range().map(|range| *range.start());
        if let (Some(204), Some(first), Some(body), true) =
            (part.status(), first, part.body(), part.upload_id().is_some_and(|id| id.as_str() == upload))
        {
            parts.insert(first, body);
        }
    }
    let mut whole = PlainHasher::new();
    parts.values().for_each(|body| body.chunks().for_each(|chunk| whole.update(&chunk)));
    whole.finish()
}

/// Returns a hint for a missing vault: where it exists, or how to create it.
fn vault(request: &Request, known: &Known, advice: Advice) -> Option<String> {
    let (named, place) = (request.vault()?, request.place());
    let vault = short(named);
    if known.exists(place, named) {
        // Code that creates a missing vault asks with DescribeVault first, which is not a mistake.
        let asks = request.operation() == Some(Operation::DescribeVault);
        return (!asks).then(|| format!("the vault {vault:?} exists now, but did not when it was first used"));
    }
    let instead = known.instead_of(place, named);
    let is_own = *place == known.own;
    let at = if is_own { String::new() } else { format!(" in account {} and region {}", place.account, place.region) };
    let missing = format!("there is no vault {vault:?}{at}: {}", instead.text);
    if instead.is_found {
        return Some(missing);
    }
    if VaultName::parse(named).is_none() {
        return Some(format!(
            "{vault:?} is not a valid vault name: a name has 1 to 255 characters: letters a to z and A to Z, digits, \
             `_`, `-` and `.`"
        ));
    }
    let create = match advice {
        Advice::Rust if is_own => format!("mock.create_vault({vault:?})"),
        Advice::Rust => {
            format!("mock.vault_in(Account::new(\"{}\"), {:?}, {vault:?}).create()", place.account, place.region)
        }
        Advice::Http if is_own => format!("PUT /vaults/{vault} of the control API"),
        Advice::Http => {
            format!("PUT /vaults/{vault}?account={}&region={} of the control API", place.account, place.region)
        }
    };
    Some(format!("{missing}. Call CreateVault first, or {create}"))
}

/// Returns the hint when no request arrived at all.
fn no_request(advice: Advice) -> &'static str {
    match advice {
        Advice::Rust => {
            "was the call awaited, and does the client use this mock's endpoint? A custom client configuration also needs \
             a region and credentials (any will do)"
        }
        Advice::Http => {
            "does the client use this mock's endpoint? It also needs a region and credentials (any will do, unless \
             signatures are verified)"
        }
    }
}

/// Returns a hint if a job was polled repeatedly while the clock did not advance.
fn idle_polls(requests: &[Request], advice: Advice) -> Vec<String> {
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
    let what = match advice {
        Advice::Rust => "call mock.clock().advance(..), or end the job with mock.jobs()",
        Advice::Http => "advance it with POST /clock/advance, or end the job with POST /jobs/{id}/complete",
    };
    let hint = |polls| format!("a job was polled {polls} times while the mock's clock did not advance: {what}");
    worst.map(hint).into_iter().collect()
}
