//! The standalone program: its flags, its output, and how it exits.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

mod beside;
mod config;
mod documents;
mod initial;
mod inspect;
mod kept;
mod limits;
#[cfg(unix)]
mod log;
mod publish;
mod state;

/// A running `glacier-mock` process, which is killed on drop.
pub(crate) struct Program {
    child: Child,
    pub(crate) endpoint: String,
    stderr: Option<BufReader<std::process::ChildStderr>>,
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glacier-mock"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GLACIER_MOCK_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Program {
    /// Starts the program on a free port and waits until it prints its endpoint.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::of(command(&[arguments, &["--port", "0"]].concat()))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let stderr = child.stderr.take().map(BufReader::new);
        let endpoint = ready.trim_end().strip_prefix("glacier-mock listening on ").map(str::to_owned);
        let endpoint = endpoint.unwrap_or_else(|| panic!("expected the endpoint, but the program printed {ready:?}"));
        Program { child, endpoint, stderr }
    }

    /// Reads standard error up to the next line that contains this text, and returns that line.
    fn line_with(&mut self, text: &str) -> String {
        self.lines_up_to(text).lines().last().unwrap_or_default().to_owned() + "\n"
    }

    /// Reads standard error up to the next line that contains this text, and returns all of these lines.
    fn lines_up_to(&mut self, text: &str) -> String {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            let count = self.stderr.as_mut().unwrap().read_line(&mut line).unwrap();
            assert!(count > 0, "{text:?} is not in {seen}");
            seen += &line;
            if line.contains(text) {
                return seen;
            }
        }
    }

    /// A connection with a timeout on reads.
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.endpoint.strip_prefix("http://").unwrap()).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        stream
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    #[cfg(unix)]
    fn terminate(&mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().unwrap().code()
    }

    pub(crate) fn get(&self, path: &str) -> String {
        self.send("GET", path, "")
    }

    /// Requests a path with these headers, one of which is the host.
    fn get_of(&self, path: &str, headers: &str) -> String {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n"))
    }

    fn send(&self, method: &str, path: &str, body: &str) -> String {
        self.send_with(method, path, "", body)
    }

    fn send_with(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        self.send_to("x", method, path, headers, body)
    }

    fn send_to(&self, host: &str, method: &str, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        self.exchange(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nx-amz-glacier-version: 2012-06-01\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    fn exchange(&self, request: &str) -> String {
        use std::io::Write as _;
        let mut stream = TcpStream::connect(self.endpoint.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(mut command: Command) -> Output {
    command.output().unwrap()
}

fn stderr_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_program_prints_its_endpoint_and_a_command_to_try() {
    let mut program = Program::start(&["--region", "eu-west-1"]);
    assert!(program.endpoint.starts_with("http://127.0.0.1:"));
    let mut hint = String::new();
    program.stderr.as_mut().unwrap().read_line(&mut hint).unwrap();
    let expected = format!("aws --region eu-west-1 --endpoint-url {} glacier list-vaults", program.endpoint);
    assert!(hint.starts_with("try: ") && hint.contains(&expected), "{hint}");
    program.get("/-/vaults");
    let mut line = String::new();
    program.stderr.as_mut().unwrap().read_line(&mut line).unwrap();
    assert!(line.contains("ListVaults  -  200"), "{line}");
}

/// The service's error for an upload without that header does not name it (observed.md 2.B). The log does.
#[test]
fn the_log_names_the_header_that_an_upload_lacks() {
    let mut program = Program::start(&[]);
    let refused = program.send("POST", "/-/vaults/v/archives", "x");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let mut log = String::new();
    for _ in 0..2 {
        program.stderr.as_mut().unwrap().read_line(&mut log).unwrap();
    }
    assert!(log.contains("(the upload has no x-amz-content-sha256 header"), "{log}");
}

#[test]
fn flags_can_also_be_set_in_the_environment() {
    let by_flag = Program::start(&["--account", "111122223333", "--jobs", "4h", "--log", "off", "--host", "localhost"]);
    assert!(by_flag.get("/111122223333/vaults").starts_with("HTTP/1.1 200"));
    let mut command = command(&[]);
    command
        .env("GLACIER_MOCK_PORT", "0")
        .env("GLACIER_MOCK_ACCOUNT", "111122223333")
        .env("GLACIER_MOCK_JOBS", "instant")
        .env("GLACIER_MOCK_HOST", "127.0.0.1")
        .env("GLACIER_MOCK_LOG", "off");
    let by_environment = Program::of(command);
    assert!(by_environment.get("/111122223333/vaults").starts_with("HTTP/1.1 200"));
}

/// Creates a vault, uploads an archive and starts a retrieval. Returns the list of jobs.
fn restore(program: &Program) -> String {
    program.send("PUT", "/-/vaults/v", "");
    let hash = crate::support::sha256(b"x");
    let hashes = format!("x-amz-content-sha256: {hash}\r\nx-amz-sha256-tree-hash: {hash}\r\n");
    let stored = program.send_with("POST", "/-/vaults/v/archives", &hashes, "x");
    let archive = stored.split("x-amz-archive-id: ").nth(1).unwrap().split("\r\n").next().unwrap();
    let body = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}"}}"#);
    program.send("POST", "/-/vaults/v/jobs", &body);
    program.get("/-/vaults/v/jobs")
}

#[test]
fn flags_set_the_clock_and_the_timing_of_jobs() {
    let frozen = Program::start(&["--clock", "2026-01-31T00:00:00Z"]);
    let jobs = restore(&frozen);
    assert!(jobs.contains(r#""CompletionDate":"2026-01-31T00:00:00.000Z""#), "{jobs}");
    assert!(frozen.get("/-/vaults/v").contains(r#""NumberOfArchives":1,"#));

    let realistic = Program::start(&["--realistic", "--verify-signatures=false"]);
    assert!(restore(&realistic).contains(r#""StatusCode":"InProgress""#));
    assert!(realistic.get("/-/vaults/v").contains(r#""NumberOfArchives":0,"#));
    let refused = realistic.send("POST", "/-/vaults/v/jobs", r#"{"Type":"inventory-retrieval","ArchiveId":"a"}"#);
    assert!(refused.contains("Invalid ArchiveId: a"), "{refused}");

    // Other flags override `--realistic`.
    let mixed =
        Program::start(&["--realistic", "--jobs", "instant", "--inventory", "live", "--verify-signatures=false"]);
    assert!(restore(&mixed).contains(r#""StatusCode":"Succeeded""#));
    assert!(mixed.get("/-/vaults/v").contains(r#""NumberOfArchives":1,"#));

    for timing in ["by-tier", "by_tier", "manual"] {
        let program = Program::start(&["--jobs", timing, "--inventory", "daily"]);
        assert!(restore(&program).contains(r#""StatusCode":"InProgress""#), "{timing}");
        assert!(program.get("/-/vaults/v").contains(r#""NumberOfArchives":0,"#), "{timing}");
    }
}

#[test]
fn the_control_api_completes_the_jobs_of_manual() {
    let program = Program::start(&["--jobs", "manual", "--clock", "2026-01-31T00:00:00Z"]);
    let jobs = restore(&program);
    assert!(jobs.contains(r#""StatusCode":"InProgress""#), "{jobs}");
    let id = jobs.split(r#""JobId":""#).nth(1).unwrap().split('"').next().unwrap();
    let path = format!("/_glacier-mock/v1/jobs/{id}/complete");
    let completed = program.send_to("localhost", "POST", &path, "", "");
    assert!(completed.starts_with("HTTP/1.1 200 "), "{completed}");
    assert!(program.get("/-/vaults/v/jobs").contains(r#""StatusCode":"Succeeded""#));
}

#[cfg(unix)]
#[test]
fn a_program_that_logs_nothing_prints_only_its_endpoint() {
    let mut program = Program::start(&["--log", "off"]);
    program.get("/-/vaults");
    assert_eq!(program.terminate(), Some(0));
    let mut text = String::new();
    program.stderr.as_mut().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, "");
}

/// A program that verifies signatures prints credentials to try it with, and accepts the principals of its flags.
#[tokio::test]
async fn flags_enable_the_verification_of_signatures() {
    for flag in ["--verify-signatures", "--realistic"] {
        let anna = "AKIAANNA:a/secret:arn:aws:iam::111122223333:user/anna";
        let mut program = Program::start(&[flag, "--principal", anna]);
        let mut hint = String::new();
        program.stderr.as_mut().unwrap().read_line(&mut hint).unwrap();
        let said = |name: &str| hint.split(&format!("{name}=")).nth(1).unwrap().split(' ').next().unwrap().to_owned();
        assert!(program.get("/-/vaults").contains("MissingAuthenticationTokenException"));
        let client = |key: &str, secret: &str| {
            let credentials = aws_sdk_glacier::config::Credentials::new(key, secret, None, None, "test");
            let config = glacier_mock::GlacierMock::start().glacier_config();
            let config = config.endpoint_url(&program.endpoint).credentials_provider(credentials);
            aws_sdk_glacier::Client::from_conf(config.build())
        };
        client(&said("AWS_ACCESS_KEY_ID"), &said("AWS_SECRET_ACCESS_KEY")).list_vaults().send().await.unwrap();
        let created = client("AKIAANNA", "a/secret").create_vault().vault_name("v").send().await.unwrap();
        assert_eq!(created.location(), Some("/111122223333/vaults/v"));
        client("any", "any").list_vaults().send().await.unwrap_err();
    }
}

#[test]
fn an_invalid_value_exits_with_status_2_and_the_reason() {
    let cases = [
        ("--port", "99999", "99999"),
        ("--host", "nowhere", "expected an IP address"),
        ("--jobs", "soon", "expected `instant`, `by-tier`, `manual` or a duration"),
        ("--inventory", "weekly", "expected `live` or `daily`"),
        ("--clock", "noon", "expected `wall` or a timestamp"),
        ("--account", "42", "exactly 12 digits"),
        ("--principal", "anna", "expected an access key, its secret and the ARN"),
        ("--log", "loud", "expected `off`, `requests` or `debug`"),
        ("--stalled-upload-after", "soon", "expected a duration with its unit"),
        ("--colour", "red", "--colour"),
        ("--realm", "eu", "a similar argument exists: '--realistic'"),
        ("--realistic", "true", "follows `=`, for example `--realistic=true`"),
        ("--control-api", "off", "follows `=`, for example `--realistic=off`"),
    ];
    for (flag, value, expected) in cases {
        let output = run(command(&[flag, value]));
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert!(stderr_of(&output).contains(expected), "{flag}: {}", stderr_of(&output));
        assert!(output.stdout.is_empty());
    }
    let mut by_environment = command(&[]);
    by_environment.env("GLACIER_MOCK_JOBS", "soon");
    assert_eq!(run(by_environment).status.code(), Some(2));
}

#[test]
fn a_port_in_use_exits_with_status_1_and_advice() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = run(command(&["--port", &port]));
    assert_eq!(output.status.code(), Some(1));
    let text = stderr_of(&output);
    assert!(text.contains(&format!("cannot listen on 127.0.0.1:{port}")) && text.contains("--port 0"), "{text}");
    assert!(output.stdout.is_empty());
}

#[cfg(unix)]
#[test]
fn the_program_exits_cleanly_on_signals() {
    for signal in ["INT", "TERM"].into_iter().cycle().take(20) {
        let mut program = Program::start(&[]);
        let pid = program.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert_eq!(program.child.wait().unwrap().code(), Some(0), "SIG{signal}");
    }
}

/// In a Rust test it would be one: the test fails when the mock is dropped.
#[cfg(unix)]
#[test]
fn a_fault_that_never_applied_is_not_an_error_of_the_program() {
    let mut program = Program::start(&[]);
    let fault = r#"{"effect": "resets"}"#;
    let headers = "Content-Type: application/json\r\n";
    // The guard of the control API accepts the host of a loopback address only.
    let set = program.send_to("localhost", "POST", "/_glacier-mock/v1/faults", headers, fault);
    assert!(set.starts_with("HTTP/1.1 201 "), "{set}");
    assert_eq!(program.terminate(), Some(0));
}

/// Configuration files of containers and CI often cannot leave a variable out.
#[test]
fn an_empty_environment_variable_counts_as_missing() {
    let mut command = command(&["--port", "0"]);
    for variable in [
        "HOST",
        "JOBS",
        "INVENTORY",
        "CLOCK",
        "REALISTIC",
        "VERIFY_SIGNATURES",
        "PRINCIPAL",
        "ACCOUNT",
        "LOG",
        "STALLED_UPLOAD_AFTER",
    ] {
        command.env(format!("GLACIER_MOCK_{variable}"), if variable == "JOBS" { " " } else { "" });
    }
    let mut program = Program::of(command);
    assert!(program.get("/000000000000/vaults").starts_with("HTTP/1.1 200"));
    program.line_with("ListVaults  -  200");
}

/// In a configuration file a value may span several indented lines.
#[test]
fn principals_in_the_environment_are_separated_by_white_space() {
    let mut command = command(&["--port", "0"]);
    let (anna, bob) =
        ("AKIAANNA:s:arn:aws:iam::111122223333:user/anna", "AKIABOB:s:arn:aws:iam::444455556666:user/bob");
    command.env("GLACIER_MOCK_PRINCIPAL", format!("\n  {anna}\n  {bob}\n"));
    let program = Program::of(command);
    for (key, account) in [("AKIAANNA", "111122223333"), ("AKIABOB", "444455556666")] {
        let signed =
            format!("Authorization: AWS4-HMAC-SHA256 Credential={key}/20260131/us-east-1/glacier/aws4_request\r\n");
        let created = program.send_with("PUT", "/-/vaults/v", &signed, "");
        assert!(created.contains(&format!("location: /{account}/vaults/v")), "{created}");
    }
}

#[cfg(unix)]
#[test]
fn boolean_environment_variables_accept_words_and_digits() {
    for (value, is_on) in [("1", true), ("true", true), ("yes", true), ("0", false), ("false", false), ("no", false)] {
        for variable in ["GLACIER_MOCK_REALISTIC", "GLACIER_MOCK_VERIFY_SIGNATURES"] {
            let mut command = command(&["--port", "0"]);
            command.env(variable, value);
            let refuses = Program::of(command).get("/-/vaults").contains("MissingAuthenticationTokenException");
            assert_eq!(refuses, is_on, "{variable}={value}");
        }
    }
    for (value, is_on) in
        [("1", true), ("true", true), ("requests", true), ("debug", true), ("0", false), ("off", false)]
    {
        let mut command = command(&["--port", "0"]);
        command.env("GLACIER_MOCK_LOG", value);
        let mut program = Program::of(command);
        program.get("/-/vaults");
        // On SIGTERM the program writes the queued lines of the log before it exits.
        assert_eq!(program.terminate(), Some(0));
        let mut log = String::new();
        program.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(log.contains("ListVaults"), is_on, "{value}: {log}");
    }
}

#[test]
fn a_flag_sets_the_timeout_for_stalled_uploads() {
    let program = Program::start(&["--stalled-upload-after", "50ms"]);
    let mut stream = program.connect();
    use std::io::Write as _;
    stream.write_all(b"POST /-/vaults/v/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("RequestTimeoutException"), "{answer}");
}
