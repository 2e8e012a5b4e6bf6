//! Crashes: a scenario is dropped at a chosen call, as if its process had died.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::control::Wait;
use crate::fixture::GlacierMock;
use crate::record::{Journal, Request};

use super::catalogue::{Kind, Point};
use super::drive::{Drive, Guarded, Limits};
use super::guard::Failure;

/// How long the end of requests is awaited, in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a life of the scenario ended.
pub(super) enum Life<T> {
    Finished(T),
    Crashed,
}

/// Runs a scenario until it is finished or the request of a crash has met its fault. That fault closes the connection,
/// before the service or after it, and the scenario is not polled again, so it never learns of that.
pub(super) async fn live<T>(
    mock: &GlacierMock,
    mut scenario: Guarded<'_, T>,
    limits: Limits,
    crashes: &mut Vec<Point<'_>>,
) -> Result<Life<T>, Failure> {
    if crashes.is_empty() {
        return Drive::new(mock, &mut scenario, limits).run().await.map(Life::Finished);
    }
    let watch = mock.mock.journal.watch();
    let mut drive = Drive::new(mock, &mut scenario, limits);
    let mut changed = Box::pin(watch.changed());
    let ended = poll_fn(|context| {
        // Registered before the look at the record, so that no change is missed.
        while changed.as_mut().poll(context).is_ready() {
            changed.set(watch.changed());
        }
        drop(watch.changes());
        if let Some(n) = crashes.iter().position(|crash| has_fired(mock, crash)) {
            crashes.remove(n);
            return Poll::Ready(None);
        }
        drive.poll(context).map(Some)
    })
    .await;
    match ended {
        Some(done) => return done.map(Life::Finished),
        None => drop(drive),
    }
    // The service is done with the requests that have arrived; only then does the process die.
    settled(mock).await;
    scenario.finish()?;
    settled(mock).await;
    Ok(Life::Crashed)
}

/// Returns whether the request of a crash has arrived. It ends soon after that, before or after the service.
fn has_fired(mock: &GlacierMock, crash: &Point<'_>) -> bool {
    let calls = mock.all_calls();
    let mut calls = calls.iter().filter(|call| call.operation() == Some(crash.seen.operation));
    calls.nth(crash.seen.nth - 1).is_some_and(|call| call.first().fault().is_some())
}

/// Returns the crashes among these faults.
pub(super) fn crashes<'a>(points: &[Point<'a>]) -> Vec<Point<'a>> {
    points.iter().filter(|point| matches!(point.kind, Kind::CrashBefore | Kind::CrashAfter)).cloned().collect()
}

/// Waits until no request is in flight, for a bounded real time. A request of a scenario that has been dropped may still
/// be on its way to the service.
pub(super) async fn settled(mock: &GlacierMock) {
    let has_ended = |journal: &Journal| journal.requests().0.iter().all(Request::has_ended);
    let journal = mock.mock.journal.clone();
    if has_ended(&journal) {
        return;
    }
    let wait = Wait::new(mock.mock.clone(), async move {
        let watch = journal.watch();
        loop {
            let mut changed = pin!(watch.changed());
            changed.as_mut().enable();
            drop(watch.changes());
            if has_ended(&journal) {
                return;
            }
            changed.await;
        }
    });
    // After the timeout the check sees the request in flight.
    let _ = wait.run(PATIENCE).await;
}
