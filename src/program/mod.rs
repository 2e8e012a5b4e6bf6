//! The standalone program: its options, and its run from start to signal.

mod config;
mod documents;
mod health;
mod import;
mod initial;
mod inspect;
mod invalid;
mod limits;
mod options;
mod publish;
mod run;
mod signals;
mod state;
mod table;
mod values;

pub use run::run;
