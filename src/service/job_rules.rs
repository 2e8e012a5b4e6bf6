//! What the test said beforehand about single jobs.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

use crate::domain::vault::{Ending, JobKind, Verdict};
use crate::domain::words::Timestamp;

/// A rule for one job, the first that it fits.
#[derive(Clone, Debug)]
pub(crate) struct JobRule {
    pub(crate) fits: JobFilter,
    pub(crate) fate: Fate,
    /// Whether it may be left over.
    pub(crate) optional: bool,
    /// The number of the first request that could use it.
    pub(crate) since: usize,
    pub(crate) declared: &'static Location<'static>,
}

/// Which jobs a rule is for. What is absent does not matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobFilter {
    pub(crate) vault: Option<String>,
    pub(crate) archive: Option<String>,
    pub(crate) inventory: Option<bool>,
}

/// What becomes of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    SucceedsAfter(Duration),
    FailsAfter(Duration, String),
    NeverEnds,
}

/// `the next inventory retrieval of vault "photos"`.
impl fmt::Display for JobFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.inventory {
            None => "the next job",
            Some(true) => "the next inventory retrieval",
            Some(false) => "the next archive retrieval",
        })?;
        if let Some(archive) = &self.archive {
            write!(f, " of archive {archive:?}")?;
        }
        if let Some(vault) = &self.vault {
            write!(f, " of vault {vault:?}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::SucceedsAfter(Duration::ZERO) => f.write_str("complete at once"),
            Fate::SucceedsAfter(duration) => write!(f, "take {duration:?}"),
            Fate::FailsAfter(Duration::ZERO, message) => write!(f, "fail with {message:?}"),
            Fate::FailsAfter(duration, message) => write!(f, "fail after {duration:?} with {message:?}"),
            Fate::NeverEnds => f.write_str("stay in progress"),
        }
    }
}

impl JobFilter {
    fn fits(&self, vault: &str, kind: &JobKind) -> bool {
        let archive = match kind {
            JobKind::Archive(retrieval) => Some(retrieval.archive.id.as_str()),
            JobKind::Inventory(_) => None,
        };
        self.vault.as_deref().is_none_or(|wanted| wanted == vault)
            && self.archive.as_deref().is_none_or(|wanted| Some(wanted) == archive)
            && self.inventory.is_none_or(|wanted| wanted == archive.is_none())
    }
}

/// The rules in the order in which they were made; each is used up by one job.
#[derive(Debug, Default)]
pub(crate) struct JobRules(Vec<JobRule>);

impl JobRules {
    pub(crate) fn push(&mut self, rule: JobRule) {
        self.0.push(rule);
    }

    /// The ending that the first fitting rule has for a job.
    pub(crate) fn take(&mut self, vault: &str, kind: &JobKind, created: Timestamp) -> Option<Ending> {
        let first = self.0.iter().position(|rule| rule.fits.fits(vault, kind))?;
        Some(match self.0.remove(first).fate {
            Fate::SucceedsAfter(duration) => Ending::At(created.after(duration), Verdict::Succeeds),
            Fate::FailsAfter(duration, message) => Ending::At(created.after(duration), Verdict::Fails(message)),
            Fate::NeverEnds => Ending::Manual,
        })
    }

    /// Whether there is a rule that a job has to use and none did.
    pub(crate) fn are_left(&self) -> bool {
        self.0.iter().any(|rule| !rule.optional)
    }

    /// The rules that a job had to use and none did. Takes all rules away: what was verified once is not verified again.
    pub(crate) fn leftovers(&mut self) -> Vec<JobRule> {
        std::mem::take(&mut self.0).into_iter().filter(|rule| !rule.optional).collect()
    }
}
