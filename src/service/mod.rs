//! The service: all accounts and regions behind one lock, and one `apply` for every operation.
//!
//! The lock is held for one command, never across an await and never while a body is hashed or an inventory is written.
//! CompleteMultipartUpload combines the digests of its parts under the lock, which takes up to 17 ms for 10,000 parts.
//! The lock is a blocking mutex, because commands are short. A command that panics does not poison it for the next one.

mod access;
mod archives;
mod bounds;
mod charges;
mod command;
mod context;
mod control;
#[cfg(all(test, feature = "standalone"))]
mod counts;
#[cfg(feature = "state")]
mod data;
mod far_job;
mod ids;
mod inventory_import;
mod job_rules;
mod jobs;
mod ledger;
mod locks;
#[cfg(feature = "publish")]
mod outbox;
mod outcome;
#[cfg(feature = "standalone")]
mod partial_reset;
mod principals;
#[cfg(feature = "standalone")]
mod replace;
mod retrieval_limits;
#[cfg(feature = "state")]
mod rows;
#[cfg(feature = "state")]
mod saving;
mod settle;
mod state;
mod timing;
mod uploads;
mod vault_settings;
#[cfg(feature = "standalone")]
mod vault_setup;
mod vaults;

pub(crate) use self::access::{Access, Verdict};
#[cfg(any(feature = "standalone", feature = "state"))]
pub(crate) use self::bounds::Bounds;
pub(crate) use self::charges::{Charges, EarlyDeleted, tier_index};
pub(crate) use self::command::{
    AccountCommand, Claims, Command, CompleteMultipartUpload, GetJobOutput, InitiateJob, InitiateMultipartUpload,
    ListJobs, ListParts, Retrieval, UploadArchive, UploadMultipartPart, VaultCommand,
};
pub(crate) use self::control::{FoundJob, Listener};
#[cfg(feature = "state")]
pub(crate) use self::data::ServiceData;
pub(crate) use self::ids::IdSource;
pub(crate) use self::inventory_import::NotImported;
pub(crate) use self::job_rules::{JobFilter, JobRule, PlannedEnding};
pub(crate) use self::ledger::{StoredArchive, Unfinished, UnfinishedKind};
#[cfg(feature = "publish")]
pub(crate) use self::outbox::{Outbox, Unsent, Waiting};
pub(crate) use self::outcome::{Outcome, UploadDescription, VaultDescription};
#[cfg(feature = "standalone")]
pub(crate) use self::partial_reset::PartialReset;
pub(crate) use self::principals::{ACCESS_KEY_ID, Principals, SECRET_ACCESS_KEY};
#[cfg(feature = "state")]
pub(crate) use self::rows::read_number;
#[cfg(feature = "state")]
pub(crate) use self::saving::StateSink;
pub(crate) use self::state::Settings;
pub use self::timing::JobTiming;
#[cfg(feature = "standalone")]
pub(crate) use self::vault_setup::{LockSetup, VaultSetup};

#[cfg(not(feature = "state"))]
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::domain::account::AccountRegion;
use crate::domain::failure::Failure;
use crate::domain::words::Timestamp;
use crate::sync::Mutex;
use crate::time::RunningClock;

use self::far_job::FarJob;
use self::state::State;

/// The state of a mock: the vaults of all accounts and regions, and the clock that they follow.
#[derive(Debug)]
pub(crate) struct Service {
    state: Mutex<State>,
    /// What receives the changes of the state, if they are kept in a file.
    #[cfg(feature = "state")]
    saving: OnceLock<saving::Saving>,
    /// The seed and the settings that a reset restores.
    initial: Initial,
    clock: RunningClock,
    /// Whether accounts without archives are refused. Outside of the lock, because every request reads it.
    closed_to_new_customers: AtomicBool,
    /// The first job that was polled long before its end in real time, until it has been reported.
    far_job: OnceLock<Mutex<Option<FarJob>>>,
    /// The number of resets.
    resets: AtomicU64,
    /// Notified when a job starts, when a notice is published and when the clock is advanced.
    changed: Notify,
    /// The queues of the endpoints that notices are sent to. A reset empties them but does not remove them.
    #[cfg(feature = "publish")]
    outboxes: OnceLock<Vec<std::sync::Arc<Outbox>>>,
}

/// The locked state. When it is released, what has changed goes to the file of the state, if there is one.
#[cfg(feature = "state")]
use self::saving::Locked;
#[cfg(not(feature = "state"))]
type Locked<'a> = MutexGuard<'a, State>;

/// The seed of the IDs and the settings at the start of the mock.
#[derive(Debug)]
struct Initial {
    seed: u64,
    settings: Settings,
    closed_to_new_customers: bool,
    /// The state that the mock was started with, if it was loaded.
    #[cfg(feature = "state")]
    loaded: Option<std::sync::Arc<ServiceData>>,
}

impl Initial {
    /// Returns the state at the start of the mock.
    fn state(&self) -> State {
        #[cfg(feature = "state")]
        if let Some(loaded) = &self.loaded {
            let state = State::from_data(loaded, self.settings.bounds);
            return state.expect("the mock was started with the same data");
        }
        State::new(IdSource::new(self.seed), self.settings.clone())
    }
}

impl Service {
    pub(crate) fn new(clock: RunningClock, seed: u64, settings: Settings, closed_to_new_customers: bool) -> Self {
        let initial = Initial {
            seed,
            settings,
            closed_to_new_customers,
            #[cfg(feature = "state")]
            loaded: None,
        };
        Self::with_state(clock, initial.state(), initial)
    }

    fn with_state(clock: RunningClock, state: State, initial: Initial) -> Self {
        Service {
            state: Mutex::new(state),
            #[cfg(feature = "state")]
            saving: OnceLock::new(),
            closed_to_new_customers: AtomicBool::new(initial.closed_to_new_customers),
            initial,
            clock,
            far_job: OnceLock::new(),
            resets: AtomicU64::new(0),
            changed: Notify::new(),
            #[cfg(feature = "publish")]
            outboxes: OnceLock::new(),
        }
    }

    /// Returns the current time on the service's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns the service's clock.
    pub(crate) fn clock(&self) -> &RunningClock {
        &self.clock
    }

    fn is_closed_to_new_customers(&self) -> bool {
        self.closed_to_new_customers.load(Ordering::SeqCst)
    }

    /// Refuses accounts without archives when the mock is closed to new customers.
    pub(crate) fn check_customer(&self, place: &AccountRegion) -> Result<(), Failure> {
        let is_refused = self.is_closed_to_new_customers() && !self.state.lock().has_storage(place.account);
        if is_refused { Err(Failure::NoLongerSupported) } else { Ok(()) }
    }

    /// Applies a command, or changes nothing and returns the reason. Without `access` the command comes from the test,
    /// which no policy restricts.
    pub(crate) fn apply(
        &self,
        place: &AccountRegion,
        access: Option<&Access<'_>>,
        command: Command,
    ) -> Result<Outcome, Failure> {
        let mut state = self.lock();
        // Read under the lock, so that no command has an earlier time than the settled events before it. On a running
        // clock this is some milliseconds after the service time in the record, which is the arrival time of the
        // request.
        let now = self.now();
        state.settle(now);
        let authorized = state.authorize(place, now, access, &command);
        let outcome = authorized.and_then(|()| state.execute(place, now, command, access.is_some()));
        // A job that ends at once has ended now.
        state.settle(now);
        if let Some(far) = state.far_job.take() {
            self.note_far_job(far);
        }
        self.publish(state, matches!(outcome, Ok(Outcome::JobStarted { .. })));
        outcome
    }

    /// Locks the state.
    #[cfg(not(feature = "state"))]
    fn lock(&self) -> Locked<'_> {
        self.state.lock()
    }

    /// Publishes the notices of the jobs that have ended.
    fn settle(&self, now: Timestamp) {
        let mut state = self.lock();
        state.settle(now);
        self.publish(state, false);
    }

    /// Releases the lock and publishes the new notices. Listeners run outside of the lock, because they may use the
    /// mock.
    fn publish(&self, mut state: Locked<'_>, has_changed: bool) {
        let (notices, listeners) = state.take_unpublished();
        // Under the lock, so that the queues have the order of the jobs' ends.
        #[cfg(feature = "publish")]
        self.outboxes().iter().for_each(|outbox| outbox.put(&notices));
        state.cut_notices();
        let resets = self.resets.load(Ordering::SeqCst);
        drop(state);
        if has_changed || !notices.is_empty() {
            self.changed.notify_waiters();
        }
        for (notice, listener) in notices.iter().flat_map(|notice| listeners.iter().map(move |to| (notice, to))) {
            // A callback may have reset the mock, which discards the others.
            if self.resets.load(Ordering::SeqCst) == resets {
                (listener.0)(notice);
            }
        }
    }
}
