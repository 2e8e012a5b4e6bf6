//! Prices that a test gives, and the cost of a usage at them.

use std::fmt;

use crate::domain::vault::Tier;

/// Prices, in any currency. The crate has no price list, because prices differ by region and change: copy those that you
/// mean from the [pricing page of AWS](https://aws.amazon.com/s3/glacier/pricing/). Each price defaults to 0. A later
/// version may add prices, so end the list with `..Prices::default()`.
///
/// A GiB has 1,073,741,824 bytes; AWS calls it GB on its pricing page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// The price of storing one GiB for a month of 730 hours. Early deletion is charged at this price, too.
    pub storage_per_gib_month: f64,
    /// The price of 1,000 UPLOAD requests.
    pub uploads_per_1000: f64,
    /// The price of 1,000 Expedited retrieval requests.
    pub expedited_per_1000: f64,
    /// The price of 1,000 Standard retrieval requests.
    pub standard_per_1000: f64,
    /// The price of 1,000 Bulk retrieval requests.
    pub bulk_per_1000: f64,
    /// The price of one GiB of Expedited retrievals.
    pub expedited_per_gib: f64,
    /// The price of one GiB of Standard retrievals.
    pub standard_per_gib: f64,
    /// The price of one GiB of Bulk retrievals.
    pub bulk_per_gib: f64,
    /// The price of one GiB that is transferred out.
    pub download_per_gib: f64,
    /// The price of a unit of provisioned capacity, for its month.
    pub capacity_unit: f64,
}

impl Prices {
    /// Returns the first price that is negative, infinite or not a number, with its name.
    pub(super) fn invalid(&self) -> Option<(&'static str, f64)> {
        let all = [
            ("storage_per_gib_month", self.storage_per_gib_month),
            ("uploads_per_1000", self.uploads_per_1000),
            ("expedited_per_1000", self.expedited_per_1000),
            ("standard_per_1000", self.standard_per_1000),
            ("bulk_per_1000", self.bulk_per_1000),
            ("expedited_per_gib", self.expedited_per_gib),
            ("standard_per_gib", self.standard_per_gib),
            ("bulk_per_gib", self.bulk_per_gib),
            ("download_per_gib", self.download_per_gib),
            ("capacity_unit", self.capacity_unit),
        ];
        all.into_iter().find(|(_, price)| !price.is_finite() || *price < 0.0)
    }

    /// Returns the prices of 1,000 requests and of a GiB of a tier.
    pub(super) fn retrieval(&self, tier: Tier) -> (f64, f64) {
        match tier {
            Tier::Expedited => (self.expedited_per_1000, self.expedited_per_gib),
            Tier::Standard => (self.standard_per_1000, self.standard_per_gib),
            Tier::Bulk => (self.bulk_per_1000, self.bulk_per_gib),
        }
    }
}

/// The cost of a usage, from [`Usage::cost`](crate::Usage::cost), in the currency of the prices. Displayed, it is a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub(super) storage: f64,
    pub(super) early_deletion: f64,
    pub(super) uploads: f64,
    /// Expedited, Standard, Bulk.
    pub(super) retrievals: [f64; 3],
    pub(super) downloads: f64,
    pub(super) capacity: f64,
}

impl Cost {
    /// Returns the sum.
    pub fn total(&self) -> f64 {
        self.rows().iter().map(|(_, amount)| amount).sum()
    }

    /// Returns the cost of storage.
    pub fn storage(&self) -> f64 {
        self.storage
    }

    /// Returns the cost of archives that were deleted before they were 90 days old.
    pub fn early_deletion(&self) -> f64 {
        self.early_deletion
    }

    /// Returns the cost of UPLOAD requests.
    pub fn uploads(&self) -> f64 {
        self.uploads
    }

    /// Returns the cost of the archive retrievals of a tier, with their requests.
    pub fn retrievals(&self, tier: Tier) -> f64 {
        let [expedited, standard, bulk] = self.retrievals;
        match tier {
            Tier::Expedited => expedited,
            Tier::Standard => standard,
            Tier::Bulk => bulk,
        }
    }

    /// Returns the cost of the bytes that were downloaded.
    pub fn downloads(&self) -> f64 {
        self.downloads
    }

    /// Returns the cost of units of provisioned capacity.
    pub fn capacity(&self) -> f64 {
        self.capacity
    }

    fn rows(&self) -> [(&'static str, f64); 8] {
        let [expedited, standard, bulk] = self.retrievals;
        [
            ("storage", self.storage),
            ("early deletion", self.early_deletion),
            ("uploads", self.uploads),
            ("retrievals, Expedited", expedited),
            ("retrievals, Standard", standard),
            ("retrievals, Bulk", bulk),
            ("downloads", self.downloads),
            ("provisioned capacity", self.capacity),
        ]
    }
}

/// Writes amounts with six decimals, because the cost of a small test is a tiny fraction of a unit of any currency.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = format!("{:.6}", self.total());
        let width = total.len();
        self.rows().iter().try_for_each(|(name, amount)| writeln!(f, "{name:<21}  {amount:>width$.6}"))?;
        write!(f, "{:<21}  {total}", "total")
    }
}
