//! Bodies in: kept in pieces and hashed on the way, the two hashes of a large one side by side.

use axum::body::{Body as Incoming, HttpBody as _};
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, yield_now};

use crate::domain::archive::MAX_UPLOAD;
use crate::domain::content::Content;
use crate::domain::gather::Gatherer;
use crate::domain::pool::Pool;
use crate::domain::tree_hash::{Hashes, LeafHasher, PlainHasher, TreeHasher};
use crate::domain::units::MIB;
use crate::wire::request::Body;

use super::pieces::Pieces;

/// A body that is parameters, not data, has no business being larger. What lies beyond is read and not kept, and the
/// rest is no well-formed document.
const MAX_PARAMETERS: u64 = MIB;

/// How many bytes are hashed before other tasks of the thread have their turn: about 100 us.
const TURN: usize = 128 * 1024;

/// The body stopped before it was whole.
#[derive(Debug)]
pub(super) struct Broken;

/// Reads a body to its end, also one that is too large: the service refuses those only afterwards (observed.md 2.B).
pub(super) async fn receive(mut body: Incoming, is_data: bool, known: &Pool) -> Result<Body, Broken> {
    let keep = if is_data { MAX_UPLOAD } else { MAX_PARAMETERS };
    if body.is_end_stream() {
        return Ok(Body { content: Content::default(), len: 0, hashes: Hashes::of_nothing() });
    }
    let expected = body.size_hint().lower();
    // What fits into one piece is hashed here, once for both hashes.
    let mut hashing = if expected > MIB { Hashing::apart(TreeHasher::new()) } else { Hashing::here() };
    let (mut pieces, mut kept, mut len) = (Pieces::new(expected.min(keep)), Gatherer::new(), 0);
    while let Some(frame) = body.frame().await {
        // Trailers are no part of the body.
        let Ok(chunk) = frame.map_err(|_| Broken)?.into_data() else { continue };
        len += chunk.len() as u64;
        // All of it is hashed, and what is too much not kept: what is signed is the whole.
        hashing.arrived(&chunk);
        pieces.extend(&chunk, |piece| {
            hashing.filled(&piece);
            kept.push(piece);
        });
        if len > keep {
            kept.clear();
        }
    }
    if let Some(last) = pieces.finish() {
        hashing.filled(&last);
        if len <= keep {
            kept.push(last);
        }
    }
    let hashes = hashing.finish().await?;
    Ok(Body { content: known.share(kept.finish(), hashes.leaves.root()), len, hashes })
}

/// Who hashes a body.
enum Hashing {
    /// Whoever receives it: each chunk as it comes, warm from the socket.
    Here(Box<TreeHasher>),
    /// Two tasks, for which the one that receives it need not wait: each piece when it is full.
    Apart { plain: Lane<PlainHasher>, leaves: Lane<LeafHasher> },
}

impl Hashing {
    fn here() -> Self {
        Hashing::Here(Box::new(TreeHasher::new()))
    }

    fn apart(so_far: TreeHasher) -> Self {
        let (plain, leaves) = so_far.split();
        Hashing::Apart { plain: Lane::new(plain), leaves: Lane::new(leaves) }
    }

    fn arrived(&mut self, chunk: &[u8]) {
        if let Hashing::Here(hasher) = self {
            hasher.update(chunk);
        }
    }

    fn filled(&mut self, piece: &Bytes) {
        if let Hashing::Apart { plain, leaves } = self {
            plain.send(piece);
            leaves.send(piece);
        }
    }

    async fn finish(self) -> Result<Hashes, Broken> {
        match self {
            Hashing::Here(hasher) => Ok(hasher.finish()),
            Hashing::Apart { plain, leaves } => {
                let (plain, leaves) = (plain.finish().await?, leaves.finish().await?);
                Ok(Hashes { plain: plain.finish(), leaves: leaves.finish() })
            }
        }
    }
}

/// A task that hashes pieces in their order. It ends by itself when the upload is given up.
struct Lane<H> {
    pieces: UnboundedSender<Bytes>,
    done: JoinHandle<H>,
}

impl<H: Hasher> Lane<H> {
    fn new(hasher: H) -> Self {
        let (pieces, coming) = unbounded_channel();
        Lane { pieces, done: tokio::spawn(hash(hasher, coming)) }
    }

    fn send(&self, piece: &Bytes) {
        // It listens until this is dropped. That it may lag behind takes no memory, where the pieces are kept anyway.
        let _ = self.pieces.send(piece.clone());
    }

    async fn finish(self) -> Result<H, Broken> {
        drop(self.pieces);
        self.done.await.map_err(|_| Broken)
    }
}

async fn hash<H: Hasher>(mut hasher: H, mut pieces: UnboundedReceiver<Bytes>) -> H {
    while let Some(piece) = pieces.recv().await {
        for turn in piece.chunks(TURN) {
            hasher.update(turn);
            yield_now().await;
        }
    }
    hasher
}

trait Hasher: Send + 'static {
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
