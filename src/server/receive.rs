//! Bodies in: kept in the chunks in which they arrive, hashed on the way.

use axum::body::Body as Incoming;
use bytes::Bytes;
use http_body_util::BodyExt;

use crate::domain::archive::MAX_UPLOAD;
use crate::domain::content::Content;
use crate::domain::range::MIB;
use crate::domain::tree_hash::TreeHasher;
use crate::wire::request::Body;

/// A body that is parameters, not data, has no business being larger. What lies beyond is read and not kept, and the
/// rest is no well-formed document.
const MAX_PARAMETERS: u64 = MIB;

/// A chunk below this size is copied, so that it does not keep the whole receive buffer alive that it is a slice of.
const COPIED_BELOW: usize = 16 * 1024;

/// The body stopped before it was whole.
#[derive(Debug)]
pub(super) struct Broken;

/// Reads a body to its end, also one that is too large: the service refuses those only afterwards (observed.md 2.B).
pub(super) async fn receive(mut body: Incoming, is_data: bool) -> Result<Body, Broken> {
    let keep = if is_data { MAX_UPLOAD } else { MAX_PARAMETERS };
    let (mut hasher, mut chunks, mut len) = (TreeHasher::new(), Vec::new(), 0);
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
        chunks.push(if chunk.len() < COPIED_BELOW { Bytes::copy_from_slice(&chunk) } else { chunk });
    }
    Ok(Body { content: Content::from_chunks(chunks), len, hashes: hasher.finish() })
}
