//! Matches calls against the steps of a sequence, and finds the first difference.
//!
//! The steps are processed one after the other. Each step maps the positions at which it may begin to the positions at
//! which it may end. The positions are stored as ranges, so a step examines each call a constant number of times, no
//! matter how many ways the previous steps allow. There is no recursion, and no step is tried twice at the same
//! position.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use crate::domain::words::Operation;

use super::count::Count;
use crate::verify::sequence::{Kind, Step};

/// The position at which the calls differ from a sequence, and what was expected there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) call: usize,
    /// `None` if no further call was expected.
    pub(super) expected: Option<String>,
}

/// Returns the furthest position at which the calls differ from the steps, or `None` if they match exactly.
pub(super) fn difference(steps: &[Step], calls: &[Option<Operation>]) -> Option<Difference> {
    Matcher::new(calls).difference(steps)
}

/// Positions between calls, from 0 to the number of calls. The ranges are sorted and disjoint.
type Places = Vec<RangeInclusive<usize>>;

struct Matcher<'a> {
    calls: &'a [Option<Operation>],
    /// For each call, the end of the run of equal operations that contains it.
    run_ends: Vec<usize>,
    /// How often a call or a run of calls was examined.
    #[cfg(test)]
    looks: usize,
}

impl<'a> Matcher<'a> {
    fn new(calls: &'a [Option<Operation>]) -> Self {
        let mut run_ends = vec![calls.len(); calls.len()];
        for at in (1..calls.len()).rev() {
            run_ends[at - 1] = if calls[at - 1] == calls[at] { run_ends[at] } else { at };
        }
        Matcher {
            calls,
            run_ends,
            #[cfg(test)]
            looks: 0,
        }
    }

    fn difference(&mut self, steps: &[Step]) -> Option<Difference> {
        let mut places: Places = vec![0..=0];
        let mut furthest = Difference::default();
        for step in steps {
            let mut failed = None;
            places = match &step.0 {
                Kind::Times(operation, count) => self.times(&places, *operation, *count, step, &mut failed),
                Kind::AnyOrder(operations) => self.any_order(&places, operations, &mut failed),
            };
            // If two steps fail at the same call, the later one is more informative.
            if let Some(failed) = failed.filter(|failed: &Difference| failed.call >= furthest.call) {
                furthest = failed;
            }
            if places.is_empty() {
                return Some(furthest);
            }
        }
        let end = places.last().map_or(0, |range| *range.end());
        if end == self.calls.len() {
            return None;
        }
        Some(if end >= furthest.call { Difference { call: end, expected: None } } else { furthest })
    }

    fn look(&mut self) {
        #[cfg(test)]
        {
            self.looks += 1;
        }
    }

    /// Returns the positions at which a run of `operation` that begins at one of `places` may end.
    fn times(
        &mut self,
        places: &Places,
        operation: Operation,
        count: Count,
        step: &Step,
        failed: &mut Option<Difference>,
    ) -> Places {
        let (least, most) = (count.least(), count.most().unwrap_or(usize::MAX));
        let (mut ends, mut fail) = (Places::new(), None);
        for range in places {
            let (mut at, last) = (*range.start(), *range.end());
            while at <= last {
                self.look();
                // No run begins after the last call.
                let run_end = self.run_ends.get(at).copied().unwrap_or(at + 1);
                let until = last.min(run_end - 1);
                if self.calls.get(at) != Some(&Some(operation)) {
                    // A run that begins at any of these positions is empty.
                    if least == 0 {
                        add(&mut ends, at..=until);
                    } else {
                        fail = fail.max(Some(until));
                    }
                } else {
                    // A run that begins at a later position may be too short.
                    match run_end.checked_sub(least).filter(|latest| *latest >= at) {
                        Some(latest) if most >= least => {
                            let furthest = until.min(latest).saturating_add(most).min(run_end);
                            add(&mut ends, at + least..=furthest);
                        }
                        _ => {}
                    }
                    if until.saturating_add(least) > run_end {
                        fail = fail.max(Some(run_end));
                    }
                }
                at = until + 1;
            }
        }
        *failed = fail.map(|call| Difference { call, expected: Some(step.to_string()) });
        ends
    }

    /// Returns the positions at which a group of `operations` that begins at one of `places` ends.
    fn any_order(&mut self, places: &Places, operations: &[Operation], failed: &mut Option<Difference>) -> Places {
        let mut ends = Places::new();
        let mut fail: Option<(usize, usize)> = None;
        let mut open: HashMap<Operation, usize> = HashMap::new();
        operations.iter().for_each(|operation| *open.entry(*operation).or_default() += 1);
        // The window `begin..end` contains calls of the group. Both ends only advance, so each call is examined twice.
        let (mut begin, mut end) = (0, 0);
        for at in places.iter().cloned().flatten() {
            while begin < at.min(end) {
                self.look();
                if let Some(count) = self.calls[begin].and_then(|operation| open.get_mut(&operation)) {
                    *count += 1;
                }
                begin += 1;
            }
            (begin, end) = (at, end.max(at));
            while end - begin < operations.len() {
                self.look();
                let call = self.calls.get(end).copied().flatten();
                match call.and_then(|operation| open.get_mut(&operation)).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => break,
                }
                end += 1;
            }
            if end - begin == operations.len() {
                add(&mut ends, end..=end);
            } else if fail.is_none_or(|(_, call)| end > call) {
                fail = Some((begin, end));
            }
        }
        *failed = fail.map(|(begin, call)| {
            let mut came: HashMap<Operation, usize> = HashMap::new();
            self.calls[begin..call].iter().flatten().for_each(|operation| *came.entry(*operation).or_default() += 1);
            let is_open = |operation: &&Operation| match came.get_mut(*operation).filter(|count| **count > 0) {
                Some(count) => {
                    *count -= 1;
                    false
                }
                None => true,
            };
            let open: Vec<_> = operations.iter().filter(is_open).copied().collect();
            let choice = if open.iter().any(|operation| *operation != open[0]) { "one of " } else { "" };
            Difference { call, expected: Some(format!("{choice}{}", Step(Kind::AnyOrder(open)))) }
        });
        ends
    }
}

/// Adds a range that begins no earlier than the last one in the list.
fn add(places: &mut Places, new: RangeInclusive<usize>) {
    if new.is_empty() {
        return;
    }
    match places.last_mut() {
        Some(last) if *new.start() <= last.end().saturating_add(1) => {
            *last = *last.start()..=*last.end().max(new.end());
        }
        _ => places.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Operation = Operation::CreateVault;
    const B: Operation = Operation::ListVaults;
    const C: Operation = Operation::DeleteVault;

    /// Matches the calls from `at` on by exhaustive search, and records the furthest position at which an attempt
    /// failed.
    fn naive(steps: &[Step], calls: &[Option<Operation>], at: usize, furthest: &mut usize) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            *furthest = at.max(*furthest);
            return at == calls.len();
        };
        match &step.0 {
            Kind::Times(operation, count) => {
                let run = calls[at..].iter().take_while(|call| **call == Some(*operation)).count();
                if run < count.least() {
                    *furthest = (at + run).max(*furthest);
                    return false;
                }
                let most = count.most().unwrap_or(run).min(run);
                (count.least()..=most).any(|taken| naive(rest, calls, at + taken, furthest))
            }
            Kind::AnyOrder(operations) => {
                let mut open = operations.clone();
                for taken in 0..operations.len() {
                    let found = calls.get(at + taken).copied().flatten();
                    match open.iter().position(|operation| Some(*operation) == found) {
                        Some(place) => drop(open.remove(place)),
                        None => {
                            *furthest = (at + taken).max(*furthest);
                            return false;
                        }
                    }
                }
                naive(rest, calls, at + operations.len(), furthest)
            }
        }
    }

    #[test]
    fn the_matcher_agrees_with_an_exhaustive_search() {
        let mut random = fastrand::Rng::with_seed(25);
        let (mut same, mut different) = (0, 0);
        for _ in 0..20_000 {
            let operation = |random: &mut fastrand::Rng| [A, B, C][random.usize(..3)];
            let step = |random: &mut fastrand::Rng| {
                let one = operation(random);
                match random.u8(..5) {
                    0 => Step::from(one),
                    1 => Step::times(one, random.usize(..4)),
                    2 => Step::times(one, random.usize(..3)..),
                    3 => Step::times(one, random.usize(..3)..=random.usize(2..4)),
                    _ => Step::any_order((0..random.usize(1..4)).map(|_| operation(random)).collect::<Vec<_>>()),
                }
            };
            let steps: Vec<_> = (0..random.usize(..5)).map(|_| step(&mut random)).collect();
            let call = |random: &mut fastrand::Rng| (random.u8(..20) > 0).then(|| operation(random));
            let calls: Vec<_> = (0..random.usize(..8)).map(|_| call(&mut random)).collect();
            let mut furthest = 0;
            let fits = naive(&steps, &calls, 0, &mut furthest);
            match difference(&steps, &calls) {
                None => {
                    assert!(fits, "{steps:?} {calls:?}");
                    same += 1;
                }
                Some(difference) => {
                    assert!(!fits, "{steps:?} {calls:?}");
                    assert_eq!(difference.call, furthest, "{steps:?} {calls:?} {difference:?}");
                    different += 1;
                }
            }
        }
        assert!(same > 500 && different > 500, "{same} {different}");
    }

    fn looks(steps: &[Step], calls: &[Option<Operation>], fits: bool) -> usize {
        let mut matcher = Matcher::new(calls);
        assert_eq!(matcher.difference(steps).is_none(), fits);
        matcher.looks
    }

    #[test]
    fn a_step_examines_each_call_at_most_three_times() {
        const CALLS: usize = 100_000;
        let same = vec![Some(A); CALLS];
        // One step for each call: each call is examined once.
        assert_eq!(looks(&vec![Step::from(A); CALLS], &same, true), CALLS);
        assert_eq!(looks(&vec![Step::from(A); CALLS - 1], &same, false), CALLS - 1);
        // Open-ended steps, among which the calls can be divided in about 1e27 ways.
        let open = vec![Step::times(A, 1..); 6];
        assert!(looks(&open, &same, true) <= 6 * 2);
        let open_and_another = [open, vec![Step::from(B)]].concat();
        assert!(looks(&open_and_another, &same, false) <= 7 * 2);
        let mixed: Vec<_> = (0..CALLS).map(|n| Some(if n % 2 == 0 { A } else { B })).collect();
        assert!(looks(&vec![[Step::times(A, 0..), Step::times(B, 0..)]; 3].concat(), &mixed, false) <= 6 * CALLS);
        let group = Step::any_order(mixed.iter().rev().flatten().copied());
        assert!(looks(&[group], &mixed, true) <= 3 * CALLS);
    }
}
