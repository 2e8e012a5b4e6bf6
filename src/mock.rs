//! The parts of one mock. Connections use them to serve requests, and the test's handles read and change them.

use std::fmt;
use std::sync::Arc;
#[cfg(feature = "state")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[cfg(feature = "standalone")]
use crate::domain::account::Account;
use crate::domain::account::{AccountRegion, Principal};
#[cfg(feature = "state")]
use crate::domain::bytes::ContentStore;
use crate::domain::words::RequestId;
use crate::fault::Script;
use crate::record::Journal;
#[cfg(feature = "state")]
use crate::saved::KeptFile;
use crate::service::{IdSource, Principals, Service};
use crate::sync::{Mutex, until};
use crate::time::{Holds, Turns};
use crate::wire::Defaults;

/// The state of one mock. It outlives the `GlacierMock` while a request is in flight or a handle exists.
pub(crate) struct Mock {
    pub(crate) service: Service,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Script>,
    pub(crate) principals: Principals,
    pub(crate) holds: Arc<Holds>,
    /// The turns of requests that are in flight together, if the test shuffles them.
    pub(crate) turns: Option<Arc<Turns>>,
    pub(crate) defaults: Defaults,
    /// Request IDs have a separate generator, so that the number of requests does not change the IDs of archives.
    request_ids: Mutex<IdSource>,
    /// The seed of the request IDs.
    seed: u64,
    /// The file in which the state is kept while the mock runs.
    #[cfg(feature = "state")]
    kept: OnceLock<Arc<KeptFile>>,
    has_ended: AtomicBool,
    /// Wakes the waits of the test when the mock ends.
    ended: Notify,
}

impl Mock {
    pub(crate) fn new(
        service: Service,
        journal: Arc<Journal>,
        defaults: Defaults,
        principals: Vec<Principal>,
        seed: u64,
        turns: Option<Arc<Turns>>,
    ) -> Self {
        Mock {
            principals: Principals::new(defaults.account, principals, service.now()),
            service,
            journal,
            faults: Arc::default(),
            holds: Arc::default(),
            turns,
            defaults,
            request_ids: Mutex::new(IdSource::new(seed)),
            seed,
            #[cfg(feature = "state")]
            kept: OnceLock::new(),
            has_ended: AtomicBool::new(false),
            ended: Notify::new(),
        }
    }

    /// Starts the generator of request IDs again.
    pub(crate) fn reset_request_ids(&self) {
        *self.request_ids.lock() = IdSource::new(self.seed);
    }

    pub(crate) fn next_request_id(&self) -> RequestId {
        self.request_ids.lock().request()
    }

    /// Continues with the request IDs of a mock that was saved.
    #[cfg(feature = "standalone")]
    pub(crate) fn continue_request_ids(&self, seed: u64) {
        *self.request_ids.lock() = IdSource::new(seed);
    }

    /// Returns what the next request IDs depend on, to be saved. It is the `seed` of a mock that continues with them.
    #[cfg(feature = "state")]
    pub(crate) fn request_id_seed(&self) -> u64 {
        self.request_ids.lock().to_data()
    }

    /// Keeps the state in a file from now on. Later calls have no effect.
    #[cfg(feature = "state")]
    pub(crate) fn keep_in(&self, file: Arc<KeptFile>) {
        let _ = self.kept.set(file);
    }

    /// Returns the file in which the state is kept.
    #[cfg(feature = "state")]
    pub(crate) fn kept_file(&self) -> Option<&KeptFile> {
        self.kept.get().map(|file| &**file)
    }

    /// Returns where the bytes of archives are kept, if not in memory.
    #[cfg(feature = "state")]
    pub(crate) fn content_store(&self) -> Option<&dyn ContentStore> {
        self.kept_file().map(|file| file as &dyn ContentStore)
    }

    /// Waits until the changes of the service so far are in the file of the state, if there is one that promises this to
    /// requests. An error means that some of them are lost.
    pub(crate) async fn written(&self) -> Result<(), String> {
        #[cfg(feature = "state")]
        if let Some(file) = self.kept_file() {
            return file.written().await;
        }
        Ok(())
    }

    /// Returns the account and the region of the mock's own client.
    pub(crate) fn own_place(&self) -> AccountRegion {
        AccountRegion::new(self.defaults.account, self.defaults.region.clone())
    }

    /// Returns an account and a region, each by default that of the mock's own client.
    #[cfg(feature = "standalone")]
    pub(crate) fn place(&self, account: Option<Account>, region: Option<&str>) -> AccountRegion {
        let own = self.own_place();
        AccountRegion::new(account.unwrap_or(own.account), region.map_or(own.region, Into::into))
    }

    /// Records that the `GlacierMock` was dropped.
    pub(crate) fn end(&self) {
        self.has_ended.store(true, Ordering::SeqCst);
        self.service.end();
        self.ended.notify_waiters();
    }

    /// Waits until the `GlacierMock` was dropped.
    pub(crate) async fn until_ended(&self) {
        until(|| self.ended.notified(), || (!self.is_serving()).then_some(())).await;
    }

    /// Returns whether the `GlacierMock` still exists.
    pub(crate) fn is_serving(&self) -> bool {
        !self.has_ended.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").finish_non_exhaustive()
    }
}
