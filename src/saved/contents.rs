//! The bytes of archives: chunks in the database, blocks that repeat, and files that stay where they are.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use super::store::{Reader, Tables, invalid};
use crate::domain::bytes::{Content, Digest, PlainHasher, PlainPiece};

/// The largest chunk, in bytes. With its key it fits in a page of 1 MiB; redb would store a chunk of 1 MiB in a page of
/// twice the size.
pub(super) const CHUNK: usize = (1 << 20) - 4096;

/// The pieces of a content. The texts are SHA-256 hashes in hex.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct ContentData(Vec<PieceData>);

#[derive(Debug, Deserialize, Serialize)]
enum PieceData {
    Chunk(String),
    /// `len` bytes that repeat a block, beginning at `phase` within it. The block consists of chunks.
    Repeat {
        block: Vec<String>,
        phase: u64,
        len: u64,
    },
    /// A range of a file, and its SHA-256.
    File {
        path: PathBuf,
        from: u64,
        len: u64,
        sha256: String,
    },
}

impl ContentData {
    /// Writes the bytes of a content. With `embed`, those of files too.
    pub(super) fn write(content: &Content, embed: bool, tables: &mut Tables<'_>) -> io::Result<Self> {
        let (mut pieces, mut pending) = (Vec::new(), Pending::default());
        for piece in content.plain_pieces() {
            match piece {
                PlainPiece::Stored(bytes) => pending.push(&bytes, &mut pieces, tables)?,
                PlainPiece::Repeat { block, phase, len } => {
                    pending.flush(&mut pieces, tables)?;
                    let chunks = block.chunks(CHUNK).map(|chunk| tables.put_chunk(chunk));
                    let block = chunks.map(|hash| Ok(hash?.to_string())).collect::<io::Result<_>>()?;
                    pieces.push(PieceData::Repeat { block, phase, len });
                }
                PlainPiece::Lazy { source, from: 0, len }
                    if len == source.len() && source.chunk().is_some_and(|hash| tables.has_chunk(hash)) =>
                {
                    pending.flush(&mut pieces, tables)?;
                    pieces.extend(source.chunk().map(|hash| PieceData::Chunk(hash.to_string())));
                }
                PlainPiece::Lazy { source, from, len } => {
                    let path = source.path().filter(|_| !embed).map(Path::to_owned);
                    let (mut hasher, mut at) = (PlainHasher::new(), from);
                    while at < from + len {
                        let bytes = source.read(at, CHUNK.min((from + len - at) as usize))?;
                        if bytes.is_empty() {
                            return Err(io::ErrorKind::UnexpectedEof.into());
                        }
                        match path {
                            Some(_) => hasher.update(&bytes),
                            None => pending.push(&bytes, &mut pieces, tables)?,
                        }
                        at += bytes.len() as u64;
                    }
                    if let Some(path) = path {
                        pending.flush(&mut pieces, tables)?;
                        pieces.push(PieceData::File { path, from, len, sha256: hasher.finish().to_string() });
                    }
                }
            }
        }
        pending.flush(&mut pieces, tables)?;
        Ok(ContentData(pieces))
    }

    /// Returns the content. `open` returns that of a whole file.
    pub(super) fn read(&self, chunks: &SavedChunks<'_>, open: &OpenFile<'_>) -> io::Result<Content> {
        let mut parts = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            parts.push(match piece {
                PieceData::Chunk(hash) => chunks.content(hash)?,
                PieceData::Repeat { block, phase, len } => {
                    let block = block.iter().map(|hash| chunks.bytes(hash)).collect::<io::Result<Vec<_>>>()?;
                    let repeat = Content::of_repeat(block.concat().into(), *phase, *len);
                    repeat.ok_or_else(|| invalid("a repeated block is invalid"))?
                }
                PieceData::File { path, from, len, sha256 } => file(path, *from, *len, sha256, open)?,
            });
        }
        if let [only] = &*parts { Ok(only.clone()) } else { Ok(Content::concat(&parts)) }
    }
}

/// Defers the error of a content whose chunks are missing or damaged: it matters only if something refers to the content.
/// Returns other errors, such as that of a file that cannot be opened.
pub(super) fn deferred(content: io::Result<Content>) -> io::Result<Result<Content, String>> {
    match content {
        Ok(content) => Ok(Ok(content)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Opens a file as the content of an archive.
pub(super) type OpenFile<'a> = dyn Fn(&Path) -> io::Result<Content> + 'a;

fn file(path: &Path, from: u64, len: u64, sha256: &str, open: &OpenFile<'_>) -> io::Result<Content> {
    let advice = "save the state with `embed_files()` to keep the bytes of files in it";
    let about = |error: io::Error| {
        let text = format!("the file {} of an archive cannot be used: {error}; {advice}", path.display());
        io::Error::new(error.kind(), text)
    };
    let end = from.checked_add(len).ok_or_else(|| invalid("a range of a file is invalid"))?;
    let content = open(path).map_err(about)?.between(from, end);
    let mut hasher = PlainHasher::new();
    for bytes in content.chunks() {
        hasher.update(&bytes.map_err(about)?);
    }
    if hasher.finish() != *sha256 {
        return Err(about(invalid("it has changed since the state was saved")));
    }
    Ok(content)
}

/// Stored bytes that do not fill a chunk yet. A body arrives in smaller pieces than chunks.
#[derive(Default)]
struct Pending(BytesMut);

impl Pending {
    fn push(&mut self, mut bytes: &[u8], pieces: &mut Vec<PieceData>, tables: &mut Tables<'_>) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.0.len()));
            self.0.extend_from_slice(now);
            bytes = later;
            if self.0.len() == CHUNK {
                self.flush(pieces, tables)?;
            }
        }
        Ok(())
    }

    fn flush(&mut self, pieces: &mut Vec<PieceData>, tables: &mut Tables<'_>) -> io::Result<()> {
        if !self.0.is_empty() {
            pieces.push(PieceData::Chunk(tables.put_chunk(&self.0)?.to_string()));
            self.0.clear();
        }
        Ok(())
    }
}

/// The chunks of a database.
pub(super) struct SavedChunks<'a> {
    reader: &'a Reader,
    how: How<'a>,
}

enum How<'a> {
    /// Chunks are read at once. Contents share them.
    InMemory(RefCell<HashMap<Digest, Bytes>>),
    /// Chunks are read when they are used.
    OnDemand { content: &'a dyn Fn(Digest) -> io::Result<Content>, pin: &'a dyn Fn(Digest) },
}

impl<'a> SavedChunks<'a> {
    pub(super) fn in_memory(reader: &'a Reader) -> Self {
        SavedChunks { reader, how: How::InMemory(RefCell::default()) }
    }

    /// `content` returns the content of a chunk. `pin` is called for each chunk of a block that repeats: its bytes are read
    /// at once, so no content refers to it.
    pub(super) fn on_demand(
        reader: &'a Reader,
        content: &'a dyn Fn(Digest) -> io::Result<Content>,
        pin: &'a dyn Fn(Digest),
    ) -> Self {
        SavedChunks { reader, how: How::OnDemand { content, pin } }
    }

    fn content(&self, hash: &str) -> io::Result<Content> {
        match &self.how {
            How::InMemory(_) => self.bytes(hash).map(Content::from_bytes),
            How::OnDemand { content, .. } => content(digest(hash)?),
        }
    }

    fn bytes(&self, hash: &str) -> io::Result<Bytes> {
        let hash = digest(hash)?;
        let known = match &self.how {
            How::InMemory(known) => known,
            How::OnDemand { pin, .. } => {
                pin(hash);
                return self.reader.chunk(&hash);
            }
        };
        if let Some(known) = known.borrow().get(&hash) {
            return Ok(known.clone());
        }
        let bytes = self.reader.chunk(&hash)?;
        known.borrow_mut().insert(hash, bytes.clone());
        Ok(bytes)
    }
}

fn digest(hash: &str) -> io::Result<Digest> {
    hash.parse().map_err(|error| invalid(format!("{error}")))
}
