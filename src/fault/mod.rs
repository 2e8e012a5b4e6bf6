//! What goes wrong: rules, matched like requests and used up in order, and what they do to a request or its answer.
//!
//! Deterministic: no probabilities. A rule fires once unless it is told how often, and one that did not fire as often
//! as it should, or could not do what it was to do, fails verification unless it is optional.

mod effect;
mod rule;
mod script;
mod throttle;

pub(crate) use self::effect::{After, Before, Delay, Effect, Passing, Spoil};
pub(crate) use self::rule::{Leftover, Rule, Times};
pub(crate) use self::script::{Fired, Script};
pub(crate) use self::throttle::Quota;
