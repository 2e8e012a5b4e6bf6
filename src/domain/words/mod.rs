//! The basic values that all other rooms use: names, IDs, descriptions, timestamps, units and operations, and where a
//! rule was declared.

mod description;
mod id;
mod name;
mod operation;
mod origin;
mod parse_error;
mod timestamp;
mod units;

pub(crate) use self::description::Description;
pub use self::id::{ArchiveId, CapacityId, JobId, LockId, ParseIdError, UploadId};
pub(crate) use self::id::{RequestId, URL_SAFE};
pub(crate) use self::name::VaultName;
pub use self::operation::{Operation, ParseOperationError};
pub(crate) use self::origin::Origin;
pub(crate) use self::parse_error::parse_error;
pub use self::timestamp::{ParseTimestampError, Timestamp};
pub use self::units::{GIB, KIB, MIB, TIB};
