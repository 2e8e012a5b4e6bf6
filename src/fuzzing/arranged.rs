//! The mock that the targets use. It has something of each kind, and the same IDs in every run.

use hyper::HeaderMap;

use crate::domain::words::Operation;
use crate::fixture::{GlacierMock, GlacierMockBuilder};
use crate::time::Clock;

use super::exchange::{Asked, ask};

/// The bytes of its archive.
pub(super) const CAT: &[u8] = b"a cat";

/// The vault that has everything.
pub(super) const VAULT: &str = "v";

/// Returns the settings of the mock: IDs do not depend on chance, and no time passes.
pub(super) fn settings() -> GlacierMockBuilder {
    GlacierMock::builder().seed(1).clock(Clock::frozen("2026-01-31T12:00:00Z")).keep_idle_uploads(true).log(false)
}

/// The IDs of what is in the vault [`VAULT`].
pub(super) struct Arranged {
    pub(super) archive: String,
    pub(super) upload: String,
}

impl Arranged {
    /// Arranges two vaults, an archive, an upload with a part, and a tag.
    pub(super) fn new(mock: &GlacierMock) -> Self {
        let vault = mock.create_vault(VAULT);
        mock.create_vault("w");
        let archive = vault.put_archive("cat.jpg", CAT).to_string();
        let upload = vault.start_upload("a scan", 1 << 20).to_string();
        vault.put_part(&upload, 0, CAT).tag("team", "archive");
        Arranged { archive, upload }
    }

    /// Returns the input with the IDs in place of the words `ARCHIVE_ID`, `UPLOAD_ID` and `JOB_ID`. A fuzzer can copy a
    /// word, and cannot guess an ID.
    pub(super) fn fill_in(&self, job: &str, input: &[u8]) -> Vec<u8> {
        let words = [("ARCHIVE_ID", &*self.archive), ("UPLOAD_ID", &*self.upload), ("JOB_ID", job)];
        let (mut filled, mut rest) = (Vec::with_capacity(input.len()), input);
        while let [first, after @ ..] = rest {
            let found = words.iter().find_map(|(word, id)| Some((id, rest.strip_prefix(word.as_bytes())?)));
            match found {
                Some((id, after)) => {
                    filled.extend_from_slice(id.as_bytes());
                    rest = after;
                }
                None => {
                    filled.push(*first);
                    rest = after;
                }
            }
        }
        filled
    }

    /// Starts a job that succeeds at once, and returns its ID.
    pub(super) fn retrieve(&self, mock: &GlacierMock) -> String {
        let body = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{}"}}"#, self.archive);
        let (operation, path, headers) = (Operation::InitiateJob, [("vault", VAULT)], HeaderMap::new());
        let started =
            ask(mock, Asked { operation, path: &path, query: None, headers: &headers, body: body.as_bytes() });
        started.headers["x-amz-job-id"].to_str().expect("ASCII").to_owned()
    }
}
