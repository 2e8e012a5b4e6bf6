//! What a mock reports while it serves: lines on standard error, and `tracing` events.
//!
//! Requests are served by threads of the process, not of the test. On these threads, a subscriber that a test installed
//! for its own thread is not in effect, and the test's span is not entered. Printed text goes to the output capture of
//! the test that started the threads. A mock that is started under a subscriber therefore emits its events from a
//! thread that inherits all three from the test: the dispatcher, the span and, like every spawned thread, the output
//! capture.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::oneshot;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Span, dispatcher};

use crate::record::{Request, escape, line};

use crate::server::log::{LAST_LINES, LogLevel, flush, write_line};

/// The maximum number of events that wait for a subscriber. Further events are dropped.
const MAX_QUEUED: usize = 10_000;
/// How long a response waits for its event to be emitted, so that a test which has the response finds the event too.
/// After a timeout, responses do not wait until the subscriber has caught up.
const PATIENCE: Duration = Duration::from_secs(5);

/// The log of one mock.
pub(crate) struct Reporter {
    level: LogLevel,
    /// Distinguishes the lines of several mocks.
    port: OnceLock<u16>,
    events: Events,
    /// Whether a warning was written, at any level.
    has_warned: AtomicBool,
    /// Whether the mock belongs to the program, whose log has no advice for tests.
    is_program: bool,
}

impl Reporter {
    /// Writes lines up to `level`, and emits events in the context of the caller.
    pub(crate) fn of_caller(level: LogLevel) -> Self {
        Reporter {
            level,
            port: OnceLock::new(),
            events: Events::of_caller(),
            has_warned: AtomicBool::new(false),
            is_program: false,
        }
    }

    /// Writes no lines, and emits events on the threads that serve requests. This is for the program, whose only
    /// subscriber is in effect on every thread and never blocks.
    #[cfg(feature = "standalone")]
    pub(crate) fn direct() -> Self {
        Reporter {
            level: LogLevel::Off,
            port: OnceLock::new(),
            events: Events::Direct,
            has_warned: AtomicBool::new(false),
            is_program: true,
        }
    }

    /// Sets the port that the lines name.
    pub(super) fn listens_on(&self, port: u16) {
        let _ = self.port.set(port);
    }

    /// Reports a request that was answered, or that never will be.
    pub(super) async fn request(&self, request: Request) {
        self.line(LogLevel::Requests, || format!("{:>4}  {}", request.number(), line(&request)));
        self.events.emit(move || emit(&request)).await;
    }

    /// Reports bytes that are not valid HTTP, so there is no request to record.
    pub(super) async fn refused(&self, error: &hyper::Error) {
        let text = format!("not a valid HTTP/1.1 request, refused before it reached the service: {}", chain(error));
        self.line(LogLevel::Requests, || format!("   -  {text}"));
        self.events.emit(move || tracing::warn!(target: "glacier_mock::requests", "{text}")).await;
    }

    /// Reports that connections could not be accepted.
    pub(super) async fn not_accepted(&self, error: &std::io::Error, before: u64) {
        let more = if before == 0 { String::new() } else { format!(" ({before} more attempts failed before)") };
        let text = format!("a connection could not be accepted: {error}{more}");
        self.line(LogLevel::Requests, || format!("   -  {text}"));
        self.events.emit(move || tracing::warn!(target: "glacier_mock", "{text}")).await;
    }

    /// Reports that a connection was closed because too many are open.
    pub(super) async fn closed_for_another(&self, open: usize, waited: Duration, before: u64) {
        let more = if before == 0 { String::new() } else { format!(" ({before} more were closed before)") };
        let text = format!(
            "{open} connections are open, so the one that had waited longest for its client ({:.1} s) was closed{more}",
            waited.as_secs_f64()
        );
        self.line(LogLevel::Requests, || format!("   -  {text}"));
        self.events.emit(move || tracing::warn!(target: "glacier_mock", "{text}")).await;
    }

    /// Reports that a connection was closed because no request arrived on it in time.
    pub(super) async fn closed_idle(&self) {
        let text = "an idle connection was closed";
        self.line(LogLevel::Debug, || format!("   -  {text}"));
        self.events.emit(move || tracing::debug!(target: "glacier_mock", "{text}")).await;
    }

    /// Reports a connection that ended in the middle of a request or response.
    pub(super) async fn ended_early(&self, error: &hyper::Error) {
        let text = format!("a connection ended early: {}", chain(error));
        self.line(LogLevel::Debug, || format!("   -  {text}"));
        self.events.emit(move || tracing::debug!(target: "glacier_mock", "{text}")).await;
    }

    /// Reports that the bytes of an archive became unreadable in the middle of a response.
    pub(super) fn unreadable(&self, error: &std::io::Error) {
        let text = format!("an archive's bytes cannot be read: {error}");
        self.line(LogLevel::Requests, || format!("   -  {text}"));
        drop(self.events.queue(move || tracing::error!(target: "glacier_mock", "{text}")));
    }

    /// Warns the person who runs the test, at any level of the log. The program does not warn.
    pub(super) fn warning(&self, text: &str, on_standard_error: bool) {
        if !self.is_program {
            self.warn(text, on_standard_error);
        }
    }

    /// Reports a notification that was sent.
    #[cfg(feature = "publish")]
    pub(super) fn published(&self, text: &str) {
        self.line(LogLevel::Requests, || format!("   -  {text}"));
        let event = text.to_owned();
        drop(self.events.queue(move || tracing::info!(target: "glacier_mock::publish", "{event}")));
    }

    /// Reports notifications that were not sent, at any level of the log.
    #[cfg(feature = "publish")]
    pub(super) fn unpublished(&self, text: &str, on_standard_error: bool) {
        self.warn(text, on_standard_error && !self.is_program);
    }

    fn warn(&self, text: &str, on_standard_error: bool) {
        let event = text.to_owned();
        drop(self.events.queue(move || tracing::warn!(target: "glacier_mock::requests", "{event}")));
        if on_standard_error {
            let port = self.port.get().copied().unwrap_or_default();
            write_line(&format!("glacier-mock:{port}  {text}"));
            self.has_warned.store(true, Ordering::Relaxed);
        }
    }

    fn line(&self, level: LogLevel, text: impl FnOnce() -> String) {
        if self.level >= level {
            let port = self.port.get().copied().unwrap_or_default();
            write_line(&format!("glacier-mock:{port}  {}", text()));
        }
    }
}

impl Reporter {
    /// Waits, with a timeout, until the lines are written, because a test process may exit right after its last mock.
    pub(super) fn flush(&self) {
        if self.level > LogLevel::Off || self.has_warned.load(Ordering::Relaxed) {
            flush(LAST_LINES);
        }
    }
}

/// Emits the event of a request. Its fields are the account and the region that the request addressed and, for a
/// subscriber that also wants events of the level DEBUG, the request ID and the user agent.
fn emit(request: &Request) {
    let (account, region) = (request.account(), escape(request.region()));
    if tracing::enabled!(target: "glacier_mock::requests", tracing::Level::DEBUG) {
        let agent = escape(request.header("user-agent").unwrap_or_default());
        tracing::info!(
            target: "glacier_mock::requests", %account, %region, request_id = %request.id_in_response(), user_agent = &*agent,
            "{}", line(request)
        );
    } else {
        tracing::info!(target: "glacier_mock::requests", %account, %region, "{}", line(request));
    }
}

/// Formats an error with its sources.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(": {error}");
        source = error.source();
    }
    escape(&text).into_owned()
}

/// Where events are emitted.
enum Events {
    /// On the current thread, under the subscriber of the process, if there is one.
    Direct,
    /// On a thread that was spawned in the context of the caller that started the mock.
    Apart(Apart),
}

struct Apart {
    queue: SyncSender<Event>,
    dropped: AtomicUsize,
    /// Whether the subscriber took longer than a response waits. Responses do not wait again until it has caught up.
    is_slow: Arc<AtomicBool>,
}

struct Event {
    emit: Box<dyn FnOnce() + Send>,
    done: oneshot::Sender<()>,
}

impl Events {
    fn of_caller() -> Self {
        let dispatch = dispatcher::get_default(Dispatch::clone);
        if !has_subscriber(&dispatch) {
            return Events::Direct;
        }
        let span = Span::current();
        let (queue, events) = sync_channel(MAX_QUEUED);
        let is_slow = Arc::new(AtomicBool::new(false));
        let caught_up = is_slow.clone();
        let thread = std::thread::Builder::new().name("glacier-mock-events".into());
        match thread.spawn(move || emit_all(&dispatch, &span, &events, &caught_up)) {
            Ok(_) => Events::Apart(Apart { queue, dropped: AtomicUsize::new(0), is_slow }),
            Err(_) => Events::Direct,
        }
    }

    /// Emits an event, and returns when that is done or has timed out. A subscriber that panics or blocks does not
    /// affect the request.
    fn emit(&self, event: impl FnOnce() + Send + 'static) -> impl Future<Output = ()> + Send {
        Self::emitted(self.queue(event))
    }

    async fn emitted(queued: Option<(&Apart, oneshot::Receiver<()>)>) {
        if let Some((apart, emitted)) = queued
            && !apart.is_slow.load(Ordering::Relaxed)
            && tokio::time::timeout(PATIENCE, emitted).await.is_err()
        {
            apart.is_slow.store(true, Ordering::Relaxed);
        }
    }

    /// Emits an event, or queues it for the emitting thread. Returns `None` if there is nothing to wait for.
    fn queue(&self, event: impl FnOnce() + Send + 'static) -> Option<(&Apart, oneshot::Receiver<()>)> {
        match self {
            Events::Direct => {
                // Only the subscriber of the process can be in effect here. Without one, `tracing` would cache that no
                // subscriber wants the event, and never emit it to the only subscriber of another test's thread.
                if dispatcher::get_default(has_subscriber) {
                    guarded(event);
                }
                None
            }
            Events::Apart(apart) => apart.queue(Box::new(event)),
        }
    }
}

impl Apart {
    fn queue(&self, event: Box<dyn FnOnce() + Send>) -> Option<(&Self, oneshot::Receiver<()>)> {
        let (done, emitted) = oneshot::channel();
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        let emit = Box::new(move || {
            if dropped > 0 {
                tracing::warn!(target: "glacier_mock", "{dropped} events dropped: the subscriber was too slow");
            }
            event();
        });
        if self.queue.try_send(Event { emit, done }).is_err() {
            self.dropped.fetch_add(dropped + 1, Ordering::Relaxed);
            return None;
        }
        Some((self, emitted))
    }
}

fn emit_all(dispatch: &Dispatch, span: &Span, events: &Receiver<Event>, caught_up: &AtomicBool) {
    let _default = dispatcher::set_default(dispatch);
    while let Ok(Event { emit, done }) = events.recv() {
        guarded(|| span.in_scope(emit));
        caught_up.store(false, Ordering::Relaxed);
        // The response may have stopped waiting.
        let _ = done.send(());
    }
}

fn has_subscriber(dispatch: &Dispatch) -> bool {
    !dispatch.is::<NoSubscriber>()
}

/// Runs code of the subscriber, which belongs to the user and may panic. The panic hook has already printed the
/// message.
fn guarded(event: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(event));
}
