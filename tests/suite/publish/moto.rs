//! A worker that waits on a queue for its restore, with moto's server for SNS and SQS.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, JobTiming};

use crate::tools::is_left_out;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// A process with moto's server. It ends when its standard input is closed.
struct Moto {
    child: Child,
    endpoint: String,
}

impl Moto {
    fn start() -> Self {
        let mut command = Command::new("python3");
        command.arg(script("moto_server.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut endpoint = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut endpoint).unwrap();
        assert!(endpoint.starts_with("http://"), "moto printed {endpoint:?}");
        Moto { child, endpoint: endpoint.trim_end().to_owned() }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_missing(test: &str) -> bool {
    is_left_out(test, Command::new("python3").args(["-c", "import boto3, moto.server"]))
}

/// Runs the worker, which waits for its jobs only on the queue.
#[track_caller]
fn assert_restores(glacier: &str, moto: &Moto) {
    let mut worker = Command::new("python3");
    let output = worker.arg(script("restore_worker.py")).args([glacier, &moto.endpoint]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the worker failed:\n{out}\n{err}");
    assert_eq!(out.lines().filter(|line| line.starts_with("ok  ")).count(), 2, "{out}");
}

/// The jobs end by the wall clock, while no request reads them.
#[test]
fn a_worker_that_waits_on_a_queue_restores_from_the_fixture() {
    if is_missing("moto with the fixture") {
        return;
    }
    let moto = Moto::start();
    let jobs = JobTiming::after(Duration::from_millis(200));
    let mock = GlacierMock::builder().clock(Clock::wall()).jobs(jobs).publish_to(&moto.endpoint).start();
    assert_restores(&mock.endpoint(), &moto);
    assert_eq!(mock.notifications().len(), 2);
}

#[cfg(feature = "standalone")]
#[test]
fn a_worker_that_waits_on_a_queue_restores_from_the_program() {
    use crate::program::Program;

    if is_missing("moto with the program") {
        return;
    }
    let moto = Moto::start();
    let program = Program::start(&["--jobs", "200ms", "--sns-endpoint", &moto.endpoint]);
    assert_restores(&program.endpoint, &moto);
}
