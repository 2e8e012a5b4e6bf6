//! A fault that a test has set: for which requests, how often, and what happens to them.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use crate::record::filter::Filter;
use crate::record::request::Request;

use super::effect::Effect;
use super::throttle::{Bucket, Quota};

/// Something goes wrong with the first requests that fit.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) filter: Filter,
    /// Only once a request that fits this has come.
    pub(crate) after: Option<Filter>,
    /// Only with this call of those that fit, counted from 1.
    pub(crate) nth_call: Option<usize>,
    /// Only with what goes beyond.
    pub(crate) beyond: Option<Quota>,
    pub(crate) effect: Effect,
    pub(crate) times: Times,
    /// Whether it may be left over.
    pub(crate) optional: bool,
    pub(crate) declared: &'static Location<'static>,
}

/// How many requests something happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    Exactly(usize),
    /// To all that fit, and at least to one.
    Always,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fault {} for ", self.effect)?;
        if let Some(n) = self.nth_call {
            write!(f, "call {n} of ")?;
        }
        write!(f, "{}", self.filter)?;
        if let Some(after) = &self.after {
            write!(f, " after {after}")?;
        }
        if let Some(Quota { burst, refill }) = self.beyond {
            write!(f, " beyond {burst} at once and one each {refill:?}")?;
        }
        Ok(())
    }
}

/// A rule, and what it has seen.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) rule: Rule,
    fired: usize,
    /// Whether what it waits for has come.
    begun: bool,
    /// The number of each call that fits, by its invocation.
    calls: HashMap<String, usize>,
    seen_calls: usize,
    bucket: Option<Bucket>,
}

impl Armed {
    pub(crate) fn new(rule: Rule) -> Self {
        let bucket = rule.beyond.map(Bucket::full);
        Armed { fired: 0, begun: rule.after.is_none(), calls: HashMap::new(), seen_calls: 0, bucket, rule }
    }

    /// Whether a request meets this fault, if no other takes it. It counts the request in any case, so every rule must
    /// be shown every request.
    pub(crate) fn is_for(&mut self, request: &Request) -> bool {
        if !self.begun {
            // The request that it waits for is not itself after it.
            self.begun = self.rule.after.as_ref().is_some_and(|after| after.fits(request));
            return false;
        }
        if self.is_used_up() || !self.rule.filter.fits(request) {
            return false;
        }
        if let Some(wanted) = self.rule.nth_call
            && self.call_number(request) != wanted
        {
            return false;
        }
        self.bucket.as_mut().is_none_or(|bucket| !bucket.admits(request.service_time()))
    }

    /// Its place among the calls that fit. A request without an invocation is a call of its own.
    fn call_number(&mut self, request: &Request) -> usize {
        let known = request.invocation_id().and_then(|id| self.calls.get(id));
        if let Some(&number) = known {
            return number;
        }
        self.seen_calls += 1;
        if let Some(id) = request.invocation_id() {
            self.calls.insert(id.to_owned(), self.seen_calls);
        }
        self.seen_calls
    }

    pub(crate) fn fire(&mut self) -> Effect {
        self.fired += 1;
        self.rule.effect.clone()
    }

    fn is_used_up(&self) -> bool {
        matches!(self.rule.times, Times::Exactly(times) if self.fired >= times)
    }

    /// What of it did not happen, in words; `None` if nothing is left that had to.
    pub(crate) fn leftover(&self) -> Option<String> {
        let Rule { times, optional, declared, .. } = self.rule;
        let (least, times) = match times {
            Times::Always => (1, "at least once".to_owned()),
            Times::Exactly(1) => (1, "once".to_owned()),
            Times::Exactly(times) => (times, format!("{times} times")),
        };
        if optional || self.fired >= least {
            return None;
        }
        Some(format!(
            "declared at {declared}\n{} was to fire {times}, it fired {} times. Mark it `.optional()` if it may be left over\n",
            self.rule, self.fired
        ))
    }
}
