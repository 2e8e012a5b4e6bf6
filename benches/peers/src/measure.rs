//! Helpers of the benches: child processes, medians, lines of JSON, and the figures of Linux about a process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// One figure: `{"bench":..,"case":..,"who":..,"value":..,"unit":..}`.
pub(crate) fn line(bench: &str, case: &str, who: &str, value: f64, unit: &str) {
    let line = serde_json::json!({"bench": bench, "case": case, "who": who, "value": value, "unit": unit});
    println!("{line}");
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// The minimum. It is used for processor time, because other programs can only increase it.
pub(crate) fn least(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

pub(crate) fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Runs this program again and returns its output.
pub(crate) fn again(arguments: &[&str]) -> String {
    again_within(arguments, Duration::from_secs(300))
        .unwrap_or_else(|| panic!("{arguments:?} timed out after 300 seconds"))
}

/// Returns `None` on a timeout, so that a contestant that hangs does not stop the other measurements.
pub(crate) fn again_within(arguments: &[&str], limit: Duration) -> Option<String> {
    let mut child = this().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + limit;
    // The output is a few lines, which fit into the pipe without being read.
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", output.status);
    Some(String::from_utf8(output.stdout).unwrap())
}

fn this() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

/// A server in a separate process, which exits when this is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    pub(crate) fn start(who: &str) -> Self {
        let mut child = this().args(["serve", who]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Served { address: line.trim().parse().unwrap(), child }
    }

    /// The processor time of its threads.
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanoseconds = tasks.filter_map(|task| {
            let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(nanoseconds.sum())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The resident memory of this process, in bytes.
pub(crate) fn resident() -> f64 {
    status("VmRSS:")
}

/// The peak of the resident memory of this process, in bytes.
pub(crate) fn peak() -> f64 {
    status("VmHWM:")
}

/// The resident memory of another process, in bytes.
pub(crate) fn resident_of(process: u32) -> f64 {
    status_of(&process.to_string(), "VmRSS:")
}

fn status(key: &str) -> f64 {
    status_of("self", key)
}

fn status_of(process: &str, key: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}
