//! The first page of a file: what the file is, the number of its format, and the hash of the rest.

use std::io;

use crate::domain::bytes::Digest;

/// The length of the header, in bytes. It is that of a page of the database, which begins behind it.
pub(super) const LENGTH: usize = 4096;
/// The format that this version writes.
pub(super) const FORMAT: u32 = 1;

const MAGIC: &str = "glacier-mock state";

/// Returns the header of a file whose other bytes have this SHA-256.
pub(super) fn header(format: u32, rest: Digest) -> [u8; LENGTH] {
    let text = format!("{MAGIC}\nformat {format}\nsha256 {rest}\n");
    let mut page = [0; LENGTH];
    page[..text.len()].copy_from_slice(text.as_bytes());
    page
}

/// Returns the SHA-256 that the rest of the file has, or the reason why this version cannot read the file.
pub(super) fn expected_hash(page: &[u8; LENGTH]) -> io::Result<Digest> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let text = page.split(|byte| *byte == 0).next().and_then(|text| std::str::from_utf8(text).ok());
    let mut lines = text.unwrap_or_default().lines();
    if lines.next() != Some(MAGIC) {
        return Err(invalid("it is not a file that glacier-mock saved".into()));
    }
    let format = lines.next().and_then(|line| line.strip_prefix("format ")?.parse::<u32>().ok());
    let Some(format) = format else { return Err(invalid("its header is damaged".into())) };
    if format != FORMAT {
        return Err(invalid(format!(
            "it has the format {format}, and this version of glacier-mock reads only the format {FORMAT}; use the version \
             that saved it, or a newer one"
        )));
    }
    let rest = lines.next().and_then(|line| line.strip_prefix("sha256 ")?.parse().ok());
    // Also refuses every other byte of the page that was changed.
    rest.filter(|rest| header(format, *rest) == *page).ok_or_else(|| invalid("its header is damaged".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_of_a_header_is_noticed() {
        let rest = Digest::sha256(b"rest");
        let page = header(FORMAT, rest);
        assert_eq!(expected_hash(&page).unwrap(), rest);
        for at in 0..LENGTH {
            for bit in [1, 0x20, 0x80] {
                let mut changed = page;
                changed[at] ^= bit;
                // Another hash is valid here, and does not fit the rest of the file.
                assert!(expected_hash(&changed).ok() != Some(rest), "byte {at} ^ {bit}");
            }
        }
    }

    #[test]
    fn a_later_format_is_refused_by_its_number() {
        let error = expected_hash(&header(2, Digest::sha256(b""))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has the format 2, and this version of glacier-mock reads only the format 1; use the version that saved \
             it, or a newer one"
        );
        let error = expected_hash(&[7; LENGTH]).unwrap_err();
        assert_eq!(error.to_string(), "it is not a file that glacier-mock saved");
    }
}
