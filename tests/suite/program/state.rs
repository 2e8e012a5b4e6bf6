//! A program that exports and imports its state, and one that starts with a saved one.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use glacier_mock::{Clock, GlacierMock, JobTiming};

use super::{Program, command, run, stderr_of};

const PATH: &str = "/_glacier-mock/v1/state";

/// Starts a program whose temporary files are in this folder.
fn start(folder: &Path) -> Program {
    let mut command = command(&["--port", "0", "--log", "off"]);
    command.env("TMPDIR", folder).env("TEMP", folder).env("TMP", folder);
    Program::of(command)
}

fn temporary_files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Waits until the folder has no files: the program removes them after the client has received the answer.
fn until_empty(folder: &Path) {
    let started = Instant::now();
    while !temporary_files(folder).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(60), "{:?}", temporary_files(folder));
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends the head of a request and its body, and returns the connection.
fn send(program: &Program, method: &str, length: usize, body: &[u8]) -> std::net::TcpStream {
    let mut stream = program.connect();
    write!(
        stream,
        "{method} {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n"
    )
    .unwrap();
    stream.write_all(body).unwrap();
    stream
}

fn answer(mut stream: std::net::TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

#[test]
fn an_export_and_an_import_leave_no_temporary_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let program = start(folder.path());
    program.send("PUT", "/-/vaults/photos", "");
    // Together more than the buffers of the connection take.
    let octets = "Content-Type: application/octet-stream\r\n";
    for n in 0..8 {
        let letter = |at: u32| char::from(b'a' + ((at + n * 7919).wrapping_mul(2_654_435_761) >> 28) as u8);
        let body: String = (0..3 << 20).map(letter).collect();
        let stored = program.send_to("localhost", "POST", "/_glacier-mock/v1/vaults/photos/archives", octets, &body);
        assert!(stored.starts_with("HTTP/1.1 201"), "{stored}");
    }

    let exported = answer(send(&program, "GET", 0, b""));
    let at = exported.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let file = &exported[at..];
    assert!(file.len() > 24 << 20 && file.starts_with(b"glacier-mock state\n"), "{}", file.len());
    until_empty(folder.path());

    assert!(answer(send(&program, "PUT", file.len(), file)).starts_with(b"HTTP/1.1 204 "));
    until_empty(folder.path());
    assert!(answer(send(&program, "PUT", 5, b"wrong")).starts_with(b"HTTP/1.1 400 "));
    until_empty(folder.path());

    // A client that leaves while it receives the file, and one that leaves while it sends it.
    let mut client = send(&program, "GET", 0, b"");
    client.read_exact(&mut [0; 1000]).unwrap();
    assert_eq!(temporary_files(folder.path()).len(), 1);
    drop(client);
    until_empty(folder.path());
    let client = send(&program, "PUT", file.len(), &file[..1 << 20]);
    let started = Instant::now();
    while temporary_files(folder.path()).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(client);
    until_empty(folder.path());
    assert!(program.get("/-/vaults/photos").contains(r#""NumberOfArchives":8,"#));
}

/// Writes a file with a vault in account 111122223333, whose jobs stay in progress.
fn golden(folder: &Path) -> String {
    let clock = Clock::frozen("2026-01-31T12:00:00Z");
    let mock = GlacierMock::builder().clock(clock).account("111122223333").region("eu-west-1");
    let mock = mock.jobs(JobTiming::manual()).seed(7).start();
    mock.create_vault("photos").put_archive("cat.jpg", b"a cat");
    let path = folder.join("golden.glacier");
    mock.save(&path);
    path.to_str().unwrap().to_owned()
}

/// Starts an inventory job, and returns the answer to DescribeJob.
fn job(program: &Program) -> String {
    let started = program.send("POST", "/-/vaults/photos/jobs", r#"{"Type":"inventory-retrieval"}"#);
    let job = started.lines().find_map(|line| line.strip_prefix("x-amz-job-id: ")).unwrap();
    program.get(&format!("/-/vaults/photos/jobs/{job}"))
}

#[test]
fn the_program_starts_with_a_saved_state_and_never_changes_it() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = golden(folder.path());
    let before = std::fs::read(&file).unwrap();
    let mut program = Program::start(&["--load", &file]);
    assert!(program.line_with("try: ").contains("--region eu-west-1"));
    let described = job(&program);
    assert!(described.contains(r#""StatusCode":"InProgress""#), "{described}");
    // The clock is frozen, as it was in the test.
    assert!(described.contains(r#""CreationDate":"2026-01-31T12:00:00.000Z""#), "{described}");
    assert!(described.contains("arn:aws:glacier:eu-west-1:111122223333:vaults/photos"), "{described}");
    // The same requests receive the same IDs again after a reset.
    program.send("PUT", "/-/vaults/other", "");
    assert!(program.send_to("localhost", "POST", "/_glacier-mock/v1/reset", "", "").starts_with("HTTP/1.1 204"));
    assert!(program.get("/-/vaults/other").starts_with("HTTP/1.1 404"));
    assert_eq!(job(&program).split_once("\r\n\r\n").unwrap().1, described.split_once("\r\n\r\n").unwrap().1);
    drop(program);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn options_override_a_loaded_state() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = golden(folder.path());
    let init = super::config::Written::new("init.toml", "[[vaults]]\nname = \"more\"\n");
    let arguments = ["--load", &file, "--jobs", "instant", "--clock", "2026-03-01T00:00:00Z", "--init", init.name()];
    let program = Program::start(&arguments);
    for _ in 0..2 {
        let described = job(&program);
        assert!(described.contains(r#""StatusCode":"Succeeded""#), "{described}");
        assert!(described.contains(r#""CreationDate":"2026-03-01T00:00:00.000Z""#), "{described}");
        assert!(program.get("/-/vaults/more").starts_with("HTTP/1.1 200"));
        program.send_to("localhost", "POST", "/_glacier-mock/v1/reset", "", "");
    }
}

#[test]
fn a_state_that_cannot_be_loaded_exits_with_status_2() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = golden(folder.path());
    let fails = |arguments: &[&str], reason: &str| {
        let output = run(command(&[&["--port", "0"], arguments].concat()));
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let expected = format!("glacier-mock: cannot load the state of a mock from {}: {reason}", arguments[1]);
        assert!(stderr_of(&output).starts_with(&expected), "{}, not {expected}", stderr_of(&output));
    };
    fails(&["--load", &file, "--clock", "2020-01-01T00:00:00Z"], "the clock is frozen at 2020-01-01T00:00:00.000Z, ");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() - 1]).unwrap();
    fails(&["--load", &file], "it is damaged: ");
    fails(&["--load", "/nowhere/state"], "");
}
