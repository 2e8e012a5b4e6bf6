//! Generates IDs with a seed, so that two runs with the same seed produce the same IDs.

use std::sync::Arc;

use crate::domain::words::{ArchiveId, CapacityId, JobId, LockId, RequestId, URL_SAFE, UploadId};

/// Generates IDs with AWS's lengths and alphabets.
#[derive(Debug)]
pub(crate) struct IdSource(fastrand::Rng);

impl IdSource {
    pub(crate) fn new(seed: u64) -> Self {
        IdSource(fastrand::Rng::with_seed(seed))
    }

    /// Returns what the next IDs depend on, to be saved.
    #[cfg(feature = "state")]
    pub(crate) fn to_data(&self) -> u64 {
        self.0.get_seed()
    }

    /// Returns the source that continues with the next IDs.
    #[cfg(feature = "state")]
    pub(crate) fn from_data(data: u64) -> Self {
        IdSource::new(data)
    }

    pub(crate) fn archive(&mut self) -> ArchiveId {
        ArchiveId::new(self.url_safe(ArchiveId::LENGTH))
    }

    pub(crate) fn job(&mut self) -> JobId {
        JobId::new(self.url_safe(JobId::LENGTH))
    }

    pub(crate) fn upload(&mut self) -> UploadId {
        UploadId::new(self.url_safe(UploadId::LENGTH))
    }

    pub(crate) fn lock(&mut self) -> LockId {
        LockId::new(self.of(&URL_SAFE[..62], LockId::LENGTH))
    }

    pub(crate) fn capacity(&mut self) -> CapacityId {
        CapacityId::new(self.of(&URL_SAFE[..62], CapacityId::LENGTH))
    }

    /// Request IDs of the real service have 47 characters (observed.md 1.9).
    pub(crate) fn request(&mut self) -> RequestId {
        RequestId::of(self.0.u64(..))
    }

    /// Never starts an ID with a hyphen or an underscore: the AWS CLI parses `--job-id -abc` as an option without its
    /// value.
    fn url_safe(&mut self, length: usize) -> Arc<str> {
        let mut id = vec![0; length];
        id.fill_with(|| self.one_of(URL_SAFE));
        if let Some(first) = id.first_mut() {
            *first = self.one_of(&URL_SAFE[..62]);
        }
        String::from_utf8(id).unwrap_or_default().into()
    }

    fn of(&mut self, alphabet: &[u8], length: usize) -> Arc<str> {
        (0..length).map(|_| char::from(self.one_of(alphabet))).collect::<String>().into()
    }

    fn one_of(&mut self, alphabet: &[u8]) -> u8 {
        alphabet[self.0.usize(..alphabet.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_every_id() {
        let ids = |seed| {
            let mut source = IdSource::new(seed);
            (source.archive(), source.job(), source.request(), source.archive())
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
        let (archive, job, request, second) = ids(7);
        assert_eq!((archive.as_str().len(), job.as_str().len(), request.to_string().len()), (138, 92, 47));
        assert_ne!(archive, second);
        assert!(archive.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert!(
            (0..1000).all(|seed| IdSource::new(seed).job().as_str().starts_with(|c: char| c.is_ascii_alphanumeric()))
        );
        let mut source = IdSource::new(7);
        let (upload, lock, capacity) = (source.upload(), source.lock(), source.capacity());
        assert_eq!((upload.as_str().len(), lock.as_str().len(), capacity.as_str().len()), (92, 24, 24));
        assert!([lock.as_str(), capacity.as_str()].concat().bytes().all(|b| b.is_ascii_alphanumeric()));
    }
}
