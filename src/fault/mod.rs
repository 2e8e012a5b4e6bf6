//! Faults: rules that select requests, and the effects of a fault on a request or its response.
//!
//! Faults are deterministic: there are no probabilities. A rule applies once unless the test sets another number.
//! Verification fails if a rule applied less often than required, or could not take effect, unless the rule is
//! optional.

mod effect;
mod rule;
mod script;
mod throttle;

pub(crate) use self::effect::{After, Before, Delay, Effect, Passing, Spoil};
pub(crate) use self::rule::{Leftover, Rule, Times};
pub(crate) use self::script::{Fired, Script, SetRule};
pub(crate) use self::throttle::Quota;
