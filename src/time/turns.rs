//! Turns: requests that are in flight together are processed and answered one after the other, in an order that a seed
//! decides.
//!
//! A request of the mock's client waits for two turns: before it is sent, and when its response has arrived. One task in
//! each runtime of the test (the leader) gives the turns. It waits until nothing more can happen without a turn: each
//! request that had its turn has its response, and the runtime is idle. Then it sorts the requests that wait, because the
//! order in which they came may depend on threads or on `tokio::select!`, and the seed chooses one of them.
//!
//! How the leader knows that the runtime is idle depends on its time:
//!
//! - If time is paused, tokio lets a timer of one millisecond expire only when the runtime is idle, `spawn_blocking`
//!   tasks included, and no request has a hold (`hold.rs`). One such timer is enough, whatever the machine is doing.
//! - If time is not paused, tokio cannot tell. The leader waits until no request has arrived for a few ticks of one
//!   millisecond. Between two ticks, a runtime with a single thread runs all other tasks that are ready, so this works
//!   even on a busy machine. With several threads, the order can differ if the machine does not run one of them for a
//!   while. On two cores with a load of 17, 8 of 200 repeats had another order.
//!
//! A request that a fault delays is not waited for, because its hold is released. A delay in real time still holds paused
//! time, so the leader then watches the runtime as if its time were running. If something else keeps time from
//! advancing, for example a `spawn_blocking` task that waits for a response, the leader gives a turn after a second of
//! real time.

use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::{Handle, Id, RuntimeFlavor};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::sync::{Mutex, task};

use super::hold::Holds;
use super::tokio_time::is_paused;

/// The time between two looks of a leader.
const TICK: Duration = Duration::from_millis(1);
/// How long a leader waits for paused time to advance before it looks again, in real time.
const LOOK: Duration = Duration::from_millis(50);
/// The number of ticks without a new request after which a runtime whose time runs counts as idle.
const QUIET: usize = 4;
/// The same number for a runtime with several threads.
const QUIET_OF_THREADS: usize = 12;
/// How long a leader waits for the runtime to be idle, in the sum of its ticks.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a leader waits for the response to a request that had its turn, in the sum of its ticks.
const RESPONSE: Duration = Duration::from_secs(5);

/// The turns of a mock.
#[derive(Debug)]
pub(crate) struct Turns {
    seed: u64,
    /// A runtime whose time runs: that of the server.
    real_time: Handle,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    random: fastrand::Rng,
    waiting: Vec<Waiting>,
    /// The number of times that a request came to wait.
    came: usize,
    /// The runtimes that have a leader.
    led: HashSet<Id>,
}

#[derive(Debug)]
struct Waiting {
    runtime: Id,
    name: String,
    go: oneshot::Sender<()>,
}

impl Turns {
    pub(crate) fn new(seed: u64, real_time: Handle) -> Arc<Self> {
        let random = fastrand::Rng::with_seed(seed);
        let state = State { random, waiting: Vec::new(), came: 0, led: HashSet::new() };
        Arc::new(Turns { seed, real_time, state: Mutex::new(state) })
    }

    /// Starts the sequence of the seed again.
    pub(crate) fn restart(&self) {
        self.state.lock().random = fastrand::Rng::with_seed(self.seed);
    }

    /// Waits for a turn. `name` is the same each time that a test runs, and differs between different requests. Returns
    /// immediately outside of a runtime, and when the runtime shuts down.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client waits for turns"))]
    pub(crate) async fn turn(self: &Arc<Self>, holds: &Arc<Holds>, name: String) {
        let Ok(runtime) = Handle::try_current() else { return };
        let (go, turn) = oneshot::channel();
        let has_leader = {
            let mut state = self.state.lock();
            state.came += 1;
            state.waiting.push(Waiting { runtime: runtime.id(), name, go });
            !state.led.insert(runtime.id())
        };
        if !has_leader {
            // If the runtime shuts down, it drops the task, and this ends the wait.
            let (turns, holds) = (self.clone(), holds.clone());
            let leader = Leader { turns, holds, runtime: runtime.id(), is_over: false };
            runtime.spawn(task(leader.lead()));
        }
        // An error means that the leader has ended.
        let _ = turn.await;
    }

    fn came(&self) -> usize {
        self.state.lock().came
    }
}

/// Gives the turns of one runtime, until no request waits.
struct Leader {
    turns: Arc<Turns>,
    holds: Arc<Holds>,
    runtime: Id,
    is_over: bool,
}

impl Drop for Leader {
    /// Ends the waits of a runtime that shuts down. Its futures may be polled in another one.
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = self.turns.state.lock();
            state.led.remove(&self.runtime);
            let waits: Vec<_> = state.waiting.extract_if(.., |waiting| waiting.runtime == self.runtime).collect();
            drop(state);
            drop(waits);
        }
    }
}

impl Leader {
    async fn lead(mut self) {
        while !self.is_over {
            self.idle().await;
            self.give();
        }
    }

    /// Waits until nothing more can happen without a turn, for a limited real time.
    async fn idle(&self) {
        // The ticks are counted, not the time between them: on a busy machine the thread may not run for a while.
        let (mut spent, mut came, mut quiet) = (Duration::ZERO, self.turns.came(), 0);
        let enough = match Handle::current().runtime_flavor() {
            RuntimeFlavor::CurrentThread => QUIET,
            _ => QUIET_OF_THREADS,
        };
        loop {
            // A request that the leader has stopped waiting for may still hold time.
            let time_is_paused = is_paused() && !self.holds.has_overlooked(self.runtime);
            let has_advanced = if time_is_paused {
                spent += LOOK;
                self.paused_tick().await
            } else {
                spent += TICK;
                self.real_tick(TICK).await;
                false
            };
            if self.holds.is_waiting(self.runtime) {
                if spent < RESPONSE {
                    quiet = 0;
                    continue;
                }
                self.holds.overlook(self.runtime);
                spent = Duration::ZERO;
            }
            if has_advanced || spent >= PATIENCE {
                return;
            }
            if time_is_paused {
                continue;
            }
            quiet = if self.turns.came() == came { quiet + 1 } else { 0 };
            came = self.turns.came();
            if quiet >= enough {
                return;
            }
        }
    }

    /// Waits until paused time advances, or for a limited real time. Returns whether it has advanced.
    async fn paused_tick(&self) -> bool {
        // A future of the test that holds time may wait for a turn.
        let _released = self.holds.release_futures();
        let (mut tick, mut limit) = (pin!(tokio::time::sleep(TICK)), pin!(self.real_tick(LOOK)));
        poll_fn(|context| match tick.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => limit.as_mut().poll(context).map(|()| false),
        })
        .await
    }

    /// Waits for real time, also if the time of the runtime is paused.
    async fn real_tick(&self, time: Duration) {
        let (done, ended) = oneshot::channel::<()>();
        let timer = self.turns.real_time.spawn(task(async move {
            tokio::time::sleep(time).await;
            drop(done);
        }));
        let _stops = AbortOnDrop(timer.abort_handle());
        let _ = ended.await;
    }

    /// Gives a turn to one of the requests that wait. The leader must end if no other waits.
    fn give(&mut self) {
        let chosen = {
            let mut state = self.turns.state.lock();
            let places = 0..state.waiting.len();
            let mut mine: Vec<_> = places.filter(|n| state.waiting[*n].runtime == self.runtime).collect();
            // The sort is stable: requests with the same name stay in the order in which they came.
            mine.sort_by(|a, b| state.waiting[*a].name.cmp(&state.waiting[*b].name));
            // A single request needs no choice, so requests one after the other do not change the choices after them.
            let choice = if mine.len() > 1 { state.random.usize(..mine.len()) } else { 0 };
            if mine.len() <= 1 {
                state.led.remove(&self.runtime);
                self.is_over = true;
            }
            mine.get(choice).map(|place| state.waiting.remove(*place))
        };
        if let Some(chosen) = chosen {
            // If the future of the request was dropped, nothing happens in this turn.
            let _ = chosen.go.send(());
        }
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
