//! A request whose body has arrived, and the checks that all operations share. The server calls them in the order of
//! the service.

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

/// The header of a tree hash, in requests and responses.
pub(crate) const TREE_HASH: &str = "x-amz-sha256-tree-hash";

/// Header names that are read on every request, as constants.
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

/// A body and its hashes.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) content: Content,
    /// The number of bytes that arrived. It exceeds that of `content` if the body was too large to keep.
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

    /// Returns the first value of this name. An empty value counts as absent: AWS's own example of ListVaults sends
    /// `limit=&marker=` (observed.md 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| &**value).filter(|value| !value.is_empty())
    }
}

/// Refuses a credential scope whose region has an invalid form, with the message of AWS's front end (the same as with
/// signature verification). ARNs contain the region, so this check keeps every ARN of the mock in ASCII.
pub(crate) fn check_region(place: &AccountRegion) -> Result<(), Failure> {
    if is_region(&place.region) {
        return Ok(());
    }
    let region = Some(place.region.to_string());
    Err(Failure::Signature(SignatureFlaw::Scope { region, service: None, terminator: None, date: None }))
}

impl Request<'_> {
    /// Names the reason for a signature that does not match, if the request shows it: an upload without the header
    /// whose value is signed (observed.md 2.B).
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

    /// Returns the operation of the method and the path.
    pub(crate) fn operation(&self) -> Result<Operation, Failure> {
        self.target.operation.ok_or_else(|| self.unroutable())
    }

    fn unroutable(&self) -> Failure {
        Failure::Unroutable { method: self.method.to_owned(), path: self.path.to_owned() }
    }

    /// Client and server sign bytes that are not ASCII differently, so the real service reports a signature mismatch
    /// before it checks anything else (observed.md 1.11 and 2.B).
    pub(crate) fn check_signed_headers(&self) -> Result<(), Failure> {
        let mut own = self.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-amz-"));
        if own.all(|(_, value)| value.to_str().is_ok()) { Ok(()) } else { Err(Failure::SignatureMismatch) }
    }

    /// Every operation requires a claimed hash of the body to be correct. An upload must claim one (observed.md 2.B).
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

    /// Checks that the account of the path is an account number or `-`. The service decides whether the caller may use
    /// it.
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

    /// Returns the value of a header, which must be ASCII.
    pub(super) fn header(&self, name: &'static str) -> Result<Option<&str>, Failure> {
        self.value(&HeaderName::from_static(name))
    }

    fn value(&self, name: &HeaderName) -> Result<Option<&str>, Failure> {
        let value = self.headers.get(name);
        value.map(|value| value.to_str().map_err(|_| Failure::SignatureMismatch)).transpose()
    }

    /// Returns the JSON document in the body, or `None` without one. The service cannot read a document that was too
    /// large to keep.
    pub(super) fn fields(&self) -> Result<Option<Fields>, Failure> {
        let body = &self.body.content;
        let whole = body.to_bytes().ok().filter(|_| body.len() == self.body.len);
        Fields::parse(&whole.ok_or(Failure::MalformedBody)?)
    }

    /// Returns the tree hash that the client claims.
    pub(super) fn tree_hash(&self) -> Result<Digest, Failure> {
        let claim = self.header(TREE_HASH)?.ok_or(Failure::missing(TREE_HASH))?;
        Digest::parse_claim(claim).ok_or_else(|| Failure::invalid(TREE_HASH, claim))
    }

    /// Returns the bytes of an archive or a part. Requires a correct tree hash. [`Request::check_payload_hash`] has
    /// checked the plain hash.
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

    /// Returns the vault of the path. A name that is not valid gets the same response as a missing vault, with the raw
    /// name in place of the ARN (observed.md 2.A).
    pub(super) fn vault(&self) -> Result<VaultName, Failure> {
        let name = self.target.vault.as_deref().unwrap_or_default();
        VaultName::parse(name).ok_or_else(|| Failure::VaultNotFound { vault: name.to_owned() })
    }

    /// Returns the archive ID of the path. Each operation that calls this has one in its path.
    pub(super) fn archive(&self) -> Result<ArchiveId, Failure> {
        self.target.subject.archive().cloned().ok_or_else(|| self.unroutable())
    }

    /// Returns the job ID of the path.
    pub(super) fn job(&self) -> Result<JobId, Failure> {
        self.target.subject.job().cloned().ok_or_else(|| self.unroutable())
    }

    /// Returns the upload ID of the path.
    pub(super) fn upload(&self) -> Result<UploadId, Failure> {
        self.target.subject.upload().cloned().ok_or_else(|| self.unroutable())
    }

    /// Returns the lock ID of the path.
    pub(super) fn lock(&self) -> Result<LockId, Failure> {
        self.target.subject.lock().cloned().ok_or_else(|| self.unroutable())
    }

    /// Returns the `limit` and `marker` of a list request.
    pub(super) fn page(&self) -> Result<PageRequest, Failure> {
        let limit = match self.query.get("limit") {
            None => None,
            Some(limit) => Some(PageRequest::parse_limit(limit).ok_or_else(|| Failure::invalid("limit", limit))?),
        };
        Ok(PageRequest { limit, marker: self.query.get("marker").map(str::to_owned) })
    }
}
