//! Charges as plain data, to be saved and loaded.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Charges, EarlyDeleted};
use crate::domain::words::{ArchiveId, VaultName};
use crate::service::data::vault_name;

/// What requests to an account in a region have caused, without what is computed from the vaults.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ChargesData {
    upload_requests: u64,
    retrieval_requests: [u64; 3],
    free_requests: u64,
    retrieved_bytes: [u128; 3],
    early_deletions: Vec<EarlyData>,
    earlier_deletions: (u128, u128),
    capacity_units: u64,
}

#[derive(Debug, Deserialize, Serialize)]
struct EarlyData {
    vault: String,
    archive: String,
    bytes: u64,
    missing: Duration,
}

impl Charges {
    pub(crate) fn to_data(&self) -> ChargesData {
        let early = |early: &EarlyDeleted| EarlyData {
            vault: VaultName::to_string(&early.vault),
            archive: early.archive.to_string(),
            bytes: early.bytes,
            missing: early.missing,
        };
        ChargesData {
            upload_requests: self.upload_requests,
            retrieval_requests: self.retrieval_requests,
            free_requests: self.free_requests,
            retrieved_bytes: self.retrieved_bytes,
            early_deletions: self.early_deletions.iter().map(early).collect(),
            earlier_deletions: self.earlier_deletions,
            capacity_units: self.capacity_units,
        }
    }

    pub(crate) fn from_data(data: &ChargesData) -> Result<Self, String> {
        let early = |early: &EarlyData| {
            let (vault, archive) = (vault_name(&early.vault)?, ArchiveId::new(&*early.archive));
            Ok::<_, String>(EarlyDeleted { vault, archive, bytes: early.bytes, missing: early.missing })
        };
        Ok(Charges {
            upload_requests: data.upload_requests,
            retrieval_requests: data.retrieval_requests,
            free_requests: data.free_requests,
            retrieved_bytes: data.retrieved_bytes,
            early_deletions: data.early_deletions.iter().map(early).collect::<Result<_, _>>()?,
            earlier_deletions: data.earlier_deletions,
            capacity_units: data.capacity_units,
            ..Charges::default()
        })
    }
}
