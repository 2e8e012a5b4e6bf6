//! The first page of a file: the kind of the file, the number of its format, and the hash of the rest.

use std::io;

use crate::domain::bytes::Digest;

/// The length of the header, in bytes. It equals the length of a page of the database, which begins after the header.
pub(super) const LENGTH: usize = 4096;
/// The format that this version writes.
pub(super) const FORMAT: u32 = 2;
/// The first format.
pub(super) const FIRST_FORMAT: u32 = 1;

const MAGIC: &str = "glacier-mock state";
/// What a file has instead of a hash while a program keeps its state in it.
const KEPT: &str = "kept up to date by a program, so that only its rows and chunks have a SHA-256";

/// What a file says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) format: u32,
    /// The SHA-256 of all bytes behind the header. `None` if a program keeps its state in the file.
    pub(super) rest: Option<Digest>,
}

impl Header {
    /// Returns the header of a file that is kept up to date.
    pub(super) const KEPT: Header = Header { format: FORMAT, rest: None };

    /// Returns the header of a finished file.
    pub(super) fn sealed(rest: Digest) -> Self {
        Header { format: FORMAT, rest: Some(rest) }
    }

    pub(super) fn page(self) -> [u8; LENGTH] {
        let Header { format, rest } = self;
        let rest = rest.map_or_else(|| KEPT.to_owned(), |rest| format!("sha256 {rest}"));
        let text = format!("{MAGIC}\nformat {format}\n{rest}\n");
        let mut page = [0; LENGTH];
        page[..text.len()].copy_from_slice(text.as_bytes());
        page
    }

    /// Reads a header, or returns the reason why this version cannot read the file.
    pub(super) fn read(page: &[u8; LENGTH]) -> io::Result<Self> {
        let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
        let text = page.split(|byte| *byte == 0).next().and_then(|text| std::str::from_utf8(text).ok());
        let mut lines = text.unwrap_or_default().lines();
        if lines.next() != Some(MAGIC) {
            return Err(invalid("it is not a file that glacier-mock saved".into()));
        }
        let format = lines.next().and_then(|line| line.strip_prefix("format ")?.parse::<u32>().ok());
        let Some(format) = format else { return Err(invalid("its header is damaged".into())) };
        if !(FIRST_FORMAT..=FORMAT).contains(&format) {
            return Err(invalid(format!(
                "it has the format {format}, and this version of glacier-mock reads only the formats {FIRST_FORMAT} to \
                 {FORMAT}; use the version that saved it, or a newer one"
            )));
        }
        let line = lines.next().unwrap_or_default();
        let rest = line.strip_prefix("sha256 ").and_then(|rest| rest.parse().ok());
        let header = Header { format, rest };
        // This also refuses a page in which any other byte was changed.
        let is_valid = header.page() == *page && (rest.is_some() || format > FIRST_FORMAT);
        if is_valid { Ok(header) } else { Err(invalid("its header is damaged".into())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_of_a_header_is_noticed() {
        for header in [Header::sealed(Digest::sha256(b"rest")), Header::KEPT] {
            let page = header.page();
            assert_eq!(Header::read(&page).unwrap(), header);
            for at in 0..LENGTH {
                for bit in [1, 0x20, 0x80] {
                    let mut changed = page;
                    changed[at] ^= bit;
                    // Another hash is valid here, and does not fit the rest of the file.
                    assert!(Header::read(&changed).ok() != Some(header), "byte {at} ^ {bit}");
                }
            }
        }
    }

    #[test]
    fn a_later_format_is_refused_by_its_number() {
        let error = Header::read(&Header { format: 3, rest: Some(Digest::sha256(b"")) }.page()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it has the format 3, and this version of glacier-mock reads only the formats 1 to 2; use the version that saved \
             it, or a newer one"
        );
        let error = Header::read(&[7; LENGTH]).unwrap_err();
        assert_eq!(error.to_string(), "it is not a file that glacier-mock saved");
    }
}
