//! A test fixture: your own mock of the original, vault-based Amazon S3 Glacier service, on its own port, in one line.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use glacier_mock::{GlacierMock, Operation};
//!
//! let mock = GlacierMock::start();
//! let glacier = mock.client();
//!
//! glacier.create_vault().vault_name("photos").send().await?;
//! let stored = glacier.upload_archive().vault_name("photos").body(b"bytes".to_vec().into()).send().await?;
//! assert_eq!(stored.archive_id().unwrap().len(), 138);
//!
//! mock.assert_sequence([Operation::CreateVault, Operation::UploadArchive]);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! Start with [`GlacierMock`].

mod domain;
mod fault;
mod fixture;
mod policy;
mod record;
mod server;
mod service;
mod verify;
mod wire;
mod words;

#[cfg(feature = "standalone")]
#[doc(hidden)]
pub mod admin;

pub use domain::account::Account;
pub use domain::content::Content;
pub use domain::digest::Digest;
pub use domain::error_code::ErrorCode;
pub use domain::event::Event;
pub use domain::id::{ArchiveId, CapacityId, JobId, LockId, UploadId};
pub use domain::inventory_schedule::InventoryMode;
pub use domain::job::StatusCode;
pub use domain::operation::Operation;
pub use domain::principal::Principal;
pub use domain::timestamp::{NoInstant, Timestamp};
pub use domain::units::{GIB, KIB, MIB, TIB};
pub use fixture::{Archive, LockState, Part, Upload, VaultLock, VaultNotificationConfig};
pub use fixture::{
    Builder, Expectation, Explain, Explanation, Fault, GlacierMock, Job, Jobs, MockClock, NextJob, Notification,
    Outage, Vault, WaitFor,
};
pub use record::body::Body;
pub use record::call::{Attempts, Call};
pub use record::request::Request;
pub use service::clock::Clock;
pub use service::timing::JobTiming;
pub use verify::calls::Calls;
pub use verify::count::Count;
pub use verify::requests::Requests;
pub use verify::sequence::Step;
