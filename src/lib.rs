//! A test fixture that mocks the original, vault-based Amazon S3 Glacier service. One line starts a mock on its own
//! port.
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
//! [`GlacierMock`] is the type to start with.

mod control;
mod domain;
mod fault;
mod fixture;
mod mock;
mod policy;
mod record;
mod server;
mod service;
mod text;
mod time;
mod verify;
mod wire;

#[cfg(feature = "standalone")]
#[doc(hidden)]
pub mod admin;

pub use domain::account::{Account, CapacityUnit, ParseAccountError, ParsePrincipalError, Principal, RetrievalPolicy};
pub use domain::bytes::{Content, Digest, ParseDigestError, TreeHasher, tree_hash};
pub use domain::failure::{ErrorCode, ParseErrorCodeError};
pub use domain::vault::{Event, InventoryMode, JobStatus};
pub use domain::words::{
    ArchiveId, CapacityId, GIB, JobId, KIB, LockId, MIB, Operation, ParseIdError, ParseOperationError,
    ParseTimestampError, TIB, Timestamp, UploadId,
};
pub use fixture::{
    Archive, Expectation, Explain, Explanation, Fault, GlacierMock, GlacierMockBuilder, Job, Jobs, LockState,
    MockClock, NextJob, Notification, Outage, Part, Upload, Vault, VaultLock, VaultNotificationConfig, Wait, WaitFor,
};
pub use record::{Attempts, Body, Call, Request};
pub use service::JobTiming;
pub use time::Clock;
pub use verify::{Calls, Count, Requests, Step};
