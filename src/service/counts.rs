//! The lengths of all lists of the service, for the tests of its bounds.

use std::collections::BTreeMap;

use super::Service;

impl Service {
    /// Returns the length of each list that grows with requests, summed over all accounts, regions and vaults.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, usize> {
        let state = self.state.lock();
        let mut counts = BTreeMap::new();
        let mut add = |(name, count): (&'static str, usize)| *counts.entry(name).or_default() += count;
        add(("accounts and regions", state.places.len()));
        add(("usage by account and region", state.charges.len()));
        add(("notices", state.notices.len()));
        state.charges.values().for_each(|charges| add(("early deletions", charges.early_deletions.len())));
        state.remembered.counts().into_iter().for_each(&mut add);
        add(("uploads in the ledger", state.ledger.uploads.len()));
        add(("locks in the ledger", state.ledger.locks.len()));
        add(("jobs in the ledger", state.ledger.jobs.len()));
        add(("downloads by account", state.ledger.downloaded.len()));
        add(("arranged archives", state.ledger.arranged.len()));
        for account in state.places.values() {
            add(("vaults", account.vaults.by_name.len()));
            add(("names of deleted vaults", account.vaults.deleted.len()));
            add(("markers of vaults", account.vaults.markers.len()));
            account.vaults.by_name.values().flat_map(|vault| vault.counts()).for_each(&mut add);
        }
        counts
    }
}
