//! A job as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{ArchiveRetrieval, Job, JobKind, Tier};
use crate::domain::bytes::ByteRange;
use crate::domain::vault::archive_list::{Period, Window};
use crate::domain::vault::data::{Collector, Restored, optional_instant};
use crate::domain::vault::inventory::InventoryRetrieval;
use crate::domain::vault::inventory_format::Format;
use crate::domain::vault::notification::Topic;
use crate::domain::words::{Description, JobId, Timestamp};

/// The immutable part of a job. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct JobData {
    id: String,
    number: u64,
    kind: KindData,
    description: Option<String>,
    sns_topic: Option<String>,
    created: i64,
    delivered: usize,
}

#[derive(Debug, Deserialize, Serialize)]
enum KindData {
    Archive {
        archive: usize,
        content: Option<usize>,
        first: u64,
        last: u64,
        tier: String,
    },
    Inventory {
        vault_arn: String,
        taken: i64,
        archives: Option<usize>,
        format: String,
        /// The positions of the page, and the period of its archives.
        from: u64,
        until: u64,
        start: Option<i64>,
        end: Option<i64>,
        limit: Option<u64>,
        next: Option<String>,
    },
}

impl Job {
    pub(crate) fn to_data(&self, collector: &mut Collector) -> JobData {
        let kind = match &self.kind {
            JobKind::Archive(retrieval) => KindData::Archive {
                archive: collector.archive(&retrieval.archive),
                content: retrieval.content.as_ref().map(|content| collector.content(content)),
                first: retrieval.range.first(),
                last: retrieval.range.last(),
                tier: retrieval.tier.as_str().to_owned(),
            },
            JobKind::Inventory(retrieval) => KindData::Inventory {
                vault_arn: retrieval.vault_arn.clone(),
                taken: retrieval.taken.as_milliseconds(),
                archives: collector.list(&retrieval.archives),
                format: retrieval.format.as_str().to_owned(),
                from: retrieval.page.from,
                until: retrieval.page.until,
                start: retrieval.page.period.start.map(Timestamp::as_milliseconds),
                end: retrieval.page.period.end.map(Timestamp::as_milliseconds),
                limit: retrieval.limit,
                next: retrieval.next.clone(),
            },
        };
        JobData {
            id: self.id.to_string(),
            number: self.number,
            kind,
            description: self.description.get().map(str::to_owned),
            sns_topic: self.sns_topic.as_ref().map(|topic| topic.as_str().to_owned()),
            created: self.created.as_milliseconds(),
            delivered: collector.delivered(&self.delivered),
        }
    }

    pub(crate) fn from_data(data: &JobData, restored: &Restored) -> Result<Self, String> {
        let topic = data.sns_topic.as_deref().map(topic).transpose()?;
        let mut job = Job::new(
            JobId::new(&*data.id),
            data.number,
            JobKind::from_data(&data.kind, restored)?,
            Description::restored(data.description.as_deref())?,
            topic,
            Timestamp::restored(data.created)?,
        );
        job.delivered = restored.delivered(data.delivered)?;
        Ok(job)
    }
}

impl JobKind {
    fn from_data(data: &KindData, restored: &Restored) -> Result<Self, String> {
        Ok(match data {
            KindData::Archive { archive, content, first, last, tier } => {
                let archive = restored.archive(*archive)?.clone();
                let content = content.map(|content| restored.content(content)).transpose()?;
                let range = ByteRange::new(*first, *last).filter(|range| range.last() < archive.size());
                let range = range.ok_or_else(|| format!("bytes {first} to {last} are not a range of an archive"))?;
                if content.as_ref().is_some_and(|content| content.len() != archive.size()) {
                    return Err("a job has the content of another archive".into());
                }
                let tier = Tier::parse(tier).ok_or_else(|| format!("{tier:?} is not a tier"))?;
                JobKind::Archive(ArchiveRetrieval { archive, content, range, tier })
            }
            KindData::Inventory { vault_arn, taken, archives, format, from, until, start, end, limit, next } => {
                let period = Period { start: optional_instant(*start)?, end: optional_instant(*end)? };
                JobKind::Inventory(InventoryRetrieval {
                    vault_arn: vault_arn.clone(),
                    taken: Timestamp::restored(*taken)?,
                    archives: restored.list(*archives)?,
                    format: Format::parse(format).ok_or_else(|| format!("{format:?} is not a format"))?,
                    page: Window { from: *from, until: *until, period },
                    limit: *limit,
                    next: next.clone(),
                })
            }
        })
    }
}

/// Returns the topic with this ARN.
pub(crate) fn topic(arn: &str) -> Result<Topic, String> {
    Topic::parse(arn).map_err(|_| format!("{arn:?} is not the ARN of a topic"))
}
