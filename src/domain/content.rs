//! The bytes of an archive or of a job's output, as the chunks in which they arrived: shared, never copied.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::range::ByteRange;

/// A sequence of bytes in shared chunks. A clone costs a reference count.
#[derive(Clone, Default)]
pub(crate) struct Content {
    chunks: Arc<[Chunk]>,
}

#[derive(Clone)]
struct Chunk {
    /// Where the chunk ends in the whole.
    end: u64,
    bytes: Bytes,
}

impl Content {
    pub(crate) fn from_chunks(chunks: impl IntoIterator<Item = Bytes>) -> Self {
        let mut end = 0;
        let chunks = chunks.into_iter().filter(|bytes| !bytes.is_empty()).map(|bytes| {
            end += bytes.len() as u64;
            Chunk { end, bytes }
        });
        Content { chunks: chunks.collect() }
    }

    /// One after the other: the chunks are shared, not copied.
    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a Content>) -> Self {
        let chunks = parts.into_iter().flat_map(|part| part.chunks.iter());
        Content::from_chunks(chunks.map(|chunk| chunk.bytes.clone()))
    }

    pub(crate) fn len(&self) -> u64 {
        self.chunks.last().map_or(0, |chunk| chunk.end)
    }

    /// The range of all bytes; of an empty content, the first that it does not have.
    pub(crate) fn whole(&self) -> ByteRange {
        ByteRange::whole(self.len()).unwrap_or(ByteRange::FIRST)
    }

    /// The chunks of a part of it, the first and the last one cut to fit. Finding the first takes O(log n).
    pub(crate) fn range(&self, range: ByteRange) -> Chunks {
        let next = self.chunks.partition_point(|chunk| chunk.end <= range.first());
        Chunks { content: self.clone(), next, position: range.first(), end: (range.last() + 1).min(self.len()) }
    }

    /// The bytes in one piece, which copies them if there is more than one chunk: for small ones, like a JSON body.
    pub(crate) fn to_bytes(&self) -> Bytes {
        match &*self.chunks {
            [] => Bytes::new(),
            [only] => only.bytes.clone(),
            many => many
                .iter()
                .fold(Vec::with_capacity(self.len() as usize), |mut all, chunk| {
                    all.extend_from_slice(&chunk.bytes);
                    all
                })
                .into(),
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Content::from_chunks([Bytes::from(bytes)])
    }
}

/// Megabytes of body have no place in a panic: only the length shows.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes in {} chunks)", self.len(), self.chunks.len())
    }
}

/// The chunks of a [`Content`] or of a range of it.
#[derive(Debug)]
pub(crate) struct Chunks {
    content: Content,
    next: usize,
    position: u64,
    end: u64,
}

impl Chunks {
    /// How many bytes are still to come.
    pub(crate) fn remaining(&self) -> u64 {
        self.end - self.position
    }
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        if self.position >= self.end {
            return None;
        }
        let chunk = self.content.chunks.get(self.next)?;
        let start = chunk.end - chunk.bytes.len() as u64;
        let from = (self.position - start) as usize;
        let to = (self.end.min(chunk.end) - start) as usize;
        self.next += 1;
        self.position = start + to as u64;
        Some(chunk.bytes.slice(from..to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The oracle is a plain vector and its slices.
        #[test]
        fn ranges_of_chunks_are_ranges_of_the_bytes(
            sizes in proptest::collection::vec(0usize..5, 1..12),
            first in 0u64..40,
            len in 1u64..40,
        ) {
            let all: Vec<u8> = (0..sizes.iter().sum::<usize>() as u8).collect();
            let mut rest = &all[..];
            let content = Content::from_chunks(sizes.iter().map(|&size| {
                let (chunk, tail) = rest.split_at(size);
                rest = tail;
                Bytes::copy_from_slice(chunk)
            }));
            prop_assert_eq!(content.len(), all.len() as u64);
            prop_assert_eq!(content.to_bytes(), all.clone());
            if first < content.len() {
                let range = ByteRange::new(first, first + len - 1).unwrap();
                let chunks = content.range(range);
                let end = all.len().min((first + len) as usize);
                prop_assert_eq!(chunks.remaining() as usize, end - first as usize);
                let cut: Vec<u8> = chunks.flatten().collect();
                prop_assert_eq!(&cut[..], &all[first as usize..end]);
            }
        }
    }
}
