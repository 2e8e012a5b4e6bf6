//! What was delivered of a job's output as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{Delivered, Progress};
use crate::sync::Mutex;

/// The bytes of an output that were sent.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct DeliveredData {
    /// The first byte of each range, and the byte after its last.
    ranges: Vec<(u64, u64)>,
    sent: u64,
    total: Option<u64>,
}

impl Delivered {
    pub(crate) fn to_data(&self) -> DeliveredData {
        let progress = self.0.lock();
        let ranges = progress.ranges.iter().map(|(&start, &end)| (start, end)).collect();
        DeliveredData { ranges, sent: progress.sent, total: progress.total }
    }

    pub(crate) fn from_data(data: &DeliveredData) -> Self {
        let delivered = Delivered::default();
        for &(start, end) in &data.ranges {
            // Joins ranges that overlap, which the sums depend on.
            delivered.add(start, end.saturating_sub(start));
        }
        let Progress { ranges, .. } = std::mem::take(&mut *delivered.0.lock());
        Delivered(Mutex::new(Progress { ranges, sent: data.sent, total: data.total }))
    }
}
