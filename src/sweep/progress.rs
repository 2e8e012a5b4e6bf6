//! What a sweep prints while it runs: a line on a terminal, and the name of a run that blocks its thread.

use std::io::{self, IsTerminal as _, Stderr, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::sync::Mutex;

/// How long a sweep runs before it shows its progress.
const QUIET: Duration = Duration::from_secs(2);
/// How often the line changes.
const EVERY: Duration = Duration::from_millis(200);
/// How long after the limit of a run its thread must have been blocked. A run that does not block has ended by then.
const BLOCKED: Duration = Duration::from_secs(1);

/// A line that shows how far a sweep is, on a terminal.
pub(super) struct Progress<W: Write> {
    out: Option<W>,
    runs: usize,
    done: usize,
    broken: usize,
    began: Instant,
    shown: Option<Instant>,
}

impl Progress<Stderr> {
    /// Shows the progress on standard error, if that is a terminal. The test harness does not capture what is written to
    /// the handle directly.
    pub(super) fn of_stderr(runs: usize) -> Self {
        let out = io::stderr();
        Progress::new(out.is_terminal().then_some(out), runs, Instant::now())
    }
}

impl<W: Write> Progress<W> {
    fn new(out: Option<W>, runs: usize, began: Instant) -> Self {
        Progress { out, runs, done: 0, broken: 0, began, shown: None }
    }

    /// Counts a run that is over.
    pub(super) fn step(&mut self, name: &str, is_broken: bool) {
        self.step_at(name, is_broken, Instant::now());
    }

    fn step_at(&mut self, name: &str, is_broken: bool, now: Instant) {
        self.done += 1;
        self.broken += usize::from(is_broken);
        let is_due = self.shown.is_none_or(|shown| now.duration_since(shown) >= EVERY);
        if now.duration_since(self.began) < QUIET || !is_due {
            return;
        }
        let Progress { out: Some(out), runs, done, broken, .. } = self else { return };
        let name: String = name.chars().take(80).collect();
        // A terminal that is gone is no reason to fail.
        let _ = write!(out, "\r\x1b[K{done} of {runs} runs, {broken} broke: {name}");
        let _ = out.flush();
        self.shown = Some(now);
    }

    /// Removes the line.
    pub(super) fn finish(&mut self) {
        if let (Some(out), Some(_)) = (&mut self.out, self.shown) {
            let _ = write!(out, "\r\x1b[K");
            let _ = out.flush();
        }
    }
}

/// The run whose code is running, by its position, and since when.
type Polled = (usize, Instant);

/// Names a run that blocks the thread of the test, because such a run cannot be ended.
pub(super) struct Watchdog {
    polled: Arc<Mutex<Option<Polled>>>,
    /// Dropping this ends the thread.
    _end: Sender<()>,
}

impl Watchdog {
    /// `names` are those of the runs.
    pub(super) fn new(limit: Duration, names: Vec<String>) -> Self {
        let polled: Arc<Mutex<Option<Polled>>> = Arc::default();
        let (end, ended) = mpsc::channel::<()>();
        let watched = polled.clone();
        let patience = limit.saturating_add(BLOCKED);
        // Without a thread, a test that blocks is not named, which is no reason to fail.
        let _ = std::thread::Builder::new().name("glacier-mock sweep".into()).spawn(move || {
            while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                if let Some(said) = blocked(&watched, &names, patience) {
                    let _ = writeln!(io::stderr(), "{said}");
                }
            }
        });
        Watchdog { polled, _end: end }
    }

    /// The thread starts to run code of the run at this position.
    pub(super) fn polls(&self, run: usize) {
        *self.polled.lock() = Some((run, Instant::now()));
    }

    /// The thread runs no code of a run any more.
    pub(super) fn rests(&self) {
        *self.polled.lock() = None;
    }
}

/// Returns what to say about a run that has been blocking its thread for this long. Each is named once.
fn blocked(polled: &Mutex<Option<Polled>>, names: &[String], patience: Duration) -> Option<String> {
    let mut polled = polled.lock();
    let (run, since) = polled.take_if(|(_, since)| since.elapsed() >= patience)?;
    let name = names.get(run)?;
    let secs = since.elapsed().as_secs();
    Some(format!("glacier-mock: a run of the sweep has blocked its thread for {secs} s and cannot be ended: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_progress_is_shown_after_two_seconds_and_removed_at_the_end() {
        let began = Instant::now();
        let mut progress = Progress::new(Some(Vec::new()), 9, began);
        let at = |millis| began + Duration::from_millis(millis);
        progress.step_at("a", true, at(1999));
        progress.step_at("b", false, at(2000));
        progress.step_at("c", false, at(2100));
        progress.step_at("d", false, at(2200));
        progress.finish();
        let said = String::from_utf8(progress.out.unwrap()).unwrap();
        assert_eq!(said, "\r\x1b[K2 of 9 runs, 1 broke: b\r\x1b[K4 of 9 runs, 1 broke: d\r\x1b[K");
    }

    #[test]
    fn a_short_sweep_shows_nothing() {
        let mut progress = Progress::new(Some(Vec::new()), 9, Instant::now());
        progress.step("a", true);
        progress.finish();
        assert!(progress.out.unwrap().is_empty());
    }

    #[test]
    fn a_run_that_blocks_its_thread_is_named_once() {
        let polled = Mutex::new(Some((1, Instant::now())));
        let names = [String::new(), "call 1 ListVaults, throttled".to_owned()];
        assert_eq!(blocked(&polled, &names, Duration::from_secs(60)), None);
        let said = blocked(&polled, &names, Duration::ZERO).unwrap();
        assert!(said.ends_with("cannot be ended: call 1 ListVaults, throttled"), "{said}");
        assert_eq!(blocked(&polled, &names, Duration::ZERO), None);
    }
}
