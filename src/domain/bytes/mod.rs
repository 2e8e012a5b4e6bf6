//! Bytes and what is computed from them: content, ranges, digests and tree hashes.

mod content;
#[cfg(feature = "state")]
mod data;
mod digest;
mod gather;
mod into_content;
mod leaves;
mod piece;
mod pool;
mod range;
mod repeat;
mod source;
mod storage;
#[cfg(feature = "state")]
mod store;
mod tree_hash;
mod weak_content;

pub(crate) use self::content::Chunks;
pub use self::content::Content;
#[cfg(feature = "state")]
pub(crate) use self::data::PlainPiece;
pub use self::digest::{Digest, ParseDigestError};
pub(crate) use self::gather::Gatherer;
pub(crate) use self::leaves::Leaves;
#[cfg(feature = "state")]
pub(crate) use self::leaves::LeavesData;
pub(crate) use self::pool::Pool;
pub(crate) use self::range::{ByteRange, HeaderRange};
pub(crate) use self::source::Source;
#[cfg(feature = "state")]
pub(crate) use self::store::{ContentStore, Storing};
pub(crate) use self::tree_hash::{BodyHasher, Hashes, LeafHasher, PlainHasher};
pub use self::tree_hash::{TreeHasher, tree_hash};
#[cfg(feature = "state")]
pub(crate) use self::weak_content::WeakContent;
