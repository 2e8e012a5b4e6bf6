//! Sends the notifications of jobs to SNS-compatible endpoints and to webhooks.
//!
//! The service puts each notice into an outbox for each target, which holds a limited number of them. One task for each
//! target sends them on the server's runtime, in the order in which the jobs ended. No request waits for a target, and
//! the drop of the mock does not either: it reports what was not sent.

mod delivery;
mod endpoint;
mod envelope;
mod post;
mod sns;

pub(crate) use self::delivery::Target;
pub(crate) use self::endpoint::Endpoint;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::control::announce_jobs;
use crate::mock::Mock;
use crate::server::{Served, background};
use crate::service::{Outbox, Unsent};
use crate::sync::task;

/// The maximum number of notices that wait for one target. Further ones are dropped, counted and reported.
const CAPACITY: usize = 1000;

/// The maximum number of notices that the report of a dropped mock lists.
const LISTED: usize = 3;

/// Publishes the notices of a mock until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Publisher {
    targets: Vec<(Target, Arc<Outbox>)>,
    started: Option<(Arc<Served>, JoinSet<()>)>,
}

impl Publisher {
    /// Creates the outboxes, which receive the notices from now on. Call [`start`](Self::start) to send them.
    pub(crate) fn new(targets: Vec<Target>, mock: &Mock) -> Self {
        let targets: Vec<_> = targets.into_iter().map(|target| (target, Arc::new(Outbox::new(CAPACITY)))).collect();
        mock.service.send_to(targets.iter().map(|(_, outbox)| outbox.clone()).collect());
        Publisher { targets, started: None }
    }

    /// Starts to send notices. Does nothing without a target.
    pub(crate) fn start(&mut self, served: &Arc<Served>) {
        if self.targets.is_empty() {
            return;
        }
        let mut tasks = JoinSet::new();
        for (target, outbox) in &self.targets {
            let delivers = delivery::deliver_all(served.clone(), outbox.clone(), target.clone());
            tasks.spawn_on(task(delivers), background());
        }
        let mock = served.mock().clone();
        // Nothing else announces a job that ends by the wall clock and that no client polls.
        tasks.spawn_on(task(async move { match announce_jobs(&mock.service).await {} }), background());
        self.started = Some((served.clone(), tasks));
    }
}

/// Stops the tasks and reports what they did not send.
impl Drop for Publisher {
    fn drop(&mut self) {
        let Some((served, tasks)) = self.started.take() else { return };
        drop(tasks);
        for (target, outbox) in &self.targets {
            if let Some(report) = report(&outbox.close()) {
                served.report_unpublished(&format!("not published to {target}: {report}"));
            }
        }
    }
}

/// Describes the notices that a mock had not sent when it was dropped. Returns `None` if there are none.
fn report(Unsent { notices, dropped, failure }: &Unsent) -> Option<String> {
    let mut parts = Vec::new();
    if !notices.is_empty() {
        let s = if notices.len() == 1 { "" } else { "s" };
        let listed: Vec<_> = notices.iter().take(LISTED).map(delivery::describe).collect();
        let mut part =
            format!("{} notification{s}, because the mock was stopped: {}", notices.len(), listed.join("; "));
        if notices.len() > LISTED {
            part += &format!("; and {} more", notices.len() - LISTED);
        }
        if let Some(failure) = failure {
            part += &format!(" (the last attempt failed: {failure})");
        }
        parts.push(part);
    }
    if *dropped > 0 {
        parts.push(delivery::full(*dropped));
    }
    (!parts.is_empty()).then(|| parts.join("; and "))
}
