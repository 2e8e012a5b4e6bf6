//! Detects whether the time of a tokio runtime is paused, and when a runtime shuts down.

use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::sync::task;

/// Returns whether the time of the current runtime is paused.
///
/// tokio has no function for this. Between two readings, a running clock moves exactly as far as the system clock. A
/// paused clock stands still, or jumps by a whole timer if its own thread lets it jump in between.
pub(crate) fn is_paused() -> bool {
    let outer_start = std::time::Instant::now();
    let start = Instant::now();
    let inner_start = std::time::Instant::now();
    let inner_end = loop {
        let now = std::time::Instant::now();
        if now != inner_start {
            break now;
        }
        std::hint::spin_loop();
    };
    let moved = Instant::now() - start;
    let most = outer_start.elapsed();
    !(inner_end - inner_start..=most).contains(&moved)
}

/// Returns the current runtime, if there is one and its time is paused.
pub(crate) fn paused_runtime() -> Option<Handle> {
    let runtime = Handle::try_current().ok()?;
    is_paused().then_some(runtime)
}

/// Ends a watch when it is dropped.
#[derive(Debug)]
pub(crate) struct Watch(AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls `then` as soon as the runtime shuts down, before the runtime waits for its blocking tasks. Also calls it when
/// the watch is dropped.
///
/// A runtime that shuts down first drops its tasks, in its own context. This function therefore ties `then` to a task
/// that never completes. If the runtime has already shut down, it calls `then` before it returns, so the caller must
/// not hold a lock that `then` takes.
pub(crate) fn when_gone(runtime: &Handle, then: impl FnOnce() + Send + 'static) -> Watch {
    struct CallOnDrop<F: FnOnce()>(Option<F>);

    impl<F: FnOnce()> Drop for CallOnDrop<F> {
        fn drop(&mut self) {
            if let Some(then) = self.0.take() {
                then();
            }
        }
    }

    let on_drop = CallOnDrop(Some(then));
    let task = runtime.spawn(task(async move {
        let _on_drop = on_drop;
        std::future::pending::<()>().await
    }));
    Watch(task.abort_handle())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn paused_time_is_distinguished_from_running_time() {
        for _ in 0..1000 {
            assert!(!is_paused());
        }
        tokio::time::pause();
        for _ in 0..1000 {
            assert!(is_paused());
        }
        tokio::time::resume();
        assert!(!is_paused());
    }

    /// Paused time that another thread advances at the same time is still paused.
    #[test]
    fn time_that_jumps_during_the_reading_counts_as_paused() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let handle = runtime.handle().clone();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = is_over.clone();
        let reader = std::thread::spawn(move || {
            let _entered = handle.enter();
            let mut readings = 0;
            while !seen.load(Ordering::SeqCst) || readings == 0 {
                assert!(is_paused());
                readings += 1;
            }
        });
        runtime.block_on(async {
            for _ in 0..2000 {
                tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
            }
        });
        is_over.store(true, Ordering::SeqCst);
        reader.join().unwrap();
    }

    #[test]
    fn a_watch_fires_before_the_runtime_waits_for_its_blocking_tasks() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let (started, is_started) = std::sync::mpsc::channel();
        let _watch = when_gone(runtime.handle(), move || drop(release));
        runtime.handle().spawn_blocking(move || {
            started.send(()).unwrap();
            released.recv()
        });
        is_started.recv().unwrap();
        // Waits for the blocking task, which waits for the watch.
        drop(runtime);
    }

    #[test]
    fn a_runtime_that_has_already_shut_down_is_detected_at_once() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let gone = Arc::new(AtomicBool::new(false));
        let seen = gone.clone();
        let _watch = when_gone(&handle, move || seen.store(true, Ordering::SeqCst));
        assert!(gone.load(Ordering::SeqCst));
    }
}
