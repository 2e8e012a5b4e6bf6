//! The faults that a test has set, and which of them a request meets.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::record::filter::Filter;
use crate::record::request::Request;

use super::effect::Effect;

/// A fault for the first requests that it fits.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) filter: Filter,
    pub(crate) effect: Effect,
    pub(crate) times: usize,
    /// Whether it may be left over.
    pub(crate) optional: bool,
    pub(crate) declared: &'static Location<'static>,
}

/// All faults of a mock, in the order in which they were set.
#[derive(Debug, Default)]
pub(crate) struct Script {
    rules: Mutex<Vec<(Rule, usize)>>,
    /// Whether there is any. Without one a request costs this look and no more.
    any: AtomicBool,
}

impl Script {
    pub(crate) fn add(&self, rule: Rule) {
        self.lock().push((rule, 0));
        self.any.store(true, Ordering::Release);
    }

    /// The fault that a request meets: the first that fits and is not used up. Using it up here makes it one request's
    /// alone.
    pub(crate) fn decide(&self, request: impl FnOnce() -> Request) -> Option<Effect> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let request = request();
        let mut rules = self.lock();
        let (rule, fired) = rules.iter_mut().find(|(rule, fired)| *fired < rule.times && rule.filter.fits(&request))?;
        *fired += 1;
        Some(rule.effect.clone())
    }

    /// What of the script did not happen, in words. Takes the script away: what was verified once is not again.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let rules = std::mem::take(&mut *self.lock());
        let left = rules.into_iter().filter(|(rule, fired)| *fired < rule.times && !rule.optional);
        let words = left.map(|(Rule { filter, effect, times, declared, .. }, fired)| {
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            format!(
                "declared at {declared}\nthe fault {effect} for {filter} was to fire {times}, it fired {fired} times. Mark it \
                 `.optional()` if it may be left over\n"
            )
        });
        words.collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Rule, usize)>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
