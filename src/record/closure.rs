//! Closures that a test hands to the mock: conditions and callbacks.
//!
//! Every closure of a test runs here. A panic in a closure must not unwind through the mock: on a server thread it
//! would end a connection without an answer, and while a mock is dropped it would abort the test binary. The panic is
//! therefore caught, and verification reports it. A closure that blocks must not delay the mocks of other tests, which
//! share the same few threads. The other tasks of a server thread therefore move to another thread first.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, RefUnwindSafe, UnwindSafe, catch_unwind};

use crate::sync::Mutex;

thread_local! {
    /// Whether this thread belongs to the runtime that serves all mocks.
    static SERVES: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as one that serves mocks.
pub(crate) fn mark_serving_thread() {
    SERVES.set(true);
}

/// A closure of the test, with the location where the test declared it.
pub(crate) struct Closure<F: ?Sized> {
    /// `condition` or `callback`, for messages.
    what: &'static str,
    declared: &'static Location<'static>,
    call: F,
}

// The closure runs inside of `catch_unwind`, or on the thread of the test, which then fails. No code continues with what a
// panicking closure left half done. The library's own values around it stay consistent.
impl<F: ?Sized> UnwindSafe for Closure<F> {}
impl<F: ?Sized> RefUnwindSafe for Closure<F> {}

impl<F> Closure<F> {
    pub(crate) fn new(what: &'static str, declared: &'static Location<'static>, call: F) -> Self {
        Closure { what, declared, call }
    }
}

impl<F: ?Sized> Closure<F> {
    /// Runs the closure and catches its panic. The caller must not hold a lock of the mock: the closure may block, and
    /// may use the mock.
    pub(crate) fn run<T>(&self, with: impl FnOnce(&F) -> T) -> Result<T, Panicked> {
        let run = || catch_unwind(AssertUnwindSafe(|| with(&self.call)));
        // In a runtime of the test `block_in_place` is not called: it would panic on a single-threaded runtime.
        let ran = if SERVES.get() { tokio::task::block_in_place(run) } else { run() };
        ran.map_err(|payload| Panicked { what: self.what, declared: self.declared, text: text(&*payload) })
    }

    /// Runs the closure on the thread of the test, where a panic fails the test directly.
    pub(crate) fn run_unguarded<T>(&self, with: impl FnOnce(&F) -> T) -> T {
        with(&self.call)
    }
}

/// Returns the message of a panic.
pub(crate) fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.unwrap_or("the panic has no message").to_owned()
}

/// The panic of a closure of the test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panicked {
    what: &'static str,
    declared: &'static Location<'static>,
    text: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} declared at {} panicked: {}", self.what, self.declared, self.text)
    }
}

/// Panics that verification still has to report: the first of each closure.
#[derive(Debug, Default)]
pub(crate) struct Panics(Mutex<Vec<Panicked>>);

impl Panics {
    pub(crate) fn keep(&self, panicked: Panicked) {
        let mut kept = self.0.lock();
        if !kept.iter().any(|known| known.declared == panicked.declared) {
            kept.push(panicked);
        }
    }

    /// Removes and returns the panics, so that each is reported once.
    pub(crate) fn take(&self) -> Vec<Panicked> {
        std::mem::take(&mut *self.0.lock())
    }
}
