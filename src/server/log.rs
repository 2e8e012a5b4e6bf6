//! The log on standard error: one bounded queue and one thread for the whole process.
//!
//! Writing to a pipe that is not read blocks, and writing to one that was closed fails. Neither may affect the task
//! that answers a request, so that task only puts its line into the queue.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::sync::{Condvar, Mutex};

/// The maximum number of queued bytes. Further lines are dropped.
const MAX_QUEUED: usize = 1024 * 1024;

/// How long a mock waits until its last lines are written, because its process may exit then.
pub(super) const LAST_LINES: Duration = Duration::from_secs(1);

/// How much is written to standard error. `GLACIER_MOCK_LOG` and the program's `--log` accept the same values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LogLevel {
    /// Nothing.
    #[default]
    Off,
    /// One line per request, including requests that HTTP itself refuses.
    Requests,
    /// Also connection events.
    Debug,
}

impl LogLevel {
    /// The environment variable that sets the level.
    pub(crate) const VARIABLE: &str = "GLACIER_MOCK_LOG";
    /// A description of the accepted values.
    pub(crate) const VALUES: &str =
        "expected `off`, `requests` or `debug` (`0` means off; `1` and `true` mean requests)";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "0" | "off" | "false" => Some(LogLevel::Off),
            "1" | "true" | "requests" => Some(LogLevel::Requests),
            "debug" => Some(LogLevel::Debug),
            _ => None,
        }
    }

    /// Reads the level from the environment. An invalid value is reported once per process and means off.
    pub(crate) fn of_environment() -> Self {
        static REPORTED: OnceLock<()> = OnceLock::new();
        let Some(value) = std::env::var_os(Self::VARIABLE) else { return LogLevel::Off };
        let level = value.to_str().and_then(LogLevel::parse);
        level.unwrap_or_else(|| {
            REPORTED.get_or_init(|| {
                write_line(&format!(
                    "glacier-mock: {}={value:?} is not a valid value; {}",
                    Self::VARIABLE,
                    Self::VALUES
                ));
                // The mock has no log that it would flush when it is dropped, and the test process may exit right after.
                flush(LAST_LINES);
            });
            LogLevel::Off
        })
    }
}

/// Queues a line for standard error. Never blocks, fails or panics.
pub(crate) fn write_line(line: &str) {
    stderr().push(format!("{line}\n").into_bytes());
}

/// Queues text for standard error that already contains its line breaks.
#[cfg(feature = "standalone")]
pub(crate) fn write(text: &[u8]) {
    stderr().push(text.to_vec());
}

/// Waits until everything in the queue has been written, or until `timeout` has passed.
pub(crate) fn flush(timeout: Duration) {
    if let Some(queue) = STDERR.get() {
        queue.flush(timeout);
    }
}

static STDERR: OnceLock<Arc<Queue>> = OnceLock::new();

fn stderr() -> &'static Queue {
    STDERR.get_or_init(|| Queue::written_to(io::stderr()))
}

/// Lines that wait to be written.
#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    /// Wakes the writing thread.
    filled: Condvar,
    /// Wakes threads that flush.
    written: Condvar,
}

#[derive(Default)]
struct State {
    items: VecDeque<Item>,
    bytes: usize,
    is_writing: bool,
    /// The number of items written so far.
    done: u64,
    /// The value of `done` when a flush timed out. While it does not change, standard error is stuck, and other flushes
    /// do not wait.
    stuck_at: Option<u64>,
}

enum Item {
    Line(Vec<u8>),
    /// This many lines were dropped at this position.
    Dropped(usize),
}

impl Queue {
    /// Starts the writing thread. If no thread can be started, nothing is written.
    fn written_to(target: impl Write + Send + 'static) -> Arc<Self> {
        let queue = Arc::new(Queue::default());
        let writer = queue.clone();
        let _ = std::thread::Builder::new().name("glacier-mock-log".into()).spawn(move || writer.write_all(target));
        queue
    }

    fn push(&self, line: Vec<u8>) {
        let mut state = self.state.lock();
        if state.bytes + line.len() > MAX_QUEUED {
            match state.items.back_mut() {
                Some(Item::Dropped(lines)) => *lines += 1,
                _ => state.items.push_back(Item::Dropped(1)),
            }
        } else {
            state.bytes += line.len();
            state.items.push_back(Item::Line(line));
        }
        drop(state);
        self.filled.notify_one();
    }

    fn flush(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        let mut state = self.state.lock();
        while state.is_writing || !state.items.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || state.stuck_at == Some(state.done) {
                state.stuck_at = Some(state.done);
                return;
            }
            state = self.written.wait_timeout(state, left);
        }
    }

    fn write_all(&self, mut target: impl Write) {
        loop {
            let mut state = self.state.lock();
            let item = loop {
                match state.items.pop_front() {
                    Some(item) => break item,
                    None => state = self.filled.wait(state),
                }
            };
            if let Item::Line(line) = &item {
                state.bytes -= line.len();
            }
            state.is_writing = true;
            drop(state);
            let bytes = match item {
                Item::Line(line) => line,
                Item::Dropped(lines) => {
                    let what = if lines == 1 { "1 line" } else { &format!("{lines} lines") };
                    format!("glacier-mock: {what} of the log dropped: standard error was not read fast enough\n")
                        .into_bytes()
                }
            };
            // Standard error may have been closed by its reader. There is no other place to report that.
            let _ = target.write_all(&bytes);
            let mut state = self.state.lock();
            state.is_writing = false;
            state.done += 1;
            drop(state);
            self.written.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A pipe that accepts one write per permit, and is closed when there are no more permits.
    struct Pipe {
        permits: mpsc::Receiver<()>,
        written: mpsc::Sender<String>,
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permits.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            let _ = self.written.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pipe() -> (Arc<Queue>, mpsc::Sender<()>, mpsc::Receiver<String>) {
        let ((permit, permits), (written, lines)) = (mpsc::channel(), mpsc::channel());
        (Queue::written_to(Pipe { permits, written }), permit, lines)
    }

    #[test]
    fn an_unread_pipe_blocks_nothing_and_dropped_lines_are_counted() {
        let (queue, permit, lines) = pipe();
        let line = vec![b'x'; MAX_QUEUED / 8];
        queue.push(line.clone());
        // From now on the writer is stuck with the first line, and the queue is empty.
        while !queue.state.lock().is_writing {
            std::thread::yield_now();
        }
        for _ in 0..99 {
            queue.push(line.clone());
        }
        queue.flush(Duration::from_millis(1));
        for _ in 0..20 {
            let _ = permit.send(());
        }
        let mut written = 0;
        let said = loop {
            let next = lines.recv().unwrap();
            if next.starts_with("glacier-mock: ") {
                break next;
            }
            written += 1;
        };
        assert_eq!(written, 9);
        assert_eq!(said, "glacier-mock: 91 lines of the log dropped: standard error was not read fast enough\n");
    }

    /// The second flush of a queue without progress returns at once, because a test process drops many mocks.
    #[test]
    fn a_flush_has_a_timeout() {
        let (queue, permit, lines) = pipe();
        queue.push(b"one".to_vec());
        queue.flush(Duration::from_millis(1));
        queue.flush(Duration::MAX / 4);
        permit.send(()).unwrap();
        assert_eq!(lines.recv().unwrap(), "one");
        queue.flush(Duration::from_secs(60));
    }

    #[test]
    fn a_closed_pipe_causes_no_failure() {
        let (queue, permit, lines) = pipe();
        drop(permit);
        for _ in 0..10 {
            queue.push(b"one".to_vec());
        }
        queue.flush(Duration::from_secs(60));
        assert_eq!((queue.state.lock().items.len(), lines.try_recv().is_err()), (0, true));
    }

    #[test]
    fn every_level_is_parsed() {
        for (text, level) in [
            ("", Some(LogLevel::Off)),
            ("0", Some(LogLevel::Off)),
            ("off", Some(LogLevel::Off)),
            ("1", Some(LogLevel::Requests)),
            ("true", Some(LogLevel::Requests)),
            ("requests", Some(LogLevel::Requests)),
            ("debug", Some(LogLevel::Debug)),
            ("loud", None),
        ] {
            assert_eq!(LogLevel::parse(text), level, "{text:?}");
        }
    }
}
