//! The faults that a test has set, and which of them applies to a request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::record::{Panicked, Request};

use super::effect::Effect;
use super::rule::{Answer, Armed, Leftover, Question, Rule};

/// All faults of a mock, in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Script {
    state: Mutex<State>,
    /// Whether any fault is set. Without one, a request costs only this check.
    any: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Armed>,
    /// The number of rules set so far.
    set: u64,
    /// Faults that fired without effect.
    missed: Vec<Leftover>,
}

/// A fault that applies to a request.
#[derive(Clone, Debug)]
pub(crate) struct Fired(Arc<Rule>);

impl Fired {
    pub(crate) fn effect(&self) -> &Effect {
        &self.0.effect
    }
}

impl Script {
    pub(crate) fn add(&self, rule: Rule) {
        let mut state = self.lock();
        state.set += 1;
        let number = state.set;
        state.rules.push(Armed::new(rule, number));
        drop(state);
        self.any.store(true, Ordering::Release);
    }

    /// Returns the fault that applies to a request: the first one that matches and is not used up. Each firing is
    /// counted here, so it belongs to exactly one request. If a closure of the test panics, no fault applies and
    /// verification fails.
    pub(crate) fn decide(&self, request: impl FnOnce() -> Request) -> Result<Option<Fired>, Panicked> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(None);
        }
        let request = request();
        let (questions, set) = self.questions();
        // Closures of the test run without the lock.
        let mut answers: Vec<_> =
            questions.into_iter().map(|(number, question)| (number, question.ask(&request), question)).collect();
        let panicked = answers.iter().find_map(|(_, answer, _)| answer.held.as_ref().err().cloned());
        let mut state = self.lock();
        let mut first = None;
        // A fault that was set meanwhile applies only to later requests.
        for armed in state.rules.iter_mut().filter(|armed| armed.number <= set) {
            let answer = take_answer(&mut answers, armed.number);
            // Every rule counts the request, even after another rule applied to it.
            if armed.is_for(&request, answer) {
                match first {
                    None => first = Some(armed),
                    Some(_) => armed.is_overtaken(),
                }
            }
        }
        if let Some(panicked) = panicked {
            // A rule that was verified while its closure ran cannot keep the panic itself.
            for (_, answer, question) in answers {
                if let Err(panicked) = answer.held {
                    state.miss(question.rule(), &panicked.to_string());
                }
            }
            return Err(panicked);
        }
        Ok(first.map(|armed| Fired(armed.fire())))
    }

    /// Returns the closures of the test that must be run for the next request, by the number of their rule, and the
    /// number of rules.
    fn questions(&self) -> (Vec<(u64, Question)>, u64) {
        let state = self.lock();
        let questions = state.rules.iter().filter_map(|armed| Some((armed.number, armed.question()?)));
        (questions.collect(), state.set)
    }

    /// Records that a fault fired without effect, for example because the byte to flip does not exist. A test that
    /// relied on it must not pass.
    pub(crate) fn missed(&self, fired: &Fired, why: &str) {
        if !fired.0.optional {
            self.lock().miss(&fired.0, why);
        }
    }

    /// Returns whether a request in flight could change what [`leftovers`](Self::leftovers) finds: a fault has not fired
    /// yet, or a closure of the test's may be judging the request.
    pub(crate) fn are_pending(&self) -> bool {
        self.lock().rules.iter().any(|armed| armed.leftover().is_some() || armed.question().is_some())
    }

    /// Removes all rules and returns what verification reports about them, so that each problem is reported once.
    pub(crate) fn leftovers(&self) -> Vec<Leftover> {
        let mut state = self.lock();
        let (rules, missed) = (std::mem::take(&mut state.rules), std::mem::take(&mut state.missed));
        // Dropping the rules drops closures of the test, which must not happen under the lock.
        drop(state);
        rules.iter().filter_map(Armed::leftover).chain(missed).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn miss(&mut self, rule: &Rule, why: &str) {
        self.missed.push(Leftover::new(rule.declared, format!("{rule} had no effect: {why}")));
    }
}

fn take_answer(answers: &mut Vec<(u64, Answer, Question)>, number: u64) -> Option<Answer> {
    let place = answers.iter().position(|(asked, _, _)| *asked == number)?;
    Some(answers.swap_remove(place).1)
}
