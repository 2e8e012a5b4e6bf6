//! Catches the panics of a run, with their place in the source.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::record::text;

/// Why a run broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) text: String,
    /// The line that panicked, for example `src/backup.rs:31:9`.
    pub(super) place: Option<String>,
}

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Failure { text: text.into(), place: None }
    }
}

thread_local! {
    /// The place of the last panic of a run.
    static CAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
    /// How many calls of `guarded` this thread is in. The code of a run may run a sweep itself.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs code of the test, and returns its panic as a failure.
///
/// The panic is not printed: a sweep may catch hundreds, and its report shows each once. Only the panic hook learns the
/// place of a panic, so the first call installs one, which passes all other panics on to the hook before it.
pub(super) fn guarded<T>(code: impl FnOnce() -> T) -> Result<T, Failure> {
    install();
    CAUGHT.set(None);
    DEPTH.set(DEPTH.get() + 1);
    let ran = catch_unwind(AssertUnwindSafe(code));
    DEPTH.set(DEPTH.get() - 1);
    ran.map_err(|payload| Failure { text: text(&*payload), place: CAUGHT.take() })
}

fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            // The thread-local values are gone while a thread ends; such a panic is not one of a run.
            let is_of_a_run = DEPTH.try_with(|depth| depth.get() > 0).unwrap_or(false);
            if is_of_a_run {
                CAUGHT.set(panic.location().map(ToString::to_string));
            } else {
                previous(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_with_its_place() {
        let caught: Failure = guarded::<()>(|| panic!("no {}", "cat")).unwrap_err();
        assert_eq!(caught.text, "no cat");
        assert!(caught.place.unwrap().starts_with(file!()));
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
