//! A fault that a test has set: which requests it applies to, how often, and its effect.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::domain::words::Origin;
use crate::record::{Filter, Panicked, Request};

use super::effect::{Delay, Effect};
use super::throttle::{Bucket, Quota};

/// A fault for the first requests that match its filter.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) filter: Filter,
    /// If set, the rule becomes active after a request that matches this filter.
    pub(crate) after: Option<Filter>,
    /// If set, the rule applies only to this call among the matching ones, counted from 1.
    pub(crate) nth_call: Option<usize>,
    /// If set, the request waits this long before the effect.
    pub(crate) delay: Option<Delay>,
    pub(crate) effect: Effect,
    pub(crate) times: Times,
    /// Whether verification accepts that the rule did not apply as often as required.
    pub(crate) optional: bool,
    pub(crate) declared: Origin,
}

/// How many requests the fault applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    Exactly(usize),
    /// All matching requests. Verification requires at least one.
    Always,
}

impl Rule {
    /// Describes the effect with the delay before it, for example `ThrottlingException after a delay of 2s`.
    pub(super) fn consequence(&self) -> String {
        match self.delay {
            Some(delay) => format!("{} after a delay of {delay}", self.effect),
            None => self.effect.to_string(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fault {} for ", self.consequence())?;
        if let Some(n) = self.nth_call {
            write!(f, "call {n} of ")?;
        }
        write!(f, "{}", self.filter)?;
        if let Some(after) = &self.after {
            write!(f, " after {after}")?;
        }
        if let Some(Quota { burst, refill }) = self.effect.quota() {
            write!(f, " beyond {burst} at once and one each {refill:?}")?;
        }
        Ok(())
    }
}

/// A closure of the test that must be run before a rule can decide about a request. It runs without the lock of the
/// script: it may block, and it may set another fault.
pub(crate) struct Question {
    rule: Arc<Rule>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The filter of the request that activates the rule.
    Activation,
    /// The filter of the requests that the rule applies to.
    Match,
}

impl Question {
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let filter = match (self.stage, &self.rule.after) {
            (Stage::Activation, Some(after)) => after,
            _ => &self.rule.filter,
        };
        Answer { stage: self.stage, held: filter.judge(request) }
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }
}

/// The result of a closure of the test for one request.
pub(crate) struct Answer {
    stage: Stage,
    pub(crate) held: Result<bool, Panicked>,
}

/// A rule with its counters.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) rule: Arc<Rule>,
    /// The position in the order in which the rules of the mock were set, counted from 1.
    pub(crate) id: u64,
    /// How many requests the fault applied to.
    pub(crate) fired: usize,
    /// Whether the request that activates the rule has arrived.
    active: bool,
    /// The number of each matching call, by its invocation ID.
    calls: HashMap<String, usize>,
    seen_calls: usize,
    bucket: Option<Bucket>,
    /// The number of the first request that arrived after the rule was set.
    first_seen: Option<usize>,
    /// The number of requests that matched before the rule was used up.
    matched: usize,
    /// The number of matching requests to which an earlier fault applied.
    overtaken: usize,
    /// The first panic of a closure of the test.
    panicked: Option<Panicked>,
}

/// A fault that did not do everything that verification requires.
#[derive(Clone, Debug)]
pub(crate) struct Leftover {
    pub(crate) declared: Origin,
    /// What was set, and what happened.
    pub(crate) headline: String,
    /// The reason, and what to do about it.
    pub(crate) notes: Vec<String>,
    /// The filter of the requests that the rule still waited for, if none arrived.
    pub(crate) wanted: Option<Filter>,
    /// The number of the first request that arrived after the rule was set.
    pub(crate) since: usize,
}

impl Leftover {
    /// Creates a leftover without a filter, for a failure that no further request would have prevented.
    pub(crate) fn new(declared: Origin, headline: String) -> Self {
        Leftover { declared, headline, notes: Vec::new(), wanted: None, since: usize::MAX }
    }
}

impl Armed {
    pub(crate) fn new(rule: Rule, id: u64) -> Self {
        Armed {
            id,
            fired: 0,
            active: rule.after.is_none(),
            calls: HashMap::new(),
            seen_calls: 0,
            bucket: rule.effect.quota().map(Bucket::full),
            first_seen: None,
            matched: 0,
            overtaken: 0,
            panicked: None,
            rule: Arc::new(rule),
        }
    }

    /// Returns the closure of the test that must be run for the next request, if there is one.
    pub(crate) fn question(&self) -> Option<Question> {
        let stage = if self.active { Stage::Match } else { Stage::Activation };
        let is_custom = match stage {
            Stage::Activation => self.rule.after.as_ref().is_some_and(Filter::is_custom),
            Stage::Match => !self.is_used_up() && self.rule.filter.is_custom(),
        };
        is_custom.then(|| Question { rule: self.rule.clone(), stage })
    }

    /// Returns whether the fault applies to a request, unless an earlier fault does. The rule counts the request in any
    /// case, so every rule must be shown every request. `answer` is the result of the closure that [`Armed::question`]
    /// returned.
    ///
    /// Other requests may have been counted between the question and this call. A rule that they used up does not fire
    /// again, and a rule that they activated does not apply to this request.
    pub(crate) fn is_for(&mut self, request: &Request, answer: Option<Answer>) -> bool {
        self.first_seen.get_or_insert(request.number());
        let (stage, held) = match answer {
            Some(Answer { stage, held: Ok(held) }) => (Some(stage), held),
            Some(Answer { held: Err(panicked), .. }) => {
                self.panicked.get_or_insert(panicked);
                return false;
            }
            None => (None, false),
        };
        if !self.active {
            // The request that activates the rule does not itself meet the fault.
            self.active = match stage {
                Some(_) => held,
                None => self.rule.after.as_ref().is_some_and(|after| after.fits(request)),
            };
            return false;
        }
        if self.is_used_up() || stage == Some(Stage::Activation) {
            return false;
        }
        let fits = match stage {
            Some(_) => held,
            // The rule was not active when the closures ran, so this closure has no result.
            None if self.rule.filter.is_custom() => false,
            None => self.rule.filter.fits(request),
        };
        if !fits {
            return false;
        }
        self.matched += 1;
        if let Some(wanted) = self.rule.nth_call
            && self.call_number(request, wanted) != Some(wanted)
        {
            return false;
        }
        self.bucket.as_mut().is_none_or(|bucket| !bucket.admits(request.service_time()))
    }

    /// Returns the position of the call among the matching calls, or `None` if it is greater than the wanted one. A
    /// request without an invocation ID counts as a separate call.
    fn call_number(&mut self, request: &Request, wanted: usize) -> Option<usize> {
        let id = request.call_id();
        let known = id.as_ref().and_then(|id| self.calls.get(&**id));
        if let Some(&number) = known {
            return Some(number);
        }
        if self.seen_calls >= wanted {
            return None;
        }
        self.seen_calls += 1;
        if let Some(id) = id {
            self.calls.insert(id.into_owned(), self.seen_calls);
        }
        Some(self.seen_calls)
    }

    /// Counts a matching request to which an earlier fault applied.
    pub(crate) fn is_overtaken(&mut self) {
        self.overtaken += 1;
    }

    pub(crate) fn fire(&mut self) -> Arc<Rule> {
        self.fired += 1;
        self.rule.clone()
    }

    fn is_used_up(&self) -> bool {
        matches!(self.rule.times, Times::Exactly(times) if self.fired >= times)
    }

    /// Returns what verification reports about this rule, or `None` if it did everything that is required.
    pub(crate) fn leftover(&self) -> Option<Leftover> {
        let Rule { times: wanted_times, optional, declared, .. } = &*self.rule;
        if let Some(panicked) = &self.panicked {
            return Some(Leftover::new(declared.clone(), format!("{} could not be decided: {panicked}", self.rule)));
        }
        let (least, expected) = match wanted_times {
            Times::Always => (1, "at least once".to_owned()),
            Times::Exactly(n) => (*n, times(*n)),
        };
        if *optional || self.fired >= least {
            return None;
        }
        let (why, wanted) = self.why();
        let advice = match declared {
            Origin::Line(_) => "mark it `.optional()` if the test does not depend on it",
            Origin::Named(_) => "set it with `\"optional\": true` if the test does not depend on it",
        };
        Some(Leftover {
            declared: declared.clone(),
            headline: format!("{} should have fired {expected} but fired {}", self.rule, times(self.fired)),
            notes: why.into_iter().chain([advice.to_owned()]).collect(),
            wanted: wanted.cloned(),
            since: self.first_seen.unwrap_or(usize::MAX),
        })
    }

    /// Returns why the rule did not fire as often as required, and the filter that it waited for if no such request
    /// arrived.
    fn why(&self) -> (Option<String>, Option<&Filter>) {
        let requests = |n: usize| if n == 1 { "1 request".to_owned() } else { format!("{n} requests") };
        if self.first_seen.is_none() {
            return (Some("no request arrived after it was set".into()), None);
        }
        if let Some(after) = self.rule.after.as_ref().filter(|_| !self.active) {
            return (Some(format!("it waited for a request that never arrived: {after}")), Some(after));
        }
        if self.matched == 0 {
            return (None, Some(&self.rule.filter));
        }
        let matched = format!("{} matched", requests(self.matched));
        let why = if self.overtaken > 0 {
            format!("{matched}, but an earlier fault applied to {}", self.overtaken)
        } else if let Some(n) = self.rule.nth_call.filter(|&n| n > self.seen_calls) {
            let calls = if self.seen_calls == 1 { "1 call".into() } else { format!("{} calls", self.seen_calls) };
            format!("{calls} matched, so there was no call {n}")
        } else if self.rule.effect.quota().is_some() {
            format!("{matched}, all within the limit")
        } else {
            format!("{matched}; each attempt of a call is a request, and an SDK makes 3 attempts by default")
        };
        (Some(why), None)
    }
}

fn times(n: usize) -> String {
    match n {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}
