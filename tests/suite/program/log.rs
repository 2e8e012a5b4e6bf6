//! The log that the program writes to standard error. It delays neither requests nor the exit.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{Program, command};

/// This happens with `glacier-mock 2>&1 | head -1`.
#[test]
fn a_log_whose_reader_is_gone_breaks_no_request() {
    let mut program = Program::start(&["--log", "debug"]);
    drop(program.stderr.take());
    for _ in 0..50 {
        assert!(program.get("/-/vaults").starts_with("HTTP/1.1 200"));
    }
    assert_eq!(program.terminate(), Some(0));

    let mut taken = command(&["--port", program.endpoint.rsplit(':').next().unwrap()]);
    let listener = TcpListener::bind(program.endpoint.strip_prefix("http://").unwrap()).unwrap();
    let mut taken = taken.spawn().unwrap();
    drop(taken.stderr.take());
    assert_eq!(taken.wait().unwrap().code(), Some(1));
    drop(listener);
}

/// A pipe holds 64 KiB. The lines of these requests take five times as much.
#[test]
fn a_log_that_is_not_read_delays_no_request() {
    let mut program = Program::start(&[]);
    let mut stream = BufReader::new(program.connect());
    for n in 0..5000 {
        let request = "GET /-/vaults HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n";
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert!(stream.read_until(b'}', &mut answer).unwrap() > 0, "request {n}");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
    assert_eq!(program.terminate(), Some(0));
}

#[test]
fn the_log_is_complete_when_the_program_exits() {
    let mut program = Program::start(&[]);
    for n in 0..20 {
        program.send("PUT", &format!("/-/vaults/v{n}"), "");
    }
    assert_eq!(program.terminate(), Some(0));
    let mut log = String::new();
    program.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(log.matches("CreateVault  v").count(), 20, "{log}");
}

/// Invalid HTTP never becomes a request on record, so only the log shows it.
#[test]
fn invalid_http_is_logged() {
    let mut program = Program::start(&[]);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000));
    let headers = format!("GET / HTTP/1.1\r\n{}\r\n", "x-a: 1\r\n".repeat(200));
    for bytes in [
        &b"not a request\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        long.as_bytes(),
        headers.as_bytes(),
    ] {
        let mut stream = program.connect();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // The program logs the request before it closes the connection.
        stream.read_to_end(&mut Vec::new()).unwrap();
    }
    assert_eq!(program.terminate(), Some(0));
    let mut log = String::new();
    program.stderr.as_mut().unwrap().read_to_string(&mut log).unwrap();
    let refused = "WARN not a valid HTTP/1.1 request, refused before it reached the service: ";
    assert_eq!(log.matches(refused).count(), 4, "{log}");
}

#[test]
fn a_name_with_control_characters_stays_on_its_line() {
    let mut program = Program::start(&[]);
    program.get("/-/vaults/a%0A2026-11-25T00:00:00Z%20INFO%20ListVaults%1B%5B2J%07%C2%9B");
    let line = program.line_with("DescribeVault");
    assert!(line.contains(r"a\n2026-11-25T00:00:00Z INFO ListVaults\u{1b}[2J\u{7}\u{9b}  404"), "{line}");
    // The error message quotes the whole name, on the same line.
    let mut program = Program::start(&[]);
    program.get("/-/vaults/a%0Ab%D8%9C%E2%80%8Bc");
    let line = program.line_with("DescribeVault");
    let (line, _) = line.rsplit_once(" account=").unwrap();
    assert!(line.ends_with("Vault not found for ARN: a\\nb\\u{61c}\\u{200b}c"), "{line}");
}

/// Without free file descriptors, accepting fails a hundred times a second. The log has one line each second about it.
#[test]
fn failures_to_accept_are_logged_once_a_second() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -n 40; exec \"$0\" --port 0 --max-connections 1000", env!("CARGO_BIN_EXE_glacier-mock")]);
    shell.env("GLACIER_MOCK_LOG", "requests").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = Program::of(shell);
    let connections: Vec<_> = (0..100).map(|_| program.connect()).collect();
    program.line_with("a connection could not be accepted: ");
    // The next line counts all attempts of the second before it.
    let second = program.line_with("a connection could not be accepted: ");
    assert!(second.contains("more attempts failed before)"), "{second}");
    drop(connections);
    assert!(program.get("/-/vaults").starts_with("HTTP/1.1 200"));
}

/// The hint about jobs that need real time is for tests. Users of the program chose that time with `--jobs`.
#[test]
fn the_program_gives_no_advice_about_tests() {
    let mut program = Program::start(&["--jobs", "4h"]);
    program.send("PUT", "/-/vaults/v", "");
    let started = program.send("POST", "/-/vaults/v/jobs", r#"{"Type":"inventory-retrieval"}"#);
    let job = started.lines().find_map(|line| line.strip_prefix("x-amz-job-id: ")).unwrap();
    assert!(program.get(&format!("/-/vaults/v/jobs/{job}")).contains("InProgress"));
    let mut stderr = program.stderr.take().unwrap();
    assert_eq!(program.terminate(), Some(0));
    let mut log = String::new();
    stderr.read_to_string(&mut log).unwrap();
    assert!(log.contains("DescribeJob  v  200") && !log.contains("real time"), "{log}");
}

#[test]
fn a_line_has_the_account_and_the_region_of_its_request() {
    let mut program = Program::start(&["--region", "ap-south-1"]);
    program.get("/-/vaults");
    let line = program.line_with("ListVaults");
    assert!(line.ends_with("ListVaults  -  200 account=000000000000 region=ap-south-1\n"), "{line}");
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=444455556666/20260131/eu-west-1/glacier/aws4_request\r\n";
    program.send_with("GET", "/-/vaults", signed, "");
    let line = program.line_with("ListVaults");
    assert!(line.ends_with("ListVaults  -  200 account=444455556666 region=eu-west-1\n"), "{line}");
    // A region that is not valid is refused, and stays on its line.
    let signed =
        "Authorization: AWS4-HMAC-SHA256 Credential=444455556666/20260131/\u{202e}e\tu/glacier/aws4_request\r\n";
    program.send_with("GET", "/-/vaults", signed, "");
    let line = program.line_with("ListVaults");
    assert!(line.ends_with(" account=444455556666 region=\\u{202e}e\\tu\n"), "{line}");
}

#[test]
fn a_line_has_the_status_of_the_job_that_it_describes() {
    let mut program = Program::start(&["--jobs", "4h"]);
    program.send("PUT", "/-/vaults/v", "");
    let started = program.send("POST", "/-/vaults/v/jobs", r#"{"Type":"inventory-retrieval"}"#);
    let job = started.lines().find_map(|line| line.strip_prefix("x-amz-job-id: ")).unwrap();
    program.get(&format!("/-/vaults/v/jobs/{job}"));
    let line = program.line_with("DescribeJob");
    assert!(line.contains("DescribeJob  v  200  InProgress account=000000000000 "), "{line}");
}

#[test]
fn the_level_debug_adds_the_request_id_and_the_user_agent() {
    let mut program = Program::start(&["--log", "debug"]);
    let answer = program.send_with("GET", "/-/vaults", "User-Agent: aws-cli/2.0 \"quoted\"\r\n", "");
    let id = answer.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).unwrap();
    let line = program.line_with("ListVaults");
    let expected = format!(" request_id={id} user_agent=\"aws-cli/2.0 \\\"quoted\\\"\"\n");
    assert!(line.ends_with(&expected), "{line}, not {expected}");
}
