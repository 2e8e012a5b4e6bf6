//! Fault sweeps: run a scenario once for each pair of a call and a fault, each time on a new mock, and report the
//! runs that broke.
//!
//! A sweep first runs the scenario without a fault, and the calls on record are the places where something can go wrong.
//! The faults are those of the fixture: `catalogue.rs` only chooses among them. Runs go through `drive.rs`, which catches
//! panics and hangs.

mod builder;
mod catalogue;
mod crash;
mod drive;
mod guard;
mod pairs;
mod program;
mod progress;
mod report;
mod run;
mod runs;
mod seen;

pub use self::builder::{FaultSweep, Sweep, SweepScenario};
pub use self::catalogue::SweepFault;
pub use self::program::SweepVerdict;
pub use self::report::{SweepFailure, SweepReport};
