//! The hash tree: the SHA-256 of every MiB, then of pairs of digests, level by level. A node without a partner moves up
//! unchanged.

use std::fmt;
use std::io;
use std::sync::OnceLock;

use ring::digest::{Context, SHA256};

use super::digest::Digest;
use super::leaves::Leaves;
use crate::domain::words::MIB;

/// Computes both hashes of a body while it streams in: the plain SHA-256 and the leaves of the tree.
///
/// Up to 1 MiB both are the same, so the bytes are hashed once. After that the plain hash continues from a copy of the
/// first leaf's state.
pub(crate) struct BodyHasher {
    /// The plain hash, once the first leaf is full.
    plain: Option<PlainHasher>,
    leaves: LeafHasher,
}

/// Computes the plain SHA-256 of a body while it streams in.
pub(crate) struct PlainHasher(Context);

/// Computes the leaves of a body's hash tree while it streams in.
#[derive(Clone)]
pub(crate) struct LeafHasher {
    leaf: Context,
    in_leaf: u64,
    leaves: Vec<Digest>,
}

/// The result of a [`BodyHasher`].
#[derive(Clone, Debug)]
pub(crate) struct Hashes {
    /// The SHA-256 of the whole, which `x-amz-content-sha256` must have.
    pub(crate) plain: Digest,
    /// The leaves of the hash tree, whose root `x-amz-sha256-tree-hash` must have.
    pub(crate) leaves: Leaves,
}

impl Hashes {
    /// Returns the hashes of an empty body. They are computed once, because most requests have no body.
    pub(crate) fn of_nothing() -> Self {
        static NOTHING: OnceLock<Digest> = OnceLock::new();
        let nothing = *NOTHING.get_or_init(|| Digest::sha256(b""));
        Hashes { plain: nothing, leaves: Leaves::One(nothing) }
    }
}

impl BodyHasher {
    pub(crate) fn new() -> Self {
        BodyHasher { plain: None, leaves: LeafHasher::new() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let room = if self.plain.is_some() { 0 } else { (MIB - self.leaves.in_leaf) as usize };
        let (first_leaf, rest) = bytes.split_at(room.min(bytes.len()));
        self.leaves.update(first_leaf);
        if !rest.is_empty() {
            let first_leaf = &self.leaves.leaf;
            self.plain.get_or_insert_with(|| PlainHasher(first_leaf.clone())).update(rest);
            self.leaves.update(rest);
        }
    }

    /// Splits into two hashers that each continue with all remaining bytes.
    pub(crate) fn split(self) -> (PlainHasher, LeafHasher) {
        let BodyHasher { plain, leaves } = self;
        (plain.unwrap_or_else(|| PlainHasher(leaves.leaf.clone())), leaves)
    }

    pub(crate) fn finish(self) -> Hashes {
        let BodyHasher { plain, leaves } = self;
        let leaves = leaves.finish();
        // The root of a tree with one leaf is the plain hash.
        Hashes { plain: plain.map_or(leaves.root(), PlainHasher::finish), leaves }
    }
}

impl PlainHasher {
    pub(crate) fn new() -> Self {
        PlainHasher(Context::new(&SHA256))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        Digest::computed(self.0.finish())
    }
}

impl LeafHasher {
    pub(crate) fn new() -> Self {
        LeafHasher { leaf: Context::new(&SHA256), in_leaf: 0, leaves: Vec::new() }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.in_leaf == MIB {
                let full = std::mem::replace(&mut self.leaf, Context::new(&SHA256));
                self.leaves.push(Digest::computed(full.finish()));
                self.in_leaf = 0;
            }
            let room = (MIB - self.in_leaf) as usize;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.leaf.update(now);
            self.in_leaf += now.len() as u64;
            bytes = later;
        }
    }

    pub(crate) fn finish(self) -> Leaves {
        let LeafHasher { leaf, mut leaves, .. } = self;
        leaves.push(Digest::computed(leaf.finish()));
        Leaves::new(leaves)
    }
}

/// Returns the tree hash of `bytes`, which Glacier uses as the checksum of archives, parts and downloads: the SHA-256 of
/// each MiB, then of each pair of digests, level by level. Up to 1 MiB it is the plain SHA-256.
///
/// ```
/// use glacier_mock::{Digest, GlacierMock, tree_hash};
///
/// let mock = GlacierMock::start();
/// let bytes = vec![7; 3 << 20];
/// let id = mock.create_vault("photos").put_archive("cat.jpg", bytes.clone());
/// assert_eq!(mock.vault("photos").archive(&id).unwrap().tree_hash(), tree_hash(&bytes));
/// assert_eq!(tree_hash(b"a cat"), Digest::sha256(b"a cat"));
/// ```
pub fn tree_hash(bytes: impl AsRef<[u8]>) -> Digest {
    let mut hasher = TreeHasher::new();
    hasher.update(bytes.as_ref());
    hasher.finish()
}

/// Computes the tree hash of bytes that arrive in pieces, for example of a file. The division into pieces does not
/// matter.
///
/// ```
/// use glacier_mock::{TreeHasher, tree_hash};
///
/// let bytes = vec![7; 3 << 20];
/// let mut hasher = TreeHasher::new();
/// for piece in bytes.chunks(10_000) {
///     hasher.update(piece);
/// }
/// assert_eq!(hasher.finish(), tree_hash(&bytes));
/// ```
///
/// It is also a writer that accepts all bytes, so `std::io::copy` hashes a file:
///
/// ```
/// use glacier_mock::{TreeHasher, tree_hash};
///
/// let mut hasher = TreeHasher::new();
/// std::io::copy(&mut &b"a cat"[..], &mut hasher)?;
/// assert_eq!(hasher.finish(), tree_hash(b"a cat"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct TreeHasher(LeafHasher);

impl TreeHasher {
    /// Returns a hasher that has seen no bytes.
    pub fn new() -> Self {
        TreeHasher(LeafHasher::new())
    }

    /// Hashes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the tree hash of all bytes so far. Without any, it is the SHA-256 of the empty text.
    pub fn finish(self) -> Digest {
        self.0.finish().root()
    }
}

impl Default for TreeHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// Hashes the bytes. It never returns an error.
impl io::Write for TreeHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints the number of bytes so far.
impl fmt::Debug for TreeHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0.leaves.len() as u64 * MIB + self.0.in_leaf;
        write!(f, "TreeHasher({bytes} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bytes::range::ByteRange;
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    /// The oracle: SHA-256 from another crate, and the definition of the tree.
    fn oracle(bytes: &[u8]) -> Vec<u8> {
        let chunks = if bytes.is_empty() { vec![bytes] } else { bytes.chunks(1 << 20).collect() };
        let mut level: Vec<Vec<u8>> = chunks.into_iter().map(|chunk| Sha256::digest(chunk).to_vec()).collect();
        while level.len() > 1 {
            let mut next = Vec::new();
            for pair in level.chunks(2) {
                next.push(if pair.len() == 2 { Sha256::digest(pair.concat()).to_vec() } else { pair[0].clone() });
            }
            level = next;
        }
        level.remove(0)
    }

    fn hash(bytes: &[u8], chunk: usize) -> Hashes {
        let mut hasher = BodyHasher::new();
        bytes.chunks(chunk).for_each(|chunk| hasher.update(chunk));
        hasher.finish()
    }

    /// Bytes that differ from MiB to MiB, so that a swapped or repeated leaf changes the root.
    fn bytes(len: usize) -> Vec<u8> {
        b"01245678912".iter().copied().cycle().take(len).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn both_hashes_agree_with_the_oracle(
            mib in 0usize..6, off in -2i64..3, chunk in 1usize << 10..3 << 20,
        ) {
            let len = (mib as i64 * MIB as i64 + off).max(0) as usize;
            let bytes = bytes(len);
            let hashes = hash(&bytes, chunk);
            prop_assert_eq!(&hashes.plain.as_bytes()[..], &Sha256::digest(&bytes)[..]);
            let root = hashes.leaves.root();
            prop_assert_eq!(&root.as_bytes()[..], &oracle(&bytes)[..]);
            let mut public = TreeHasher::new();
            bytes.chunks(chunk).for_each(|chunk| public.update(chunk));
            prop_assert_eq!(format!("{public:?}"), format!("TreeHasher({len} bytes)"));
            prop_assert_eq!([public.finish(), tree_hash(&bytes)], [root; 2]);
        }
    }

    #[test]
    fn split_hashers_agree_with_one_that_is_not_split() {
        let bytes = bytes(2 * MIB as usize + 100);
        for at in [0, 1, MIB as usize - 1, MIB as usize, MIB as usize + 1, bytes.len()] {
            let (so_far, rest) = bytes.split_at(at);
            let mut hasher = BodyHasher::new();
            hasher.update(so_far);
            let (mut plain, mut leaves) = hasher.split();
            plain.update(rest);
            leaves.update(rest);
            let whole = hash(&bytes, 1 << 20);
            assert_eq!((plain.finish(), leaves.finish().root()), (whole.plain, whole.leaves.root()), "parted at {at}");
        }
    }

    #[test]
    fn an_aligned_range_hashes_like_a_separate_file() {
        let bytes = bytes(5 * MIB as usize + 100);
        let leaves = hash(&bytes, 1 << 20).leaves;
        for (from, to) in [(0, 4), (4, 6), (2, 4), (0, 6), (5, 6), (1, 3)] {
            let part = &bytes[(from << 20)..(to << 20).min(bytes.len())];
            let range = ByteRange::new(from as u64 * MIB, (from << 20) as u64 + part.len() as u64 - 1).unwrap();
            assert_eq!(&leaves.root_of_range(range).unwrap().as_bytes()[..], &oracle(part)[..], "{from}..{to}");
        }
    }

    /// Several part sizes, with last parts of different lengths.
    #[test]
    fn the_tree_of_parts_equals_the_tree_of_the_whole() {
        let whole = bytes(9 * MIB as usize + 5);
        for part_size in [MIB as usize, 2 * MIB as usize, 4 * MIB as usize, 16 * MIB as usize] {
            for len in
                (1..=9).map(|mib| mib * MIB as usize).chain([whole.len(), MIB as usize - 1, 4 * MIB as usize + 1])
            {
                let parts: Vec<_> = whole[..len].chunks(part_size).map(|part| hash(part, 1 << 20).leaves).collect();
                let (put_together, expected) = (Leaves::concat(parts.iter()), hash(&whole[..len], 1 << 20).leaves);
                assert_eq!(put_together.root(), expected.root(), "{len} by {part_size}");
                assert_eq!(put_together.digests(), expected.digests(), "{len} by {part_size}");
            }
        }
    }

    /// From the tests of the SDKs (observed.md 3.7). The authors of the Rust SDK verified the last one with the AWS
    /// CLI.
    #[test]
    fn known_vectors() {
        let of = |bytes: &[u8]| hash(bytes, 70_000).leaves.root().to_string();
        let zeros = "0".repeat(5 << 19);
        assert_eq!(
            of(&zeros.as_bytes()[..1 << 18]),
            "6faefade5a638cd3545d638dd5754763658e32209e69420cb559b7650d4bf93a"
        );
        assert_eq!(of(zeros.as_bytes()), "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171");
        assert_eq!(of(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let large = bytes(((101 << 20) + 500_usize).next_multiple_of(11));
        assert_eq!(of(&large), "3d417484359fc9f5a3bafd576dc47b8b2de2bf2d4fdac5aa2aff768f2210d386");
    }
}
