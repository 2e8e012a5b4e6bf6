//! A test fixture that mocks the vault-based Amazon S3 Glacier service: vaults, archives and jobs, not the S3 storage
//! classes. One line starts a mock on its own port, with a client that talks to it.
//!
//! ```
//! # #[cfg(feature = "client")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use aws_sdk_glacier::types::JobParameters;
//! use glacier_mock::{GlacierMock, Operation};
//!
//! // Start a mock, and arrange its state without requests.
//! let mock = GlacierMock::start();
//! let photos = mock.create_vault("photos");
//! let cat = photos.put_archive("cat.jpg", b"a cat");
//!
//! // The next two attempts of this operation fail. The SDK retries.
//! mock.fault(Operation::InitiateJob).times(2).service_unavailable();
//!
//! // The code under test.
//! let glacier = mock.client();
//! let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(cat.as_str()).build();
//! let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await?;
//! let output = glacier.get_job_output().vault_name("photos").job_id(job.job_id().unwrap()).send().await?;
//! assert_eq!(output.body.collect().await?.to_vec(), b"a cat");
//!
//! // What it did: two calls, the first of which took three attempts.
//! mock.assert_sequence([Operation::InitiateJob, Operation::GetJobOutput]);
//! assert_eq!(mock.calls(Operation::InitiateJob).only().attempts().statuses(), [500, 500, 202]);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "client"))]
//! # fn main() {}
//! ```
//!
//! In a test this is the body of a `#[test]` or a `#[tokio::test]`. The mock runs on its own threads. Dropping it
//! closes its port, and verifies the faults and expectations that the test declared.
//!
//! # Ten names to know
//!
//! | to | use |
//! | --- | --- |
//! | start a mock, with defaults or with settings | [`GlacierMock`], [`GlacierMockBuilder`] |
//! | name an operation or an error | [`Operation`], [`ErrorCode`] |
//! | assert on what the code did | [`GlacierMock::calls`], which returns [`Calls`] |
//! | make requests fail, or delay and damage responses | [`GlacierMock::fault`], which returns a [`Fault`] |
//! | decide when jobs end | [`JobTiming`], [`GlacierMock::next_job`], [`GlacierMock::jobs`] |
//! | advance time, or freeze it | [`MockClock`], [`Clock`] |
//! | inspect a vault, or arrange its contents | [`Vault`] |
//!
//! # The other names
//!
//! | to | use |
//! | --- | --- |
//! | read recorded requests | [`Requests`], [`Request`], [`Body`]; [`Call`] and its [`Attempts`] |
//! | assert on sequences and counts | [`Step`], [`Count`] |
//! | compare the record with a snapshot or another run | [`Transcript`] |
//! | declare beforehand what must happen | [`Expectation`] |
//! | wait for a call in the background | [`WaitFor`], [`Wait`] |
//! | assert that nothing was left open | [`Leftovers`], [`Leftover`] |
//! | assert what AWS would charge for | [`Usage`], [`Tier`], [`EarlyDeletion`], [`Prices`], [`Cost`] |
//! | control single jobs | [`Jobs`], [`Job`], [`NextJob`], [`JobStatus`] |
//! | catch notifications of jobs | [`Notification`], [`VaultNotificationConfig`] |
//! | advance to the next event | [`Event`] |
//! | choose live or daily inventories | [`InventoryMode`] |
//! | store archives of any size | [`Content`], [`KIB`], [`MIB`], [`GIB`], [`TIB`] |
//! | look at what a vault contains | [`Archive`], [`Upload`], [`Part`], [`VaultLock`], [`LockState`] |
//! | call as another principal, or in another account | [`Principal`], [`Account`] |
//! | ask what a policy would decide | [`Explain`], [`Explanation`] |
//! | refuse all connections for a while | [`Outage`] |
//! | run a scenario once for each fault at each call | [`FaultSweep`], [`SweepFault`], [`SweepReport`], [`SweepFailure`], [`Sweep`], [`SweepScenario`], [`SweepVerdict`] |
//! | save the state of a mock | [`GlacierMockBuilder::load`](guide::state), [`Saver`](guide::state) |
//! | limit retrievals | [`RetrievalPolicy`], [`CapacityUnit`] |
//! | compare IDs, hashes and times | [`ArchiveId`], [`JobId`], [`UploadId`], [`LockId`], [`CapacityId`], [`Digest`], [`Timestamp`] |
//! | calculate a tree hash | [`tree_hash`], [`TreeHasher`] |
//!
//! # Guides
//!
//! - [`guide::cookbook`]: whole tests for common questions, and how your code gets a client
//! - [`guide::time`]: four hours in one test, jobs, inventories, notifications
//! - [`guide::record`]: requests, assertions, expectations, failure messages
//! - [`guide::faults`]: every fault, and which requests it is for
//! - [`guide::sweep`]: a scenario once for each fault at each call
//! - [`guide::shuffle`]: concurrent calls, with their responses in every order
//! - [`guide::costs`]: what AWS would charge for, and what it would cost
//! - [`guide::policies`]: principals, signatures, access policies, vault locks
//! - [`guide::sharing`]: one mock for several tests
//! - [`guide::state`]: the state of a mock in a file
//! - [`guide::program`]: the mock as a program, for the AWS CLI and other languages
//! - [`guide::limits`]: what is covered and what is not, open files, platforms
//! - [`guide::troubleshooting`]: symptoms and their causes
//!
//! # Features
//!
//! - `client` (default): `client()`, `client_for(..)`, `client_as(..)`, `glacier_config()` and `sdk_config()` of
//!   [`GlacierMock`]. Without it no crate of the AWS SDK is in the dependency tree.
//! - `publish`: `publish_to(..)` and `notify(..)` of [`GlacierMockBuilder`], which send the notifications of jobs to an
//!   SNS-compatible endpoint or a webhook.
//! - `state`: `save(..)` of [`GlacierMock`] and `load(..)` of [`GlacierMockBuilder`], which keep the state of a mock in a
//!   file.
//! - `standalone`: the program `glacier-mock`. Includes `publish` and `state`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod control;
#[cfg(feature = "standalone")]
mod control_api;
mod domain;
mod fault;
mod fixture;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
pub mod guide;
mod mock;
mod policy;
#[cfg(feature = "publish")]
mod publish;
mod record;
#[cfg(feature = "state")]
mod saved;
mod server;
mod service;
#[cfg(feature = "standalone")]
mod sts;
mod sweep;
mod sync;
mod text;
mod time;
mod verify;
mod wire;

#[cfg(feature = "standalone")]
#[doc(hidden)]
pub mod program;

pub use self::time::Clock;
pub use control::{Cost, EarlyDeletion, Leftover, Prices, Usage};
pub use domain::account::{Account, CapacityUnit, ParseAccountError, ParsePrincipalError, Principal, RetrievalPolicy};
pub use domain::bytes::{Content, Digest, ParseDigestError, TreeHasher, tree_hash};
pub use domain::failure::{ErrorCode, ParseErrorCodeError};
pub use domain::vault::{Event, InventoryMode, JobStatus, Tier};
pub use domain::words::{
    ArchiveId, CapacityId, GIB, JobId, KIB, LockId, MIB, Operation, ParseIdError, ParseOperationError,
    ParseTimestampError, TIB, Timestamp, UploadId,
};
#[cfg(feature = "state")]
pub use fixture::Saver;
pub use fixture::{
    Archive, Expectation, Explain, Explanation, Fault, GlacierMock, GlacierMockBuilder, Job, Jobs, Leftovers,
    LockState, MockClock, NextJob, Notification, Outage, Part, Upload, Vault, VaultLock, VaultNotificationConfig,
    VerificationError, Wait, WaitFor,
};
pub use record::{Attempts, Body, Call, Request, Statuses};
pub use service::JobTiming;
pub use sweep::{FaultSweep, Sweep, SweepFailure, SweepFault, SweepReport, SweepScenario, SweepVerdict};
pub use verify::{Calls, Count, Requests, Step, Transcript};
