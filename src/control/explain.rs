//! Evaluates how the policies of a vault would decide about a request.

use std::net::{IpAddr, Ipv4Addr};

use crate::domain::account::{Caller, Principal};
use crate::domain::words::{ArchiveId, Operation};
use crate::service::{ACCESS_KEY_ID, Access, Verdict};

use super::error::ControlError;
use super::vault::VaultControl;

/// A hypothetical request, which is evaluated but not made.
#[derive(Clone, Debug)]
pub(crate) struct Hypothetical {
    pub(crate) operation: Operation,
    /// Defaults to the root user of the mock's account. The principal need not be registered with the mock.
    pub(crate) principal: Option<Principal>,
    /// The archive that the request would delete or retrieve.
    pub(crate) archive: Option<ArchiveId>,
    pub(crate) user_agent: Option<String>,
}

impl VaultControl {
    /// Returns how the policies of the vault would decide about a request now, and why.
    pub(crate) fn explain(&self, request: Hypothetical) -> Result<Verdict, ControlError> {
        let Hypothetical { operation, principal, archive, user_agent } = request;
        let Some(name) = self.vault_name().filter(|_| self.exists()) else { return Err(self.missing()) };
        let mock = &self.mock;
        let caller = match principal {
            Some(principal) => Caller { principal: principal.known_since(mock.service.now()).into(), is_known: true },
            None => mock.principals.caller(Some(ACCESS_KEY_ID)),
        };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let access = Access { caller: &caller, peer, user_agent: user_agent.as_deref() };
        Ok(mock.service.explain(&self.place, &access, operation, name, archive.as_ref()))
    }
}
