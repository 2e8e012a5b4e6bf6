//! The standalone program: its options, and its run from start to signal.

mod limits;
mod options;
mod run;

pub use run::run;
