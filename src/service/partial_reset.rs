//! Resets parts of the service to their state at the start: jobs, vaults, the clock.

use std::sync::atomic::Ordering;

use super::state::{AccountState, State};
use super::{Service, vaults};

/// The parts of the service to reset.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PartialReset {
    /// The jobs with their notices, and the rules for jobs.
    pub(crate) jobs: bool,
    /// The vaults with everything in them, and the notices of their jobs.
    pub(crate) vaults: bool,
    /// The clock, and what is measured with it in an account: provisioned capacity and the use of the retrieval limits.
    pub(crate) clock: bool,
}

impl Service {
    /// Resets parts of the service, and announces nothing. If vaults would remain whose times lie after that of the
    /// clock, nothing changes, and the number of vaults is the error.
    pub(crate) fn reset_parts(&self, parts: PartialReset) -> Result<(), usize> {
        let mut state = self.lock();
        let remaining: usize = state.places.values().map(|place| place.vaults.by_name.len()).sum();
        if parts.clock && !parts.vaults && remaining > 0 {
            return Err(remaining);
        }
        let now = self.now();
        state.settle(now);
        let mut discarded = Vec::new();
        if parts.vaults {
            for place in state.places.keys().cloned().collect::<Vec<_>>() {
                let (vaults, mut context) = state.open(&place, now);
                let names: Vec<_> = vaults.by_name.keys().cloned().collect();
                discarded.extend(names.iter().filter_map(|name| vaults::remove(vaults, &mut context, name)));
                names.iter().for_each(|name| state.ledger.vault_is_gone(&place, name));
            }
        }
        let mut jobs = Vec::new();
        if parts.jobs || parts.vaults {
            jobs = state.remove_jobs();
            // Callbacks that have not run yet belong to the jobs that were removed, so they must not run.
            self.resets.fetch_add(1, Ordering::SeqCst);
        }
        if parts.jobs {
            state.rules.clear();
        }
        if parts.clock {
            let State { places, changed_places, clock_was_moved, .. } = &mut *state;
            *clock_was_moved = true;
            for (place, AccountState { limits, .. }) in places {
                changed_places.note(|| place.clone());
                limits.standard_retrievals = Default::default();
                limits.capacity = Default::default();
            }
            self.clock.reset();
        }
        drop(state);
        // Dropped without the lock: the vaults and the jobs may contain bytes that the test owned.
        drop((discarded, jobs));
        if parts.clock {
            self.clock.end_waits();
        }
        self.changed.notify_waiters();
        Ok(())
    }
}

impl State {
    /// Removes and returns all jobs of all vaults. Removes the notices of those and of earlier ones.
    fn remove_jobs(&mut self) -> Vec<impl Sized + use<>> {
        let mut removed = Vec::new();
        for (place, AccountState { vaults, limits, .. }) in &mut self.places {
            self.changed_places.note(|| place.clone());
            for (name, vault) in &mut vaults.by_name {
                vaults.changed.note(|| name.clone());
                let (in_progress, jobs) = vault.remove_jobs(&mut self.schedule);
                in_progress.into_iter().for_each(|number| limits.standard_retrievals.end(number));
                removed.push(jobs);
            }
        }
        self.ledger.jobs_are_gone();
        self.far_job = None;
        self.removed_notices += self.notices.len() as u64;
        self.notices.clear();
        self.published = 0;
        removed
    }
}
