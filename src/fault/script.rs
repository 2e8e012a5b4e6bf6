//! The faults that a test has set, and which of them applies to a request.

use std::fmt;
use std::sync::Arc;

use crate::record::{Panicked, Request};
use crate::sync::Mutex;

use super::effect::{Delay, Effect};
use super::rule::{Answer, Armed, Leftover, Question, Rule};

/// The number of removed rules whose IDs are remembered, for requests in flight that one of them applies to.
const MOST_REMOVED: usize = 10_000;

/// The number of faults without effect that are reported. A fault that always fires may never have one.
const MOST_MISSED: usize = 1_000;

/// All faults of a mock, in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Script {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Armed>,
    /// The number of rules set so far, which is the ID of the last one. IDs are not used again.
    set: u64,
    /// The IDs of removed rules: all up to this one, and those in `removed`. Verification does not report them, even if
    /// a request that one of them applies to is still in flight.
    cleared: u64,
    removed: Vec<u64>,
    /// Faults that fired without effect, by the ID of their rule.
    missed: Vec<(u64, Leftover)>,
}

/// A fault that applies to a request.
#[derive(Clone, Debug)]
pub(crate) struct Fired {
    id: u64,
    rule: Arc<Rule>,
}

impl Fired {
    pub(crate) fn effect(&self) -> &Effect {
        &self.rule.effect
    }

    /// Returns how long the request waits before the effect.
    pub(crate) fn delay(&self) -> Option<Delay> {
        self.rule.delay
    }
}

/// For example `ThrottlingException after a delay of 2s`.
impl fmt::Display for Fired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule.consequence())
    }
}

/// A rule that is set, with how often it fired.
#[derive(Clone, Debug)]
#[cfg_attr(not(any(test, feature = "standalone")), expect(dead_code, reason = "only the control API reads it"))]
pub(crate) struct SetRule {
    pub(crate) id: u64,
    pub(crate) rule: Arc<Rule>,
    pub(crate) fired: usize,
}

/// A closure of the test for one request: the ID of its rule, and what it answered.
struct Asked {
    id: u64,
    question: Question,
    /// `None` once the rule has used it.
    answer: Option<Answer>,
}

impl Script {
    /// Sets a rule and returns its ID. `rule` is given the ID.
    pub(crate) fn add(&self, rule: impl FnOnce(u64) -> Rule) -> u64 {
        let mut state = self.state.lock();
        state.set += 1;
        let id = state.set;
        state.rules.push(Armed::new(rule(id), id));
        id
    }

    /// Returns the rules that are set, in order, including those that are used up.
    pub(crate) fn list(&self) -> Vec<SetRule> {
        let state = self.state.lock();
        let rules = state.rules.iter();
        rules.map(|armed| SetRule { id: armed.id, rule: armed.rule.clone(), fired: armed.fired }).collect()
    }

    /// Removes a rule, which verification then no longer reports. Returns whether there was such a rule.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut state = self.state.lock();
        let Some(place) = state.rules.iter().position(|armed| armed.id == id) else { return false };
        let removed = state.rules.remove(place);
        state.missed.retain(|(rule, _)| *rule != id);
        state.removed.push(id);
        if state.removed.len() > MOST_REMOVED {
            state.removed.drain(..MOST_REMOVED / 2);
        }
        // Dropping the rule drops closures of the test, which must not happen under the lock.
        drop(state);
        drop(removed);
        true
    }

    /// Removes all rules, which verification then no longer reports.
    pub(crate) fn clear(&self) {
        let mut state = self.state.lock();
        state.cleared = state.set;
        let discarded = state.take();
        drop(state);
        drop(discarded);
    }

    /// Returns the fault that applies to a request: the first one that matches and is not used up. Each firing is
    /// counted here, so it belongs to exactly one request. If a closure of the test panics, no fault applies and
    /// verification fails.
    pub(crate) fn decide(&self, request: &Request) -> Result<Option<Fired>, Panicked> {
        let (questions, set) = {
            let state = self.state.lock();
            if state.rules.is_empty() {
                return Ok(None);
            }
            (state.questions(), state.set)
        };
        // Closures of the test run without the lock.
        let mut asked: Vec<_> = questions
            .into_iter()
            .map(|(id, question)| Asked { id, answer: Some(question.ask(request)), question })
            .collect();
        let panicked = asked.iter().find_map(|asked| asked.answer.as_ref()?.held.as_ref().err().cloned());
        // `asked` is dropped after the lock is released, because that may drop closures of the test.
        let mut state = self.state.lock();
        let fired = state.first(request, set, &mut asked, panicked.is_some());
        let Some(panicked) = panicked else { return Ok(fired) };
        // Verification may have removed a rule while its closure ran. Such a rule cannot keep the panic itself.
        for Asked { id, question, answer } in &asked {
            if let Some(Answer { held: Err(panicked), .. }) = answer {
                state.miss(*id, question.rule(), &panicked.to_string());
            }
        }
        Err(panicked)
    }

    /// Records that a fault fired without effect, for example because the byte to flip does not exist. A test that
    /// relied on it must not pass.
    pub(crate) fn missed(&self, fired: &Fired, why: &str) {
        if !fired.rule.optional {
            self.state.lock().miss(fired.id, &fired.rule, why);
        }
    }

    /// Returns whether a request in flight could change what [`leftovers`](Self::leftovers) finds: a fault has not
    /// fired yet, or a closure of the test may be deciding about the request.
    pub(crate) fn are_pending(&self) -> bool {
        self.state.lock().rules.iter().any(|armed| armed.leftover().is_some() || armed.question().is_some())
    }

    /// Removes all rules and returns what verification reports about them, so that each problem is reported once.
    pub(crate) fn leftovers(&self) -> Vec<Leftover> {
        // The rules are dropped without the lock, because that drops closures of the test.
        let (rules, missed) = self.state.lock().take();
        rules.iter().filter_map(Armed::leftover).chain(missed.into_iter().map(|(_, leftover)| leftover)).collect()
    }

    /// Returns what verification would report about the rules now. The rules stay.
    #[cfg(feature = "standalone")]
    pub(crate) fn unmet(&self) -> Vec<Leftover> {
        let state = self.state.lock();
        let missed = state.missed.iter().map(|(_, leftover)| leftover.clone());
        state.rules.iter().filter_map(Armed::leftover).chain(missed).collect()
    }
}

impl State {
    /// Removes and returns all rules, and the reports of faults that fired without effect.
    fn take(&mut self) -> (Vec<Armed>, Vec<(u64, Leftover)>) {
        (std::mem::take(&mut self.rules), std::mem::take(&mut self.missed))
    }

    /// Returns the closures of the test that must be run for the next request, by the ID of their rule.
    fn questions(&self) -> Vec<(u64, Question)> {
        self.rules.iter().filter_map(|armed| Some((armed.id, armed.question()?))).collect()
    }

    /// Shows a request to every rule, and returns the first fault that applies to it. Removes the answers that the
    /// rules used from `asked`.
    fn first(&mut self, request: &Request, set: u64, asked: &mut [Asked], panicked: bool) -> Option<Fired> {
        let mut first: Option<&mut Armed> = None;
        // A fault that was set meanwhile applies only to later requests.
        for armed in self.rules.iter_mut().filter(|armed| armed.id <= set) {
            let place = asked.iter().position(|asked| asked.id == armed.id);
            let answer = place.and_then(|place| asked[place].answer.take());
            // Every rule counts the request, even after another rule applied to it.
            if armed.is_for(request, answer) {
                match first {
                    None => first = Some(armed),
                    Some(_) => armed.is_overtaken(),
                }
            }
        }
        first.filter(|_| !panicked).map(|armed| Fired { id: armed.id, rule: armed.fire() })
    }

    fn miss(&mut self, id: u64, rule: &Rule, why: &str) {
        if id <= self.cleared || self.removed.contains(&id) || self.missed.len() >= MOST_MISSED {
            return;
        }
        let leftover = Leftover::new(rule.declared.clone(), format!("{rule} had no effect: {why}"));
        self.missed.push((id, leftover));
    }
}
