//! What a command needs besides its vault or vaults.

use crate::domain::account::AccountRegion;
use crate::domain::vault::Schedule;
use crate::domain::words::Timestamp;

use super::far_job::FarJob;
use super::ids::IdSource;
use super::job_rules::JobRules;
use super::retrieval_limits::RetrievalLimits;
use super::state::Settings;

/// The time and place of a command, and the parts of the mock's state that it uses.
#[derive(Debug)]
pub(super) struct Context<'a> {
    pub(super) now: Timestamp,
    /// The account and the region.
    pub(super) place: &'a AccountRegion,
    /// The retrieval limits of the account in the region.
    pub(super) limits: &'a mut RetrievalLimits,
    pub(super) ids: &'a mut IdSource,
    pub(super) settings: &'a Settings,
    pub(super) rules: &'a mut JobRules,
    pub(super) schedule: &'a mut Schedule,
    /// The job that the command polled for a client, if it is far from its end.
    pub(super) far_job: &'a mut Option<FarJob>,
}
