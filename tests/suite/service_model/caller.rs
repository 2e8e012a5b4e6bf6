//! Requests with the methods and paths of the model, and the expected responses.

use glacier_mock::{GlacierMock, JobTiming, Operation};
use serde_json::{Value, json};

use crate::support::{MIB, POLICY, RawResponse, raw, request, sha256, tree_hash};

use super::model::{Model, Seen};

/// The body of an archive or a part, where its contents do not matter.
const BYTES: &[u8] = b"bytes";

/// A mock, and what its responses covered of the model.
pub(super) struct Caller<'a> {
    pub(super) mock: GlacierMock,
    model: &'a Model,
    pub(super) seen: Seen,
}

impl<'a> Caller<'a> {
    /// Starts a mock with a vault `v`, on which only the test ends jobs.
    pub(super) fn new(model: &'a Model) -> Self {
        let mut caller = Caller::of(model, GlacierMock::builder().jobs(JobTiming::manual()).start());
        caller.call(Operation::CreateVault).gives(201);
        caller
    }

    pub(super) fn of(model: &'a Model, mock: GlacierMock) -> Self {
        Caller { mock, model, seen: Seen::default() }
    }

    /// A valid call of an operation on the vault `v`, which the caller can change.
    pub(super) fn call(&mut self, operation: Operation) -> Call<'_, 'a> {
        let call = Call {
            caller: self,
            operation,
            account: "-".into(),
            vault: "v".into(),
            id: "none".into(),
            query: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let events = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"];
        match operation {
            Operation::UploadArchive => call.data(BYTES),
            Operation::InitiateMultipartUpload => call.header("x-amz-part-size", &MIB.to_string()),
            Operation::UploadMultipartPart => call.header("Content-Range", "bytes 0-4/*").data(BYTES),
            Operation::CompleteMultipartUpload => {
                call.header("x-amz-archive-size", "5").header("x-amz-sha256-tree-hash", &tree_hash(BYTES))
            }
            Operation::InitiateJob => call.json(json!({ "Type": "inventory-retrieval" })),
            Operation::AddTagsToVault => call.json(json!({ "Tags": { "team": "photos" } })),
            Operation::RemoveTagsFromVault => call.json(json!({ "TagKeys": ["team"] })),
            Operation::SetVaultNotifications => {
                call.json(json!({ "SNSTopic": "arn:aws:sns:us-east-1:111122223333:done", "Events": events }))
            }
            Operation::SetVaultAccessPolicy | Operation::InitiateVaultLock => call.json(json!({ "Policy": POLICY })),
            Operation::SetDataRetrievalPolicy => {
                call.json(json!({ "Policy": { "Rules": [{ "Strategy": "FreeTier" }] } }))
            }
            _ => call,
        }
    }
}

/// A request that is not sent yet.
pub(super) struct Call<'c, 'a> {
    caller: &'c mut Caller<'a>,
    operation: Operation,
    account: String,
    vault: String,
    id: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call<'_, '_> {
    pub(super) fn account(mut self, account: &str) -> Self {
        self.account = account.into();
        self
    }

    pub(super) fn vault(mut self, vault: &str) -> Self {
        self.vault = vault.into();
        self
    }

    /// The ID of the archive, upload, job or lock in the path.
    pub(super) fn id(mut self, id: &str) -> Self {
        self.id = id.into();
        self
    }

    pub(super) fn query(mut self, query: &str) -> Self {
        self.query = query.into();
        self
    }

    /// Sets or replaces a header. An empty value removes it.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body and both headers with its hashes.
    pub(super) fn data(mut self, bytes: &[u8]) -> Self {
        self.body = bytes.to_vec();
        let tree = if bytes.is_empty() { sha256(bytes) } else { tree_hash(bytes) };
        self.header("x-amz-content-sha256", &sha256(bytes)).header("x-amz-sha256-tree-hash", &tree)
    }

    pub(super) fn json(self, document: Value) -> Self {
        self.body(&document.to_string())
    }

    pub(super) fn body(mut self, text: &str) -> Self {
        self.body = text.into();
        self
    }

    /// Sends the request and compares the response with the model.
    #[track_caller]
    fn send(self) -> RawResponse {
        let Caller { mock, model, seen } = self.caller;
        let http = &model.operation(self.operation)["http"];
        let [method, uri] = ["method", "requestUri"].map(|key| http[key].as_str().unwrap());
        let mut uri = uri.replace("{accountId}", &self.account).replace("{vaultName}", &self.vault);
        for id in ["{archiveId}", "{uploadId}", "{jobId}", "{lockId}"] {
            uri = uri.replace(id, &self.id);
        }
        if !self.query.is_empty() {
            uri = format!("{uri}?{}", self.query);
        }
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let response = raw(mock, &request(method, &uri, &headers, &self.body));
        assert_eq!(mock.requests().last().unwrap().operation(), Some(self.operation), "{method} {uri}");
        seen.add(model.check(self.operation, &response));
        response
    }

    /// Sends the request, which must succeed with this status.
    #[track_caller]
    pub(super) fn gives(self, status: u16) -> RawResponse {
        assert!(status < 300);
        let operation = self.operation;
        let response = self.send();
        assert_eq!(response.status, status, "{operation}: {}", String::from_utf8_lossy(&response.body));
        response
    }

    /// Sends the request, which must succeed, and returns a header of the response.
    #[track_caller]
    pub(super) fn gives_header(self, status: u16, header: &str) -> String {
        self.gives(status).header(header).unwrap().to_owned()
    }

    /// Sends the request, which must succeed with 200, and returns the JSON document of the response.
    #[track_caller]
    pub(super) fn gives_json(self) -> Value {
        serde_json::from_slice(&self.gives(200).body).unwrap()
    }

    /// Sends the request, which must fail with this status and code. Returns the message.
    #[track_caller]
    pub(super) fn refused(self, status: u16, code: &str) -> String {
        let operation = self.operation;
        let response = self.send();
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        assert_eq!((response.status, body["code"].as_str()), (status, Some(code)), "{operation}: {body}");
        body["message"].as_str().unwrap().to_owned()
    }
}
