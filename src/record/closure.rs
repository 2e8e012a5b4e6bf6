//! Closures that a test hands to the mock: conditions and callbacks.
//!
//! Every closure of a test runs here. A panic in one must not unwind through the mock: on a thread of the server it
//! would end a connection without an answer, and during the drop of a mock it would abort the test binary. So the panic
//! is caught, and verification reports it. A closure that blocks must not delay the mocks of other tests, which are
//! served by the same few threads: so the other tasks of a server's thread move to another thread first.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Mutex, PoisonError};

thread_local! {
    /// Whether this is a thread of the runtime that serves all mocks.
    static SERVES: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as one that serves mocks.
pub(crate) fn mark_serving_thread() {
    SERVES.set(true);
}

/// A closure of the test's, and the place where the test declared it.
pub(crate) struct Closure<F: ?Sized> {
    /// `condition` or `callback`.
    what: &'static str,
    declared: &'static Location<'static>,
    call: F,
}

impl<F> Closure<F> {
    pub(crate) fn new(what: &'static str, declared: &'static Location<'static>, call: F) -> Self {
        Closure { what, declared, call }
    }
}

impl<F: ?Sized> Closure<F> {
    /// Runs the closure. No lock of the mock's may be held: the closure may block, and may use the mock.
    pub(crate) fn run<T>(&self, with: impl FnOnce(&F) -> T) -> Result<T, Panicked> {
        let run = || catch_unwind(AssertUnwindSafe(|| with(&self.call)));
        // A runtime of the test's own is left alone: it may have a single thread, which cannot hand its tasks on.
        let ran = if SERVES.get() { tokio::task::block_in_place(run) } else { run() };
        ran.map_err(|payload| Panicked { what: self.what, declared: self.declared, text: text(&*payload) })
    }

    /// Runs the closure on the test's own thread, where a panic fails the test by itself.
    pub(crate) fn run_unguarded<T>(&self, with: impl FnOnce(&F) -> T) -> T {
        with(&self.call)
    }
}

/// The message of a panic.
pub(crate) fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or(payload.downcast_ref::<&str>().copied());
    text.unwrap_or("the panic has no message").to_owned()
}

/// A closure of the test's panicked.
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
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.iter().any(|known| known.declared == panicked.declared) {
            kept.push(panicked);
        }
    }

    /// Takes them away: what was reported once is not reported again.
    pub(crate) fn take(&self) -> Vec<Panicked> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
