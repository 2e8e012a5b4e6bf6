//! Counts the steps of a decision in tests. Does nothing in a build for users.

#[cfg(not(test))]
pub(super) fn count(_steps: usize) {}

#[cfg(test)]
pub(super) use counter::{count, of};

#[cfg(test)]
mod counter {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(in super::super) fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// Returns the result of a computation and the number of its steps.
    pub(in super::super) fn of<T>(compute: impl FnOnce() -> T) -> (T, usize) {
        let before = STEPS.get();
        let result = compute();
        (result, STEPS.get() - before)
    }
}
