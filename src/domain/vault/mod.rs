//! A vault and everything in it: archives, uploads, jobs, inventories, locks, tags and notifications.

mod archive;
mod archive_list;
mod changes;
#[cfg(feature = "state")]
mod data;
mod delivered;
mod event;
mod inventory;
mod inventory_format;
mod inventory_reader;
mod inventory_schedule;
mod job;
mod job_output;
mod jobs;
mod lock;
mod notice;
mod notification;
mod page;
mod subject;
mod tags;
mod upload;
mod uploads;
mod vaults;

pub(crate) use self::archive::{Archive, MAX_UPLOAD, OVERHEAD, StoredBytes};
pub(crate) use self::archive_list::{Period, Window};
pub(crate) use self::changes::Changes;
pub(crate) use self::delivered::{Delivered, Download};
pub use self::event::Event;
pub(crate) use self::inventory::InventoryRetrieval;
pub(crate) use self::inventory_format::Format;
pub(crate) use self::inventory_reader::ListedInventory;
pub use self::inventory_schedule::InventoryMode;
pub(crate) use self::job::{ArchiveRetrieval, Awaited, Ending, Job, JobAt, JobKind, Status, Verdict};
pub use self::job::{JobStatus, Tier};
pub(crate) use self::job_output::JobOutput;
pub(crate) use self::jobs::{Decision, JobError, Schedule, VaultPlace};
pub(crate) use self::lock::{LockState, VaultLock};
pub(crate) use self::notice::{Notice, topics};
pub(crate) use self::notification::{JobEvent, Notifications, Topic};
pub(crate) use self::page::{Markers, Page, PageRequest};
pub(crate) use self::subject::Subject;
pub(crate) use self::tags::{MAX_TAGS_PER_CALL, NewTags, Tags};
pub(crate) use self::upload::{Part, PartSize, Upload};
pub(crate) use self::vaults::{Found, Totals, Vault, VaultRules};
#[cfg(feature = "state")]
pub(crate) use self::{
    archive::ArchiveData,
    archive_list::ListData,
    data::{Batch, Collector, Contents, Restored, RowChange, numbered, parse},
    delivered::DeliveredData,
    inventory_schedule::InventoryData,
    job::JobData,
    jobs::EndingData,
    page::MarkersData,
    vaults::VaultData,
};
