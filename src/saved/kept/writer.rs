//! The thread that writes to the file of a state.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Instant;

use redb::Durability as Commit;
use tokio::sync::OwnedSemaphorePermit;

use super::chunks::{Chunk, Chunks};
use super::file::KeptDatabase;
use super::progress::Progress;
use super::{Durability, Owner, TICK};
use crate::domain::bytes::{Content, Digest};
use crate::domain::vault::Batch;
use crate::saved::state;
use crate::saved::store::{Tables, failed, invalid};

/// The number of messages that are carried out in one transaction.
const MOST_TOGETHER: usize = 256;

/// What the thread has to do.
pub(super) enum Message {
    /// Writes a chunk.
    Chunk {
        number: u64,
        chunk: Arc<Chunk>,
        /// Released when the chunk is written or lost.
        _permit: OwnedSemaphorePermit,
    },
    /// Carries out changes of rows, and removes chunks.
    Batch {
        number: u64,
        batch: Batch,
        dropped: Vec<Digest>,
    },
    /// Writes all that has changed.
    #[cfg_attr(not(feature = "standalone"), expect(dead_code, reason = "only the control API asks for it"))]
    Flush {
        number: u64,
    },
    Close,
}

/// The state of the thread.
pub(super) struct Writing {
    file: KeptDatabase,
    chunks: Arc<Chunks>,
    progress: Arc<Progress>,
    durability: Durability,
    owner: Box<dyn Owner>,
    /// The row of the mock that was written last.
    mock: Vec<u8>,
    /// Whether the last commit did not wait for the disk.
    is_behind: bool,
    /// Changes up to this one are those of a state that was replaced by that of the file, so they are not carried out.
    replaced: u64,
}

/// What one transaction carries out.
#[derive(Default)]
struct Work {
    messages: Vec<Message>,
    last: u64,
    flushes: bool,
    closes: bool,
}

impl Writing {
    pub(super) fn new(
        file: KeptDatabase,
        chunks: Arc<Chunks>,
        progress: Arc<Progress>,
        durability: Durability,
        owner: Box<dyn Owner>,
    ) -> Self {
        Writing { file, chunks, progress, durability, owner, mock: Vec::new(), is_behind: false, replaced: 0 }
    }

    /// Writes until the file is closed. Returns the error of the last write.
    pub(super) fn run(mut self, received: &Receiver<Message>) -> io::Result<()> {
        let mut tick = Instant::now() + TICK;
        loop {
            let mut work = Work::default();
            let first = received.recv_timeout(tick.saturating_duration_since(Instant::now()));
            let is_tick = Instant::now() >= tick;
            if is_tick {
                tick = Instant::now() + TICK;
                // Before messages become work: those of the former state are not carried out.
                self.try_again();
            }
            match first {
                Ok(message) => work.add(message, self.replaced),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => work.closes = true,
            }
            while work.messages.len() < MOST_TOGETHER
                && !work.closes
                && let Ok(message) = received.try_recv()
            {
                work.add(message, self.replaced);
            }
            if work.flushes || work.closes || (is_tick && self.durability != Durability::Exit) {
                // The changes become messages of their own.
                self.owner.give_changes();
                while let Ok(message) = received.try_recv() {
                    work.add(message, self.replaced);
                }
            }
            let commits = match self.durability {
                _ if work.flushes || work.closes => true,
                Durability::Request => work.has_batches() || is_tick,
                Durability::Second => is_tick,
                Durability::Exit => false,
            };
            let written = self.write(&work, commits);
            let closes = work.closes;
            if closes {
                self.file.close_database(&self.chunks);
                self.progress.close();
                return written;
            }
            match written {
                Ok(()) => self.progress.record_written(work.last),
                Err(error) => self.lose(work, &error),
            }
        }
    }

    /// Carries out the work in one transaction. With `durable`, waits until it is on disk.
    fn write(&mut self, work: &Work, durable: bool) -> io::Result<()> {
        let mock =
            self.owner.mock_data().map(|mock| serde_json::to_vec(&mock)).transpose().map_err(io::Error::other)?;
        let mock = mock.filter(|mock| durable && *mock != self.mock);
        if work.is_empty() && mock.is_none() && !(durable && self.is_behind) {
            return Ok(());
        }
        let database = self.file.database.clone().ok_or_else(|| invalid("the file of the state cannot be used"))?;
        let mut transaction = database.begin_write().map_err(failed)?;
        transaction.set_durability(if durable { Commit::Immediate } else { Commit::None }).map_err(failed)?;
        // After a crash the file can be used at once, however large it is.
        transaction.set_quick_repair(durable);
        {
            let mut tables = Tables::of(&transaction)?;
            for message in &work.messages {
                match message {
                    Message::Chunk { chunk, .. } => {
                        if let Some(bytes) = chunk.unwritten() {
                            tables.put_hashed(&chunk.hash, &bytes)?;
                        }
                    }
                    Message::Batch { batch, dropped, .. } => {
                        state::apply(batch, false, &mut tables)?;
                        self.chunks.pin(tables.written.drain(..));
                        let unneeded = dropped.iter().filter(|hash| !self.chunks.is_pinned(hash));
                        unneeded.into_iter().try_for_each(|hash| tables.remove_chunk(hash))?;
                    }
                    Message::Flush { .. } | Message::Close => {}
                }
            }
            if let Some(mock) = &mock {
                tables.put(state::MOCK, mock)?;
            }
        }
        transaction.commit().map_err(failed)?;
        self.is_behind = !durable;
        self.mock = mock.unwrap_or_else(|| std::mem::take(&mut self.mock));
        for message in &work.messages {
            if let Message::Chunk { chunk, .. } = message {
                chunk.mark_written();
            }
        }
        Ok(())
    }

    /// Returns to the state of the last commit. The changes of `work` and all that were sent since are lost.
    fn lose(&mut self, work: Work, error: &io::Error) {
        let reason = format!("the state file {} cannot be written: {error}", self.file.path().display());
        drop(work);
        self.progress.begin_loss();
        self.chunks.forget();
        self.file.close_database(&self.chunks);
        self.mock = Vec::new();
        self.open_again(&reason);
        self.progress.record_lost(self.replaced, &reason);
    }

    fn try_again(&mut self) {
        if self.file.database.is_none() {
            self.open_again("the state file could not be opened before");
            self.progress.record_lost(self.replaced, "the state file could not be opened");
        }
    }

    /// Opens the file after a failure, and lets the mock return to its state.
    fn open_again(&mut self, reason: &str) {
        let open = |path: &std::path::Path| Content::try_from_file(path);
        let mut last = self.progress.sent();
        match self.file.open_database(&self.chunks, &open) {
            Ok(Some(state)) => self.owner.roll_back(state, reason, &mut || last = self.progress.sent()),
            Ok(None) => self.owner.report_broken("it has no state"),
            Err(error) => self.owner.report_broken(&error.to_string()),
        }
        self.is_behind = false;
        self.replaced = last;
    }
}

impl Work {
    /// Adds a message, unless its change is one up to `replaced`.
    fn add(&mut self, message: Message, replaced: u64) {
        self.last = self.last.max(message.number());
        match message {
            Message::Chunk { number, .. } | Message::Batch { number, .. } if number <= replaced => {}
            Message::Flush { .. } => self.flushes = true,
            Message::Close => self.closes = true,
            other => self.messages.push(other),
        }
    }

    fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    fn has_batches(&self) -> bool {
        self.messages.iter().any(|message| matches!(message, Message::Batch { .. }))
    }
}

impl Message {
    fn number(&self) -> u64 {
        match self {
            Message::Chunk { number, .. } | Message::Batch { number, .. } | Message::Flush { number } => *number,
            Message::Close => 0,
        }
    }
}
