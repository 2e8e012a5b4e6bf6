//! Receives the bytes of an archive that a test stores through the control API.

use std::fmt::Display;
use std::io;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Body;

use crate::domain::bytes::LeafHasher;
use crate::domain::vault::StoredBytes;
use crate::mock::Mock;

use super::kept_body::Kept;
use super::pieces::Pieces;
use super::receive::Lane;

/// Why a body was not received.
#[derive(Debug)]
pub(crate) enum NotReceived {
    TooLarge,
    /// The body ended early, for this reason.
    Stopped(String),
    /// The bytes could not be written to the file of the state, for this reason.
    NotKept(String),
}

impl From<io::Error> for NotReceived {
    fn from(error: io::Error) -> Self {
        NotReceived::NotKept(error.to_string())
    }
}

/// Receives a body of at most `limit` bytes, and hashes it meanwhile. Stops reading a longer one.
/// Keeps the bytes where the mock keeps those of archives.
pub(crate) async fn receive_bytes(
    mock: &Mock,
    mut body: impl Body<Data = Bytes, Error: Display> + Unpin,
    limit: u64,
) -> Result<StoredBytes, NotReceived> {
    let expected = body.size_hint().lower();
    if expected > limit {
        return Err(NotReceived::TooLarge);
    }
    let (mut pieces, mut kept, leaves) =
        (Pieces::new(expected), Kept::in_file(mock.content_store()), Lane::new(LeafHasher::new()));
    let (mut filled, mut len) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| NotReceived::Stopped(error.to_string()))?;
        // Trailers are not part of the body.
        let Ok(chunk) = frame.into_data() else { continue };
        len += chunk.len() as u64;
        if len > limit {
            return Err(NotReceived::TooLarge);
        }
        pieces.extend(&chunk, |piece| filled.push(piece));
        for piece in filled.drain(..) {
            leaves.send(&piece).await;
            kept.push(piece).await?;
        }
    }
    if let Some(last) = pieces.finish() {
        leaves.send(&last).await;
        kept.push(last).await?;
    }
    let hashed = leaves.finish().await.map_err(|_| NotReceived::Stopped("hashing was interrupted".into()))?;
    Ok(StoredBytes { content: kept.finish().await?, leaves: hashed.finish() })
}
