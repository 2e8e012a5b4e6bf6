//! A request whose body has arrived, and the checks that every operation shares. The server calls them in the service's
//! order.

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::header::HeaderName;

use crate::domain::account::{AccountRegion, is_region};
use crate::domain::bytes::{Content, Digest, Hashes};
use crate::domain::failure::{Failure, SignatureFlaw};
use crate::domain::vault::{PageRequest, StoredBytes};
use crate::domain::words::{ArchiveId, Description, JobId, LockId, Operation, UploadId, VaultName};

use super::fields::Fields;
use super::target::{PathAccount, Target};

/// The header of a tree hash, in requests and answers.
pub(crate) const TREE_HASH: &str = "x-amz-sha256-tree-hash";

/// Of every request. Here they are made when this is compiled, not for each request.
static CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static GLACIER_VERSION: HeaderName = HeaderName::from_static("x-amz-glacier-version");

/// The only version of this API.
const API_VERSION: &str = "2012-06-01";

/// A request whose body has arrived.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) query: Query<'a>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Body,
}

/// A body, hashed while it came in.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) content: Content,
    /// How many bytes came; more than `content` has if it was too large to be worth keeping.
    pub(crate) len: u64,
    pub(crate) hashes: Hashes,
}

/// The parameters of a query string, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(crate) fn parse(query: Option<&'a str>) -> Self {
        Query(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect())
    }

    /// The first value of this name. An empty one counts as absent: AWS's own example of ListVaults sends
    /// `limit=&marker=` (observed.md 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }
}

/// Refuses a credential scope whose region does not have the form of one, with the text that AWS's front end has for it
/// (the same as where signatures are verified). ARNs hold the region, so a check here keeps every ARN of the mock in ASCII.
pub(crate) fn check_region(scope: &AccountRegion) -> Result<(), Failure> {
    if is_region(&scope.region) {
        return Ok(());
    }
    let region = Some(scope.region.to_string());
    Err(Failure::Signature(SignatureFlaw::Scope { region, service: false, terminator: None, date: None }))
}

impl Request<'_> {
    /// Names the reason for a signature that does not fit, where the request shows it: an upload without the header whose
    /// value is signed (observed.md 2.B).
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Signature(SignatureFlaw::Mismatch { .. }) if self.lacks_payload_hash() => {
                Failure::MissingPayloadHash
            }
            other => other,
        }
    }

    fn lacks_payload_hash(&self) -> bool {
        self.target.operation.is_some_and(Operation::carries_data) && !self.headers.contains_key(&CONTENT_SHA256)
    }

    /// The operation that the method and the path name.
    pub(crate) fn operation(&self) -> Result<Operation, Failure> {
        self.target.operation.ok_or_else(|| self.unroutable())
    }

    fn unroutable(&self) -> Failure {
        Failure::Unroutable { method: self.method.to_owned(), path: self.path.to_owned() }
    }

    /// Bytes that are not ASCII sign differently on the two sides, so the real service sees a signature that does not
    /// fit, before it looks at anything else (observed.md 1.11 and 2.B).
    pub(crate) fn check_signed_headers(&self) -> Result<(), Failure> {
        let mut own = self.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-"));
        if own.all(|(_, value)| value.to_str().is_ok()) { Ok(()) } else { Err(Failure::SignatureMismatch) }
    }

    /// A claimed hash of the body must be right, on every operation. An upload must claim one (observed.md 2.B).
    pub(crate) fn check_payload_hash(&self) -> Result<(), Failure> {
        let Some(claimed) = self.value(&CONTENT_SHA256)? else {
            return if self.lacks_payload_hash() { Err(Failure::MissingPayloadHash) } else { Ok(()) };
        };
        let computed = self.body.hashes.plain.to_string();
        if claimed.eq_ignore_ascii_case(&computed) {
            return Ok(());
        }
        Err(Failure::PayloadHashMismatch { computed, claimed: claimed.to_owned() })
    }

    /// Whether the account of the path is an account number or `-`. Whether the caller may use it is for the service to
    /// decide.
    pub(crate) fn check_account(&self) -> Result<(), Failure> {
        if self.target.account == PathAccount::Malformed { Err(Failure::MalformedAccount) } else { Ok(()) }
    }

    pub(crate) fn check_api_version(&self) -> Result<(), Failure> {
        match self.value(&GLACIER_VERSION)? {
            Some(API_VERSION) => Ok(()),
            Some(other) => Err(Failure::InvalidApiVersion { given: other.to_owned() }),
            None => Err(Failure::missing("API version")),
        }
    }

    /// A header's value, which is ASCII.
    pub(super) fn header(&self, name: &'static str) -> Result<Option<&str>, Failure> {
        self.value(&HeaderName::from_static(name))
    }

    fn value(&self, name: &HeaderName) -> Result<Option<&str>, Failure> {
        let value = self.headers.get(name);
        value.map(|value| value.to_str().map_err(|_| Failure::SignatureMismatch)).transpose()
    }

    /// The JSON document in the body, `None` if there is none. One that was too large to be kept is none that the
    /// service can read.
    pub(super) fn fields(&self) -> Result<Option<Fields>, Failure> {
        let body = &self.body.content;
        let whole = body.to_bytes().ok().filter(|_| body.len() == self.body.len);
        Fields::parse(&whole.ok_or(Failure::MalformedBody)?)
    }

    /// The tree hash that the client claims.
    pub(super) fn tree_hash(&self) -> Result<Digest, Failure> {
        let claim = self.header(TREE_HASH)?.ok_or(Failure::missing(TREE_HASH))?;
        Digest::parse_claim(claim).ok_or_else(|| Failure::invalid(TREE_HASH, claim))
    }

    /// The bytes of an archive or a part, once the tree hash that must come with them is there and right. The plain hash
    /// was checked by [`check`].
    pub(super) fn verified_body(&self) -> Result<StoredBytes, Failure> {
        let claimed = self.tree_hash()?;
        let body = StoredBytes { content: self.body.content.clone(), leaves: self.body.hashes.leaves.clone() };
        body.check(claimed)?;
        Ok(body)
    }

    pub(super) fn archive_description(&self) -> Result<Description, Failure> {
        let text = self.header("x-amz-archive-description")?.unwrap_or_default();
        Description::parse(text).ok_or(Failure::InvalidArchiveDescription)
    }

    /// The vault of the path. A name that no vault can have is answered like a vault that is missing, with the raw
    /// name where the ARN would be (observed.md 2.A).
    pub(super) fn vault(&self) -> Result<VaultName, Failure> {
        let name = self.target.vault.as_deref().unwrap_or_default();
        VaultName::parse(name).ok_or_else(|| Failure::VaultNotFound { vault: name.to_owned() })
    }

    /// The archive ID of the path. Each operation that asks for an ID has one in its path, so this finds it.
    pub(super) fn archive(&self) -> Result<ArchiveId, Failure> {
        self.target.subject.archive().cloned().ok_or_else(|| self.unroutable())
    }

    /// The job ID of the path.
    pub(super) fn job(&self) -> Result<JobId, Failure> {
        self.target.subject.job().cloned().ok_or_else(|| self.unroutable())
    }

    /// The upload ID of the path.
    pub(super) fn upload(&self) -> Result<UploadId, Failure> {
        self.target.subject.upload().cloned().ok_or_else(|| self.unroutable())
    }

    /// The lock ID of the path.
    pub(super) fn lock(&self) -> Result<LockId, Failure> {
        self.target.subject.lock().cloned().ok_or_else(|| self.unroutable())
    }

    /// The `limit` and `marker` of a list.
    pub(super) fn page(&self) -> Result<PageRequest, Failure> {
        let limit = match self.query.get("limit") {
            None => None,
            Some(limit) => Some(PageRequest::parse_limit(limit).ok_or_else(|| Failure::invalid("limit", limit))?),
        };
        Ok(PageRequest { limit, marker: self.query.get("marker").map(str::to_owned) })
    }
}
