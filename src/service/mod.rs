//! The service: all accounts and regions behind one lock, and one `apply` for every operation.
//!
//! The lock is held for one command, never across an await and never while bytes are hashed or an inventory is
//! written. It is std's: commands are short. A panic in one does not poison it for the next, which must still be served.

pub(crate) mod access;
mod alarm;
mod archives;
pub(crate) mod clock;
pub(crate) mod command;
pub(crate) mod control;
mod far_job;
pub(crate) mod ids;
pub(crate) mod job_rules;
mod jobs;
mod locks;
pub(crate) mod principals;
mod retrieval_limits;
mod runtimes;
mod settle;
pub(crate) mod state;
pub(crate) mod timing;
pub(crate) mod tokio_time;
mod uploads;
mod vault_settings;
mod vaults;

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;

use self::access::Access;
use self::clock::RunningClock;
use self::command::{Command, CompleteMultipartUpload, Outcome};
use self::far_job::FarJob;
use self::ids::IdSource;
use self::state::{Settings, State};
use self::uploads::Completion;

/// One little AWS.
#[derive(Debug)]
pub(crate) struct Service {
    state: Mutex<State>,
    clock: RunningClock,
    new_customers_only: bool,
    /// The first job that was polled and ends much later in real time, until it has been reported.
    far_job: OnceLock<Mutex<Option<FarJob>>>,
    /// Wakes whoever waits for a job to be asked for or for a notice, and whoever waits for time to pass.
    changed: Notify,
}

impl Service {
    pub(crate) fn new(clock: RunningClock, ids: IdSource, settings: Settings) -> Self {
        let new_customers_only = settings.new_customers_only;
        Service {
            state: Mutex::new(State::new(ids, settings)),
            clock,
            new_customers_only,
            far_job: OnceLock::new(),
            changed: Notify::new(),
        }
    }

    /// The present on the service's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The service's clock, to be waited for.
    pub(crate) fn clock(&self) -> &RunningClock {
        &self.clock
    }

    /// Whether the service has this caller for a customer.
    pub(crate) fn admit(&self, scope: &Scope) -> Result<(), Failure> {
        let turned_away = self.new_customers_only && !self.lock().has_storage(scope.account);
        if turned_away { Err(Failure::NoLongerSupported) } else { Ok(()) }
    }

    /// Does what the caller asks, or changes nothing and says why not. Without `access` it is the test that asks, whom no
    /// policy stops.
    pub(crate) fn apply(
        &self,
        scope: &Scope,
        access: Option<&Access<'_>>,
        command: Command,
    ) -> Result<Outcome, Failure> {
        let mut state = self.lock();
        // Read under the lock, so that no command is of an earlier moment than what was settled before it.
        let now = self.now();
        state.settle(now);
        let starts_job = matches!(command, Command::InitiateJob(_));
        let authorized =
            access.map_or(Ok(()), |access| state.authorize(scope, now, access, command.vault(), command.archive()));
        let (mut state, outcome) = match authorized {
            Ok(()) => self.apply_now(state, scope, now, command),
            Err(refused) => (state, Err(refused)),
        };
        // What ends at once has ended now.
        state.settle(now);
        if let Some(far) = state.far_job.take()
            && self.far_job.get().is_none()
            && self.clock.is_real_time()
        {
            self.far_job.get_or_init(|| Mutex::new(Some(far)));
        }
        self.tell(state, starts_job);
        outcome
    }

    /// Takes the lock and gives it back: one operation has to let go of it meanwhile.
    fn apply_now<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        scope: &Scope,
        now: Timestamp,
        command: Command,
    ) -> (MutexGuard<'s, State>, Result<Outcome, Failure>) {
        let outcome = match command {
            Command::CreateVault(request) => vaults::create(&mut state, scope, now, request),
            Command::DescribeVault(request) => vaults::describe(&mut state, scope, now, request),
            Command::ListVaults(request) => vaults::list(&mut state, scope, now, request),
            Command::DeleteVault(request) => vaults::delete(&mut state, scope, now, request),
            Command::UploadArchive(request) => archives::upload(&mut state, scope, now, request),
            Command::DeleteArchive(request) => archives::delete(&mut state, scope, now, request),
            Command::InitiateJob(request) => jobs::initiate(&mut state, scope, now, request),
            Command::DescribeJob(request) => jobs::describe(&mut state, scope, now, request),
            Command::ListJobs(request) => jobs::list(&mut state, scope, now, request),
            Command::GetJobOutput(request) => jobs::output(&mut state, scope, now, request),
            Command::InitiateMultipartUpload(request) => uploads::initiate(&mut state, scope, now, request),
            Command::UploadMultipartPart(request) => uploads::put_part(&mut state, scope, now, request),
            Command::CompleteMultipartUpload(request) => {
                drop(state);
                let outcome = self.complete_upload(scope, now, request);
                state = self.lock();
                outcome
            }
            Command::AbortMultipartUpload(request) => uploads::abort(&mut state, scope, now, request),
            Command::ListMultipartUploads(request) => uploads::list(&mut state, scope, now, request),
            Command::ListParts(request) => uploads::list_parts(&mut state, scope, now, request),
            Command::AddTagsToVault(request) => vault_settings::add_tags(&mut state, scope, request),
            Command::RemoveTagsFromVault(request) => vault_settings::remove_tags(&mut state, scope, request),
            Command::ListTagsForVault(request) => vault_settings::list_tags(&mut state, scope, request),
            Command::SetVaultNotifications(request) => vault_settings::set_notifications(&mut state, scope, request),
            Command::GetVaultNotifications(request) => vault_settings::get_notifications(&mut state, scope, request),
            Command::DeleteVaultNotifications(request) => {
                vault_settings::delete_notifications(&mut state, scope, request)
            }
            Command::SetVaultAccessPolicy(request) => vault_settings::set_access_policy(&mut state, scope, request),
            Command::GetVaultAccessPolicy(request) => vault_settings::get_access_policy(&mut state, scope, request),
            Command::DeleteVaultAccessPolicy(request) => {
                vault_settings::delete_access_policy(&mut state, scope, request)
            }
            Command::InitiateVaultLock(request) => locks::initiate(&mut state, scope, now, request),
            Command::GetVaultLock(request) => locks::get(&mut state, scope, now, request),
            Command::AbortVaultLock(request) => locks::abort(&mut state, scope, now, request),
            Command::CompleteVaultLock(request) => locks::complete(&mut state, scope, now, request),
            Command::GetDataRetrievalPolicy => retrieval_limits::get_policy(&mut state, scope),
            Command::SetDataRetrievalPolicy(request) => retrieval_limits::set_policy(&mut state, scope, request),
            Command::PurchaseProvisionedCapacity => retrieval_limits::purchase_capacity(&mut state, scope, now),
            Command::ListProvisionedCapacity => retrieval_limits::list_capacity(&mut state, scope, now),
        };
        (state, outcome)
    }

    /// The whole is made of the parts outside of the lock. If a part was changed meanwhile it is made again: each
    /// turn is one in which another request got on.
    fn complete_upload(
        &self,
        scope: &Scope,
        now: Timestamp,
        request: CompleteMultipartUpload,
    ) -> Result<Outcome, Failure> {
        loop {
            // Each statement takes the lock and lets go of it.
            let begun = uploads::begin_completion(&mut self.lock(), scope, now, &request)?;
            let parts = match begun {
                Completion::Repeated(archive) => return uploads::repeated(request, &archive),
                Completion::Parts(parts) => parts,
            };
            let whole = parts.assemble(request.size, request.tree_hash)?;
            let mut state = self.lock();
            if let Some(done) = uploads::finish_completion(&mut state, scope, now, &request, &parts, &whole)? {
                return Ok(done);
            }
        }
    }

    /// Announces what has ended.
    fn settle(&self, now: Timestamp) {
        let mut state = self.lock();
        state.settle(now);
        self.tell(state, false);
    }

    /// Lets go of the state, and tells the listeners what is new. Outside of the lock: they may ask the mock something.
    fn tell(&self, mut state: MutexGuard<'_, State>, has_changed: bool) {
        let (news, listeners) = state.news();
        drop(state);
        if has_changed || !news.is_empty() {
            self.changed.notify_waiters();
        }
        for notice in &news {
            listeners.iter().for_each(|listener| (listener.0)(notice));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A command that panicked was answered with a 500.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
