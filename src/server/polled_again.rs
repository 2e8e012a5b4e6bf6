//! Polls a connection again at once if it woke itself while it was polled.
//!
//! hyper wakes its own connection whenever a handler takes a piece of a request's body. tokio would put the connection
//! at the end of its queue and wake another thread to share the work, which costs more than the request itself.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Mutex;

/// How often a connection is polled before other tasks have their turn.
const AT_ONCE: usize = 4;

/// Runs a future that may wake itself while it is polled.
pub(super) async fn polled_again<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let wakes = Wakes::new();
    let waker = Waker::from(wakes.clone());
    poll_fn(|context| {
        for _ in 0..AT_ONCE {
            wakes.begin(context.waker());
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(output);
            }
            if !wakes.end() {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await
}

/// Wakes the task, except while the future is polled: then the future is only noted as woken.
struct Wakes(Mutex<State>);

struct State {
    task: Waker,
    is_polled: bool,
    is_woken: bool,
}

impl Wakes {
    fn new() -> Arc<Self> {
        let task = Waker::noop().clone();
        Arc::new(Wakes(Mutex::new(State { task, is_polled: false, is_woken: false })))
    }

    fn begin(&self, task: &Waker) {
        let mut state = self.0.lock();
        state.task.clone_from(task);
        (state.is_polled, state.is_woken) = (true, false);
    }

    /// Returns whether the future was woken since the call of [`begin`](Self::begin).
    fn end(&self) -> bool {
        let mut state = self.0.lock();
        state.is_polled = false;
        state.is_woken
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut state = self.0.lock();
        state.is_woken = true;
        if !state.is_polled {
            let task = state.task.clone();
            drop(state);
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Polls a future once that wakes itself in its first polls. Returns how often it was polled, and how often it woke
    /// the task.
    fn polled_once(wakes: usize) -> (usize, usize) {
        let (counted, polls) = (Arc::new(Counted::default()), AtomicUsize::new(0));
        let mut future = pin!(polled_again(poll_fn(|context| {
            if polls.fetch_add(1, Ordering::SeqCst) < wakes {
                context.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        })));
        assert!(future.as_mut().poll(&mut Context::from_waker(&counted.clone().into())).is_pending());
        (polls.load(Ordering::SeqCst), counted.0.load(Ordering::SeqCst))
    }

    #[test]
    fn a_future_that_wakes_itself_is_polled_again_within_bounds() {
        assert_eq!(polled_once(0), (1, 0));
        assert_eq!(polled_once(2), (3, 0));
        assert_eq!(polled_once(usize::MAX), (AT_ONCE, 1));
    }

    /// The waker that a future has kept wakes the task that polled it last.
    #[test]
    fn a_future_that_is_woken_later_wakes_its_task() {
        let (first, second) = (Arc::new(Counted::default()), Arc::new(Counted::default()));
        let kept = Mutex::new(None);
        let mut future = pin!(polled_again(poll_fn(|context| {
            *kept.lock() = Some(context.waker().clone());
            Poll::<()>::Pending
        })));
        for task in [&first, &second] {
            assert!(future.as_mut().poll(&mut Context::from_waker(&task.clone().into())).is_pending());
        }
        kept.lock().take().unwrap().wake();
        assert_eq!([first, second].map(|task| task.0.load(Ordering::SeqCst)), [0, 1]);
    }

    /// In every order of a wake and the two ends of a poll, the future is polled again or its task is woken after the wake.
    #[test]
    fn no_wake_is_lost() {
        for wake_at in 0..3 {
            let (task, wakes) = (Arc::new(Counted::default()), Wakes::new());
            let waker = Waker::from(wakes.clone());
            let mut is_polled_again = false;
            for step in 0..3 {
                if step == wake_at {
                    waker.wake_by_ref();
                }
                match step {
                    0 => wakes.begin(&task.clone().into()),
                    1 => is_polled_again = wakes.end(),
                    _ => {}
                }
            }
            let is_task_woken = task.0.load(Ordering::SeqCst) == 1;
            // Before the first poll there is no task, and the poll itself follows.
            assert_eq!((is_polled_again, is_task_woken), [(false, false), (true, false), (false, true)][wake_at]);
        }
    }

    #[tokio::test]
    async fn an_end_is_passed_on() {
        let yields = async {
            tokio::task::yield_now().await;
            7
        };
        assert_eq!(polled_again(yields).await, 7);
    }
}
