//! The program: its flags, and its life from start to signal.

mod options;
mod run;

pub use run::run;
