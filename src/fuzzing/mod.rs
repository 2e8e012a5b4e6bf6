//! Fuzz targets: functions that take arbitrary bytes, and panic if the mock handles them incorrectly.
//!
//! This room exists in test builds, and in builds with `--cfg fuzzing`, which is how `fuzz/run` and cargo-fuzz compile the
//! crate. The package in `fuzz` calls the targets; `fuzz/README.md` says how to run them and how to add one. No other room
//! uses this one.

mod arranged;
#[cfg(feature = "standalone")]
mod control_api;
mod dates;
mod exchange;
mod markers;
mod parameters;
mod policies;
mod ranges;
mod requests;
mod signatures;
mod socket;
#[cfg(feature = "state")]
mod states;
#[cfg(test)]
mod tests;

#[cfg(feature = "standalone")]
pub use self::control_api::control_api;
pub use self::dates::dates;
pub use self::markers::markers;
pub use self::parameters::parameters;
pub use self::policies::policies;
pub use self::ranges::ranges;
pub use self::requests::requests;
pub use self::signatures::signatures;
#[cfg(feature = "state")]
pub use self::states::states;
