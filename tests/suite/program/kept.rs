//! `--state`: what the program has answered is in the file, also after it was killed and when the disk is full.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{Program, command};
use crate::support::{bytes, tree_hash};
use glacier_mock::{Digest, GlacierMock};
use serde_json::Value;
use tempfile::TempDir;

const MIB: usize = 1024 * 1024;

/// Starts the program with a state file, and these other options.
fn start(file: &Path, others: &[&str]) -> Program {
    Program::start(&[&["--state", file.to_str().unwrap()][..], others].concat())
}

/// Sends a request and returns its status and its answer, or `None` if the program was killed before it has answered.
struct Client {
    agent: String,
}

impl Client {
    fn of(program: &Program) -> Self {
        Client { agent: program.endpoint.clone() }
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Option<(u16, Head, Vec<u8>)> {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(self.agent.strip_prefix("http://").unwrap()).ok()?;
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-amz-glacier-version: 2012-06-01\r\n\
             Content-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = Head(String::from_utf8_lossy(&answer[..end]).into_owned());
        let status = head.0.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_off(end + 4);
        let expected: usize = head.get("content-length").unwrap_or("0").parse().ok()?;
        (body.len() == expected).then_some((status, head, body))
    }

    fn upload(&self, body: &[u8], description: &str) -> Option<Result<String, u16>> {
        let (hash, plain) = (tree_hash(body), Digest::sha256(body));
        let headers = format!(
            "x-amz-sha256-tree-hash: {hash}\r\nx-amz-content-sha256: {plain}\r\n\
             x-amz-archive-description: {description}\r\n"
        );
        let (status, head, _) = self.send("POST", "/-/vaults/v/archives", &headers, body)?;
        Some(if status == 201 { Ok(head.get("x-amz-archive-id").unwrap().to_owned()) } else { Err(status) })
    }

    fn control(&self, method: &str, path: &str, body: &str) -> Option<(u16, Value)> {
        let headers = "Content-Type: application/json\r\n";
        let (status, _, body) = self.send(method, &format!("/_glacier-mock/v1{path}"), headers, body.as_bytes())?;
        Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Returns the IDs and descriptions of the archives.
    fn archives(&self) -> BTreeMap<String, String> {
        let (status, vault) = self.control("GET", "/vaults/v", "").unwrap();
        assert_eq!(status, 200);
        let archives = vault["archives"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        archives.map(|archive| (text(&archive["archive_id"]), text(&archive["description"]))).collect()
    }

    /// Retrieves an archive, with a job that ends at once.
    fn bytes_of(&self, archive: &str) -> Vec<u8> {
        let job = format!(r#"{{"Type": "archive-retrieval", "ArchiveId": "{archive}"}}"#);
        let (status, head, _) = self.send("POST", "/-/vaults/v/jobs", "", job.as_bytes()).unwrap();
        assert_eq!(status, 202);
        let path = format!("/-/vaults/v/jobs/{}/output", head.get("x-amz-job-id").unwrap());
        self.send("GET", &path, "", b"").unwrap().2
    }
}

struct Head(String);

impl Head {
    fn get(&self, name: &str) -> Option<&str> {
        let lines = self.0.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

#[test]
fn a_program_starts_again_with_its_state() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let body = bytes(3 * MIB + 5);
    for durability in ["request", "second", "exit"] {
        let _ = fs::remove_file(&file);
        let mut first = start(&file, &["--durability", durability, "--clock", "2026-01-31T12:00:00Z", "--seed", "7"]);
        let client = Client::of(&first);
        assert_eq!(client.send("PUT", "/-/vaults/v", "", b"").unwrap().0, 201);
        let id = client.upload(&body, "a scan").unwrap().unwrap();
        assert!(client.bytes_of(&id) == body);
        assert_eq!(client.control("POST", "/clock/advance", r#"{"by": "1h"}"#).unwrap().0, 200);
        assert_eq!(first.terminate(), Some(0));

        let second = start(&file, &["--clock", "2026-01-31T12:00:00Z"]);
        let client = Client::of(&second);
        assert_eq!(client.archives(), [(id.clone(), "a scan".to_owned())].into(), "{durability}");
        assert!(client.bytes_of(&id) == body, "{durability}");
        // A frozen clock continues where it was.
        let now = client.control("GET", "/clock", "").unwrap().1["now"].as_str().unwrap().to_owned();
        assert!(now.starts_with("2026-01-31T13:00:00"), "{now}");
        // A reset returns to an empty state, which is kept too.
        assert_eq!(client.control("POST", "/reset", "").unwrap().0 / 100, 2);
        drop(second);
        let third = start(&file, &[]);
        assert_eq!(Client::of(&third).control("GET", "/vaults/v", "").unwrap().0, 404);
    }
}

/// Contents of every kind whose bytes are equal to those of an upload that is deleted: the file keeps the chunk that they
/// share, over several starts.
#[test]
fn equal_bytes_of_other_contents_survive_a_deletion() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let block = "0123456789";
    {
        let program = start(&file, &[]);
        let client = Client::of(&program);
        assert_eq!(client.send("PUT", "/-/vaults/v", "", b"").unwrap().0, 201);
        let archives = "/vaults/v/archives";
        let repeat = format!(r#"{{"repeat": {{"block": "{block}", "length": 1000000}}, "description": "repeat"}}"#);
        assert_eq!(client.control("POST", archives, &repeat).unwrap().0, 201);
        let text = r#"{"text": "the same text", "description": "text"}"#;
        assert_eq!(client.control("POST", archives, text).unwrap().0, 201);
        for body in [block, "the same text"] {
            let id = client.upload(body.as_bytes(), "gone").unwrap().unwrap();
            assert_eq!(client.send("DELETE", &format!("/-/vaults/v/archives/{id}"), "", b"").unwrap().0, 204);
        }
    }
    for _ in 0..3 {
        let program = start(&file, &[]);
        let client = Client::of(&program);
        let archives = client.archives();
        assert_eq!(archives.len(), 2);
        for (id, description) in archives {
            let expected = if description == "text" { "the same text".into() } else { block.repeat(100_000) };
            assert!(client.bytes_of(&id) == expected.as_bytes(), "{description}");
        }
    }
}

/// A state that was put, and what `POST /state` writes, are in the file.
#[cfg(unix)]
#[test]
fn a_state_that_replaces_another_is_kept() {
    let folder = TempDir::new().unwrap();
    let (file, other) = (folder.path().join("state"), folder.path().join("other"));
    let source = GlacierMock::start();
    let id = source.create_vault("v").put_archive("from elsewhere", b"some bytes");
    source.save(&other);
    let saved = fs::read(&other).unwrap();
    for durability in ["request", "exit"] {
        let _ = fs::remove_file(&file);
        let mut program = start(&file, &["--durability", durability]);
        let client = Client::of(&program);
        assert_eq!(client.send("PUT", "/-/vaults/gone", "", b"").unwrap().0, 201);
        let kind = "Content-Type: application/octet-stream\r\n";
        assert_eq!(client.send("PUT", "/_glacier-mock/v1/state", kind, &saved).unwrap().0, 204);
        assert_eq!(client.control("POST", "/state", "").unwrap().0, 204);
        program.signal("KILL");
        program.child.wait().unwrap();
        let again = start(&file, &[]);
        let client = Client::of(&again);
        assert_eq!(client.archives(), [(id.to_string(), "from elsewhere".to_owned())].into(), "{durability}");
        assert_eq!(client.bytes_of(id.as_str()), b"some bytes");
        assert_eq!(client.control("GET", "/vaults/gone", "").unwrap().0, 404);
    }
    let in_memory = Program::start(&[]);
    assert_eq!(Client::of(&in_memory).control("POST", "/state", "").unwrap().0, 409);
}

#[test]
fn two_programs_cannot_keep_their_state_in_one_file() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let _first = start(&file, &[]);
    let output = command(&["--port", "0", "--state", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("cannot keep the state") && text.contains("another program has it open"), "{text}");
}

/// `--init` arranges the vaults of a new file, and a start that fails leaves no file in which they are missing.
#[test]
fn the_initial_vaults_are_arranged_once() {
    let folder = TempDir::new().unwrap();
    let (file, init) = (folder.path().join("state"), folder.path().join("init.toml"));
    let init_option = ["--init", init.to_str().unwrap()];
    fs::write(&init, "[[vaults]]\nname = \"v\"\nlock = { policy = \"no policy\" }\n").unwrap();
    let arguments = [&["--port", "0", "--state", file.to_str().unwrap()][..], &init_option].concat();
    assert_eq!(command(&arguments).output().unwrap().status.code(), Some(2));
    assert!(!file.exists());
    fs::write(&init, "[[vaults]]\nname = \"v\"\n").unwrap();
    let first = start(&file, &init_option);
    let client = Client::of(&first);
    assert!(client.archives().is_empty());
    assert_eq!(client.control("DELETE", "/vaults/v", "").unwrap().0, 204);
    drop(first);
    let second = start(&file, &init_option);
    assert_eq!(Client::of(&second).control("GET", "/vaults/v", "").unwrap().0, 404);
}

/// Closing a terminal sends SIGHUP, which must not delete a state that is kept.
#[cfg(unix)]
#[test]
fn a_signal_does_not_empty_the_file() {
    let folder = TempDir::new().unwrap();
    let mut program = start(&folder.path().join("state"), &[]);
    assert_eq!(Client::of(&program).send("PUT", "/-/vaults/v", "", b"").unwrap().0, 201);
    program.signal("HUP");
    program.line_with("SIGHUP is ignored");
    assert!(Client::of(&program).archives().is_empty());
}

#[test]
fn a_state_cannot_be_loaded_and_kept_in_another_file() {
    let output = command(&["--port", "0", "--state", "one", "--load", "other"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--load and --state cannot be used together"), "{text}");
    assert!(!Path::new("one").exists());
}

#[test]
fn a_durability_without_a_file_is_refused() {
    let output = command(&["--port", "0", "--durability", "exit"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("--durability needs --state"), "{text}");
}

#[test]
fn a_file_that_is_no_state_is_refused_and_not_changed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    fs::write(&file, "my only copy of something else").unwrap();
    let output = command(&["--port", "0", "--state", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("it is not a file that glacier-mock saved"), "{text}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "my only copy of something else");
}

/// What the client knows: answers that it received, and requests to which it received none.
#[derive(Default)]
struct Known {
    stored: BTreeMap<String, String>,
    deleted: BTreeSet<String>,
    /// The descriptions of uploads without an answer.
    uncertain: BTreeSet<String>,
    /// The archives that a request without an answer may have deleted.
    maybe_deleted: BTreeSet<String>,
}

impl Known {
    /// Compares what the program has after its start with the answers, and the bytes of some archives.
    fn compare(&mut self, client: &Client, skipped: usize, step: usize) {
        let found = client.archives();
        for (id, description) in &self.stored {
            let is_there = found.get(id) == Some(description);
            assert!(is_there || self.maybe_deleted.contains(id), "{description} was stored, and is lost");
        }
        for (id, description) in &found {
            assert!(!self.deleted.contains(id), "{description} was deleted, and is there");
            let is_known = self.stored.contains_key(id) || self.uncertain.contains(description);
            assert!(is_known, "{description} was never uploaded");
        }
        for (id, description) in found.iter().skip(skipped).step_by(step) {
            let number: usize = description.split(' ').next_back().unwrap().parse().unwrap();
            assert!(client.bytes_of(id) == body(number), "{description} has other bytes");
        }
        self.deleted.extend(self.stored.keys().filter(|id| !found.contains_key(*id)).cloned());
        self.stored = found;
        self.uncertain.clear();
        self.maybe_deleted.clear();
    }

    /// Uploads, completes an upload of two parts, or deletes. Returns whether the program has answered.
    fn act(&mut self, client: &Client, number: usize) -> bool {
        let description = format!("archive {number}");
        let answer = match number % 4 {
            0 => {
                let Some(id) = self.stored.keys().nth(number % self.stored.len().max(1)).cloned() else { return true };
                let Some((status, ..)) = client.send("DELETE", &format!("/-/vaults/v/archives/{id}"), "", b"") else {
                    self.maybe_deleted.insert(id);
                    return false;
                };
                assert_eq!(status, 204);
                self.stored.remove(&id);
                self.deleted.insert(id);
                return true;
            }
            1 => multipart(client, number, &description),
            _ => client.upload(&body(number), &description).map(Result::unwrap),
        };
        match answer {
            Some(id) => drop(self.stored.insert(id, description)),
            None => drop(self.uncertain.insert(description)),
        }
        self.uncertain.is_empty()
    }
}

fn multipart(client: &Client, number: usize, description: &str) -> Option<String> {
    let body = body(number);
    let headers = format!("x-amz-part-size: {MIB}\r\nx-amz-archive-description: {description}\r\n");
    let (status, head, _) = client.send("POST", "/-/vaults/v/multipart-uploads", &headers, b"")?;
    assert_eq!(status, 201);
    let path = format!("/-/vaults/v/multipart-uploads/{}", head.get("x-amz-multipart-upload-id").unwrap());
    for (part, bytes) in body.chunks(MIB).enumerate() {
        let (first, hash, plain) = (part * MIB, tree_hash(bytes), Digest::sha256(bytes));
        let headers = format!(
            "x-amz-sha256-tree-hash: {hash}\r\nx-amz-content-sha256: {plain}\r\n\
             Content-Range: bytes {first}-{}/*\r\n",
            first + bytes.len() - 1
        );
        assert_eq!(client.send("PUT", &path, &headers, bytes)?.0, 204);
    }
    let headers = format!("x-amz-sha256-tree-hash: {}\r\nx-amz-archive-size: {}\r\n", tree_hash(&body), body.len());
    let (status, head, _) = client.send("POST", &path, &headers, b"")?;
    assert_eq!(status, 201);
    Some(head.get("x-amz-archive-id").unwrap().to_owned())
}

/// The bytes of an archive: between a few bytes and three chunks, and different for each number.
fn body(number: usize) -> Vec<u8> {
    let mut body = bytes([7, 70_000, MIB + 3, 2 * MIB + 100][number % 4]);
    let at = body.len() / 2;
    body[..4].copy_from_slice(&(number as u32).to_le_bytes());
    body[at] ^= number as u8;
    body
}

/// The program is killed a hundred times, each time after another number of requests and in the middle of the next one.
#[cfg(unix)]
#[test]
fn a_program_that_is_killed_loses_nothing_that_it_has_answered() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let (mut known, mut number) = (Known::default(), 0);
    let mut delay = std::time::Duration::ZERO;
    for round in 0..100 {
        let mut program = start(&file, &["--log", "off"]);
        let client = Client::of(&program);
        if round == 0 {
            assert_eq!(client.send("PUT", "/-/vaults/v", "", b"").unwrap().0, 201);
        }
        known.compare(&client, round % 16, 16);
        let pid = program.child.id().to_string();
        // The moment of the kill moves through the requests; whatever it hits, the answers must be true.
        delay += std::time::Duration::from_micros(700);
        let pause = delay;
        let killer = std::thread::spawn(move || {
            std::thread::sleep(pause);
            assert!(Command::new("kill").args(["-s", "KILL", &pid]).status().unwrap().success());
        });
        loop {
            number += 1;
            if !known.act(&client, number) {
                break;
            }
        }
        killer.join().unwrap();
        program.child.wait().unwrap();
    }
    assert!(number > 100, "only {number} requests");
    known.compare(&Client::of(&start(&file, &[])), 0, 1);
}

/// Starts the program with files of at most this many blocks of 512 bytes: a write beyond fails like one to a full disk.
#[cfg(unix)]
fn with_small_files(blocks: usize, file: &Path) -> Program {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" --port 0 \"$@\"");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_glacier-mock"), "--state", file.to_str().unwrap()]);
    shell.env("GLACIER_MOCK_LOG", "requests").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Program::of(shell)
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_the_state_is_that_of_the_answers() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("state");
    let mut program = with_small_files(96 * 1024, &file);
    let client = Client::of(&program);
    assert_eq!(client.send("PUT", "/-/vaults/v", "", b"").unwrap().0, 201);
    let (mut stored, mut refused) = (BTreeMap::new(), 0);
    for number in 0..40 {
        let mut body = bytes(2 * MIB);
        body[number] ^= 1;
        body[MIB + number] ^= 1;
        match client.upload(&body, &format!("archive {number}")).unwrap() {
            Ok(id) => drop(stored.insert(id, (format!("archive {number}"), body))),
            Err(status) => {
                // The status of ServiceUnavailableException.
                assert_eq!(status, 500);
                refused += 1;
            }
        }
    }
    assert!(stored.len() > 1 && refused > 1, "{} stored, {refused} refused", stored.len());
    let expected: BTreeMap<_, _> = stored.iter().map(|(id, (text, _))| (id.clone(), text.clone())).collect();
    // The program still serves what it has, and it says why it refuses the rest.
    assert_eq!(client.archives(), expected);
    let line = program.line_with("cannot be written");
    assert!(line.contains("ERROR") && line.contains(file.to_str().unwrap()), "{line}");
    drop(program);
    let again = start(&file, &[]);
    let client = Client::of(&again);
    assert_eq!(client.archives(), expected);
    for (id, (_, body)) in &stored {
        assert!(client.bytes_of(id) == *body);
    }
    // With room again, uploads succeed.
    assert!(client.upload(b"small", "at last").unwrap().is_ok());
}
