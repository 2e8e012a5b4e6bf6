//! The standalone program: its options, and its run from start to signal.

mod config;
mod documents;
mod health;
mod initial;
mod invalid;
mod limits;
mod options;
mod publish;
mod run;
mod signals;
mod state;
mod values;

pub use run::run;
