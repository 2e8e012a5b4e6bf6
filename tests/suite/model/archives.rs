//! The model's archives (api.md sections 3 and 4, observed.md 2.B).

use super::answer::{Reply, invalid, invalid_signature, not_found};
use super::service::{Date, Service, arn};
use super::wire::Answer;
use crate::support::{sha256, tree_hash};

pub(super) struct Archive {
    pub(super) id: String,
    /// The position in the order of creation.
    pub(super) place: u64,
    pub(super) description: String,
    pub(super) bytes: Vec<u8>,
    pub(super) tree_hash: String,
    pub(super) created: Date,
    pub(super) deleted: bool,
}

/// The body of an upload, with the hashes that the client sends and the correct ones. Each is calculated only once,
/// because hashing takes most of the time of the test.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) bytes: Vec<u8>,
    pub(super) payload_hash: String,
    pub(super) tree_hash: String,
    right_payload_hash: String,
    right_tree_hash: String,
}

/// The tree hash of a body, which for an empty one is its SHA-256.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    if bytes.is_empty() { sha256(bytes) } else { tree_hash(bytes) }
}

impl Sent {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let (payload_hash, tree_hash) = (sha256(&bytes), hash_of(&bytes));
        let (right_payload_hash, right_tree_hash) = (payload_hash.clone(), tree_hash.clone());
        Self { bytes, payload_hash, tree_hash, right_payload_hash, right_tree_hash }
    }

    pub(super) fn check_payload(&self) -> Result<(), Answer> {
        let computed = &self.right_payload_hash;
        if self.payload_hash == *computed {
            return Ok(());
        }
        Err(invalid_signature(format!(
            "The value passed in as x-amz-content-sha256 does not match the computed payload hash. \
             Computed digest: {computed} expected hash: {}",
            self.payload_hash
        )))
    }

    pub(super) fn check_tree(&self) -> Result<(), Answer> {
        let computed = &self.right_tree_hash;
        if self.tree_hash == *computed {
            return Ok(());
        }
        Err(invalid(format!("Checksum mismatch: expected {}, computed {computed}", self.tree_hash)))
    }
}

/// Leading spaces are removed. For non-ASCII text the signatures of client and server differ (observed.md 2.B).
pub(super) fn description(text: &str) -> Result<String, Answer> {
    if text.is_ascii() {
        return Ok(text.trim_start().to_owned());
    }
    Err(invalid_signature(
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    ))
}

pub(super) fn stored(vault: &str, id: &str, tree_hash: &str) -> Answer {
    Answer::empty(201)
        .with("location", format!("/000000000000/vaults/{vault}/archives/{id}"))
        .with("x-amz-archive-id", id)
        .with("x-amz-sha256-tree-hash", tree_hash)
}

impl Service {
    /// The front end's checks come first (observed.md 1.11). The order of the other checks was not observed; like the
    /// mock, the model looks for the vault last.
    pub(super) fn upload_archive(&mut self, vault: &str, sent: Sent, text: &str, id: String) -> Reply {
        sent.check_payload()?;
        if sent.bytes.is_empty() {
            return Err(invalid("Invalid Content-Length: 0"));
        }
        let description = description(text)?;
        sent.check_tree()?;
        self.vault(vault)?;
        Ok(self.store(vault, sent.bytes, sent.tree_hash, description, id))
    }

    /// Stores an archive that was checked, in an existing vault.
    pub(super) fn store(
        &mut self,
        vault: &str,
        bytes: Vec<u8>,
        tree_hash: String,
        description: String,
        id: String,
    ) -> Answer {
        let answer = stored(vault, &id, &tree_hash);
        let (place, created) = (self.place(), self.now);
        let vault = self.vaults.get_mut(vault).unwrap();
        vault.archives.push(Archive { id, place, description, bytes, tree_hash, created, deleted: false });
        vault.written = Some(created);
        answer
    }

    pub(super) fn delete_archive(&mut self, vault: &str, id: &str) -> Reply {
        // The specification does not cover deleted archives of other vaults. Like the mock, the model does not find
        // them.
        let elsewhere = self.vaults.values().any(|other| other.name != vault && other.living().any(|a| a.id == id));
        let now = self.now;
        let vault = self.vault(vault)?;
        let Some(archive) = vault.archives.iter_mut().find(|archive| archive.id == id) else {
            return Err(if elsewhere {
                invalid(format!("Invalid vault name: {}", arn(&vault.name)))
            } else {
                not_found(format!("The archive ID was not found: {id}"))
            });
        };
        if !archive.deleted {
            archive.deleted = true;
            vault.written = Some(now);
        }
        Ok(Answer::empty(204))
    }
}
