//! The runtimes whose time the service's clock follows: the one that the mock was started in, and those with paused
//! time that used the mock later.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::{Handle, Id};
use tokio::time::Instant;

use crate::sync::Mutex;

use super::tokio_time::{Watch, is_paused, when_gone};

/// The time that has passed in these runtimes. It starts at the system time and never goes back.
#[derive(Debug)]
pub(super) struct Runtimes(Mutex<Followed>);

#[derive(Debug)]
struct Followed {
    /// The time at the last reading.
    now: SystemTime,
    /// The real time of the last reading.
    read: std::time::Instant,
    /// The runtime that the mock was started in. `None` without one, and after it has shut down; then real time passes.
    home: Option<Runtime>,
    /// Runtimes with paused time that used the mock later. The most recent one is last.
    adopted: Vec<Runtime>,
}

/// A runtime, and the value of its clock at the last reading.
#[derive(Debug)]
struct Runtime {
    handle: Handle,
    read: Instant,
    /// Detects the shutdown of the runtime. `None` while its time was never seen paused: running time continues without
    /// it.
    watch: Option<Watch>,
}

impl Runtimes {
    /// Starts with the current runtime, if there is one.
    pub(super) fn start() -> Arc<Self> {
        let home = Handle::try_current().ok().map(Runtime::new);
        let is_paused = home.is_some() && is_paused();
        let runtimes = Arc::new(Runtimes(Mutex::new(Followed {
            now: SystemTime::now(),
            read: std::time::Instant::now(),
            home,
            adopted: Vec::new(),
        })));
        if is_paused && let Ok(current) = Handle::try_current() {
            runtimes.adopt(&current);
        }
        runtimes
    }

    /// Returns the current time.
    pub(super) fn now(&self) -> SystemTime {
        let mut followed = self.0.lock();
        followed.advance();
        followed.now
    }

    /// Follows a runtime whose time is paused, from now until it shuts down.
    pub(super) fn adopt(self: &Arc<Self>, runtime: &Handle) {
        let id = runtime.id();
        {
            let mut followed = self.0.lock();
            followed.advance();
            if let Some(known) = followed.adopted.iter().position(|known| known.handle.id() == id) {
                followed.adopted[known..].rotate_left(1);
                return;
            }
            match &followed.home {
                Some(home) if home.handle.id() == id => {
                    if home.watch.is_some() {
                        return;
                    }
                }
                _ => followed.adopted.push(Runtime::new(runtime.clone())),
            }
        }
        // Without the lock: if the runtime has shut down, the watch calls back before it is returned.
        let runtimes = Arc::downgrade(self);
        let watch = when_gone(runtime, move || {
            if let Some(runtimes) = runtimes.upgrade() {
                runtimes.forget(id);
            }
        });
        let mut followed = self.0.lock();
        match followed.find(id) {
            Some(known) => known.watch = Some(watch),
            None => {
                drop(followed);
                drop(watch);
            }
        }
    }

    /// Returns the runtime in which a timer lets paused time pass: the one that used the mock last.
    pub(super) fn last(&self) -> Option<Handle> {
        let followed = self.0.lock();
        followed.adopted.last().or(followed.home.as_ref()).map(|runtime| runtime.handle.clone())
    }

    /// Returns whether paused time is followed. Otherwise the clock moves with real time.
    pub(super) fn are_paused(&self) -> bool {
        let followed = self.0.lock();
        followed.home.iter().chain(&followed.adopted).any(Runtime::is_paused)
    }

    /// Stops following a runtime that shuts down. The time that it has moved so far counts.
    fn forget(&self, id: Id) {
        let mut followed = self.0.lock();
        followed.advance();
        let gone = match followed.adopted.iter().position(|known| known.handle.id() == id) {
            Some(known) => Some(followed.adopted.remove(known)),
            None => followed.home.take_if(|home| home.handle.id() == id),
        };
        drop(followed);
        drop(gone);
    }
}

impl Followed {
    /// Adds the time since the last reading: that of the mock's own runtime, or real time without one, and all jumps of
    /// the other runtimes. Real time counts once, even if the time of several runtimes is real.
    fn advance(&mut self) {
        let now = std::time::Instant::now();
        let real = now - self.read;
        self.read = now;
        let at_home = self.home.as_mut().map_or(real, Runtime::moved);
        let (mut jumps, mut any_runs) = (Duration::ZERO, false);
        for runtime in &mut self.adopted {
            let moved = runtime.moved();
            if moved.is_zero() {
                continue;
            }
            if runtime.is_paused() {
                jumps = jumps.saturating_add(moved);
            } else {
                // The time of this runtime was resumed. It may have jumped before that.
                any_runs = true;
                jumps = jumps.saturating_add(moved.saturating_sub(real));
            }
        }
        let passed = if any_runs { at_home.max(real) } else { at_home };
        self.now = self.now.checked_add(passed.saturating_add(jumps)).unwrap_or(self.now);
    }

    fn find(&mut self, id: Id) -> Option<&mut Runtime> {
        self.home.iter_mut().chain(&mut self.adopted).find(|known| known.handle.id() == id)
    }
}

impl Runtime {
    /// Starts counting now.
    fn new(handle: Handle) -> Self {
        let read = in_time_of(&handle, Instant::now).unwrap_or_else(|| std::time::Instant::now().into());
        Runtime { handle, read, watch: None }
    }

    /// Returns how far the clock has moved since the last reading.
    fn moved(&mut self) -> Duration {
        let now = in_time_of(&self.handle, Instant::now).unwrap_or(self.read);
        let moved = now.saturating_duration_since(self.read);
        self.read = now;
        moved
    }

    fn is_paused(&self) -> bool {
        in_time_of(&self.handle, is_paused).unwrap_or(false)
    }
}

/// Reads the clock of a runtime. tokio can only read the clock of the current runtime, and server threads have a
/// different one, so this enters the runtime. Returns `None` on a thread whose thread-local values are destroyed,
/// because it cannot enter a runtime.
fn in_time_of<T>(runtime: &Handle, read: impl FnOnce() -> T) -> Option<T> {
    if Handle::try_current().is_err_and(|error| error.is_thread_local_destroyed()) {
        return None;
    }
    let _entered = runtime.enter();
    Some(read())
}
