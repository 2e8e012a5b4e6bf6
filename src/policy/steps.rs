//! Counts the steps of a decision in tests and fuzz targets. Does nothing in a build for users.

#[cfg(not(any(test, fuzzing)))]
pub(crate) fn count(_steps: usize) {}

#[cfg(any(test, fuzzing))]
pub(crate) use counter::{count, of};

#[cfg(any(test, fuzzing))]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// Returns the result of a computation and the number of its steps.
    pub(crate) fn of<T>(compute: impl FnOnce() -> T) -> (T, usize) {
        let before = STEPS.get();
        let result = compute();
        (result, STEPS.get() - before)
    }
}
