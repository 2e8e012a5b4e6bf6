//! The requests of a record that have ended, in the order in which they ended: what a reader of the record follows.

use std::collections::VecDeque;
use std::sync::Arc;

use super::entry::Entry;
use super::request::Request;

/// Requests that have ended, in that order. Each has a place, counted from 0, which it keeps when others are removed.
#[derive(Default)]
pub(super) struct Finished {
    entries: VecDeque<Arc<Entry>>,
    /// The place of the first entry.
    first: usize,
}

impl Finished {
    pub(super) fn push(&mut self, entry: &Arc<Entry>) {
        self.entries.push_back(entry.clone());
    }

    /// Removes requests up to a number, from the front. An older request that ended after a newer one stays until the
    /// newer one is removed.
    pub(super) fn drop_up_to(&mut self, number: usize) {
        while self.entries.front().is_some_and(|entry| entry.number <= number) {
            self.entries.pop_front();
            self.first += 1;
        }
    }

    /// Removes all requests and returns them.
    pub(super) fn take(&mut self) -> VecDeque<Arc<Entry>> {
        self.first += self.entries.len();
        std::mem::take(&mut self.entries)
    }

    /// Returns at most `most` requests from a place on, and the place after the last of them.
    pub(super) fn from(&self, place: usize, most: usize) -> (Vec<Request>, usize) {
        let skipped = place.saturating_sub(self.first);
        let found: Vec<_> = self.entries.iter().skip(skipped).take(most).cloned().map(Request).collect();
        let next = place.max(self.first) + found.len();
        (found, next)
    }

    /// Returns the place after a request, by its number. Without the request, returns the place of the first later one.
    pub(super) fn after(&self, number: usize) -> usize {
        let entries = || self.entries.iter();
        let place = entries().position(|entry| entry.number == number).map(|place| place + 1);
        let later = || entries().position(|entry| entry.number > number);
        self.first + place.or_else(later).unwrap_or(self.entries.len())
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::SystemTime;

    use hyper::{HeaderMap, Method};

    use super::*;
    use crate::domain::account::{Account, AccountRegion, Caller, Principal};
    use crate::domain::words::RequestId;
    use crate::record::{Arrival, End, Head, Journal, Limits, Open, WallTime};
    use crate::wire::Target;

    fn numbers(requests: &[Request]) -> Vec<usize> {
        requests.iter().map(Request::number).collect()
    }

    /// Opens requests.
    fn opened(journal: &Arc<Journal>, count: usize) -> Vec<Open> {
        let head = || Head {
            target: Target::default(),
            caller: Caller { principal: Arc::new(Principal::new("arn:aws:iam::000000000000:root")), is_known: true },
            place: AccountRegion::new(Account::DEFAULT, "us-east-1"),
            method: Method::GET,
            path: "/".into(),
            query: None,
            peer: Ipv4Addr::LOCALHOST.into(),
        };
        let arrival = || {
            let (head, headers) = journal.shared(head(), &HeaderMap::new());
            let (service_time, wall_time) = (SystemTime::UNIX_EPOCH.into(), WallTime::now());
            Arrival { head, headers, service_time, wall_time, request_id: RequestId::of(0) }
        };
        (0..count).map(|_| journal.arrival(arrival)).collect()
    }

    #[test]
    fn requests_are_followed_in_the_order_in_which_they_end() {
        let journal = Journal::new(Limits { requests: 4, ..Limits::default() });
        let open = opened(&journal, 4);
        let end = |n: usize| open[n].end(End::ClientWentAway);
        assert_eq!(journal.finished(0, 10).1, 0);
        end(2);
        end(0);
        let (found, next) = journal.finished(0, 10);
        assert_eq!((numbers(&found), next), (vec![3, 1], 2));
        end(1);
        assert_eq!(numbers(&journal.finished(next, 10).0), [2]);
        assert_eq!(numbers(&journal.finished(0, 1).0), [3]);
        // Resumed after request 1, which ended second.
        assert_eq!(journal.finished_after(1), 2);
        // Request 4 has not ended, and request 0 never existed.
        assert_eq!((journal.finished_after(4), journal.finished_after(0)), (3, 0));
    }

    #[test]
    fn the_limit_and_clearing_remove_requests_but_not_their_places() {
        let journal = Journal::new(Limits { requests: 2, ..Limits::default() });
        let end = |count: usize| opened(&journal, count).iter().for_each(|open| open.end(End::ClientWentAway));
        end(2);
        end(1);
        assert_eq!(journal.finished(0, 10).1, 3);
        assert_eq!(numbers(&journal.finished(0, 10).0), [2, 3]);
        // Four requests at once: two of them are dropped before they end.
        end(4);
        assert_eq!(numbers(&journal.finished(3, 10).0), [6, 7]);
        assert_eq!(journal.finished(3, 10).1, 5);
        journal.clear();
        assert_eq!((numbers(&journal.finished(0, 10).0), journal.finished(0, 10).1), (vec![], 5));
        end(1);
        assert_eq!(numbers(&journal.finished(5, 10).0), [8]);
    }
}
