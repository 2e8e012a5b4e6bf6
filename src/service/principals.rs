//! The principals that the service knows, by access key.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::account::{Account, Caller, Principal};
use crate::domain::words::Timestamp;
use crate::sync::Mutex;

/// The access key of the mock's own clients, which are the root user of the mock's default account.
pub(crate) const ACCESS_KEY_ID: &str = "AKIAGLACIERMOCKCLIENT";
/// The secret of that access key, and of access keys that are account numbers.
pub(crate) const SECRET_ACCESS_KEY: &str = "glacier-mock-secret-access-key";

/// The principals of all accounts.
#[derive(Debug)]
pub(crate) struct Principals {
    /// The root user of the mock's default account.
    owner: Arc<Principal>,
    /// The principals that the mock was started with.
    initial: Vec<Principal>,
    known: Mutex<HashMap<Arc<str>, Arc<Principal>>>,
}

impl Principals {
    /// Creates the principals of a mock whose clock is at `now`.
    pub(crate) fn new(account: Account, initial: Vec<Principal>, now: Timestamp) -> Self {
        let owner = Arc::new(Principal::root(account, ACCESS_KEY_ID, SECRET_ACCESS_KEY));
        let principals = Principals { owner, initial, known: Mutex::default() };
        principals.reset(now);
        principals
    }

    /// Returns to the principals that the mock was started with.
    pub(crate) fn reset(&self, now: Timestamp) {
        self.known.lock().clear();
        self.initial.iter().cloned().for_each(|principal| self.add(principal, now));
    }

    /// Replaces all principals by these and by those that the mock was started with.
    #[cfg(feature = "standalone")]
    pub(crate) fn replace(&self, principals: Vec<Principal>, now: Timestamp) {
        let mut known = HashMap::new();
        for principal in principals.into_iter().chain(self.initial.iter().cloned()) {
            let principal = Arc::new(principal.known_since(now));
            known.insert(Arc::from(principal.access_key()), principal);
        }
        *self.known.lock() = known;
    }

    /// Returns the principals that were added, in order of their access keys.
    pub(crate) fn all(&self) -> Vec<Arc<Principal>> {
        let known = self.known.lock();
        let mut all: Vec<_> = known.values().cloned().collect();
        all.sort_by(|a, b| a.access_key().cmp(b.access_key()));
        all
    }

    /// Adds a principal. It replaces any previous principal with the same access key.
    pub(crate) fn add(&self, principal: Principal, now: Timestamp) {
        let principal = Arc::new(principal.known_since(now));
        let mut known = self.known.lock();
        known.insert(principal.access_key().into(), principal);
    }

    /// Adds a principal, unless it is known already. A principal that differs from the known one only in its secret or
    /// in the text of its session token is not added, so that a test can make requests with wrong credentials.
    pub(crate) fn add_if_new(&self, principal: &Principal, now: Timestamp) {
        let is_known = self.find(principal.access_key()).is_some_and(|known| {
            // A second factor that is present without an instant counts as the one that is known.
            let mut same = principal.clone().known_since(known.mfa_since().unwrap_or(now)).with_secret(known.secret());
            if let (Some(token), Some(_)) = (known.session_token(), principal.session_token()) {
                same = same.with_session_token(token);
            }
            *known == same
        });
        if !is_known {
            self.add(principal.clone(), now);
        }
    }

    /// Returns the principal of an access key: one that was added, the root user of the mock's default account for the
    /// mock's own clients, or the root user of an account for its account number (api.md section 1).
    pub(crate) fn find(&self, access_key: &str) -> Option<Arc<Principal>> {
        let known = self.known.lock();
        if let Some(principal) = known.get(access_key) {
            return Some(principal.clone());
        }
        if access_key == ACCESS_KEY_ID {
            return Some(self.owner.clone());
        }
        let account = access_key.parse::<Account>().ok()?;
        Some(Arc::new(Principal::root(account, access_key, SECRET_ACCESS_KEY)))
    }

    /// Returns the caller with this access key. A missing or unknown access key counts as the mock's owner.
    pub(crate) fn caller(&self, access_key: Option<&str>) -> Caller {
        match access_key.and_then(|key| self.find(key)) {
            Some(principal) => Caller { principal, is_known: true },
            None => Caller { principal: self.owner.clone(), is_known: false },
        }
    }
}
