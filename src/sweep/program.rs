//! The scenario and the check of a sweep, without their types.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use crate::fixture::GlacierMock;

/// What the check of a sweep may return: nothing, or a `Result` whose error says what is wrong.
pub trait SweepVerdict {
    /// Returns the error, as text.
    ///
    /// # Errors
    ///
    /// If the check found an error.
    fn verdict(self) -> Result<(), String>;
}

impl SweepVerdict for () {
    fn verdict(self) -> Result<(), String> {
        Ok(())
    }
}

impl<E: fmt::Display> SweepVerdict for Result<(), E> {
    fn verdict(self) -> Result<(), String> {
        self.map_err(|error| error.to_string())
    }
}

/// Checks the end of a run. It has the result of the scenario.
pub(super) type Judge<'m> = Box<dyn FnOnce(&GlacierMock) -> Result<(), String> + 'm>;

/// A scenario with its check.
pub(super) trait Program {
    /// Runs the scenario.
    fn start<'m>(&'m self, mock: &'m GlacierMock) -> Pin<Box<dyn Future<Output = Judge<'m>> + 'm>>;
}

/// A scenario `S` with the result `T`, and its check `C`.
pub(super) struct Checked<S, C, T> {
    pub(super) scenario: S,
    pub(super) check: C,
    pub(super) result: PhantomData<fn() -> T>,
}

impl<S, C, T, V> Program for Checked<S, C, T>
where
    S: AsyncFn(&GlacierMock) -> T,
    C: Fn(&GlacierMock, T) -> V,
    V: SweepVerdict,
{
    fn start<'m>(&'m self, mock: &'m GlacierMock) -> Pin<Box<dyn Future<Output = Judge<'m>> + 'm>> {
        Box::pin(async move {
            let result = (self.scenario)(mock).await;
            let judge: Judge<'m> = Box::new(move |mock| (self.check)(mock, result).verdict());
            judge
        })
    }
}
