//! Accounts, the principals that send requests, and the limits of an account.

mod accounts;
mod capacity;
mod principal;
mod retrieval_policy;
mod standard_retrievals;

pub use self::accounts::{Account, ParseAccountError};
pub(crate) use self::accounts::{AccountRegion, expect_account, expect_region, is_region};
pub(crate) use self::capacity::Capacity;
pub use self::capacity::CapacityUnit;
pub(crate) use self::principal::Caller;
pub use self::principal::{ParsePrincipalError, Principal};
pub(crate) use self::retrieval_policy::FREE_TIER_PER_DAY;
pub use self::retrieval_policy::RetrievalPolicy;
pub(crate) use self::standard_retrievals::StandardRetrievals;
#[cfg(feature = "state")]
pub(crate) use self::{capacity::CapacityData, principal::PrincipalData, standard_retrievals::StandardRetrievalsData};
