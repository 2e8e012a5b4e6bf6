//! The standalone program: its options, and its run from start to signal.

mod options;
mod publish;
mod run;

pub use run::run;
