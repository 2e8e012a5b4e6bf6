//! The chunks of archives that a state file has, or will have as soon as they are written.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::io;
use std::sync::{Arc, Weak};

use bytes::Bytes;
use redb::Database;

use crate::domain::bytes::{Content, Digest, Source};
use crate::saved::store::{Reader, invalid};
use crate::sync::Mutex;

/// The number of chunks that were read last and stay in memory: a download reads each chunk in several steps.
const RECENT: usize = 8;

/// The chunks that contents refer to, and how they are read.
#[derive(Default)]
pub(super) struct Chunks {
    /// `None` while the file cannot be used.
    database: Mutex<Option<Arc<Database>>>,
    known: Mutex<Known>,
    recent: Mutex<VecDeque<(Digest, Bytes)>>,
}

#[derive(Default)]
struct Known {
    /// Chunks that a content refers to.
    held: HashMap<Digest, Weak<Chunk>>,
    /// Chunks that nothing refers to any more, and that the file may still have.
    dropped: Vec<Digest>,
    /// Chunks that stay in the file as long as it is open: blocks that repeat, and bytes that a content has in memory, of
    /// which no content refers to the chunk. The next start removes those that nothing needs.
    pinned: HashSet<Digest>,
}

/// One chunk. The file has its bytes, or they are in memory until it has them.
pub(super) struct Chunk {
    pub(super) hash: Digest,
    len: u64,
    unwritten: Mutex<Option<Bytes>>,
    chunks: Arc<Chunks>,
}

impl Chunks {
    pub(super) fn use_database(&self, database: Option<Arc<Database>>) {
        *self.database.lock() = database;
    }

    pub(super) fn database(&self) -> io::Result<Arc<Database>> {
        self.database.lock().clone().ok_or_else(|| invalid("the file of the state cannot be used at the moment"))
    }

    /// Returns a chunk that the file has.
    pub(super) fn written(self: &Arc<Self>, hash: Digest, len: u64) -> Arc<Chunk> {
        self.get_or_add(hash, len, None).0
    }

    /// Returns the chunk with these bytes, and whether the caller has to write it.
    pub(super) fn of_bytes(self: &Arc<Self>, bytes: Bytes) -> (Arc<Chunk>, bool) {
        self.get_or_add(Digest::sha256(&bytes), bytes.len() as u64, Some(bytes))
    }

    fn get_or_add(self: &Arc<Self>, hash: Digest, len: u64, unwritten: Option<Bytes>) -> (Arc<Chunk>, bool) {
        let mut known = self.known.lock();
        if let Some(held) = known.held.get(&hash).and_then(Weak::upgrade) {
            drop(known);
            return (held, false);
        }
        let chunk = Arc::new(Chunk { hash, len, unwritten: Mutex::new(unwritten), chunks: self.clone() });
        known.held.insert(hash, Arc::downgrade(&chunk));
        (chunk, true)
    }

    /// Returns the chunks that nothing refers to any more, to be removed from the file with the rows that referred to
    /// them. Each is returned once.
    pub(super) fn take_dropped(&self) -> Vec<Digest> {
        let mut known = self.known.lock();
        let Known { held, dropped, .. } = &mut *known;
        let mut gone = std::mem::take(dropped);
        // Equal bytes may have arrived since.
        gone.retain(|hash| held.get(hash).is_none_or(|chunk| chunk.strong_count() == 0));
        gone
    }

    /// Keeps chunks in the file as long as it is open.
    pub(super) fn pin(&self, hashes: impl IntoIterator<Item = Digest>) {
        self.known.lock().pinned.extend(hashes);
    }

    pub(super) fn is_pinned(&self, hash: &Digest) -> bool {
        self.known.lock().pinned.contains(hash)
    }

    /// Returns whether something needs a chunk.
    pub(super) fn is_needed(&self, hash: &Digest) -> bool {
        let known = self.known.lock();
        known.pinned.contains(hash) || known.held.get(hash).is_some_and(|chunk| chunk.strong_count() > 0)
    }

    /// Forgets all chunks: those that were not written are lost, and a later chunk of equal bytes is written again.
    pub(super) fn forget(&self) {
        self.known.lock().held.clear();
        self.recent.lock().clear();
    }

    fn read(&self, hash: &Digest) -> io::Result<Bytes> {
        let recent = |recent: &VecDeque<(Digest, Bytes)>| {
            recent.iter().find(|(known, _)| known == hash).map(|(_, bytes)| bytes.clone())
        };
        if let Some(bytes) = recent(&self.recent.lock()) {
            return Ok(bytes);
        }
        let bytes = Reader::of(&*self.database()?)?.chunk(hash)?;
        let mut recent = self.recent.lock();
        recent.push_front((*hash, bytes.clone()));
        recent.truncate(RECENT);
        Ok(bytes)
    }
}

impl Chunk {
    pub(super) fn content(self: Arc<Self>) -> Content {
        Content::lazy(self)
    }

    /// Returns the bytes, if the file does not have them yet.
    pub(super) fn unwritten(&self) -> Option<Bytes> {
        self.unwritten.lock().clone()
    }

    /// Frees the memory of the bytes. Call when the file has them.
    pub(super) fn mark_written(&self) {
        *self.unwritten.lock() = None;
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        let mut known = self.chunks.known.lock();
        // Another chunk of equal bytes may have taken its place.
        if known.held.get(&self.hash).is_some_and(|chunk| chunk.strong_count() == 0) {
            known.held.remove(&self.hash);
        }
        known.dropped.push(self.hash);
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state file")
    }
}

impl std::panic::RefUnwindSafe for Chunk {}

impl Source for Chunk {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&self, from: u64, most: usize) -> io::Result<Bytes> {
        let bytes = match self.unwritten() {
            Some(bytes) => bytes,
            None => self.chunks.read(&self.hash)?,
        };
        let from = usize::try_from(from).ok().filter(|from| *from < bytes.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(bytes.slice(from..bytes.len().min(from.saturating_add(most))))
    }

    fn chunk(&self) -> Option<&Digest> {
        Some(&self.hash)
    }
}
