//! The open connections of a mock, and which of them is closed when there are too many.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use tokio::task::{Id, JoinError, JoinSet};

use crate::sync::task;

use super::connection::{CloseMode, ConnectionControl};

/// A connection that has waited for its client for less than this is not closed to make room: its request may be on its
/// way. New connections then wait in the backlog of the socket.
const GRACE: Duration = Duration::from_secs(1);

/// The pause between two checks for a connection that can be closed, while no connection ends.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The tasks of all open connections. They end when it is dropped.
pub(super) struct Connections {
    tasks: JoinSet<()>,
    limit: Option<NonZeroUsize>,
    /// The controls of the connections, if there is a limit.
    controls: HashMap<Id, ConnectionControl>,
    /// Connections that waited for their clients at the last check, and since when. The one that waited longest is
    /// last.
    waiting: Vec<(Instant, Id)>,
}

impl Connections {
    pub(super) fn new(limit: Option<NonZeroUsize>) -> Self {
        Connections { tasks: JoinSet::new(), limit, controls: HashMap::new(), waiting: Vec::new() }
    }

    /// Serves a connection in a new task.
    pub(super) fn add(&mut self, control: ConnectionControl, serve: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(task(serve)).id();
        if self.limit.is_some() {
            self.controls.insert(id, control);
        }
    }

    /// Removes the connections that have ended. Returns whether the limit allows another one.
    pub(super) fn have_room(&mut self) -> bool {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.forget(ended);
        }
        self.limit.is_none_or(|limit| self.tasks.len() < limit.get())
    }

    /// Waits until all connections have ended.
    pub(super) async fn all_ended(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Returns the number of open connections.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Closes the connection that has waited for its client for the longest time, and waits until a connection ends.
    /// Returns how long it had waited, or `None` if there was none to close, or no limit.
    pub(super) async fn make_room(&mut self) -> Option<Duration> {
        let waited = self.close_longest_waiting(Instant::now());
        if self.tasks.is_empty() {
            tokio::time::sleep(LOOK_AGAIN).await;
        } else if let Ok(Some(ended)) = tokio::time::timeout(LOOK_AGAIN, self.tasks.join_next_with_id()).await {
            self.forget(ended);
        }
        waited
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.controls.remove(&id);
    }

    fn close_longest_waiting(&mut self, now: Instant) -> Option<Duration> {
        if self.waiting.is_empty() {
            // Sorting all of them once makes the cost of each closing independent of their number. A connection that
            // starts to wait later has waited for less time than all of these.
            let controls = self.controls.iter();
            self.waiting = controls.filter_map(|(id, control)| Some((control.waits_since()?, *id))).collect();
            self.waiting.retain(|(since, _)| now.duration_since(*since) >= GRACE);
            self.waiting.sort_unstable_by_key(|(since, _)| std::cmp::Reverse(*since));
        }
        while let Some((since, id)) = self.waiting.pop() {
            // The client may have sent something meanwhile.
            if let Some(control) = self.controls.get(&id).filter(|control| control.waits_since() == Some(since)) {
                control.close_with(CloseMode::Close);
                return Some(now.duration_since(since));
            }
        }
        None
    }
}
