//! The leaves of a hash tree as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{Form, Leaves};
use crate::domain::bytes::Digest;

/// The digests of a hash tree. Each text has 64 hex digits for each digest.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum LeavesData {
    Each(String),
    /// The digests `cycle` repeat for `count` digests, of which the last may differ.
    Cycle {
        cycle: String,
        count: u64,
        last: Option<String>,
    },
    /// All parts but the last have the same number of digests, a power of two.
    Parts(Vec<LeavesData>),
    /// Only the tree hash of the whole is known.
    Root(String),
}

impl Leaves {
    pub(crate) fn to_data(&self) -> LeavesData {
        let tree = match self {
            Leaves::One(digest) => return LeavesData::Each(digest.to_string()),
            Leaves::Many(tree) => tree,
        };
        match &tree.form {
            Form::Each(digests) => LeavesData::Each(text_of(digests)),
            Form::Cycle { cycle, last } => {
                LeavesData::Cycle { cycle: text_of(cycle), count: tree.count, last: last.map(|last| last.to_string()) }
            }
            Form::Parts { parts, .. } => LeavesData::Parts(parts.iter().map(Leaves::to_data).collect()),
            Form::Unknown => LeavesData::Root(tree.root.to_string()),
        }
    }

    /// Returns the leaves of `size` bytes. Computes the digests of the upper nodes.
    pub(crate) fn from_data(data: &LeavesData, size: u64) -> Result<Self, String> {
        if let LeavesData::Root(root) = data {
            return Ok(Leaves::of_root(digest_of(root)?, size));
        }
        let leaves = Self::of_any_size(data)?;
        let expected = size.div_ceil(crate::domain::words::MIB).max(1);
        if leaves.count() == expected {
            Ok(leaves)
        } else {
            Err(format!("{} hashes belong to {size} bytes, which have {expected} MiB", leaves.count()))
        }
    }

    fn of_any_size(data: &LeavesData) -> Result<Self, String> {
        match data {
            LeavesData::Each(text) => Ok(Leaves::new(digests_of(text)?)),
            LeavesData::Cycle { cycle, count, last } => {
                let (cycle, last) = (digests_of(cycle)?, last.as_deref().map(digest_of).transpose()?);
                if *count < 2 {
                    return Err("a hash tree with a cycle has fewer than two hashes".into());
                }
                Ok(Leaves::cycle(cycle.into(), *count, last))
            }
            LeavesData::Parts(parts) => {
                let parts = parts.iter().map(Self::of_any_size).collect::<Result<Vec<_>, _>>()?;
                let is_regular = parts.split_last().is_some_and(|(last, others)| {
                    let each = parts[0].count();
                    each.is_power_of_two() && last.count() <= each && others.iter().all(|part| part.count() == each)
                });
                if is_regular {
                    Ok(Leaves::concat(parts.iter()))
                } else {
                    Err("a hash tree has irregular parts".into())
                }
            }
            LeavesData::Root(_) => Err("a part of a hash tree has no leaves".into()),
        }
    }
}

fn text_of(digests: &[Digest]) -> String {
    digests.iter().map(Digest::to_string).collect()
}

fn digest_of(text: &str) -> Result<Digest, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// Returns at least one digest.
fn digests_of(text: &str) -> Result<Vec<Digest>, String> {
    if text.is_empty() || !text.is_ascii() {
        return Err("a list of hashes is empty or is not ASCII".into());
    }
    text.as_bytes().chunks(64).map(|digest| digest_of(&String::from_utf8_lossy(digest))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bytes::{Content, LeafHasher};
    use crate::domain::words::MIB;

    #[test]
    fn every_form_of_leaves_is_restored() {
        let hashed = |bytes: &[u8]| {
            let mut hasher = LeafHasher::new();
            hasher.update(bytes);
            hasher.finish()
        };
        let mib = MIB as usize;
        let mixed: Vec<u8> = (0..3 * mib + 7).map(|n| (n / 1000) as u8).collect();
        let parts = Leaves::concat([hashed(&mixed[..2 * mib]), hashed(&mixed[2 * mib..])].iter());
        let cases = [
            (hashed(b"small"), 5),
            (hashed(&mixed), mixed.len() as u64),
            (parts, mixed.len() as u64),
            (Leaves::of_repeat(Content::repeat("abc", 40 * MIB + 9).as_repeat().unwrap()), 40 * MIB + 9),
        ];
        for (leaves, size) in cases {
            let text = serde_json::to_string(&leaves.to_data()).unwrap();
            let data: LeavesData = serde_json::from_str(&text).unwrap();
            let restored = Leaves::from_data(&data, size).unwrap();
            assert_eq!((restored.root(), restored.digests()), (leaves.root(), leaves.digests()));
            assert!(Leaves::from_data(&data, size + 2 * MIB).is_err());
        }
        let root = Leaves::of_root(Digest::sha256(b"root"), 40 * MIB).to_data();
        let restored = Leaves::from_data(&root, 40 * MIB).unwrap();
        assert_eq!((restored.root(), restored.is_root_only()), (Digest::sha256(b"root"), true));
    }

    #[test]
    fn impossible_leaves_are_refused() {
        let digest = || Digest::sha256(b"").to_string();
        let one = || LeavesData::Each(digest());
        let cycle = |count| LeavesData::Cycle { cycle: digest(), count, last: None };
        for (bad, mib) in [
            (LeavesData::Each(String::new()), 1),
            (LeavesData::Each("x".repeat(64)), 1),
            (LeavesData::Each(digest()[1..].into()), 1),
            (cycle(0), 1),
            (LeavesData::Parts(Vec::new()), 1),
            // Only the last part may have another number of hashes, and only a smaller one.
            (LeavesData::Parts(vec![one(), cycle(2)]), 3),
            (LeavesData::Parts(vec![cycle(2), one(), one()]), 4),
            (LeavesData::Parts(vec![cycle(3), cycle(3)]), 6),
            (LeavesData::Parts(vec![LeavesData::Root(digest()), one()]), 2),
            (LeavesData::Root("x".into()), 1),
        ] {
            assert!(Leaves::from_data(&bad, mib * MIB).is_err(), "{bad:?}");
        }
    }
}
