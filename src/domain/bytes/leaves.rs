//! The leaves of a hash tree, from which the digests of its upper nodes are computed on demand.

#[cfg(feature = "state")]
mod data;

use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::LeavesData;
use super::digest::Digest;
use super::range::ByteRange;
use super::repeat::Repeat;
use crate::domain::words::MIB;

/// The digests of every MiB. The tree hash of the whole, or of a part that begins at a MiB, is computed from them
/// without reading the bytes again. The digest of equal MiBs is stored once.
#[derive(Clone, Debug)]
pub(crate) enum Leaves {
    /// The only leaf of at most 1 MiB. Most archives in tests are that small.
    One(Digest),
    Many(Arc<Tree>),
}

#[derive(Debug)]
pub(crate) struct Tree {
    root: Digest,
    /// The number of leaves, at least two unless only the root is known.
    count: u64,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Each(Box<[Digest]>),
    /// These digests repeat; the last leaf may differ.
    Cycle {
        cycle: Box<[Digest]>,
        last: Option<Digest>,
    },
    /// Each part has `each` leaves, a power of two; the last part may have fewer.
    Parts {
        parts: Box<[Leaves]>,
        each: u64,
    },
    /// Only the root is known, for example from an inventory of the real service.
    Unknown,
}

impl Leaves {
    /// With no digests (an empty body) this is the SHA-256 of the empty string.
    pub(crate) fn new(digests: Vec<Digest>) -> Self {
        match &digests[..] {
            [] => Leaves::One(Digest::sha256(b"")),
            [only] => Leaves::One(*only),
            [first, others @ .., last] if others.iter().all(|other| other == first) => {
                Self::cycle([*first].into(), digests.len() as u64, Some(*last).filter(|last| last != first))
            }
            _ => Self::tree(root_of(&digests), digests.len() as u64, Form::Each(digests.into())),
        }
    }

    fn tree(root: Digest, count: u64, form: Form) -> Self {
        Leaves::Many(Arc::new(Tree { root, count, form }))
    }

    fn cycle(cycle: Box<[Digest]>, count: u64, last: Option<Digest>) -> Self {
        let root = root_of_cycle(&cycle, count, last, 0, count);
        Self::tree(root, count, Form::Cycle { cycle, last })
    }

    /// Returns the leaves of `size` bytes of which only the tree hash is known.
    pub(crate) fn of_root(root: Digest, size: u64) -> Self {
        Self::tree(root, size.div_ceil(MIB).max(1), Form::Unknown)
    }

    /// Returns whether only the tree hash of the whole is known.
    pub(crate) fn is_root_only(&self) -> bool {
        matches!(self, Leaves::Many(tree) if matches!(tree.form, Form::Unknown))
    }

    /// Hashes as many MiBs as it takes until they repeat.
    pub(crate) fn of_repeat(repeat: &Repeat) -> Self {
        let (full, rest) = (repeat.len() / MIB, repeat.len() % MIB);
        let hash = |leaf: u64, len| Digest::sha256(repeat.read(leaf * MIB, len as usize));
        let mut digests: Vec<_> = (0..full.min(repeat.period_in_mib())).map(|leaf| hash(leaf, MIB)).collect();
        let last = (rest > 0).then(|| hash(full, rest));
        if full <= digests.len() as u64 {
            digests.extend(last);
            return Self::new(digests);
        }
        Self::cycle(digests.into(), full + u64::from(last.is_some()), last)
    }

    /// Concatenates the leaves of parts. All parts except the last must have the same number of leaves, a power of two.
    /// Each part is then a node of the whole's tree, so the root follows from theirs without hashing the leaves again.
    pub(crate) fn concat<'a>(parts: impl Iterator<Item = &'a Leaves> + Clone) -> Self {
        let whole: Vec<_> = parts.collect();
        match &whole[..] {
            [] => Self::new(Vec::new()),
            [only] => (*only).clone(),
            [first, ..] => Self::of_equals(&whole).unwrap_or_else(|| {
                let roots: Vec<_> = whole.iter().map(|part| part.root()).collect();
                let count = whole.iter().map(|part| part.count()).sum();
                let parts = whole.iter().map(|&part| part.clone()).collect();
                Self::tree(root_of(&roots), count, Form::Parts { parts, each: first.count() })
            }),
        }
    }

    /// Concatenates parts whose leaves are all equal, except possibly the very last one.
    fn of_equals(parts: &[&Leaves]) -> Option<Self> {
        let (last, others) = parts.split_last()?;
        let (leaf, _) = others.first()?.equals()?;
        let all_equal = others.iter().all(|part| part.equals() == Some((leaf, None)));
        let end = match last {
            Leaves::One(digest) => Some(*digest),
            _ => last.equals().filter(|(other, _)| *other == leaf)?.1,
        };
        let count = parts.iter().map(|part| part.count()).sum();
        all_equal.then(|| Self::cycle([leaf].into(), count, end.filter(|end| *end != leaf)))
    }

    /// If all leaves are equal, except possibly the last: returns their digest, and the last one if it differs.
    fn equals(&self) -> Option<(Digest, Option<Digest>)> {
        match self {
            Leaves::One(digest) => Some((*digest, None)),
            Leaves::Many(tree) => match &tree.form {
                Form::Cycle { cycle, last } if cycle.len() == 1 => Some((cycle[0], *last)),
                _ => None,
            },
        }
    }

    /// Returns how many bytes of memory the digests take.
    pub(crate) fn memory(&self) -> u64 {
        let digests = |digests: &[Digest]| size_of_val(digests) as u64;
        match self {
            Leaves::One(digest) => digests(&[*digest]),
            Leaves::Many(tree) => match &tree.form {
                Form::Each(each) => digests(each),
                Form::Cycle { cycle, .. } => digests(cycle),
                Form::Parts { parts, .. } => parts.iter().map(Leaves::memory).sum(),
                Form::Unknown => digests(&[tree.root]),
            },
        }
    }

    fn count(&self) -> u64 {
        match self {
            Leaves::One(_) => 1,
            Leaves::Many(tree) => tree.count,
        }
    }

    /// Returns the tree hash of the whole.
    pub(crate) fn root(&self) -> Digest {
        match self {
            Leaves::One(digest) => *digest,
            Leaves::Many(tree) => tree.root,
        }
    }

    /// Returns the tree hash of a part that begins at a MiB, and ends at a MiB or at the end of the whole. Returns `None` if
    /// only the tree hash of the whole is known, and the part is not the whole.
    pub(crate) fn root_of_range(&self, range: ByteRange) -> Option<Digest> {
        let from = range.first() / MIB;
        let to = (range.last() + 1).div_ceil(MIB).min(self.count());
        let count = to.saturating_sub(from).max(1);
        let is_known = count == self.count() || !self.is_root_only();
        is_known.then(|| self.root_of_leaves(from, count))
    }

    fn root_of_leaves(&self, from: u64, count: u64) -> Digest {
        let Leaves::Many(tree) = self else { return self.root() };
        if count == tree.count {
            return tree.root;
        }
        match &tree.form {
            Form::Each(digests) => root_of(&digests[from as usize..(from + count) as usize]),
            Form::Cycle { cycle, last } => root_of_cycle(cycle, tree.count, *last, from, count),
            Form::Parts { parts, each } => {
                let part = from / each;
                if part == (from + count - 1) / each {
                    return parts[part as usize].root_of_leaves(from % each, count);
                }
                let left = left_of(count);
                parent(self.root_of_leaves(from, left), self.root_of_leaves(from + left, count - left))
            }
            // Not reached: the callers ask only for the whole, which has no parts.
            Form::Unknown => tree.root,
        }
    }

    /// Returns all leaves, for comparisons.
    #[cfg(test)]
    pub(crate) fn digests(&self) -> Vec<Digest> {
        (0..self.count()).map(|leaf| self.root_of_leaves(leaf, 1)).collect()
    }

    /// Returns the number of digests in memory.
    #[cfg(test)]
    fn kept(&self) -> usize {
        match self {
            Leaves::One(_) => 1,
            Leaves::Many(tree) => match &tree.form {
                Form::Each(digests) => digests.len(),
                Form::Cycle { cycle, .. } => cycle.len() + 1,
                Form::Parts { parts, .. } => parts.iter().map(Leaves::kept).sum(),
                Form::Unknown => 1,
            },
        }
    }
}

/// Returns how many of `leaves`, at least two, are under the left child of their root: a power of two.
fn left_of(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

fn root_of(leaves: &[Digest]) -> Digest {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| if let [left, right] = pair { parent(*left, *right) } else { pair[0] })
            .collect();
    }
    level.first().copied().unwrap_or_else(|| Digest::sha256(b""))
}

fn parent(left: Digest, right: Digest) -> Digest {
    let mut both = [0; 64];
    both[..32].copy_from_slice(left.as_bytes());
    both[32..].copy_from_slice(right.as_bytes());
    Digest::sha256(both)
}

/// Returns the root over `count` leaves from `from` on, out of `total` leaves that repeat a cycle. A full node depends
/// only on its level and on where in the cycle it begins. Each level therefore has at most as many different nodes as
/// the cycle has digests, and computing the root is O(cycle * log n).
fn root_of_cycle(cycle: &[Digest], total: u64, last: Option<Digest>, from: u64, count: u64) -> Digest {
    let period = cycle.len() as u64;
    let mut levels = vec![cycle.to_vec()];
    let mut width = 1;
    while width <= count / 2 {
        let below = &levels[levels.len() - 1];
        let node = |phase: u64| parent(below[phase as usize], below[((phase + width) % period) as usize]);
        let level = (0..period).map(node).collect();
        levels.push(level);
        width *= 2;
    }
    Nodes { levels, total, last }.root(from, count)
}

struct Nodes {
    /// Indexed by the height of the level, then by where in the cycle the node begins.
    levels: Vec<Vec<Digest>>,
    total: u64,
    last: Option<Digest>,
}

impl Nodes {
    fn root(&self, from: u64, count: u64) -> Digest {
        let last = self.last.filter(|_| from + count == self.total);
        match last {
            Some(last) if count == 1 => last,
            None if count.is_power_of_two() => {
                let level = &self.levels[count.ilog2() as usize];
                level[(from % level.len() as u64) as usize]
            }
            _ => {
                let left = left_of(count);
                parent(self.root(from, left), self.root(from + left, count - left))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    /// Returns a different digest for each number, without hashing a MiB.
    fn digest(n: u64) -> Digest {
        Digest::sha256(n.to_le_bytes())
    }

    fn range(from: u64, count: u64) -> ByteRange {
        ByteRange::new(from * MIB, (from + count) * MIB - 1).unwrap()
    }

    proptest! {
        /// The oracle is the list of all leaves.
        #[test]
        fn a_cycle_hashes_like_the_list_of_its_leaves(
            period in 1u64..6, count in 2u64..70, last in any::<bool>(), from in 0u64..70, len in 1u64..70,
        ) {
            let last = last.then(|| digest(99));
            let cycle: Box<[_]> = (0..period).map(digest).collect();
            let mut all: Vec<_> = (0..count).map(|n| digest(n % period)).collect();
            if let Some(last) = last {
                all[count as usize - 1] = last;
            }
            let leaves = Leaves::cycle(cycle, count, last);
            prop_assert_eq!(leaves.root(), root_of(&all));
            prop_assert_eq!(leaves.digests(), all.clone());
            let from = from % count;
            let len = len.min(count - from);
            prop_assert_eq!(leaves.root_of_range(range(from, len)), Some(root_of(&all[from as usize..(from + len) as usize])));
        }

        #[test]
        fn parts_hash_like_the_list_of_their_leaves(
            each in 0u32..4,
            kinds in proptest::collection::vec(0u64..3, 1..6),
            last in 1u64..9,
            from in 0u64..70,
            len in 1u64..70,
        ) {
            let each = 1u64 << each;
            let count = kinds.len();
            let spelt_out: Vec<Vec<_>> = kinds.iter().enumerate().map(|(n, kind)| {
                let leaves = if n + 1 == count { last.min(each) } else { each };
                (0..leaves).map(|leaf| digest(if *kind == 0 { 7 } else { leaf % kind + 10 * kind })).collect()
            }).collect();
            let parts: Vec<_> = spelt_out.iter().cloned().map(Leaves::new).collect();
            let whole = Leaves::concat(parts.iter());
            let all = spelt_out.concat();
            prop_assert_eq!(whole.root(), root_of(&all));
            prop_assert_eq!(whole.digests(), all.clone());
            let from = from % all.len() as u64;
            let len = len.min(all.len() as u64 - from);
            prop_assert_eq!(whole.root_of_range(range(from, len)), Some(root_of(&all[from as usize..(from + len) as usize])));
        }
    }

    /// Blocks whose length divides a MiB and blocks whose length does not, with and without a shorter leaf at the end.
    #[test]
    fn a_repeat_hashes_like_its_bytes() {
        for block in [1, 3, 1 << 19, 3 << 18, (1 << 20) + 1] {
            let block: Vec<u8> = (0..block).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            for len in [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB, 6 * MIB + 77] {
                let repeat = Repeat::new(Bytes::from(block.clone()), len).unwrap();
                let bytes = repeat.read(0, len as usize);
                let expected = bytes.chunks(MIB as usize).map(Digest::sha256).collect();
                assert_eq!(Leaves::of_repeat(&repeat).root(), Leaves::new(expected).root(), "{len} of {}", block.len());
            }
        }
    }

    #[test]
    fn only_the_whole_has_a_hash_if_only_its_root_is_known() {
        for size in [1, MIB, MIB + 1, 4 * MIB] {
            let leaves = Leaves::of_root(digest(1), size);
            let whole = ByteRange::new(0, size - 1).unwrap();
            assert_eq!((leaves.root(), leaves.root_of_range(whole)), (digest(1), Some(digest(1))));
            if size > MIB {
                assert_eq!(leaves.root_of_range(range(0, 1)), None);
            }
        }
    }

    #[test]
    fn equal_leaves_are_stored_once() {
        let zeros = Repeat::new(Bytes::from_static(&[0]), 40 << 40).unwrap();
        assert_eq!(Leaves::of_repeat(&zeros).kept(), 2);
        let part = Leaves::new(vec![digest(0); 4096]);
        let short = Leaves::new(vec![digest(0), digest(0), digest(1)]);
        let whole = Leaves::concat(std::iter::repeat_n(&part, 10_000).chain([&short]));
        assert_eq!((whole.kept(), whole.count()), (2, 40_960_003));
        let same = Leaves::cycle([digest(0)].into(), 40_960_003, Some(digest(1)));
        assert_eq!(whole.root(), same.root());
        let [equal, other] = [0, 1].map(|n| Leaves::new(vec![digest(n)]));
        assert_eq!(Leaves::concat([&equal, &equal, &equal, &other].into_iter()).kept(), 2);
        assert_eq!([&equal, &part, &whole].map(Leaves::memory), [32; 3]);
        // A cycle of several digests is not a list of equal digests.
        let cycle = Leaves::cycle([digest(0), digest(1)].into(), 4, None);
        let twice = Leaves::concat([&cycle, &cycle].into_iter());
        assert_eq!(twice.root(), root_of(&[digest(0), digest(1)].repeat(4)));
    }

    #[test]
    fn an_empty_body_has_one_leaf() {
        let leaves = Leaves::new(Vec::new());
        assert_eq!(leaves.digests(), [Digest::sha256(b"")]);
        assert_eq!(leaves.root_of_range(ByteRange::FIRST), Some(leaves.root()));
    }
}
