//! The service model from which the AWS SDKs are generated, and the documented exceptions from it.

use std::collections::BTreeSet;
use std::process::Command;

use glacier_mock::Operation;
use serde_json::{Map, Value};

use crate::support::RawResponse;
use crate::tools::is_left_out;

use super::check::compare;

/// A Python program that prints the model of the installed botocore, compressed or not.
const PRINT: &str = "
import gzip, os, sys, botocore
path = os.path.join(os.path.dirname(botocore.__file__), 'data', 'glacier', '2012-06-01', 'service-2.json')
model = open(path, 'rb') if os.path.exists(path) else gzip.open(path + '.gz')
sys.stdout.buffer.write(model.read())
";

/// The members of outputs that may be null, or headers that may be missing. All others always have a value.
pub(super) const OPTIONAL: &[(&str, &str)] = &[
    ("DescribeVaultOutput.LastInventoryDate", "observed.md 3.2: null before the first inventory"),
    ("ListVaultsOutput.Marker", "observed.md 3.2: null at the end of the list"),
    ("ListMultipartUploadsOutput.Marker", "observed.md 3.3: present even if null"),
    ("ListPartsOutput.Marker", "observed.md 3.3: present even if null"),
    ("ListJobsOutput.Marker", "observed.md 3.4: null at the end of the list"),
    ("UploadListElement.ArchiveDescription", "api.md section 4: null if none"),
    ("ListPartsOutput.ArchiveDescription", "api.md section 4: null if none"),
    ("GlacierJobDescription.JobDescription", "api.md section 5: null where a field does not apply"),
    ("GlacierJobDescription.SNSTopic", "api.md section 5: null where a field does not apply"),
    ("GlacierJobDescription.StatusMessage", "observed.md 3.4: null in progress"),
    ("GlacierJobDescription.CompletionDate", "observed.md 3.4: null in progress"),
    ("GlacierJobDescription.InventorySizeInBytes", "observed.md 3.4: null in progress"),
    ("GlacierJobDescription.ArchiveId", "api.md section 5: null of an inventory"),
    ("GlacierJobDescription.ArchiveSizeInBytes", "api.md section 5: null of an inventory"),
    ("GlacierJobDescription.ArchiveSHA256TreeHash", "api.md section 5: null of an inventory"),
    ("GlacierJobDescription.RetrievalByteRange", "api.md section 5: null of an inventory"),
    ("GlacierJobDescription.SHA256TreeHash", "observed.md 3.4: null of a range that is not aligned"),
    ("GlacierJobDescription.Tier", "observed.md 3.4: null of an inventory"),
    ("GlacierJobDescription.InventoryRetrievalParameters", "observed.md 3.4: null of an archive"),
    ("InventoryRetrievalJobDescription.StartDate", "observed.md 3.4: null if not asked for"),
    ("InventoryRetrievalJobDescription.EndDate", "observed.md 3.4: null if not asked for"),
    ("InventoryRetrievalJobDescription.Limit", "observed.md 3.4: null if not asked for"),
    ("InventoryRetrievalJobDescription.Marker", "api.md section 5: null on the last page"),
    ("GetJobOutputOutput.checksum", "observed.md 3.5: only of archives, and only if aligned"),
    ("GetJobOutputOutput.contentRange", "observed.md 3.5: only at 206"),
    ("GetJobOutputOutput.archiveDescription", "observed.md 3.5: only if there is one"),
    ("GetVaultLockOutput.ExpirationDate", "observed.md 3.6: none once Locked"),
    ("DataRetrievalRule.BytesPerHour", "observed.md 3.6: null if unused"),
];

/// The members for select jobs, which the service withdrew. They are never sent, not even as null.
pub(super) const WITHDRAWN: &[(&str, &str)] = &[
    ("InitiateJobOutput.jobOutputPath", "observed.md 3.4: only for select"),
    ("GlacierJobDescription.JobOutputPath", "observed.md 3.4: not among the keys"),
    ("GlacierJobDescription.SelectParameters", "observed.md 3.4: not among the keys"),
    ("GlacierJobDescription.OutputLocation", "observed.md 3.4: not among the keys"),
];

/// The headers that every response has because of HTTP and AWS.
const GENERAL: &[&str] = &["content-length", "date", "x-amzn-requestid"];

/// The status of each error code (observed.md 1.a), without BadRequest, which no operation returns.
pub(super) const STATUSES: &[(&str, u16)] = &[
    ("AccessDeniedException", 403),
    ("ExpiredTokenException", 403),
    ("InsufficientCapacityException", 503),
    ("InvalidParameterValueException", 400),
    ("InvalidSignatureException", 403),
    ("LimitExceededException", 400),
    ("MissingAuthenticationTokenException", 400),
    ("MissingParameterValueException", 400),
    ("NoLongerSupportedException", 400),
    ("PolicyEnforcedException", 400),
    ("RequestTimeoutException", 408),
    ("ResourceNotFoundException", 404),
    ("SerializationException", 400),
    ("ServiceUnavailableException", 500),
    ("ThrottlingException", 400),
    ("UnrecognizedClientException", 400),
];

/// The errors of the front end for any operation, which the model lists for none. Their bodies begin with the message
/// (observed.md 1.2), which distinguishes them from errors of the operations.
pub(super) const FRONT_END: &[(&str, &str)] = &[
    ("AccessDeniedException", "observed.md 2.F: another's account"),
    ("InvalidSignatureException", "observed.md 2.B: a wrong payload hash"),
    ("UnrecognizedClientException", "observed.md 2.F: a malformed account"),
];

/// Errors of operations that the model does not list. The error for a malformed document is not here, because every
/// operation that takes a document can return it (observed.md 2.D).
pub(super) const UNDECLARED: &[(Operation, &str, &str)] = &[
    (Operation::InitiateVaultLock, "AccessDeniedException", "observed.md 2.E: while InProgress or Locked"),
    (Operation::CompleteVaultLock, "AccessDeniedException", "observed.md 2.E: a wrong ID while Locked"),
    (Operation::AbortVaultLock, "AccessDeniedException", "observed.md 2.E: while Locked"),
];

/// The error code for a malformed document.
pub(super) const MALFORMED: &str = "SerializationException";

/// What the responses covered, so that a test can check that they covered everything.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(super) successes: BTreeSet<Operation>,
    /// Errors of operations with their codes, without those of the front end.
    pub(super) refusals: BTreeSet<(Operation, String)>,
    pub(super) front_end: BTreeSet<(Operation, String)>,
    /// Members of outputs that had a value.
    pub(super) with_value: BTreeSet<String>,
    /// Members of outputs that were null or missing.
    pub(super) without: BTreeSet<String>,
}

impl Seen {
    pub(super) fn add(&mut self, other: Seen) {
        self.successes.extend(other.successes);
        self.refusals.extend(other.refusals);
        self.front_end.extend(other.front_end);
        self.with_value.extend(other.with_value);
        self.without.extend(other.without);
    }
}

/// The service model.
pub(crate) struct Model(Value);

impl Model {
    /// Loads the model. Returns `None` if botocore is not installed; then the test is skipped.
    pub(crate) fn installed(test: &str) -> Option<Self> {
        if is_left_out(test, Command::new("python3").args(["-c", "import botocore"])) {
            return None;
        }
        let printed = Command::new("python3").args(["-c", PRINT]).output().unwrap();
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        Some(Model(serde_json::from_slice(&printed.stdout).unwrap()))
    }

    pub(super) fn operations(&self) -> &Map<String, Value> {
        self.0["operations"].as_object().unwrap()
    }

    pub(super) fn operation(&self, operation: Operation) -> &Value {
        &self.operations()[operation.as_str()]
    }

    pub(super) fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    pub(super) fn exceptions(&self) -> impl Iterator<Item = (&str, &Value)> {
        let shapes = self.0["shapes"].as_object().unwrap().iter();
        shapes.filter(|(_, shape)| shape["exception"] == true).map(|(name, shape)| (name.as_str(), shape))
    }

    pub(super) fn success_status(&self, operation: Operation) -> u64 {
        self.operation(operation)["http"]["responseCode"].as_u64().unwrap_or(200)
    }

    /// The members of a structure: their names and references.
    pub(super) fn members(&self, shape: &str) -> impl Iterator<Item = (&str, &Value)> {
        let members = self.shape(shape)["members"].as_object();
        members.into_iter().flatten().map(|(name, member)| (name.as_str(), member))
    }

    /// Whether the body of a request is a JSON document.
    pub(super) fn takes_document(&self, operation: Operation) -> bool {
        let Some(input) = self.operation(operation)["input"]["shape"].as_str() else { return false };
        let mut in_body = self.members(input).filter(|(_, member)| member["location"].is_null());
        in_body.any(|(_, member)| self.shape(name_of(member))["type"] != "blob")
    }

    /// Every member that some output can have, as `Shape.Member`.
    pub(super) fn output_members(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let outputs = self.operations().values().filter_map(|operation| operation["output"]["shape"].as_str());
        let mut shapes: Vec<&str> = outputs.collect();
        while let Some(shape) = shapes.pop() {
            for (name, member) in self.members(shape) {
                let path = format!("{shape}.{name}");
                if !is_among(WITHDRAWN, &path) && found.insert(path) {
                    shapes.push(name_of(member));
                }
            }
            let shape = self.shape(shape);
            shapes.extend(["member", "value"].iter().filter_map(|of| shape[of]["shape"].as_str()));
        }
        found
    }

    /// Compares the status, headers and body of a response with the model.
    ///
    /// # Panics
    ///
    /// Panics if there is a difference. The message has all differences and the response.
    #[track_caller]
    pub(crate) fn check(&self, operation: Operation, response: &RawResponse) -> Seen {
        let (seen, problems) = compare(self, operation, response);
        let text = std::str::from_utf8(&response.body).unwrap_or("(a body that is not text)");
        assert!(
            problems.is_empty(),
            "the response to {operation} with status {} differs from the service model:\n  {}\n{:?}\n{}",
            response.status,
            problems.join("\n  "),
            response.headers,
            text
        );
        seen
    }
}

/// The name of the shape that a reference refers to.
pub(super) fn name_of(reference: &Value) -> &str {
    reference["shape"].as_str().unwrap()
}

pub(super) fn is_among(table: &[(&str, &str)], name: &str) -> bool {
    table.iter().any(|(known, _)| *known == name)
}

pub(super) fn is_general(header: &str) -> bool {
    GENERAL.iter().any(|general| header.eq_ignore_ascii_case(general))
}
