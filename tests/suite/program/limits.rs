//! The options that limit what a program that runs for months uses.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use super::{Program, command, run, stderr_of};
use crate::support::sha256;

/// A head that is never finished.
const HALF_A_HEAD: &str = "GET /-/vaults HTTP/1.1\r\nHost: x\r\nx-amz-glacier-vers";

/// A request whose body is never finished.
const HALF_A_BODY: &str = "POST /-/vaults/v/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{";

/// Timeouts that end no connection during a test.
const NO_TIMEOUTS: [&str; 4] = ["--idle-timeout", "1h", "--stalled-upload-after", "1h"];

/// Reads until the program closes the connection.
fn rest(mut stream: &TcpStream) -> String {
    let mut rest = String::new();
    match stream.read_to_string(&mut rest) {
        Ok(_) => {}
        // The program closed the connection before it had read everything.
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("{error}"),
    }
    rest
}

fn data(method: &str, path: &str, headers: &str, body: &str) -> String {
    let hash = sha256(body.as_bytes());
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\nx-amz-content-sha256: {hash}\r\n\
         x-amz-sha256-tree-hash: {hash}\r\n{headers}\r\n{body}"
    )
}

/// The program answers before the body is sent, with the error of the service for a body that is too large
/// (observed.md 2.B).
#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let program = Program::start(&["--max-body", "1KiB"]);
    program.send("PUT", "/-/vaults/v", "");
    let refused = |sent: &str, expected: &str| {
        let mut stream = program.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        let answer = rest(&stream);
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains(expected), "{sent}\n{answer}");
    };
    let invalid = r#""InvalidParameterValueException","message":"Invalid Content-Length: 1025""#;
    let length = "Content-Length: 1025\r\n";
    refused(&data("POST", "/-/vaults/v/archives", length, ""), invalid);
    let part = format!("Content-Range: bytes 0-1024/*\r\n{length}");
    refused(&data("PUT", "/-/vaults/v/multipart-uploads/u", &part, ""), invalid);
    refused(&data("PUT", "/-/vaults/v/access-policy", length, ""), invalid);
    refused(&data("PUT", "/nowhere", length, ""), r#""code":"BadRequest""#);
    // A body without a length is refused when more has arrived. This one never ends.
    let chunk = format!("401\r\n{}", "x".repeat(1025));
    let endless = data("POST", "/-/vaults/v/archives", "Transfer-Encoding: chunked\r\n", "");
    refused(&(endless + &chunk), invalid);

    let largest =
        data("POST", "/-/vaults/v/archives", "Content-Length: 1024\r\nConnection: close\r\n", &"x".repeat(1024));
    let mut stream = program.connect();
    stream.write_all(largest.as_bytes()).unwrap();
    assert!(rest(&stream).starts_with("HTTP/1.1 201 "));
}

#[test]
fn a_connection_without_a_request_is_closed_after_a_timeout() {
    let program = Program::start(&["--idle-timeout", "2s"]);
    let [silent, mut half, mut answered] = [(); 3].map(|()| program.connect());
    half.write_all(HALF_A_HEAD.as_bytes()).unwrap();
    let request = "GET /-/vaults HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n";
    answered.write_all(request.as_bytes()).unwrap();
    assert!(rest(&answered).starts_with("HTTP/1.1 200 "));
    assert_eq!((rest(&silent), rest(&half)), (String::new(), String::new()));
}

/// Returns whether a new client gets an answer before the timeout of the connection.
fn is_served(program: &Program) -> bool {
    let mut stream = program.connect();
    let request = "GET /-/vaults/v HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).is_ok() && status == *b"HTTP/1.1 200"
}

/// Opens more connections than the program allows, keeps them open, and asserts that a new client is served.
fn assert_serves_despite(program: &Program, crowd: usize) {
    program.send("PUT", "/-/vaults/v", "");
    let open = |sent: &str| {
        let mut stream = program.connect();
        stream.write_all(sent.as_bytes()).unwrap();
        stream
    };
    for half in ["", HALF_A_HEAD, HALF_A_BODY] {
        let connections: Vec<_> = (0..crowd).map(|_| open(half)).collect();
        assert!(is_served(program), "{half:?}");
        drop(connections);
    }
}

#[test]
fn a_crowd_of_unfinished_requests_keeps_no_client_out() {
    let mut program = Program::start(&[&["--max-connections", "20"][..], &NO_TIMEOUTS].concat());
    assert_serves_despite(&program, 50);
    let line = program.line_with("20 connections are open, so the one that had waited longest");
    assert!(line.contains("WARN"), "{line}");
}

/// Starts the program with this limit of open files.
#[cfg(unix)]
fn with_open_files(limit: usize, arguments: &[&str]) -> Program {
    use std::process::{Command, Stdio};
    let mut shell = Command::new("sh");
    let script = format!("ulimit -n {limit}; exec \"$0\" --port 0 \"$@\"");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_glacier-mock")]).args(arguments);
    shell.env("GLACIER_MOCK_LOG", "requests").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Program::of(shell)
}

/// By default there are fewer connections than file descriptors.
#[cfg(unix)]
#[test]
fn a_crowd_does_not_use_up_the_file_descriptors() {
    let mut program = with_open_files(100, &NO_TIMEOUTS);
    assert_serves_despite(&program, 120);
    program.line_with("50 connections are open, so the one that had waited longest");
}

#[cfg(unix)]
#[test]
fn a_crowd_beyond_the_file_descriptors_keeps_no_client_out() {
    let mut program = with_open_files(50, &[&["--max-connections", "1000"][..], &NO_TIMEOUTS].concat());
    assert_serves_despite(&program, 80);
    program.line_with("a connection could not be accepted: ");
}

/// A connection whose client does not read its response can be closed for a new client.
#[test]
fn a_crowd_that_reads_no_responses_keeps_no_client_out() {
    const LARGE: &str = "x-amz-archive-description: large\r\nContent-Length: 33554432\r\n";
    let program = Program::start(&[&["--max-connections", "4"][..], &NO_TIMEOUTS].concat());
    program.send("PUT", "/-/vaults/v", "");
    let body = "x".repeat(32 << 20);
    let tree = crate::support::tree_hash(body.as_bytes());
    let upload = data("POST", "/-/vaults/v/archives", LARGE, &body);
    let upload = upload.replacen(&format!("tree-hash: {}", sha256(body.as_bytes())), &format!("tree-hash: {tree}"), 1);
    let mut stream = program.connect();
    stream.write_all(upload.replacen("Host: x\r\n", "Host: x\r\nConnection: close\r\n", 1).as_bytes()).unwrap();
    let stored = rest(&stream);
    let id = |answer: &str, name: &str| {
        answer.split(&format!("{name}: ")).nth(1).unwrap().split("\r\n").next().unwrap().to_owned()
    };
    let body = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{}"}}"#, id(&stored, "x-amz-archive-id"));
    let job = id(&program.send("POST", "/-/vaults/v/jobs", &body), "x-amz-job-id");
    let output =
        format!("GET /-/vaults/v/jobs/{job}/output HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n");
    let connections: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = program.connect();
            stream.write_all(output.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert!(is_served(&program));
    drop(connections);
}

#[test]
fn an_invalid_limit_exits_with_status_2_and_the_reason() {
    for (flag, value, expected) in [
        ("--keep-requests", "-1", "invalid digit"),
        ("--keep-body-bytes", "256 lots", "expected a number of bytes"),
        ("--max-body", "much", "expected a number of bytes"),
        ("--idle-timeout", "0s", "expected a duration with its unit, above zero"),
        ("--max-connections", "0", "zero"),
    ] {
        let output = run(command(&[&format!("{flag}={value}")]));
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert!(stderr_of(&output).contains(expected), "{flag}: {}", stderr_of(&output));
    }
}
