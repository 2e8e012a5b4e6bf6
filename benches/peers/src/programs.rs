//! Compares programs that serve Glacier: this one, and other emulators. Each runs in a separate process, as its users
//! start it, so these figures include what is not in the crate, and cannot be compared with those of the other tables.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{Answer, Client, MIB, bytes, head, number, upload};
use crate::measure::{line, median, resident_of, us};

/// The first one answers with a constant.
const WHO: [&str; 5] = ["bare hyper", "glacier-mock", "fakecloud", "AWSim", "moto"];

/// A program takes up to a second to start.
const STARTS: usize = 9;

const ROUNDS: usize = 15;

const REQUESTS: usize = 40;

const UPLOADS: usize = 5;

pub(crate) fn all() {
    let who: Vec<_> = WHO.into_iter().filter(|who| command(who, 0).is_some()).collect();
    start(&who);
    small(&who);
    uploads(&who);
}

/// Returns the command that starts a program on a port, if the program is there. The variables are set by
/// `benches/compare`.
fn command(who: &str, port: u16) -> Option<Command> {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let (program, arguments) = match who {
        "bare hyper" | "floor" => {
            (std::env::current_exe().ok()?, vec!["serve-on".into(), who.into(), port.to_string()])
        }
        "glacier-mock" => {
            let arguments = ["--port", &port.to_string(), "--log", "off"].map(str::to_owned);
            (variable("PEERS_GLACIER_MOCK")?, arguments.to_vec())
        }
        "moto" => {
            let arguments = ["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()].map(str::to_owned);
            (variable("PEERS_PYTHON")?, arguments.to_vec())
        }
        who => (variable("PEERS_EMULATORS")?.join(who.to_lowercase()), vec![port.to_string()]),
    };
    if !program.exists() {
        eprintln!("left out: {who}, because there is no {}", program.display());
        return None;
    }
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    Some(command)
}

/// A program that runs until this is dropped.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    /// Starts a program, and waits until it accepts connections.
    fn start(who: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = command(who, address.port()).unwrap().spawn().unwrap();
        let mut program = Program { child, address };
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(address).is_err() {
            assert!(program.child.try_wait().unwrap().is_none(), "{who} has ended");
            assert!(Instant::now() < end, "{who} does not listen");
            std::thread::sleep(Duration::from_micros(200));
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that connects again when the server has closed the connection, as moto's does after each response.
struct Session {
    address: SocketAddr,
    client: Option<Client>,
}

impl Session {
    fn new(program: &Program) -> Self {
        Session { address: program.address, client: None }
    }

    fn send(&mut self, head: &[u8], body: &[u8]) -> Answer {
        let mut client = self.client.take().unwrap_or_else(|| Client::connect(self.address));
        let answer = client.send(head, body);
        let lower = answer.head.to_ascii_lowercase();
        if lower.starts_with("http/1.1") && !lower.contains("connection: close") {
            self.client = Some(client);
        }
        answer
    }
}

/// Runs the rows of a table: each contestant once a round. A contestant that refuses a request has no figure.
fn rows(
    bench: &str,
    case: &str,
    unit: &str,
    who: &[&'static str],
    rounds: usize,
    mut figure: impl FnMut(&str) -> Option<f64>,
) {
    let mut seen: HashMap<&str, Vec<f64>> = HashMap::new();
    for _ in 0..rounds {
        for who in who {
            if let Some(figure) = figure(who) {
                seen.entry(who).or_default().push(figure);
            }
        }
    }
    for who in who {
        if let Some(figures) = seen.remove(who) {
            line(bench, case, who, median(figures), unit);
        }
    }
}

fn start(who: &[&'static str]) {
    let mut memory: HashMap<&str, f64> = HashMap::new();
    rows("programs", "start to first answer", "ms", who, STARTS, |who| {
        let began = Instant::now();
        let program = Program::start(who);
        let answer = Session::new(&program).send(&head("GET", "/-/vaults", 0, ""), b"");
        assert_eq!(answer.status(), 200, "{who}: {}", answer.head);
        let took = us(began.elapsed()) / 1000.0;
        let who = WHO.into_iter().find(|name| *name == who).unwrap();
        memory.insert(who, resident_of(program.child.id()) / MIB as f64);
        Some(took)
    });
    rows("programs", "resident memory after it", "MiB", who, 1, |who| memory.get(who).copied());
}

/// The time of each request for a client that sends one after the other.
fn small(who: &[&'static str]) {
    let parameters = r#"{"Type":"inventory-retrieval"}"#;
    let mut initiate = head("POST", "/-/vaults/photos/jobs", parameters.len(), "");
    initiate.extend_from_slice(parameters.as_bytes());
    let body = bytes(1024);
    let mut sessions: HashMap<&str, (Program, Session)> = HashMap::new();
    for who in who {
        let program = Program::start(who);
        let mut session = Session::new(&program);
        assert!(session.send(&head("PUT", "/-/vaults/photos", 0, ""), b"").status() < 300, "{who}");
        sessions.insert(who, (program, session));
    }
    let mut archive = upload("/-/vaults/photos/archives", "POST", &body, "");
    archive.extend_from_slice(&body);
    for (name, request) in [
        ("CreateVault", head("PUT", "/-/vaults/photos", 0, "")),
        ("DescribeVault", head("GET", "/-/vaults/photos", 0, "")),
        ("ListVaults", head("GET", "/-/vaults", 0, "")),
        ("InitiateJob", initiate),
        ("UploadArchive, 1 KiB", archive),
    ] {
        rows("programs: small requests", name, "us", who, ROUNDS, |who| {
            let (_, session) = sessions.get_mut(who).unwrap();
            let began = Instant::now();
            let all_succeed = (0..REQUESTS).all(|_| session.send(&request, b"").status() < 300);
            all_succeed.then(|| us(began.elapsed()) / REQUESTS as f64)
        });
    }
}

/// MiB per second of one UploadArchive. Each round is a new process. The lower bound keeps and hashes the bytes.
fn uploads(who: &[&'static str]) {
    let who: Vec<_> = who.iter().map(|who| if *who == WHO[0] { "floor" } else { *who }).collect();
    let mut body = bytes(64 * MIB);
    for (name, size) in [("1 MiB", MIB), ("64 MiB", 64 * MIB)] {
        rows("programs: uploads", name, "MiB/s", &who, UPLOADS, |who| {
            let program = Program::start(who);
            let mut session = Session::new(&program);
            assert!(session.send(&head("PUT", "/-/vaults/v", 0, ""), b"").status() < 300, "{who}");
            number(&mut body, size);
            let request = upload("/-/vaults/v/archives", "POST", &body[..size], "");
            let began = Instant::now();
            let answer = session.send(&request, &body[..size]);
            let rate = (size / MIB) as f64 / began.elapsed().as_secs_f64();
            (answer.status() < 300).then_some(rate)
        });
    }
}
