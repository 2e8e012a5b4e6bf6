//! Waits until the code under test has made calls.

use std::collections::HashMap;
use std::sync::Arc;

use crate::mock::Mock;
use crate::record::{Filter, Panicked, Request, Watch};
use crate::sync::until;

use super::until::Wait;

/// The calls that a test waits for.
#[derive(Clone, Debug)]
pub(crate) struct WantedCalls {
    pub(crate) filter: Filter,
    /// The minimum number of calls.
    pub(crate) least: usize,
    /// Whether only answered calls count.
    pub(crate) answered: bool,
}

impl WantedCalls {
    /// Returns the wait for these calls. Its result is an error if a custom condition panicked.
    pub(crate) fn wait(&self, mock: &Arc<Mock>) -> Wait<Result<(), Panicked>> {
        let wanted = self.watched(mock);
        Wait::new(mock.clone(), async move { wanted.arrive().await })
    }

    fn watched(&self, mock: &Arc<Mock>) -> Wanted {
        let tally = Tally { wanted: self.clone(), calls: HashMap::new(), found: 0 };
        Wanted { watch: mock.journal.watch(), tally }
    }
}

/// A wait in progress: the source of changes, and the tally of matching calls.
struct Wanted {
    watch: Watch,
    tally: Tally,
}

/// Counts the calls that match. It evaluates a request when the request changes, and never evaluates the whole record
/// again.
struct Tally {
    wanted: WantedCalls,
    calls: HashMap<CallId, LastAttempt>,
    /// The number of calls that match.
    found: usize,
}

/// Identifies the call of an attempt: by the invocation ID, or by the request's number if it has none.
#[derive(PartialEq, Eq, Hash)]
enum CallId {
    Invocation(String),
    Request(usize),
}

/// The latest attempt of a call, which decides whether the call matches.
#[derive(Default)]
struct LastAttempt {
    number: usize,
    has_ended: bool,
    fits: bool,
}

impl Wanted {
    /// Waits until enough calls match. Returns an error if a custom condition panicked.
    async fn arrive(self) -> Result<(), Panicked> {
        let Wanted { watch, mut tally } = self;
        let mut look = || {
            watch.changes().iter().try_for_each(|request| tally.look(request))?;
            tally.forget(watch.forgotten());
            Ok(tally.found >= tally.wanted.least)
        };
        let found = || match look() {
            Ok(is_enough) => is_enough.then_some(Ok(())),
            Err(panicked) => Some(Err(panicked)),
        };
        until(|| watch.changed(), found).await
    }
}

impl Tally {
    /// Removes the calls whose last attempt is not after this request, because it was removed from the record.
    fn forget(&mut self, forgotten: usize) {
        self.calls.retain(|_, last| last.number > forgotten);
        self.found = self.calls.values().filter(|last| last.fits).count();
    }

    /// Updates the tally for a new or changed request. Returns an error if a custom condition panicked.
    fn look(&mut self, request: &Request) -> Result<(), Panicked> {
        let id = match request.call_id() {
            Some(id) => CallId::Invocation(id.into_owned()),
            None => CallId::Request(request.number()),
        };
        let last = self.calls.entry(id).or_default();
        // Earlier attempts no longer count, and a finished request does not change any more.
        if request.number() < last.number || (request.number() == last.number && last.has_ended) {
            return Ok(());
        }
        // Read this before the filter runs: if the request ends in between, it is evaluated again.
        let has_ended = request.has_ended();
        let fits = (has_ended || !self.wanted.answered) && self.wanted.filter.judge(request)?;
        self.found = self.found + usize::from(fits) - usize::from(last.fits);
        *last = LastAttempt { number: request.number(), has_ended, fits };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GlacierMock;
    use crate::domain::words::Operation;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::Duration;

    #[test]
    fn a_call_with_several_attempts_counts_once_until_it_is_forgotten() {
        let mock = GlacierMock::start();
        let wanted = WantedCalls { filter: Filter::of(Operation::ListVaults), least: 1, answered: true };
        let Wanted { watch, mut tally } = wanted.watched(&mock.mock);
        let request = "GET /-/vaults HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\
                       amz-sdk-invocation-id: one\r\nconnection: close\r\n\r\n";
        let mut found = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(mock.address()).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_to_end(&mut Vec::new()).unwrap();
            assert!(mock.mock.journal.wait_until_idle(Duration::from_secs(60)));
            watch.changes().iter().for_each(|request| tally.look(request).unwrap());
            found.push(tally.found);
        }
        assert_eq!(found, [1, 1]);
        mock.forget_requests();
        tally.forget(watch.forgotten());
        assert_eq!(tally.found, 0);
    }

    /// Each request is evaluated once when it arrives and once for each of its changes: when its body is complete, and
    /// when it has ended.
    #[test]
    fn ten_thousand_requests_and_a_waiter_cost_linear_work() {
        const REQUESTS: usize = 10_000;
        const AT_ONCE: usize = 100;
        let mock = GlacierMock::start();
        let wanted = WantedCalls { filter: Filter::of(Operation::ListVaults), least: REQUESTS, answered: true };
        let Wanted { watch, mut tally } = wanted.watched(&mock.mock);
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        let request = "GET /-/vaults HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n".repeat(AT_ONCE);
        let end = br#"{"Marker":null,"VaultList":[]}"#;
        let mut looks = 0;
        let mut answers = Vec::new();
        for _ in 0..REQUESTS / AT_ONCE {
            stream.write_all(request.as_bytes()).unwrap();
            answers.clear();
            while answers.windows(end.len()).filter(|window| window == end).count() < AT_ONCE {
                let mut buffer = [0; 1 << 16];
                let read = stream.read(&mut buffer).unwrap();
                assert!(read > 0, "{}", String::from_utf8_lossy(&answers));
                answers.extend_from_slice(&buffer[..read]);
                let changes = watch.changes();
                looks += changes.len();
                changes.iter().for_each(|request| tally.look(request).unwrap());
            }
        }
        assert!(mock.mock.journal.wait_until_idle(Duration::from_secs(60)));
        let changes = watch.changes();
        looks += changes.len();
        changes.iter().for_each(|request| tally.look(request).unwrap());
        assert_eq!((tally.found, looks), (REQUESTS, 3 * REQUESTS));
        drop(watch);
        mock.calls(Operation::ListVaults).assert_count(REQUESTS);
    }
}
