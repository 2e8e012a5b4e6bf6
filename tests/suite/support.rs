//! Helpers that several test modules share.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use aws_sdk_glacier::Client;
use aws_sdk_glacier::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_glacier::operation::RequestId;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::GlacierMock;

pub(crate) const MIB: usize = 1 << 20;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a test waits for something that must happen, however slow the machine is. Only a failing test waits this
/// long.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(60);

/// The ARN of the vault `v` in the default account and region.
pub(crate) const ARN: &str = "arn:aws:glacier:us-east-1:000000000000:vaults/v";

/// Starts a mock with a vault `v`. Returns the mock and a client of it.
pub(crate) async fn mock_with_vault() -> (GlacierMock, Client) {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    (mock, glacier)
}

/// Pseudo-random bytes, so that a test notices a piece of them in the wrong place.
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

/// Calculates a tree hash by its definition, with the SHA-256 of another crate. Returns it in hex.
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

/// Blocks until the condition holds. Panics after [`TIMEOUT`].
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < TIMEOUT, "timed out before {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Runs a closure that must panic. Returns the message of the panic.
#[track_caller]
pub(crate) fn panic_message(run: impl FnOnce()) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else { panic!("expected a panic, but there was none") };
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.expect("the panic has a message").to_owned()
}

/// A vault policy, written as in the developer guide.
pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"no-deletes","Effect":"Deny","Principal":"*","Action":"glacier:DeleteArchive","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}"#;

/// An access policy with this text.
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

/// Runs one test of this binary again in a child process, and returns the output of the process. Returns `None` in the
/// child, where the test then does what the parent examines.
pub(crate) fn child_of(test: &str) -> Option<Output> {
    const ROLE: &str = "GLACIER_MOCK_TEST_CHILD";
    if std::env::var_os(ROLE).is_some_and(|role| role == test) {
        return None;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test]).env(ROLE, test).env_remove("RUST_BACKTRACE");
    Some(child.output().unwrap())
}

/// The environment variable that gives a child process of [`this_test_again`] its role.
const ROLE: &str = "GLACIER_MOCK_TEST_ROLE";

/// Runs one test of this binary again in a child process with the given role, after `prepare` has changed the command.
pub(crate) fn this_test_again(name: &str, role: &str, prepare: impl FnOnce(&mut Command)) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]);
    prepare(&mut command);
    command.env(ROLE, role);
    command.output().unwrap()
}

/// The role of this process, if it is a child of [`this_test_again`].
pub(crate) fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// The status, code and message of an error of the service, as a user of the SDK sees them.
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
        other => panic!("expected an error of the service, but got {other:?}"),
    }
}

/// A response as it came over the wire.
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

/// Sends bytes to the mock on a new connection and reads one whole response. Allows requests that no SDK would send.
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
        assert!(
            count > 0,
            "the connection was closed before the response was complete: {}",
            String::from_utf8_lossy(&seen)
        );
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

/// Writes a request with the headers that every request needs, for [`raw`]. A header with an empty value is left out.
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
