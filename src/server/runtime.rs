//! The runtime that serves all mocks of a process.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::record::mark_serving_thread;

/// The maximum number of threads that closures of tests can block, while other threads take over the tasks. Threads are
/// started only when needed. The tests of one process could use up tokio's default of 512, and then no mock would
/// answer any more.
const BLOCKED_AT_MOST: usize = 32_768;

/// Returns the background runtime. It starts with the first mock and exists for the life of the process.
///
/// A separate runtime lets a mock answer while the only thread of the test is blocked. All mocks share it, because a
/// thread and a runtime for each would cost 250 us and 120 KiB (design.md section 3.1). Its clock is never paused.
///
/// # Panics
///
/// Panics if the operating system cannot start the threads.
#[track_caller]
pub(crate) fn background() -> &'static Handle {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get().clamp(2, 4));
        let built = Builder::new_multi_thread()
            .worker_threads(threads)
            .max_blocking_threads(BLOCKED_AT_MOST)
            .thread_name("glacier-mock")
            .on_thread_start(mark_serving_thread)
            .enable_all()
            .build();
        built.unwrap_or_else(|error| panic!("glacier-mock could not start the threads that serve its mocks: {error}"))
    });
    runtime.handle()
}

#[cfg(test)]
mod tests {
    use std::panic::Location;
    use std::sync::{Arc, Condvar, Mutex, mpsc};
    use std::time::Duration;

    use super::*;
    use crate::record::Closure;

    /// More closures block at once than tokio allows threads by default.
    #[test]
    fn blocked_closures_do_not_exhaust_the_threads() {
        const PATIENCE: Duration = Duration::from_secs(60);
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let (arrived, arrivals) = mpsc::channel();
        let waiting = gate.clone();
        let block = move |n: usize| {
            arrived.send(n).unwrap();
            let is_open = waiting.0.lock().unwrap();
            // Longer than the test waits, so that a closure that gives up does not release its thread to another.
            drop(waiting.1.wait_timeout_while(is_open, 2 * PATIENCE, |is_open| !*is_open).unwrap());
        };
        let closure = Arc::new(Closure::new("callback", Location::caller(), block));
        for n in 0..600 {
            let closure = closure.clone();
            background().spawn(async move { closure.run(|block| block(n)) });
        }
        for n in 0..600 {
            assert!(arrivals.recv_timeout(PATIENCE).is_ok(), "only {n} closures ran");
        }
        let (served, answer) = mpsc::channel();
        background().spawn(async move { served.send(()) });
        assert!(answer.recv_timeout(PATIENCE).is_ok(), "a task was not served");
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    }
}
