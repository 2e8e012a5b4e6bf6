//! Everything that a test can do to a mock without a request: data in, a value or a `ControlError` out.
//!
//! The methods of the fixture call this room and panic with its errors.

mod account;
mod calls;
mod clock;
mod error;
mod expectations;
mod explain;
mod faults;
mod job_rules;
mod jobs;
#[cfg(feature = "state")]
mod kept_state;
mod leftovers;
mod notifications;
mod outage;
mod prices;
mod record;
mod reset;
#[cfg(feature = "state")]
mod state_file;
mod state_view;
mod until;
mod unused;
mod usage;
mod vault;
mod vault_changes;
#[cfg(feature = "standalone")]
mod vault_setup;
#[cfg(feature = "standalone")]
mod verification;

pub(crate) use self::account::Accounts;
pub(crate) use self::calls::WantedCalls;
pub(crate) use self::clock::ClockControl;
pub(crate) use self::error::{ControlError, ErrorKind};
pub(crate) use self::expectations::{Expectations, Found};
pub(crate) use self::explain::Hypothetical;
pub(crate) use self::faults::{FaultRule, Faults, drops_header, sets_header};
pub(crate) use self::job_rules::JobRules;
pub(crate) use self::jobs::{JobControl, set_timing};
#[cfg(feature = "standalone")]
pub(crate) use self::kept_state::write_state;
#[cfg(feature = "state")]
pub(crate) use self::kept_state::{KeptOptions, KeptState};
pub use self::leftovers::Leftover;
pub(crate) use self::leftovers::{assert_none, leftovers};
pub(crate) use self::notifications::Notifications;
pub(crate) use self::outage::Outages;
pub use self::prices::{Cost, Prices};
pub(crate) use self::record::RecordControl;
pub(crate) use self::reset::reset;
#[cfg(feature = "standalone")]
pub(crate) use self::reset::{ResetPart, reset_parts};
#[cfg(feature = "state")]
pub(crate) use self::state_file::{LoadedState, load, save};
#[cfg(feature = "standalone")]
pub(crate) use self::state_file::{export, import};
#[cfg(feature = "publish")]
pub(crate) use self::until::announce_jobs;
pub(crate) use self::until::{PATIENCE, Unmet, Wait};
pub(crate) use self::usage::usage;
pub use self::usage::{EarlyDeletion, Usage};
pub(crate) use self::vault::VaultControl;
#[cfg(feature = "standalone")]
pub(crate) use self::vault_setup::{VaultLockSetup, VaultProperties};
#[cfg(feature = "standalone")]
pub(crate) use self::verification::{Verification, Verify};
#[cfg(feature = "state")]
pub(crate) use crate::saved::Durability;
