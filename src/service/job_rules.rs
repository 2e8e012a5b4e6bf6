//! Rules that a test sets in advance for single jobs.

use std::fmt;
use std::time::Duration;

use crate::domain::account::{Account, AccountRegion};
use crate::domain::vault::{Ending, JobKind, Verdict};
use crate::domain::words::{Origin, Timestamp};

use super::Service;

/// A rule for the first jobs that match it.
#[derive(Clone, Debug)]
pub(crate) struct JobRule {
    pub(crate) fits: JobFilter,
    pub(crate) ending: PlannedEnding,
    /// How many jobs the rule applies to.
    pub(crate) times: usize,
    /// How many jobs have used it.
    pub(crate) used: usize,
    /// Whether verification accepts that fewer jobs used the rule.
    pub(crate) optional: bool,
    /// The number of the first request that could use it.
    pub(crate) since: usize,
    pub(crate) declared: Origin,
}

impl JobRule {
    /// Returns how many more jobs the rule applies to.
    pub(crate) fn left(&self) -> usize {
        self.times.saturating_sub(self.used)
    }
}

/// Selects the jobs that a rule applies to. `None` matches any value.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobFilter {
    pub(crate) account: Option<Account>,
    pub(crate) region: Option<String>,
    pub(crate) vault: Option<String>,
    pub(crate) archive: Option<String>,
    pub(crate) inventory: Option<bool>,
}

/// How and when a job is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PlannedEnding {
    SucceedsAfter(Duration),
    FailsAfter(Duration, String),
    NeverEnds,
}

/// For example `the next inventory retrieval of vault "photos"`.
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
        if let Some(account) = &self.account {
            write!(f, " in account {account}")?;
        }
        if let Some(region) = &self.region {
            write!(f, " in {region}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlannedEnding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlannedEnding::SucceedsAfter(Duration::ZERO) => f.write_str("complete at once"),
            PlannedEnding::SucceedsAfter(duration) => write!(f, "take {duration:?}"),
            PlannedEnding::FailsAfter(Duration::ZERO, message) => write!(f, "fail with {message:?}"),
            PlannedEnding::FailsAfter(duration, message) => write!(f, "fail after {duration:?} with {message:?}"),
            PlannedEnding::NeverEnds => f.write_str("stay in progress"),
        }
    }
}

impl JobFilter {
    fn fits(&self, place: &AccountRegion, vault: &str, kind: &JobKind) -> bool {
        let archive = match kind {
            JobKind::Archive(retrieval) => Some(retrieval.archive.id.as_str()),
            JobKind::Inventory(_) => None,
        };
        self.account.is_none_or(|wanted| wanted == place.account)
            && self.region.as_deref().is_none_or(|wanted| *wanted == *place.region)
            && self.vault.as_deref().is_none_or(|wanted| wanted == vault)
            && self.archive.as_deref().is_none_or(|wanted| Some(wanted) == archive)
            && self.inventory.is_none_or(|wanted| wanted == archive.is_none())
    }
}

/// The rules in the order in which they were set, without those that are used up.
#[derive(Debug, Default)]
pub(crate) struct JobRules(Vec<JobRule>);

impl JobRules {
    pub(crate) fn push(&mut self, rule: JobRule) {
        self.0.push(rule);
    }

    /// Uses the first matching rule once and returns the ending that it has for a job.
    pub(crate) fn take(
        &mut self,
        place: &AccountRegion,
        vault: &str,
        kind: &JobKind,
        created: Timestamp,
    ) -> Option<Ending> {
        let first = self.0.iter().position(|rule| rule.fits.fits(place, vault, kind))?;
        let rule = &mut self.0[first];
        rule.used += 1;
        let ending = rule.ending.clone();
        if rule.left() == 0 {
            self.0.remove(first);
        }
        Some(match ending {
            PlannedEnding::SucceedsAfter(duration) => Ending::At(created.after(duration), Verdict::Succeeds),
            PlannedEnding::FailsAfter(duration, message) => {
                Ending::At(created.after(duration), Verdict::Fails(message))
            }
            PlannedEnding::NeverEnds => Ending::Manual,
        })
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns whether there is a required rule that is not used up.
    pub(crate) fn are_left(&self) -> bool {
        self.0.iter().any(|rule| !rule.optional)
    }

    /// Removes all rules and returns the required ones that are not used up, so that each is reported once.
    pub(crate) fn leftovers(&mut self) -> Vec<JobRule> {
        std::mem::take(&mut self.0).into_iter().filter(|rule| !rule.optional).collect()
    }
}

impl Service {
    /// Returns the rules for jobs that are not used up, in the order in which they were set.
    pub(crate) fn rules(&self) -> Vec<JobRule> {
        self.lock().rules.0.clone()
    }

    /// Removes all rules for jobs, which verification then no longer reports.
    pub(crate) fn clear_rules(&self) {
        self.lock().rules.clear();
    }
}
