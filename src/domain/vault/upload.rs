//! A multipart upload in progress: parts in any order, which are then assembled.

#[cfg(feature = "state")]
mod data;

use std::collections::BTreeMap;
use std::time::Duration;

#[cfg(feature = "state")]
pub(crate) use self::data::{PartData, UploadData};
use super::archive::StoredBytes;
use super::changes::Changes;
use crate::domain::bytes::{ByteRange, Content, Digest, HeaderRange, Leaves};
use crate::domain::failure::Failure;
use crate::domain::words::{Description, MIB, Timestamp, UploadId};
use crate::text::decimal;

/// The maximum number of parts of an upload.
const MAX_PARTS: u64 = 10_000;
/// An upload expires this long after its start or its last part (api.md section 4).
const KEPT_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// The size of an upload's parts: 1 MiB times a power of two, up to 4 GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartSize(u64);

impl PartSize {
    pub(crate) fn parse(bytes: &str) -> Option<Self> {
        let size: u64 = decimal(bytes)?;
        (size.is_power_of_two() && (MIB..=4096 * MIB).contains(&size)).then_some(PartSize(size))
    }

    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

/// An upload that is in progress.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) id: UploadId,
    pub(crate) description: Description,
    pub(crate) part_size: PartSize,
    pub(crate) created: Timestamp,
    touched: Timestamp,
    /// By the position of the first byte.
    parts: BTreeMap<u64, StoredBytes>,
    changed_parts: Changes<u64>,
}

/// A part as ListParts shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) range: ByteRange,
    pub(crate) tree_hash: Digest,
}

impl Upload {
    pub(crate) fn new(id: UploadId, description: Description, part_size: PartSize, created: Timestamp) -> Self {
        let (parts, changed_parts) = (BTreeMap::new(), Changes::default());
        Upload { id, description, part_size, created, touched: created, parts, changed_parts }
    }

    /// Stores a part at its Content-Range. A later part replaces an earlier one that begins at the same byte.
    pub(crate) fn put(&mut self, at: &HeaderRange, body: StoredBytes, now: Timestamp) -> Result<(), Failure> {
        let (range, size) = (at.bytes, self.part_size.bytes());
        if !range.first().is_multiple_of(size) || range.len() > size {
            return Err(Failure::invalid("Content-Range", &*at.written));
        }
        // The position counts, not the number of parts: part 10,001 is refused even if it is the only one (observed.md
        // 2.C).
        let number = range.first() / size + 1;
        if number > MAX_PARTS {
            return Err(Failure::TooManyParts { number });
        }
        self.changed_parts.note(|| range.first());
        self.parts.insert(range.first(), body);
        self.touched = now;
        Ok(())
    }

    pub(crate) fn parts_from(&self, first: u64) -> impl Iterator<Item = (u64, Part)> {
        self.parts.range(first..).filter_map(|(&first, body)| {
            let range = ByteRange::whole(body.content.len())?.shifted_by(first);
            Some((first, Part { range, tree_hash: body.leaves.root() }))
        })
    }

    /// Returns the size and the tree hash that the assembled parts have, if they leave no gap.
    pub(crate) fn totals(&self) -> (u64, Digest) {
        let parts = self.parts.values();
        (parts.clone().map(|part| part.content.len()).sum(), Leaves::concat(parts.map(|part| &part.leaves)).root())
    }

    /// Assembles the parts, if they have this size and tree hash in total. Shares their bytes, and computes the tree
    /// hash from their leaves.
    pub(crate) fn assemble(&self, size: u64, tree_hash: Digest) -> Result<StoredBytes, Failure> {
        let mut end = 0;
        for (&first, body) in &self.parts {
            // This also refuses a short part that is not the last one.
            if first != end {
                return Err(Failure::IncompleteUpload { hole: end });
            }
            end += body.content.len();
        }
        if end != size {
            return Err(Failure::invalid("x-amz-archive-size", size.to_string()));
        }
        let parts = self.parts.values();
        let whole = StoredBytes {
            content: Content::concat(parts.clone().map(|part| &part.content)),
            leaves: Leaves::concat(parts.map(|part| &part.leaves)),
        };
        if whole.tree_hash() != tree_hash {
            return Err(Failure::invalid("x-amz-sha256-tree-hash", tree_hash.to_string()));
        }
        Ok(whole)
    }

    /// Returns when the upload expires, unless another part is uploaded.
    pub(crate) fn expires(&self) -> Timestamp {
        self.touched.after(KEPT_IDLE)
    }

    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        self.expires() <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u8) -> Timestamp {
        format!("2026-01-31T00:00:{second:02}Z").parse::<Timestamp>().unwrap()
    }

    fn upload() -> Upload {
        Upload::new(UploadId::new("u"), Description::default(), PartSize(MIB), at(0))
    }

    fn put(upload: &mut Upload, first: u64, len: u64) -> Result<(), Failure> {
        let bytes = ByteRange::whole(len).unwrap().shifted_by(first);
        let at_header = HeaderRange { bytes, written: "header".into() };
        upload.put(&at_header, StoredBytes::of(vec![first as u8; len as usize]).unwrap(), at(1))
    }

    #[test]
    fn part_sizes_are_powers_of_two() {
        for good in [MIB, 2 * MIB, 4096 * MIB] {
            assert_eq!(PartSize::parse(&good.to_string()), Some(PartSize(good)));
        }
        for bad in ["", "0", "1048575", "10485760", "8589934592", "+1048576", "null", "-1"] {
            assert_eq!(PartSize::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn parts_begin_at_multiples_of_the_part_size() {
        let mut upload = upload();
        assert_eq!(put(&mut upload, MIB, MIB), Ok(()));
        assert!(matches!(put(&mut upload, 5, 10), Err(Failure::InvalidParameter { .. })));
        assert!(matches!(put(&mut upload, 0, MIB + 1), Err(Failure::InvalidParameter { .. })));
        assert_eq!(put(&mut upload, 9999 * MIB, 1), Ok(()));
        assert_eq!(put(&mut upload, 10_000 * MIB, 1), Err(Failure::TooManyParts { number: 10_001 }));
    }

    #[test]
    fn only_contiguous_parts_are_assembled() {
        let mut upload = upload();
        let whole = |upload: &Upload, size| upload.assemble(size, Digest::sha256(b"")).unwrap_err();
        put(&mut upload, MIB, 5).unwrap();
        assert_eq!(whole(&upload, MIB + 5), Failure::IncompleteUpload { hole: 0 });
        // A short part that is not the last.
        put(&mut upload, 0, 7).unwrap();
        assert_eq!(whole(&upload, MIB + 5), Failure::IncompleteUpload { hole: 7 });
        put(&mut upload, 0, MIB).unwrap();
        assert_eq!(whole(&upload, MIB), Failure::invalid("x-amz-archive-size", MIB.to_string()));
        assert!(matches!(whole(&upload, MIB + 5), Failure::InvalidParameter { name: "x-amz-sha256-tree-hash", .. }));
        let bytes = [vec![0; MIB as usize], vec![0; 5]].concat();
        let expected = StoredBytes::of(bytes).unwrap();
        let whole = upload.assemble(MIB + 5, expected.tree_hash()).unwrap();
        assert_eq!(whole.content.to_bytes().unwrap(), expected.content.to_bytes().unwrap());
    }

    #[test]
    fn a_part_keeps_an_upload_alive() {
        let mut upload = upload();
        let day_later = |second: u8| format!("2026-02-01T00:00:{second:02}Z").parse::<Timestamp>().unwrap();
        assert!(upload.is_gone(day_later(0)));
        put(&mut upload, 0, 5).unwrap();
        assert!(!upload.is_gone(day_later(0)) && upload.is_gone(day_later(1)));
    }
}
