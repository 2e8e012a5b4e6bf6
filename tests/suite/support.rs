//! What the tests have in common.

use std::io::{Read, Write};
use std::net::TcpStream;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_glacier::operation::RequestId;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::GlacierMock;

pub(crate) const MIB: usize = 1 << 20;

/// A mock with a vault `v`, and its client.
pub(crate) async fn mock_with_vault() -> (GlacierMock, Client) {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    (mock, glacier)
}

/// Bytes that differ everywhere, so that a piece in the wrong place cannot go unseen.
pub(crate) fn bytes(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend(state.to_le_bytes());
    }
    out.truncate(len);
    out
}

/// The tree hash by its definition and with another crate's SHA-256, as hex.
pub(crate) fn tree_hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let mut level: Vec<Vec<u8>> = bytes.chunks(MIB).map(|chunk| Sha256::digest(chunk).to_vec()).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| if pair.len() == 2 { Sha256::digest(pair.concat()).to_vec() } else { pair[0].clone() })
            .collect();
    }
    hex(&level[0])
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for what must happen, whatever the speed of the machine.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let started = std::time::Instant::now();
    while !condition() {
        assert!(started.elapsed() < std::time::Duration::from_secs(60), "timed out before {what}");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// A policy as the developer guide has it.
pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"no-deletes","Effect":"Deny","Principal":"*","Action":"glacier:DeleteArchive","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}"#;

/// An access policy.
pub(crate) fn policy(text: &str) -> aws_sdk_glacier::types::VaultAccessPolicy {
    aws_sdk_glacier::types::VaultAccessPolicy::builder().policy(text).build()
}

pub(crate) async fn upload(glacier: &Client, vault: &str, bytes: &[u8]) -> String {
    let body = ByteStream::from(bytes.to_vec());
    let stored = glacier.upload_archive().vault_name(vault).body(body).send().await.unwrap();
    stored.archive_id().unwrap().to_owned()
}

/// The parameters of an archive retrieval.
pub(crate) fn retrieval(archive: &str) -> aws_sdk_glacier::types::builders::JobParametersBuilder {
    JobParameters::builder().r#type("archive-retrieval").archive_id(archive)
}

/// The parameters of an inventory retrieval.
pub(crate) fn inventory() -> aws_sdk_glacier::types::builders::JobParametersBuilder {
    JobParameters::builder().r#type("inventory-retrieval")
}

pub(crate) async fn initiate(
    glacier: &Client,
    vault: &str,
    parameters: aws_sdk_glacier::types::builders::JobParametersBuilder,
) -> String {
    let job = glacier.initiate_job().vault_name(vault).job_parameters(parameters.build()).send().await.unwrap();
    job.job_id().unwrap().to_owned()
}

pub(crate) async fn output(glacier: &Client, vault: &str, job: &str) -> Vec<u8> {
    let output = glacier.get_job_output().vault_name(vault).job_id(job).send().await.unwrap();
    output.body.collect().await.unwrap().to_vec()
}

/// Runs one test of this binary in a separate child process and returns what it left. `None` in that child, which is
/// to do what the child is for.
pub(crate) fn child_of(test: &str) -> Option<std::process::Output> {
    const ROLE: &str = "GLACIER_MOCK_TEST_CHILD";
    if std::env::var_os(ROLE).is_some_and(|role| role == test) {
        return None;
    }
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env(ROLE, test).env_remove("RUST_BACKTRACE");
    Some(child.output().unwrap())
}

/// What an error of the service looks like to a user of the SDK: status, code and message.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug, E>(result: Result<T, SdkError<E>>) -> (u16, String, String)
where
    E: ProvideErrorMetadata + std::fmt::Debug,
{
    match result {
        Err(SdkError::ServiceError(error)) => {
            let status = error.raw().status().as_u16();
            assert!(error.err().meta().request_id().is_some(), "no request ID: {error:?}");
            let meta = error.err().meta();
            (status, meta.code().unwrap_or_default().to_owned(), meta.message().unwrap_or_default().to_owned())
        }
        other => panic!("expected the service to refuse, got {other:?}"),
    }
}

/// An answer as it was on the wire.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// Sends bytes to the mock on a connection of their own and reads the answer to its end. For what no SDK would send.
pub(crate) fn raw(mock: &GlacierMock, request: &[u8]) -> RawResponse {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(request).unwrap();
    let is_head = request.starts_with(b"HEAD");
    let mut seen = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(response) = parse(&seen, is_head) {
            return response;
        }
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the connection was closed before the answer was whole: {}", String::from_utf8_lossy(&seen));
        seen.extend(&buffer[..count]);
    }
}

fn parse(seen: &[u8], is_head: bool) -> Option<RawResponse> {
    let end = seen.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&seen[..end]).unwrap();
    let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let headers: Vec<(String, String)> = rest
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let mut response =
        RawResponse { status: first.split(' ').nth(1)?.parse().ok()?, headers, body: seen[end + 4..].to_vec() };
    let length = response.header("content-length").map_or(0, |length| length.parse().unwrap());
    (is_head || response.body.len() >= length).then(|| {
        response.body.truncate(length);
        response
    })
}

/// A request with the headers that every request needs, for [`raw`].
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("{method} {path} HTTP/1.1\r\nHost: glacier\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-glacier-version")) {
        out += "x-amz-glacier-version: 2012-06-01\r\n";
    }
    for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
        out += &format!("{name}: {value}\r\n");
    }
    out += "\r\n";
    let mut out = out.into_bytes();
    out.extend(body);
    out
}
