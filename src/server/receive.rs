//! Bodies in: gathered as they arrive, hashed on the way.

use axum::body::Body as Incoming;
use http_body_util::BodyExt;

use crate::domain::archive::MAX_UPLOAD;
use crate::domain::gather::Gatherer;
use crate::domain::pool::Pool;
use crate::domain::tree_hash::TreeHasher;
use crate::domain::units::MIB;
use crate::wire::request::Body;

/// A body that is parameters, not data, has no business being larger. What lies beyond is read and not kept, and the
/// rest is no well-formed document.
const MAX_PARAMETERS: u64 = MIB;

/// The body stopped before it was whole.
#[derive(Debug)]
pub(super) struct Broken;

/// Reads a body to its end, also one that is too large: the service refuses those only afterwards (observed.md 2.B).
pub(super) async fn receive(mut body: Incoming, is_data: bool, known: &Pool) -> Result<Body, Broken> {
    let keep = if is_data { MAX_UPLOAD } else { MAX_PARAMETERS };
    let (mut hasher, mut chunks, mut len) = (TreeHasher::new(), Gatherer::new(), 0);
    while let Some(frame) = body.frame().await {
        // Trailers are no part of the body.
        let Ok(chunk) = frame.map_err(|_| Broken)?.into_data() else { continue };
        len += chunk.len() as u64;
        // All of it: what is signed is the whole.
        hasher.update(&chunk);
        if len > keep {
            chunks.clear();
            continue;
        }
        chunks.push(chunk);
    }
    let hashes = hasher.finish();
    Ok(Body { content: known.share(chunks.finish(), hashes.leaves.root()), len, hashes })
}
