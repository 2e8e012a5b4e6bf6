//! The model's multipart uploads (api.md section 4, observed.md 2.C and 3.3).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Reply, invalid, not_found};
use super::archives::{Sent, description, hash_of, stored};
use super::service::{Date, IssuedMarkers, PageParameters, Service, Vault, arn, date};
use super::wire::Answer;
use crate::support::MIB;

pub(super) struct Upload {
    pub(super) id: String,
    place: u64,
    description: String,
    pub(super) part_size: u64,
    created: Date,
    /// The time of the last part. An upload expires 24 hours after it.
    pub(super) touched: Date,
    /// The parts by their first byte.
    parts: BTreeMap<u64, Sent>,
    part_markers: IssuedMarkers<u64>,
    state: State,
}

enum State {
    Open,
    Aborted,
    /// The size, tree hash and ID of the archive.
    Completed(u64, String, String),
}

impl Upload {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// The bytes of all parts in order, even if parts are missing.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.parts.values().map(|part| &*part.bytes).collect::<Vec<_>>().concat()
    }

    /// The first missing byte that is before another part.
    fn missing_byte(&self) -> Option<u64> {
        let mut end = 0;
        for (first, part) in &self.parts {
            if *first != end {
                return Some(end);
            }
            end += part.bytes.len() as u64;
        }
        None
    }

    fn entry(&self, vault: &str) -> Value {
        json!({
            "ArchiveDescription": (!self.description.is_empty()).then_some(&self.description),
            "CreationDate": date(self.created),
            "MultipartUploadId": self.id,
            "PartSizeInBytes": self.part_size,
            "VaultARN": arn(vault),
        })
    }
}

fn no_upload(id: &str) -> Answer {
    not_found(format!("The upload ID was not found: {id}"))
}

impl Vault {
    pub(super) fn upload(&mut self, id: &str) -> Result<&mut Upload, Answer> {
        self.uploads.iter_mut().find(|upload| upload.id == id).ok_or_else(|| no_upload(id))
    }

    fn open_upload(&mut self, id: &str) -> Result<&mut Upload, Answer> {
        match self.upload(id)? {
            upload if upload.is_open() => Ok(upload),
            _ => Err(no_upload(id)),
        }
    }
}

impl Service {
    pub(super) fn initiate_multipart_upload(&mut self, vault: &str, size: u32, text: &str, id: String) -> Reply {
        if !size.is_power_of_two() || (size as usize) < MIB {
            return Err(invalid(format!(
                "Invalid part size: {size}. Part size must not be null, must be a power of two and be between \
                 1048576 and 4294967296 bytes."
            )));
        }
        let description = description(text)?;
        let (place, now) = (self.place(), self.now);
        let vault = self.vault(vault)?;
        let location = format!("/000000000000/vaults/{}/multipart-uploads/{id}", vault.name);
        let answer = Answer::empty(201).with("location", location).with("x-amz-multipart-upload-id", &id);
        vault.uploads.push(Upload {
            id,
            place,
            description,
            part_size: size.into(),
            created: now,
            touched: now,
            parts: BTreeMap::new(),
            part_markers: IssuedMarkers::new(),
            state: State::Open,
        });
        Ok(answer)
    }

    /// `range` is the first and the last byte. The order is not specified. Like the mock, the model first checks what
    /// does not depend on the upload.
    pub(super) fn upload_multipart_part(&mut self, vault: &str, id: &str, range: (i64, i64), sent: Sent) -> Reply {
        sent.check_payload()?;
        let header = format!("bytes {}-{}/*", range.0, range.1);
        let misplaced = || invalid(format!("Invalid Content-Range: {header}"));
        let (Ok(first), Ok(last)) = (u64::try_from(range.0), u64::try_from(range.1)) else {
            return Err(misplaced());
        };
        if last < first {
            return Err(misplaced());
        }
        let length = sent.bytes.len();
        if last - first + 1 != length as u64 {
            let text = format!("Content-Range: {header} is incompatible with Content-Length: {length}");
            return Err(invalid(text));
        }
        sent.check_tree()?;
        let now = self.now;
        let upload = self.vault(vault)?.open_upload(id)?;
        if first % upload.part_size != 0 || length as u64 > upload.part_size {
            return Err(misplaced());
        }
        let number = first / upload.part_size + 1;
        if number > 10_000 {
            return Err(invalid(format!(
                "This is part number {number} for the current multipart upload. It exceeds the limit of 10000 parts."
            )));
        }
        let answer = Answer::empty(204).with("x-amz-sha256-tree-hash", &sent.tree_hash);
        upload.parts.insert(first, sent);
        upload.touched = now;
        Ok(answer)
    }

    /// Checks missing parts, size and hash in the mock's order.
    pub(super) fn complete_multipart_upload(
        &mut self,
        vault: &str,
        id: &str,
        (size, hash): (u64, &str),
        archive: String,
    ) -> Reply {
        let name = vault;
        let upload = self.vault(vault)?.upload(id)?;
        let wrong_size = invalid(format!("Invalid x-amz-archive-size: {size}"));
        let wrong_hash = invalid(format!("Invalid x-amz-sha256-tree-hash: {hash}"));
        match &upload.state {
            State::Aborted => return Err(no_upload(id)),
            State::Completed(right, ..) if size != *right => return Err(wrong_size),
            State::Completed(_, right, _) if hash != right => return Err(wrong_hash),
            State::Completed(_, hash, archive) => return Ok(stored(name, archive, hash)),
            State::Open => {}
        }
        let hole = |at| invalid(format!("The parts do not make a whole: no part begins at byte {at}"));
        if let Some(at) = upload.missing_byte() {
            return Err(hole(at));
        }
        let bytes = upload.bytes();
        if bytes.len() as u64 != size {
            return Err(wrong_size);
        }
        if hash_of(&bytes) != hash {
            return Err(wrong_hash);
        }
        if bytes.is_empty() {
            return Err(hole(0));
        }
        let description = upload.description.clone();
        upload.parts.clear();
        upload.state = State::Completed(size, hash.to_owned(), archive.clone());
        Ok(self.store(name, bytes, hash.to_owned(), description, archive))
    }

    pub(super) fn abort_multipart_upload(&mut self, vault: &str, id: &str) -> Reply {
        let upload = self.vault(vault)?.upload(id)?;
        if matches!(upload.state, State::Completed(..)) {
            return Err(no_upload(id));
        }
        upload.state = State::Aborted;
        Ok(Answer::empty(204))
    }

    pub(super) fn list_parts(&mut self, vault: &str, id: &str, asked: &PageParameters) -> Reply {
        let (name, limit) = (vault, asked.limit(50)?);
        let upload = self.vault(vault)?.open_upload(id)?;
        let all = upload.parts.iter().map(|(first, part)| {
            let range = format!("{first}-{}", first + part.bytes.len() as u64 - 1);
            (*first, range.clone(), json!({ "RangeInBytes": range, "SHA256TreeHash": part.tree_hash }))
        });
        let (page, next) = asked.page(limit, all, &mut upload.part_markers)?;
        let mut answer = upload.entry(name);
        answer["Marker"] = json!(next);
        answer["Parts"] = json!(page);
        Ok(Answer::json(&answer))
    }

    pub(super) fn list_multipart_uploads(&mut self, vault: &str, asked: &PageParameters) -> Reply {
        let limit = asked.limit(50)?;
        let vault = self.vault(vault)?;
        let open = vault.uploads.iter().filter(|upload| upload.is_open());
        let all = open.map(|upload| (upload.place, upload.id.clone(), upload.entry(&vault.name)));
        let (page, next) = asked.page(limit, all, &mut vault.upload_markers)?;
        Ok(Answer::json(&json!({ "Marker": next, "UploadsList": page })))
    }
}
