//! What goes wrong: rules, matched like requests and used up in order, and what they do to a request or its answer.
//!
//! Deterministic: no probabilities. A rule fires once unless it is told how often, and one that did not fire as often
//! as it should, or could not do what it was to do, fails verification unless it is optional.

pub(crate) mod effect;
pub(crate) mod rule;
pub(crate) mod script;
pub(crate) mod throttle;
