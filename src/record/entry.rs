//! The entry of a request in the record: what is known when its headers have arrived, and what is added later.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use hyper::Method;

use crate::domain::account::{AccountRegion, Caller};
use crate::domain::vault::{JobStatus, Subject};
use crate::domain::words::{ArchiveId, RequestId, Timestamp};
use crate::wire::Target;

use super::body::Body;
use super::end::{End, Ended, Refusal};
use super::headers::{Headers, Unpacked};

/// The record of a request. Each of many small uploads has one, so it must be small: properties that few requests have
/// are in [`Rare`], and those that consecutive requests have in common are in [`Head`].
pub(super) struct Entry {
    pub(super) number: usize,
    pub(super) arrival: Arrival,
    /// The archive that the parameters or the response name. The path may name another one.
    pub(super) archive: OnceLock<ArchiveId>,
    pub(super) body: OnceLock<Body>,
    pub(super) progress: Progress,
    pub(super) ended: Ended,
    rare: OnceLock<Box<Rare>>,
}

impl Entry {
    pub(super) fn new(number: usize, arrival: Arrival) -> Self {
        Entry {
            number,
            arrival,
            archive: OnceLock::new(),
            body: OnceLock::new(),
            progress: Progress::default(),
            ended: Ended::default(),
            rare: OnceLock::new(),
        }
    }

    /// Returns the rare properties, to add one. The first call allocates them.
    pub(super) fn rare(&self) -> &Rare {
        self.rare.get_or_init(Box::default)
    }

    /// Returns the rare properties, or `None` if the request has none of them.
    pub(super) fn known_rare(&self) -> Option<&Rare> {
        self.rare.get().map(|rare| &**rare)
    }

    /// Records how the request ended, and how long it took. Returns `false` if it had ended already.
    pub(super) fn has_ended(&self, end: End) -> bool {
        // The wall clock may have been set back.
        self.ended.set(end, SystemTime::from(self.arrival.wall_time).elapsed().unwrap_or_default())
    }
}

/// The properties that few requests have.
#[derive(Default)]
pub(super) struct Rare {
    /// The job, upload or lock that the request created.
    pub(super) created: OnceLock<Subject>,
    /// The job that a DescribeJob found.
    pub(super) job: OnceLock<JobSeen>,
    pub(super) refusal: OnceLock<Refusal>,
    pub(super) fault: OnceLock<Box<str>>,
    pub(super) interruption: OnceLock<Box<str>>,
    /// The text of the request ID, once a test has read it.
    pub(super) request_id: OnceLock<Box<str>>,
    /// Names and values of the headers that are stored in binary, once a test has read one of them.
    pub(super) headers: OnceLock<Box<[Unpacked]>>,
}

/// The number of body bytes that have arrived so far.
pub(super) struct Progress(AtomicU64);

impl Progress {
    const NOT_READ: u64 = u64::MAX;

    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Returns `None` if the server has not started to read the body.
    pub(super) fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|bytes| *bytes != Self::NOT_READ)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress(AtomicU64::new(Self::NOT_READ))
    }
}

/// What is known of a request when its headers have arrived.
pub(crate) struct Arrival {
    pub(crate) head: Arc<Head>,
    pub(crate) headers: Headers,
    pub(crate) service_time: Timestamp,
    pub(crate) wall_time: WallTime,
    pub(crate) request_id: RequestId,
}

/// A time on the wall clock, in nanoseconds since 1970. A `SystemTime` would take twice the memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallTime(u64);

impl WallTime {
    pub(crate) fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        WallTime(since_1970.as_nanos().try_into().unwrap_or(u64::MAX))
    }
}

impl From<WallTime> for SystemTime {
    fn from(time: WallTime) -> Self {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(time.0)
    }
}

/// Who sends a request, and what it asks for. Consecutive requests share it if it is equal, as for uploads to one vault.
#[derive(Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) target: Target,
    pub(crate) caller: Caller,
    /// The account and region that the request addresses. The account may differ from the caller's.
    pub(crate) place: AccountRegion,
    pub(crate) method: Method,
    pub(crate) path: Box<str>,
    pub(crate) query: Option<Box<str>>,
    pub(crate) peer: IpAddr,
}

/// The state of a job when a DescribeJob found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobSeen {
    pub(crate) status: JobStatus,
    pub(crate) waits: Waits,
}

/// Why a job was still in progress, where that may surprise the author of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The job had ended, or was about to end.
    Not,
    /// Only the test can end the job.
    ForTheTest,
    /// The job was due after this many minutes of real time.
    RealMinutes(u32),
}
