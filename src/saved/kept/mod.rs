//! A file in which a program keeps its state: after a crash, it has every change that was answered with success.
//!
//! One thread writes to the database (`writer.rs`). It receives chunks of archives as they arrive and batches of rows in
//! the order of the changes. It commits all that have arrived in one transaction, so that concurrent requests share the
//! wait for the disk. If a commit fails, for example because the disk is full, redb refuses further writes: the thread
//! opens the file again, which has the state of the last commit, and the mock returns to that state. The requests whose
//! changes are lost are answered with an error.
//!
//! The header of such a file has no hash of the rest. Each row and each chunk has its own, which is compared when it is
//! read, and redb has checksums of its pages.

mod chunks;
mod file;
mod progress;
mod writer;

use std::fmt;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use redb::Builder;
use tokio::sync::Semaphore;

use self::chunks::Chunks;
use self::progress::Progress;
use self::writer::{Message, Writing};
use super::backend::Unchanged;
use super::contents::{CHUNK, OpenFile, SavedChunks};
use super::state::{MockData, SavedState};
use super::store::{CACHE, Reader, failed, invalid};
use crate::domain::bytes::{ContentStore, Storing};
use crate::domain::vault::Batch;
use crate::service::StateSink;
use crate::sync::Mutex;

/// The number of chunks that wait to be written. They are in memory.
const MOST_UNWRITTEN: usize = 16;
/// How often the thread collects what need not be in the file at once.
const TICK: Duration = Duration::from_secs(1);

/// When a change is in the file.
#[cfg_attr(not(feature = "standalone"), expect(dead_code, reason = "only the program has a choice"))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Before the request is answered.
    #[default]
    Request,
    /// Within a second.
    Second,
    /// When the program ends, and when the control API requests it.
    Exit,
}

/// The mock whose state is in a file.
pub(crate) trait Owner: Send {
    /// Returns the parts of the mock that do not belong to its service, or `None` if the mock is gone.
    fn mock_data(&self) -> Option<MockData>;

    /// Gives all changes of the service to the file.
    fn give_changes(&self);

    /// Returns to the state of the file, because later changes are lost for this reason. The owner must call `replaced`
    /// while no change can be sent: changes that were sent before that call are lost.
    fn roll_back(&self, state: SavedState, reason: &str, replaced: &mut dyn FnMut());

    /// Reports that the file cannot be used, for this reason.
    fn report_broken(&self, reason: &str);
}

/// A file in which a program keeps its state.
pub(crate) struct KeptFile {
    messages: Mutex<Sender<Message>>,
    chunks: Arc<Chunks>,
    progress: Arc<Progress>,
    unwritten: Arc<Semaphore>,
    durability: Durability,
    thread: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

impl fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptFile").field("durability", &self.durability).finish_non_exhaustive()
    }
}

/// A state file that was opened, before its thread runs.
pub(crate) struct OpenedFile {
    file: file::KeptDatabase,
    chunks: Arc<Chunks>,
    /// The state that it has, if it is not new.
    pub(crate) state: Option<SavedState>,
}

impl OpenedFile {
    /// Opens the file of a state, or creates it. Only one program can have it open.
    pub(crate) fn open(path: &Path, open: &OpenFile<'_>) -> io::Result<Self> {
        let chunks = Arc::new(Chunks::default());
        let (file, state) = file::KeptDatabase::open(path, &chunks, open)?;
        Ok(OpenedFile { file, chunks, state })
    }

    /// Starts the thread that writes to the file.
    pub(crate) fn keep(self, durability: Durability, owner: Box<dyn Owner>) -> io::Result<Arc<KeptFile>> {
        let (messages, received) = channel();
        let progress = Arc::new(Progress::default());
        let writing = Writing::new(self.file, self.chunks.clone(), progress.clone(), durability, owner);
        let thread = std::thread::Builder::new().name("glacier-mock-state".into());
        let thread = thread.spawn(move || writing.run(&received))?;
        Ok(Arc::new(KeptFile {
            messages: Mutex::new(messages),
            chunks: self.chunks,
            progress,
            unwritten: Arc::new(Semaphore::new(MOST_UNWRITTEN)),
            durability,
            thread: Mutex::new(Some(thread)),
        }))
    }
}

impl KeptFile {
    /// Waits until everything that has changed so far is in the file, if its durability promises that to requests. An
    /// error means that some of it is lost.
    pub(crate) async fn written(&self) -> Result<(), String> {
        match self.durability {
            Durability::Request => self.progress.wait(self.progress.sent()).await,
            Durability::Second | Durability::Exit => Ok(()),
        }
    }

    /// Waits until everything that has changed so far is in the file, also what is not part of the service.
    #[cfg(feature = "standalone")]
    pub(crate) async fn flushed(&self) -> Result<(), String> {
        let number = self.send(|number| Message::Flush { number });
        self.progress.wait(number).await
    }

    /// Like [`flushed`](Self::flushed), if the durability promises that to requests.
    #[cfg(feature = "standalone")]
    pub(crate) async fn mock_written(&self) -> Result<(), String> {
        if self.durability == Durability::Request { self.flushed().await } else { Ok(()) }
    }

    /// Returns whether changes are written as soon as they happen.
    pub(crate) fn is_immediate(&self) -> bool {
        self.durability == Durability::Request
    }

    /// Writes everything and closes the file. Later calls do nothing.
    pub(crate) fn close(&self) -> io::Result<()> {
        let Some(thread) = self.thread.lock().take() else { return Ok(()) };
        self.send(|_| Message::Close);
        thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes the state file panicked")))
    }

    fn send(&self, message: impl FnOnce(u64) -> Message) -> u64 {
        // The number and the place in the queue have the same order.
        let messages = self.messages.lock();
        let number = self.progress.next();
        // The thread ends only when the file is closed.
        let _ = messages.send(message(number));
        number
    }
}

/// After a panic the file is used as before: the thread that writes to it has its own state.
impl std::panic::RefUnwindSafe for KeptFile {}

impl StateSink for KeptFile {
    fn put(&self, batch: Batch) {
        // Taken under the lock of the queue, so that equal bytes that arrive later are written after the removal.
        self.send(|number| Message::Batch { number, batch, dropped: self.chunks.take_dropped() });
    }
}

impl ContentStore for KeptFile {
    fn store(&self, chunk: Bytes) -> Storing<'_> {
        Box::pin(async move {
            let (chunk, is_new) = self.chunks.of_bytes(chunk);
            if is_new {
                let permit = self.unwritten.clone().acquire_owned().await.map_err(io::Error::other)?;
                let written = chunk.clone();
                self.send(|number| Message::Chunk { number, chunk: written, _permit: permit });
            }
            Ok(chunk.content())
        })
    }

    fn chunk_size(&self) -> usize {
        CHUNK
    }

    fn losses(&self) -> u64 {
        self.progress.losses()
    }
}

/// Reads the state of a file that a program keeps or has kept, without changing the file. All bytes of archives are read
/// and compared with their hashes.
pub(super) fn read(file: File, open: &OpenFile<'_>) -> io::Result<SavedState> {
    file.try_lock_shared().map_err(|_| io::Error::new(io::ErrorKind::ResourceBusy, "a program has it open"))?;
    let read = || {
        let backend = Unchanged::of(file.try_clone()?)?;
        let database = Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)?;
        let reader = Reader::of(&database)?;
        SavedState::read(&reader, &SavedChunks::in_memory(&reader), open)
    };
    catch_damage(read)
}

/// Runs what reads a database whose pages may be damaged. redb panics on some of them.
fn catch_damage<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(invalid("its database is damaged")))
}
