//! A fault that a test has set: for which requests, how often, and what happens to them.

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::record::{Filter, Panicked, Request};

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

/// A closure of the test's that a rule needs an answer from before it can judge a request. It is asked outside of the
/// script's lock: it may block, and it may set another fault.
pub(crate) struct Question {
    rule: Arc<Rule>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Whether the request is the one that the rule waits for.
    Begins,
    /// Whether the request is one that the rule is for.
    Fits,
}

impl Question {
    pub(crate) fn ask(&self, request: &Request) -> Answer {
        let filter = match (self.stage, &self.rule.after) {
            (Stage::Begins, Some(after)) => after,
            _ => &self.rule.filter,
        };
        Answer { stage: self.stage, held: filter.judge(request) }
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.rule
    }
}

/// What a closure of the test's said of a request.
pub(crate) struct Answer {
    stage: Stage,
    pub(crate) held: Result<bool, Panicked>,
}

/// A rule, and what it has seen.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) rule: Arc<Rule>,
    /// Its place in the order in which the rules of the mock were set.
    pub(crate) number: u64,
    fired: usize,
    /// Whether what it waits for has come.
    begun: bool,
    /// The number of each call that fits, by its invocation.
    calls: HashMap<String, usize>,
    seen_calls: usize,
    bucket: Option<Bucket>,
    /// The number of the first request that came after it was set.
    first_seen: Option<usize>,
    /// How many requests its filter fitted before it was used up.
    fitted: usize,
    /// How many of those met an earlier fault.
    overtaken: usize,
    /// The first panic of a closure of the test's.
    panicked: Option<Panicked>,
}

/// A fault that did not do all that it had to.
#[derive(Clone, Debug)]
pub(crate) struct Leftover {
    pub(crate) declared: &'static Location<'static>,
    /// What was set, and how it ended.
    pub(crate) headline: String,
    /// Why, and what to do.
    pub(crate) notes: Vec<String>,
    /// The requests that it still waited for, if none came.
    pub(crate) wanted: Option<Filter>,
    /// The number of the first request that came after it was set.
    pub(crate) since: usize,
}

impl Leftover {
    /// A fault for which more requests would have changed nothing.
    pub(crate) fn new(declared: &'static Location<'static>, headline: String) -> Self {
        Leftover { declared, headline, notes: Vec::new(), wanted: None, since: usize::MAX }
    }
}

impl Armed {
    pub(crate) fn new(rule: Rule, number: u64) -> Self {
        Armed {
            number,
            fired: 0,
            begun: rule.after.is_none(),
            calls: HashMap::new(),
            seen_calls: 0,
            bucket: rule.beyond.map(Bucket::full),
            first_seen: None,
            fitted: 0,
            overtaken: 0,
            panicked: None,
            rule: Arc::new(rule),
        }
    }

    /// The closure of the test's that must be asked about the next request, if there is one.
    pub(crate) fn question(&self) -> Option<Question> {
        let stage = if self.begun { Stage::Fits } else { Stage::Begins };
        let is_custom = match stage {
            Stage::Begins => self.rule.after.as_ref().is_some_and(Filter::is_custom),
            Stage::Fits => !self.is_used_up() && self.rule.filter.is_custom(),
        };
        is_custom.then(|| Question { rule: self.rule.clone(), stage })
    }

    /// Whether a request meets this fault, if no other takes it. It counts the request in any case, so every rule must
    /// be shown every request. `answer` is that of the closure which had to be asked.
    ///
    /// Between the question and this, other requests may have been counted. What they changed is respected: a rule
    /// that they used up does not fire again. A rule that they began counts this request as one before the beginning.
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
        if !self.begun {
            // The request that it waits for is not itself after it.
            self.begun = match stage {
                Some(_) => held,
                None => self.rule.after.as_ref().is_some_and(|after| after.fits(request)),
            };
            return false;
        }
        if self.is_used_up() || stage == Some(Stage::Begins) {
            return false;
        }
        let fits = match stage {
            Some(_) => held,
            // It was not begun when the closures were asked.
            None if self.rule.filter.is_custom() => false,
            None => self.rule.filter.fits(request),
        };
        if !fits {
            return false;
        }
        self.fitted += 1;
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

    /// An earlier fault took a request that this one is for.
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

    /// What of it did not happen; `None` if all of it did that had to.
    pub(crate) fn leftover(&self) -> Option<Leftover> {
        let Rule { times, optional, declared, .. } = *self.rule;
        if let Some(panicked) = &self.panicked {
            return Some(Leftover::new(declared, format!("{} could not be decided: {panicked}", self.rule)));
        }
        let (least, expected) = match times {
            Times::Always => (1, "at least once".to_owned()),
            Times::Exactly(1) => (1, "once".to_owned()),
            Times::Exactly(times) => (times, format!("{times} times")),
        };
        if optional || self.fired >= least {
            return None;
        }
        let (why, wanted) = self.why();
        let advice = "mark it `.optional()` if it may be left over".to_owned();
        Some(Leftover {
            declared,
            headline: format!("{} was to fire {expected}, it fired {} times", self.rule, self.fired),
            notes: why.into_iter().chain([advice]).collect(),
            wanted: wanted.cloned(),
            since: self.first_seen.unwrap_or(usize::MAX),
        })
    }

    /// Why it did not fire as often as it had to, and what it waited for if no such request came.
    fn why(&self) -> (Option<String>, Option<&Filter>) {
        let requests = |n: usize| if n == 1 { "1 request".to_owned() } else { format!("{n} requests") };
        if self.first_seen.is_none() {
            return (Some("no request arrived after it was set".into()), None);
        }
        if let Some(after) = self.rule.after.as_ref().filter(|_| !self.begun) {
            return (Some(format!("it waits for a request that never came: {after}")), Some(after));
        }
        if self.fitted == 0 {
            return (None, Some(&self.rule.filter));
        }
        let fitted = requests(self.fitted);
        let verb = if self.fitted == 1 { "fits" } else { "fit" };
        let why = if self.overtaken > 0 {
            format!("{fitted} {verb}, but {} of them met a fault that was set earlier", self.overtaken)
        } else if let Some(n) = self.rule.nth_call.filter(|&n| n > self.seen_calls) {
            let calls =
                if self.seen_calls == 1 { "1 call fits".into() } else { format!("{} calls fit", self.seen_calls) };
            format!("{calls}, so there was no call {n}")
        } else if self.rule.beyond.is_some() {
            format!("{fitted} {verb}, and did not go beyond the limit")
        } else {
            format!("{fitted} {verb}; each attempt of a call is a request, and an SDK makes 3 attempts by default")
        };
        (Some(why), None)
    }
}
