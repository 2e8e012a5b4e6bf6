//! The faults that a test has set, and which of them a request meets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::request::Request;

use super::effect::Effect;
use super::rule::{Armed, Leftover, Rule};

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
    /// What fired and could do nothing.
    missed: Vec<Leftover>,
}

/// A fault that a request meets.
#[derive(Clone, Debug)]
pub(crate) struct Fired {
    pub(crate) effect: Effect,
    rule: Rule,
}

impl Script {
    pub(crate) fn add(&self, rule: Rule) {
        self.lock().rules.push(Armed::new(rule));
        self.any.store(true, Ordering::Release);
    }

    /// The fault that a request meets: the first that fits and is not used up. Using it up here makes it one request's
    /// alone.
    pub(crate) fn decide(&self, request: impl FnOnce() -> Request) -> Option<Fired> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let request = request();
        let mut state = self.lock();
        let mut first = None;
        for armed in &mut state.rules {
            // All of them count it, also those that come too late.
            if armed.is_for(&request) {
                match first {
                    None => first = Some(armed),
                    Some(_) => armed.is_overtaken(),
                }
            }
        }
        let armed = first?;
        Some(Fired { effect: armed.fire(), rule: armed.rule.clone() })
    }

    /// A fault fired and could not do what it was to do: a byte to be flipped was not there, for example. A test that
    /// relied on it must not pass.
    pub(crate) fn missed(&self, fired: &Fired, why: &str) {
        let Rule { declared, optional, .. } = fired.rule;
        if !optional {
            self.lock().missed.push(Leftover {
                declared,
                headline: format!("{} could not be done: {why}", fired.rule),
                notes: Vec::new(),
                wanted: None,
                since: usize::MAX,
            });
        }
    }

    /// What of the script did not happen. Takes the script away: what was verified once is not again.
    pub(crate) fn leftovers(&self) -> Vec<Leftover> {
        let State { rules, missed } = std::mem::take(&mut *self.lock());
        rules.iter().filter_map(Armed::leftover).chain(missed).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
