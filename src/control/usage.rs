//! What AWS would charge for, and what it would cost (api.md section 11).

use std::fmt;
use std::time::Duration;

use crate::domain::account::{Account, AccountRegion, expect_account};
use crate::domain::vault::Tier;
use crate::domain::words::{ArchiveId, GIB};
use crate::mock::Mock;
use crate::service::{Charges, EarlyDeleted, tier_index};

use super::prices::{Cost, Prices};

const MILLISECONDS_PER_HOUR: u128 = 60 * 60 * 1000;
/// The hours of a month for which the price of storage is: a twelfth of a year. Ours, because a usage may extend over
/// months of different lengths.
const HOURS_PER_MONTH: f64 = 730.0;
const TIERS: [Tier; 3] = [Tier::Expedited, Tier::Standard, Tier::Bulk];

/// What AWS would charge for so far, returned by [`GlacierMock::usage`](crate::GlacierMock::usage). Displayed, it is a
/// table for each account and region.
///
/// Requests, retrievals, downloads, deletions and units count if requests of the code under test caused them and the
/// service granted them. Storage is that of all archives, also those that the test arranged. All times are those of the
/// mock's clock. `docs/spec/api.md` section 11 in the repository has the rules and their sources.
#[derive(Clone, Debug)]
pub struct Usage {
    places: Vec<(AccountRegion, Charges)>,
}

/// An archive that was deleted before it was 90 days old, from [`Usage::early_deletions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlyDeletion {
    account: Account,
    region: String,
    vault: String,
    archive: ArchiveId,
    bytes: u64,
    missing: Duration,
}

impl EarlyDeletion {
    fn new(place: &AccountRegion, early: &EarlyDeleted) -> Self {
        let EarlyDeleted { vault, archive, bytes, missing } = early.clone();
        let (account, region) = (place.account, place.region.to_string());
        EarlyDeletion { account, region, vault: vault.to_string(), archive, bytes, missing }
    }

    /// Returns the account of the vault.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Returns the region of the vault.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Returns the name of the vault.
    pub fn vault(&self) -> &str {
        &self.vault
    }

    /// Returns the ID of the archive.
    pub fn archive_id(&self) -> &ArchiveId {
        &self.archive
    }

    /// Returns the size of the archive in bytes, without the overhead.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns how much was missing to 90 days.
    pub fn missing(&self) -> Duration {
        self.missing
    }
}

/// Returns what AWS would charge for so far.
pub(crate) fn usage(mock: &Mock) -> Usage {
    let places = mock.service.charges().into_iter().map(|(place, charges)| (place, *charges));
    Usage { places: places.collect() }
}

impl Usage {
    /// Keeps only the usage of this account: an [`Account`], or its number as text.
    ///
    /// # Panics
    ///
    /// If `account` is a text that is not 12 digits.
    #[track_caller]
    pub fn account<T>(mut self, account: T) -> Self
    where
        T: TryInto<Account>,
        T::Error: fmt::Display,
    {
        let account = expect_account(account);
        self.places.retain(|(place, _)| place.account == account);
        self
    }

    /// Keeps only the usage in this region.
    pub fn region(mut self, region: &str) -> Self {
        self.places.retain(|(place, _)| &*place.region == region);
        self
    }

    /// Returns the number of UPLOAD requests: UploadArchive, InitiateMultipartUpload, UploadMultipartPart and
    /// CompleteMultipartUpload.
    pub fn upload_requests(&self) -> u64 {
        self.all().map(|charges| charges.upload_requests).sum()
    }

    /// Returns the number of requests that started an archive retrieval of this tier.
    pub fn retrieval_requests(&self, tier: Tier) -> u64 {
        self.all().map(|charges| charges.retrieval_requests[tier_index(tier)]).sum()
    }

    /// Returns the number of requests that AWS does not charge for: all others, including inventory retrievals.
    pub fn free_requests(&self) -> u64 {
        self.all().map(|charges| charges.free_requests).sum()
    }

    /// Returns the number of bytes in the ranges of the archive retrievals of this tier. They count when the job starts,
    /// also if it fails later or its output is never downloaded.
    pub fn retrieved(&self, tier: Tier) -> u64 {
        saturate(self.all().map(|charges| charges.retrieved_bytes[tier_index(tier)]).sum())
    }

    /// Returns the number of bytes of job outputs that the mock sent, each time that it sent them.
    pub fn downloaded_bytes(&self) -> u64 {
        saturate(self.all().map(|charges| charges.downloaded_bytes).sum())
    }

    /// Returns the bytes stored, times the hours for which they were stored, without a fraction. Each archive counts
    /// 32,768 bytes in addition to its size, until it is deleted or, without a deletion, until now.
    pub fn stored_byte_hours(&self) -> u128 {
        self.stored() / MILLISECONDS_PER_HOUR
    }

    /// Returns the archives that were deleted before they were 90 days old: by account and region, and then in the order
    /// of deletion.
    pub fn early_deletions(&self) -> Vec<EarlyDeletion> {
        let mut all = Vec::new();
        for (place, charges) in &self.places {
            all.extend(charges.early_deletions.iter().map(|early| EarlyDeletion::new(place, early)));
        }
        all
    }

    /// Returns the total size in bytes, without overhead, of the archives that were deleted before they were 90 days
    /// old.
    pub fn early_deleted_bytes(&self) -> u64 {
        let earlier = self.all().map(|charges| charges.earlier_deletions.0).sum::<u128>();
        saturate(earlier + self.early().map(|early| u128::from(early.bytes)).sum::<u128>())
    }

    /// Returns the bytes of the archives that were deleted early, times the hours that were missing to 90 days, without
    /// a fraction. Each archive counts 32,768 bytes in addition to its size.
    pub fn early_deleted_byte_hours(&self) -> u128 {
        self.missing_storage() / MILLISECONDS_PER_HOUR
    }

    /// Returns the number of units of provisioned capacity that were purchased.
    pub fn capacity_units(&self) -> u64 {
        self.all().map(|charges| charges.capacity_units).sum()
    }

    /// Returns what this usage costs at these prices. A free allowance of AWS is not subtracted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use glacier_mock::{Clock, GlacierMock, GIB, Content, Prices};
    ///
    /// let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    /// mock.create_vault("photos").put_archive("film", Content::repeat("frame", 1000 * GIB));
    /// mock.clock().advance(Duration::from_secs(730 * 60 * 60)); // the hours of a month
    ///
    /// let prices = Prices { storage_per_gib_month: 0.0036, ..Prices::default() };
    /// let cost = mock.usage().cost(&prices);
    /// assert!((3.60..3.61).contains(&cost.total()), "{cost}");
    /// ```
    ///
    /// # Panics
    ///
    /// If a price is negative, infinite or not a number.
    #[track_caller]
    pub fn cost(&self, prices: &Prices) -> Cost {
        if let Some((name, price)) = prices.invalid() {
            panic!("invalid price {name}: {price}. A price is a finite number that is not negative");
        }
        let gib = |bytes: u64| bytes as f64 / GIB as f64;
        let months = |storage: u128| storage as f64 / MILLISECONDS_PER_HOUR as f64 / GIB as f64 / HOURS_PER_MONTH;
        let retrievals = TIERS.map(|tier| {
            let (per_1000, per_gib) = prices.retrieval(tier);
            self.retrieval_requests(tier) as f64 / 1000.0 * per_1000 + gib(self.retrieved(tier)) * per_gib
        });
        Cost {
            storage: months(self.stored()) * prices.storage_per_gib_month,
            early_deletion: months(self.missing_storage()) * prices.storage_per_gib_month,
            uploads: self.upload_requests() as f64 / 1000.0 * prices.uploads_per_1000,
            retrievals,
            downloads: gib(self.downloaded_bytes()) * prices.download_per_gib,
            capacity: self.capacity_units() as f64 * prices.capacity_unit,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Charges> {
        self.places.iter().map(|(_, charges)| charges)
    }

    fn early(&self) -> impl Iterator<Item = &EarlyDeleted> {
        self.all().flat_map(|charges| &charges.early_deletions)
    }

    fn stored(&self) -> u128 {
        self.all().map(|charges| charges.stored).sum()
    }

    fn missing_storage(&self) -> u128 {
        let earlier = self.all().map(|charges| charges.earlier_deletions.1).sum::<u128>();
        earlier + self.early().map(EarlyDeleted::missing_storage).sum::<u128>()
    }

    /// Returns the rows of the table, without those of places.
    fn rows(&self) -> Vec<(String, u128)> {
        let mut rows = vec![("upload requests".to_owned(), self.upload_requests().into())];
        rows.extend(
            TIERS.map(|tier| (format!("retrieval requests, {}", tier.as_str()), self.retrieval_requests(tier).into())),
        );
        rows.push(("free requests".to_owned(), self.free_requests().into()));
        rows.extend(TIERS.map(|tier| (format!("bytes retrieved, {}", tier.as_str()), self.retrieved(tier).into())));
        rows.extend([
            ("bytes downloaded".to_owned(), self.downloaded_bytes().into()),
            ("byte-hours stored".to_owned(), self.stored_byte_hours()),
            ("bytes deleted before 90 days".to_owned(), self.early_deleted_bytes().into()),
            ("byte-hours missing to 90 days".to_owned(), self.early_deleted_byte_hours()),
            ("provisioned capacity units".to_owned(), self.capacity_units().into()),
        ]);
        rows
    }
}

fn saturate(bytes: u128) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.places.is_empty() {
            return f.write_str("no usage");
        }
        for (n, place) in self.places.iter().enumerate() {
            let AccountRegion { account, region } = &place.0;
            write!(f, "{}account {account}, {region}", if n > 0 { "\n\n" } else { "" })?;
            let rows = Usage { places: vec![place.clone()] }.rows();
            let width = rows.iter().map(|(_, value)| value.to_string().len()).max().unwrap_or_default();
            rows.iter().try_for_each(|(name, value)| write!(f, "\n  {name:<29}  {value:>width$}"))?;
        }
        Ok(())
    }
}
