//! The bytes of an archive or of a job's output. Clones share them, and not all of them need to be in memory.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::piece::Piece;
use super::range::ByteRange;
use super::repeat::Repeat;
use super::source::Source;
use super::storage::Storage;
use super::weak_content::WeakContent;

/// The bytes of an archive, for [`Vault::put_archive`](crate::Vault::put_archive). A clone shares them.
///
/// Vectors, slices, strings and [`bytes::Bytes`] convert into a `Content`. For bytes that do not fit in memory, use
/// [`Content::repeat`], [`Content::zeros`] or [`Content::from_file`].
///
/// ```
/// use glacier_mock::{Content, GlacierMock, TIB};
///
/// let mock = GlacierMock::start();
/// let vault = mock.create_vault("photos");
/// vault.put_archive("a cat", "meow");
/// let scan = vault.put_archive("a scan", Content::repeat(b"black and white ", 40 * TIB));
/// assert_eq!(vault.archive(&scan).unwrap().size(), 43_980_465_111_040);
/// ```
#[derive(Clone, Default)]
pub struct Content {
    /// `None` if there are no bytes.
    pub(super) storage: Option<Arc<Storage>>,
}

impl Content {
    /// Returns `len` bytes that repeat `block`. Storing and serving them takes the memory of one block.
    ///
    /// To compute the tree hash, the mock hashes each distinct MiB once, and adds a few hashes for each doubling of the
    /// length. All MiBs are equal if the length of the block is a power of two up to 1 MiB. Otherwise there are at most
    /// as many distinct MiBs as the block has bytes: 125 for a block of 1,000 bytes.
    ///
    /// ```
    /// use glacier_mock::{Content, TIB};
    ///
    /// assert_eq!(Content::repeat("…", 40 * TIB).len(), 40 * TIB);
    /// ```
    ///
    /// # Panics
    ///
    /// If the block is empty and `len` is not 0.
    #[track_caller]
    pub fn repeat(block: impl Into<Vec<u8>>, len: u64) -> Self {
        let block = block.into();
        assert!(
            !block.is_empty() || len == 0,
            "an empty block cannot be repeated to {len} bytes: give a block of at least one byte"
        );
        let repeat = Repeat::new(block.into(), len);
        repeat.map(|repeat| Piece::Repeat(Box::new(repeat))).into_iter().collect()
    }

    /// Returns `len` zero bytes.
    ///
    /// ```
    /// use glacier_mock::{Content, GlacierMock, TIB};
    ///
    /// let mock = GlacierMock::start();
    /// mock.create_vault("raw").put_archive("scan", Content::zeros(40 * TIB));
    /// ```
    pub fn zeros(len: u64) -> Self {
        Content::repeat([0], len)
    }

    pub(crate) fn lazy(source: Arc<dyn Source>) -> Self {
        let len = source.len();
        [Piece::Lazy { source, from: 0, len }].into_iter().collect()
    }

    pub(crate) fn from_bytes(bytes: Bytes) -> Self {
        [Piece::Stored(bytes)].into_iter().collect()
    }

    /// Concatenates parts. The result shares their bytes.
    pub(crate) fn concat<'a>(parts: impl IntoIterator<Item = &'a Content>) -> Self {
        let mut pieces = Vec::new();
        for part in parts {
            let piece = match part.storage.as_deref() {
                None => continue,
                Some(Storage::One(only)) => only.clone(),
                Some(Storage::Many(_)) => Piece::Part(part.clone()),
            };
            let goes_on = match (pieces.last_mut(), &piece) {
                (Some(Piece::Repeat(last)), Piece::Repeat(next)) => last.join(next),
                // The last part may be too short to be recognised as a repeat.
                (Some(Piece::Repeat(last)), Piece::Stored(next)) => last.append(next),
                _ => false,
            };
            if !goes_on {
                pieces.push(piece);
            }
        }
        pieces.into_iter().collect()
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> u64 {
        self.storage.as_ref().map_or(0, |storage| storage.len())
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.storage.iter().flat_map(|storage| storage.pieces())
    }

    /// Returns the piece, if there is only one.
    fn only_piece(&self) -> Option<&Piece> {
        if let Some(Storage::One(only)) = self.storage.as_deref() { Some(only) } else { None }
    }

    /// Returns how many bytes of memory the content keeps alive. Bytes that repeat or that are in a file take fewer than
    /// its length; bytes that another content shares count for both.
    pub(crate) fn memory(&self) -> u64 {
        self.pieces().map(Piece::memory).sum()
    }

    /// Returns whether there are no bytes. The service does not store empty archives.
    pub fn is_empty(&self) -> bool {
        self.storage.is_none()
    }

    /// Returns the range of all bytes, or [`ByteRange::FIRST`] for an empty content.
    pub(crate) fn whole(&self) -> ByteRange {
        ByteRange::whole(self.len()).unwrap_or(ByteRange::FIRST)
    }

    /// Returns the repeat, if the content is a single one.
    pub(crate) fn as_repeat(&self) -> Option<&Repeat> {
        if let Some(Piece::Repeat(repeat)) = self.only_piece() { Some(repeat) } else { None }
    }

    /// Returns the first `len` bytes, or all if there are fewer.
    pub(crate) fn up_to(&self, len: u64) -> Self {
        if len < self.len() { self.between(0, len) } else { self.clone() }
    }

    /// Returns the bytes from `first` on and before `end`.
    pub(crate) fn between(&self, first: u64, end: u64) -> Self {
        let mut start = 0;
        let pieces = self.pieces().filter_map(|piece| {
            let begin = start;
            start += piece.len();
            let (from, to) = (first.max(begin), end.min(start));
            (from < to).then(|| piece.slice(from - begin, to - begin))
        });
        pieces.collect()
    }

    /// Returns the bytes of a range, in chunks.
    pub(crate) fn range(&self, range: ByteRange) -> Chunks {
        Chunks { content: self.clone(), position: range.first(), end: (range.last() + 1).min(self.len()) }
    }

    /// Returns all bytes, in chunks.
    pub(crate) fn chunks(&self) -> Chunks {
        self.range(self.whole())
    }

    /// Reads at least one byte from `first` on, and none at or after `end`. O(log n) in the number of segments.
    pub(super) fn read(&self, first: u64, end: u64) -> io::Result<Bytes> {
        let at = self.storage.as_ref().and_then(|storage| storage.piece_at(first));
        let (piece, stop) = at.ok_or(io::ErrorKind::UnexpectedEof)?;
        let start = stop - piece.len();
        piece.read(first - start, end.min(stop) - start)
    }

    /// Returns the bytes, if they are stored in one piece.
    pub(crate) fn as_slice(&self) -> Option<&[u8]> {
        match self.only_piece() {
            Some(Piece::Stored(only)) => Some(only),
            _ => None,
        }
    }

    /// Returns the bytes in one piece. Copies them unless they are stored so; meant for small contents, like a JSON
    /// body.
    pub(crate) fn to_bytes(&self) -> io::Result<Bytes> {
        if let Some(Piece::Stored(only)) = self.only_piece() {
            return Ok(only.clone());
        }
        let len = usize::try_from(self.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut all = Vec::new();
        // A failed allocation would abort the process; an error only fails the test.
        all.try_reserve_exact(len).map_err(|_| io::ErrorKind::OutOfMemory)?;
        for chunk in self.chunks() {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.into())
    }

    /// Returns whether both have the same bytes. Reads both up to the first difference.
    pub(crate) fn has_bytes_of(&self, other: &Content) -> bool {
        let (mut position, end) = (0, self.len());
        while position < end && other.len() == end {
            let (Ok(ours), Ok(theirs)) = (self.read(position, end), other.read(position, end)) else { return false };
            let both = ours.len().min(theirs.len());
            if both == 0 || ours[..both] != theirs[..both] {
                return false;
            }
            position += both as u64;
        }
        other.len() == end
    }

    /// Returns a reference that does not keep the bytes alive.
    pub(crate) fn downgrade(&self) -> WeakContent {
        WeakContent::new(self)
    }

    /// Returns whether both share their storage.
    #[cfg(test)]
    pub(crate) fn is_same_as(&self, other: &Content) -> bool {
        self.storage.as_ref().map(Arc::as_ptr) == other.storage.as_ref().map(Arc::as_ptr)
    }
}

impl FromIterator<Piece> for Content {
    fn from_iter<I: IntoIterator<Item = Piece>>(pieces: I) -> Self {
        Content { storage: Storage::new(pieces).map(Arc::new) }
    }
}

/// Describes the bytes without printing them, because a panic message must stay readable.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.only_piece() {
            Some(Piece::Repeat(repeat)) => write!(f, "Content({repeat:?})"),
            Some(Piece::Lazy { source, len, .. }) => write!(f, "Content({len} bytes of {source:?})"),
            _ => write!(f, "Content({} bytes in {} pieces)", self.len(), self.pieces().count()),
        }
    }
}

/// An iterator over the bytes of a [`Content`] or of a range of it. It ends after an error.
#[derive(Debug)]
pub(crate) struct Chunks {
    content: Content,
    position: u64,
    end: u64,
}

impl Chunks {
    /// Returns the number of bytes that are not read yet.
    pub(crate) fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }
}

impl Iterator for Chunks {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.position >= self.end {
            return None;
        }
        let read = self.content.read(self.position, self.end);
        match &read {
            Ok(bytes) if !bytes.is_empty() => self.position += bytes.len() as u64,
            Ok(_) => {
                self.position = self.end;
                return Some(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            Err(_) => self.position = self.end,
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bytes::piece::LARGEST;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Counting(u64);

    impl Source for Counting {
        fn len(&self) -> u64 {
            self.0
        }

        /// Returns at most three bytes at a time.
        fn read(&self, from: u64, most: usize) -> io::Result<Bytes> {
            Ok((from..from + most.min(3) as u64).map(|n| n as u8).collect::<Vec<_>>().into())
        }
    }

    /// A content of a few bytes of any kind, and the same bytes in a plain vector.
    fn any_content() -> impl Strategy<Value = (Content, Vec<u8>)> {
        let stored = proptest::collection::vec(any::<u8>(), 0..6).prop_map(|bytes| (Content::from(&bytes), bytes));
        let repeat = (proptest::collection::vec(0u8..3, 1..4), 0u64..12).prop_map(|(block, len)| {
            let spelt_out = block.iter().copied().cycle().take(len as usize).collect();
            (Content::repeat(block, len), spelt_out)
        });
        let lazy = (0u64..9).prop_map(|len| (Content::lazy(Arc::new(Counting(len))), (0..len as u8).collect()));
        let leaf = prop_oneof![stored, repeat, lazy];
        leaf.prop_recursive(2, 20, 5, |inner| {
            proptest::collection::vec(inner, 0..5).prop_map(|parts| {
                (
                    Content::concat(parts.iter().map(|(content, _)| content)),
                    parts.into_iter().flat_map(|(_, b)| b).collect(),
                )
            })
        })
    }

    fn read(chunks: Chunks) -> Vec<u8> {
        chunks.flat_map(|chunk| chunk.unwrap()).collect()
    }

    proptest! {
        /// The oracle is a plain vector and its slices.
        #[test]
        fn ranges_of_any_content_are_ranges_of_the_bytes((content, all) in any_content(), first in 0u64..60, len in 1u64..60) {
            prop_assert_eq!(content.len(), all.len() as u64);
            prop_assert_eq!(content.is_empty(), all.is_empty());
            prop_assert_eq!(content.to_bytes().unwrap(), all.clone());
            prop_assert_eq!(read(content.chunks()), all.clone());
            prop_assert_eq!(read(content.up_to(len).chunks()), &all[..all.len().min(len as usize)]);
            if first < content.len() {
                let range = ByteRange::new(first, first + len - 1).unwrap();
                let chunks = content.range(range);
                let end = all.len().min((first + len) as usize);
                prop_assert_eq!(chunks.remaining() as usize, end - first as usize);
                prop_assert_eq!(read(chunks), &all[first as usize..end]);
                let part = content.between(first, first + len);
                prop_assert_eq!(part.to_bytes().unwrap(), &all[first as usize..end]);
            }
        }
    }

    #[test]
    fn bytes_that_are_not_in_memory_are_read_in_small_chunks() {
        let pieces: Vec<_> = Content::repeat("abc", 1 << 40).chunks().take(3).map(Result::unwrap).collect();
        assert!(pieces.iter().all(|piece| piece.len() as u64 == LARGEST));
        assert_eq!(&pieces[1][..4], b"bcab");
    }

    #[test]
    fn concatenated_parts_of_a_repeat_are_one_repeat() {
        let parts: Vec<_> = (0..10_000).map(|n| Content::repeat(["ab", "ba"][n % 2], 1 << 31 | 1)).collect();
        let whole = Content::concat(parts.iter().chain([&Content::default(), &Content::repeat("ab", 2)]));
        assert_eq!(whole.len(), 10_000 * (1 << 31 | 1) + 2);
        assert!(whole.as_repeat().is_some(), "{whole:?}");
    }

    #[test]
    fn the_last_reference_frees_the_bytes() {
        let part = Content::from(vec![1, 2, 3]);
        let storage = part.downgrade();
        let whole = Content::concat([&part, &Content::zeros(5), &part]);
        let range = whole.range(whole.whole());
        drop((part, whole));
        assert_eq!(read(range), [1, 2, 3, 0, 0, 0, 0, 0, 1, 2, 3]);
        assert!(storage.upgrade().is_none());
    }

    /// A source whose second read fails with this error, or returns no bytes if there is none.
    #[derive(Debug)]
    struct Broken(Option<io::ErrorKind>);

    impl Source for Broken {
        fn len(&self) -> u64 {
            10
        }

        fn read(&self, from: u64, _: usize) -> io::Result<Bytes> {
            if from == 0 { Ok(Bytes::from_static(b"1234")) } else { self.0.map_or(Ok(Bytes::new()), |e| Err(e.into())) }
        }
    }

    #[test]
    fn an_error_ends_the_chunks() {
        for (then, kind) in
            [(Some(io::ErrorKind::NotFound), io::ErrorKind::NotFound), (None, io::ErrorKind::UnexpectedEof)]
        {
            let content = Content::lazy(Arc::new(Broken(then)));
            let read: Vec<_> = content.chunks().take(3).map(|chunk| chunk.map_err(|error| error.kind())).collect();
            assert_eq!(read, [Ok(Bytes::from_static(b"1234")), Err(kind)]);
            assert!(content.to_bytes().is_err());
        }
    }
}
