//! Locks that ignore poisoning: a value stays usable after a thread panicked while it held the lock. The loop of every
//! task that waits for a change, and the type of every task.
//!
//! A panic while a lock is held must not fail every later request with another panic. A panic in the service is
//! answered with a 500, and a panic in a user's closure is reported by the fixture. The mock stays usable in both
//! cases.

use std::pin::{Pin, pin};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::futures::Notified;

/// A mutex whose [`lock`](Mutex::lock) cannot fail.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    /// Locks the mutex, even if another thread panicked while it held it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A condition variable for a [`Mutex`], which ignores poisoning too.
#[derive(Debug, Default)]
pub(crate) struct Condvar(std::sync::Condvar);

impl Condvar {
    /// Releases the lock and waits for a notification. May return without one.
    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.0.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }

    /// Like [`wait`](Condvar::wait), but returns when `timeout` has passed.
    pub(crate) fn wait_timeout<'a, T>(&self, guard: MutexGuard<'a, T>, timeout: Duration) -> MutexGuard<'a, T> {
        self.0.wait_timeout(guard, timeout).unwrap_or_else(PoisonError::into_inner).0
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A future for `spawn`, without its type. The compiler makes 5,000 lines of LLVM IR for each type that is spawned.
pub(crate) fn task(future: impl Future<Output = ()> + Send + 'static) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(future)
}

/// Looks at once, and again after each change, until `look` returns a value.
pub(crate) async fn until<'a, T>(changed: impl Fn() -> Notified<'a>, mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        // Register before the look, so that no change is missed.
        let mut changed = pin!(changed());
        changed.as_mut().enable();
        if let Some(found) = look() {
            return found;
        }
        changed.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_usable_after_a_panic_under_its_lock() {
        let (value, changed) = (Mutex::new(1), Condvar::default());
        std::thread::scope(|scope| {
            let panicking = scope.spawn(|| {
                let mut value = value.lock();
                *value = 2;
                std::panic::resume_unwind(Box::new("a panic under the lock"));
            });
            assert!(panicking.join().is_err());
        });
        let guard = changed.wait_timeout(value.lock(), Duration::from_millis(1));
        assert_eq!(*guard, 2);
    }
}
