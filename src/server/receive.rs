//! Receives request bodies: stores them in pieces and hashes them meanwhile. The two hashes of a large body run in
//! parallel.

use std::io;
use std::time::Duration;

use super::body::Body as Incoming;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;
use tokio::task::yield_now;

use crate::domain::bytes::{BodyHasher, Content, Hashes, LeafHasher, PlainHasher, Pool};
use crate::domain::vault::MAX_UPLOAD;
use crate::domain::words::MIB;
use crate::record::Open;
use crate::sync::task;
use crate::wire::Body;

use super::kept_body::{Kept, Store};
use super::pieces::Pieces;

/// The maximum length of a body that contains parameters instead of data. The longest valid one is a policy of 20 KB. A
/// larger body is refused as soon as its length is known, without reading the rest.
const MAX_PARAMETERS: u64 = MIB;

/// The maximum number of pieces of 1 MiB that wait to be hashed. A faster upload has to wait. Without this limit, an
/// upload of 4 GiB of zeros, which need no storage, took 1.3 GiB of memory until they were hashed.
const MAX_LAG: usize = 8;

/// The number of bytes to hash before other tasks of the thread run: about 100 us.
const TURN: usize = 128 * 1024;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It stopped before its end: the connection ended, or no data arrived within the timeout.
    Stopped,
    /// It has at least this many bytes, which is more than parameters can have, or more than the mock accepts.
    TooLong(u64),
    /// Its bytes could not be written to the file of the state, for this reason.
    NotKept(String),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Unread::NotKept(error.to_string())
    }
}

/// A request body that is being received. It reports its progress to the record.
pub(super) struct Arriving<'a> {
    body: Incoming,
    open: &'a Open,
    /// How long the body may stall, on the wall clock, which is the clock of the server's runtime. A stalled client
    /// keeps paused time from advancing.
    timeout: Duration,
    len: u64,
    has_stopped: bool,
}

impl<'a> Arriving<'a> {
    pub(super) fn new(body: Incoming, open: &'a Open, timeout: Duration) -> Self {
        Arriving { body, open, timeout, len: 0, has_stopped: false }
    }

    /// Returns the next bytes, or `None` at the end.
    pub(super) async fn chunk(&mut self) -> Option<Result<Bytes, Unread>> {
        if self.has_stopped {
            return Some(Err(Unread::Stopped));
        }
        self.open.has_read(self.len);
        loop {
            let frame = match tokio::time::timeout(self.timeout, self.body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(None) => return None,
                Ok(Some(Err(_))) | Err(_) => {
                    self.has_stopped = true;
                    return Some(Err(Unread::Stopped));
                }
            };
            // Trailers are not part of the body.
            if let Ok(chunk) = frame.into_data() {
                self.len += chunk.len() as u64;
                self.open.has_read(self.len);
                return Some(Ok(chunk));
            }
        }
    }
}

/// Reads a body to its end. This includes archives that are too large, because the service refuses them only afterwards
/// (observed.md 2.B). A body of more than `most` bytes is not read to its end.
/// The bytes of data go to the file of the state if there is one, in which `store` keeps them.
pub(super) async fn receive(
    body: Arriving<'_>,
    is_data: bool,
    most: u64,
    known: &Pool,
    store: Option<Store<'_>>,
) -> Result<Body, Unread> {
    if body.body.is_end_stream() {
        return Ok(Body { content: Content::default(), len: 0, hashes: Hashes::of_nothing() });
    }
    // Most requests have no body. The box makes their future smaller.
    Box::pin(receive_some(body, is_data, most, known, store)).await
}

/// Reads a body that is not empty.
async fn receive_some(
    mut body: Arriving<'_>,
    is_data: bool,
    most: u64,
    known: &Pool,
    store: Option<Store<'_>>,
) -> Result<Body, Unread> {
    let (keep, most) = if is_data { (MAX_UPLOAD, most) } else { (MAX_PARAMETERS, most.min(MAX_PARAMETERS)) };
    let expected = body.body.size_hint().lower();
    if expected > most {
        body.open.has_read(0);
        return Err(Unread::TooLong(expected));
    }
    // A body of at most one piece is hashed here, once for both hashes.
    let mut hashing = if expected > MIB { Hashing::apart(BodyHasher::new()) } else { Hashing::here() };
    let store = store.filter(|_| is_data);
    let is_in_memory = store.is_none();
    let (mut pieces, mut kept, mut len) = (Pieces::new(expected.min(keep)), Kept::in_file(store), 0);
    let mut filled = Vec::new();
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk?;
        len += chunk.len() as u64;
        if len > most {
            return Err(Unread::TooLong(len));
        }
        // Bytes beyond the limit are hashed but not stored, because the signature covers the whole body.
        hashing.arrived(&chunk);
        pieces.extend(&chunk, |piece| filled.push(piece));
        for piece in filled.drain(..) {
            hashing.filled(&piece).await;
            kept.push(piece).await?;
        }
        if len > keep {
            kept.clear();
        }
    }
    if let Some(last) = pieces.finish() {
        hashing.filled(&last).await;
        if len <= keep {
            kept.push(last).await?;
        }
    }
    let hashes = hashing.finish().await?;
    let content = kept.finish().await?;
    // Equal chunks are stored once in the file.
    let content = if is_in_memory { known.share(content, hashes.leaves.root()) } else { content };
    Ok(Body { content, len, hashes })
}

/// Where a body is hashed.
enum Hashing {
    /// In the receiving task: each chunk as it arrives, while it is in the CPU cache.
    Here(Box<BodyHasher>),
    /// In two separate tasks, which receive each piece when it is full.
    Apart { plain: Lane<PlainHasher>, leaves: Lane<LeafHasher> },
}

impl Hashing {
    fn here() -> Self {
        Hashing::Here(Box::new(BodyHasher::new()))
    }

    fn apart(so_far: BodyHasher) -> Self {
        let (plain, leaves) = so_far.split();
        Hashing::Apart { plain: Lane::new(plain), leaves: Lane::new(leaves) }
    }

    fn arrived(&mut self, chunk: &[u8]) {
        if let Hashing::Here(hasher) = self {
            hasher.update(chunk);
        }
    }

    async fn filled(&mut self, piece: &Bytes) {
        if let Hashing::Apart { plain, leaves } = self {
            plain.send(piece).await;
            leaves.send(piece).await;
        }
    }

    async fn finish(self) -> Result<Hashes, Unread> {
        match self {
            Hashing::Here(hasher) => Ok(hasher.finish()),
            Hashing::Apart { plain, leaves } => {
                let (plain, leaves) = (plain.finish().await?, leaves.finish().await?);
                Ok(Hashes { plain: plain.finish(), leaves: leaves.finish() })
            }
        }
    }
}

/// A task that hashes pieces in order. It ends when the upload is abandoned.
pub(super) struct Lane<H> {
    pieces: Sender<Bytes>,
    done: oneshot::Receiver<H>,
}

impl<H: Hasher> Lane<H> {
    pub(super) fn new(hasher: H) -> Self {
        let (pieces, coming) = channel(MAX_LAG);
        let (hashed, done) = oneshot::channel();
        tokio::spawn(task(async move {
            // The upload may have been abandoned.
            let _ = hashed.send(hash(hasher, coming).await);
        }));
        Lane { pieces, done }
    }

    /// Hands over a piece, and waits while too many others are ahead of it.
    pub(super) async fn send(&self, piece: &Bytes) {
        // The receiver exists until this is dropped, so sending cannot fail.
        let _ = self.pieces.send(piece.clone()).await;
    }

    pub(super) async fn finish(self) -> Result<H, Unread> {
        drop(self.pieces);
        self.done.await.map_err(|_| Unread::Stopped)
    }
}

async fn hash<H: Hasher>(mut hasher: H, mut pieces: Receiver<Bytes>) -> H {
    while let Some(piece) = pieces.recv().await {
        for turn in piece.chunks(TURN) {
            hasher.update(turn);
            yield_now().await;
        }
    }
    hasher
}

pub(super) trait Hasher: Send + 'static {
    fn update(&mut self, bytes: &[u8]);
}

impl Hasher for PlainHasher {
    fn update(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

impl Hasher for LeafHasher {
    fn update(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting(Arc<AtomicUsize>);

    impl Hasher for Counting {
        fn update(&mut self, bytes: &[u8]) {
            self.0.fetch_add(bytes.len(), Ordering::SeqCst);
        }
    }

    /// At any speed of the upload, at most eight pieces wait, one is being hashed and one is about to be sent.
    #[tokio::test]
    async fn hashing_lags_by_a_bounded_number_of_bytes() {
        let (hashed, piece) = (Arc::new(AtomicUsize::new(0)), Bytes::from(vec![0; TURN]));
        let lane = Lane::new(Counting(hashed.clone()));
        for sent in 1..=200 {
            lane.send(&piece).await;
            let lag = sent - hashed.load(Ordering::SeqCst) / piece.len();
            assert!(lag <= MAX_LAG + 2, "{lag} pieces wait after {sent}");
        }
        lane.finish().await.unwrap();
        assert_eq!(hashed.load(Ordering::SeqCst), 200 * piece.len());
    }
}
