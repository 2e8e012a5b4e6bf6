//! The faults that a test has set, and which of them a request meets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::record::{Panicked, Request};

use super::effect::Effect;
use super::rule::{Answer, Armed, Leftover, Question, Rule};

/// All faults of a mock, in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Script {
    state: Mutex<State>,
    /// Whether there is any. Without one a request costs this look and no more.
    any: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    rules: Vec<Armed>,
    /// How many rules were ever set.
    set: u64,
    /// What fired and could do nothing.
    missed: Vec<Leftover>,
}

/// A fault that a request meets.
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

    /// The fault that a request meets: the first that fits and is not used up. Using it up here makes it one request's
    /// alone. Where a closure of the test's panics, the request meets none of them, and verification fails.
    pub(crate) fn decide(&self, request: impl FnOnce() -> Request) -> Result<Option<Fired>, Panicked> {
        if !self.any.load(Ordering::Acquire) {
            return Ok(None);
        }
        let request = request();
        let (questions, set) = self.questions();
        // Without the lock: these are closures of the test's.
        let mut answers: Vec<_> =
            questions.into_iter().map(|(number, question)| (number, question.ask(&request), question)).collect();
        let panicked = answers.iter().find_map(|(_, answer, _)| answer.held.as_ref().err().cloned());
        let mut state = self.lock();
        let mut first = None;
        // A fault that was set meanwhile is for the requests after this one.
        for armed in state.rules.iter_mut().filter(|armed| armed.number <= set) {
            let answer = take_answer(&mut answers, armed.number);
            // All of them count it, also those that come too late.
            if armed.is_for(&request, answer) {
                match first {
                    None => first = Some(armed),
                    Some(_) => armed.is_overtaken(),
                }
            }
        }
        if let Some(panicked) = panicked {
            // Rules that were verified while their closures ran cannot keep the panic themselves.
            for (_, answer, question) in answers {
                if let Err(panicked) = answer.held {
                    state.miss(question.rule(), &panicked.to_string());
                }
            }
            return Err(panicked);
        }
        Ok(first.map(|armed| Fired(armed.fire())))
    }

    /// The closures of the test's that have to be asked about the next request, by the number of their rule, and how
    /// many rules there were.
    fn questions(&self) -> (Vec<(u64, Question)>, u64) {
        let state = self.lock();
        let questions = state.rules.iter().filter_map(|armed| Some((armed.number, armed.question()?)));
        (questions.collect(), state.set)
    }

    /// A fault fired and could not do what it was to do: a byte to be flipped was not there, for example. A test that
    /// relied on it must not pass.
    pub(crate) fn missed(&self, fired: &Fired, why: &str) {
        if !fired.0.optional {
            self.lock().miss(&fired.0, why);
        }
    }

    /// Whether a request that is under way could change what [`leftovers`](Self::leftovers) finds: a fault has still to
    /// fire, or a closure of the test's may be judging the request.
    pub(crate) fn are_pending(&self) -> bool {
        self.lock().rules.iter().any(|armed| armed.leftover().is_some() || armed.question().is_some())
    }

    /// What of the script did not happen. Takes the script away: what was verified once is not again.
    pub(crate) fn leftovers(&self) -> Vec<Leftover> {
        let mut state = self.lock();
        let (rules, missed) = (std::mem::take(&mut state.rules), std::mem::take(&mut state.missed));
        // Dropping the rules drops closures of the test's.
        drop(state);
        rules.iter().filter_map(Armed::leftover).chain(missed).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn miss(&mut self, rule: &Rule, why: &str) {
        self.missed.push(Leftover::new(rule.declared, format!("{rule} could not be done: {why}")));
    }
}

fn take_answer(answers: &mut Vec<(u64, Answer, Question)>, number: u64) -> Option<Answer> {
    let place = answers.iter().position(|(asked, _, _)| *asked == number)?;
    Some(answers.swap_remove(place).1)
}
