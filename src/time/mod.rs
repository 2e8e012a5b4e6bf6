//! Time: the service's clock, waits on that clock, and how paused tokio time stays in step with a server on other
//! threads.
//!
//! # Paused time
//!
//! With `#[tokio::test(start_paused = true)]` the clock of a tokio runtime stands still while the test has something to
//! do, and jumps to the next timer when the runtime is idle. The server runs on threads of another runtime, so the
//! test's runtime is idle while it waits for a response. Four parts work together so that a mock fits into this:
//!
//! - **The clock** (`clock.rs`, `runtimes.rs`) follows the clock of the runtime in which the mock was started. It also
//!   follows every other runtime with paused time that uses the mock, from its first use until it shuts down: a mock in
//!   a `static` serves tests that have a runtime each. The mock's own client reports the runtime with each request, and
//!   so do `mock.clock()`, `mock.jobs()`, `mock.vault(..)` and similar methods. The times of several runtimes add up:
//!   if one test sleeps for an hour and another for two, three hours pass. So each test sees at least its own time
//!   pass, and the clock never goes back. When the runtime in which the mock was started has shut down, the wall clock
//!   takes its place.
//! - **The hold** (`hold.rs`) keeps the time of the calling runtime from jumping while a request is in flight.
//!   Otherwise a timeout of the code under test would fire although the server answers at once. The mock's own client
//!   takes a hold for each request (`fixture/client/paused_time.rs`). For a client of the test's own,
//!   `GlacierMock::hold_time` takes one around a future.
//! - **The delay** (`delay.rs`) releases the hold while a fault delays the request, because then time must pass. It also
//!   releases the holds of all futures, because any of them may have sent the request.
//! - **The alarm** (`alarm.rs`) ends the delay. It sets a timer in the runtime of the caller, so that paused time jumps
//!   to the end of the delay and not past it.
//!
//! `turns.rs` uses the hold to find out when a runtime has nothing more to do, for tests that shuffle requests.
//! `tokio_time.rs` finds out whether a runtime's time is paused, and when a runtime shuts down. A runtime that shuts
//! down ends its holds, its timers and its part in the clock before it waits for its blocking tasks.

mod alarm;
mod clock;
mod delay;
mod hold;
mod runtimes;
mod tokio_time;
mod turns;

pub use self::clock::Clock;
#[cfg(feature = "state")]
pub(crate) use self::clock::ClockData;
pub(crate) use self::clock::RunningClock;
pub(crate) use self::delay::wait;
#[cfg(feature = "client")]
pub(crate) use self::hold::Registered;
pub(crate) use self::hold::{Hold, Holds, RequestHolds};
pub(crate) use self::tokio_time::paused_runtime;
pub(crate) use self::turns::Turns;
