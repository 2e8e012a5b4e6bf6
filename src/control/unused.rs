//! Faults and rules for jobs that did not apply as often as they should, as a verification reports them.

#[cfg(feature = "standalone")]
use std::sync::Arc;

use crate::domain::words::{Operation, Origin};
use crate::fault::Leftover;
#[cfg(feature = "standalone")]
use crate::mock::Mock;
#[cfg(feature = "standalone")]
use crate::record::calls;
use crate::record::{Condition, Filter};
use crate::service::JobRule;
use crate::verify::Unused;
#[cfg(feature = "standalone")]
use crate::verify::{Judged, Style, failures};

/// Returns the entries of a report for faults and rules that were not used up.
pub(super) fn unused(faults: Vec<Leftover>, rules: Vec<JobRule>) -> Vec<Unused> {
    faults.into_iter().map(unused_fault).chain(rules.into_iter().map(unused_rule)).collect()
}

/// Verifies that every fault and every rule for jobs that is set has applied as often as it should, unless it is
/// optional. The faults and rules stay. Returns an error with the report if the verification failed.
#[cfg(feature = "standalone")]
pub(super) fn check_faults_applied(mock: &Arc<Mock>) -> Result<(), String> {
    let rules = mock.service.rules().into_iter().filter(|rule| !rule.optional).collect();
    let unused = unused(mock.faults.unmet(), rules);
    if unused.is_empty() {
        return Ok(());
    }
    let record = mock.journal.snapshot();
    let judged = Judged { calls: &calls(&record.requests), after: 0, dropped: record.dropped_after(0) };
    Err(failures(&[], &unused, &judged, false, &**mock, Style::HTTP).texts.join("\n"))
}

fn unused_fault(leftover: Leftover) -> Unused {
    let Leftover { declared, headline, notes, wanted, since } = leftover;
    Unused { declared, headline, notes, wanted, since }
}

/// Describes a rule for jobs that was not used up.
fn unused_rule(rule: JobRule) -> Unused {
    let mut wanted = Filter::of(Operation::InitiateJob);
    if let Some(vault) = &rule.fits.vault {
        wanted = wanted.and(Condition::Vault(vault.clone()));
    }
    if let Some(archive) = &rule.fits.archive {
        wanted = wanted.and(Condition::Archive(archive.clone()));
    }
    if let Some(inventory) = rule.fits.inventory {
        wanted = wanted.and(if inventory { Condition::InventoryRetrieval } else { Condition::ArchiveRetrieval });
    }
    // A job that was refused was not started.
    wanted = wanted.and(Condition::StartedJob);
    let JobRule { fits, ending, times, used, .. } = &rule;
    let headline = match (times, used) {
        (1, _) => format!("expected that {fits} would {ending}, but no such job was started"),
        _ => format!("expected {times} times that {fits} would {ending}, but such a job was started {used} times"),
    };
    let advice = match rule.declared {
        Origin::Line(_) => Some("mark the rule `.optional()` if it need not be used".to_owned()),
        // A rule of the control API is never optional.
        Origin::Named(_) => None,
    };
    Unused {
        headline,
        declared: rule.declared,
        notes: advice.into_iter().collect(),
        wanted: Some(wanted),
        since: rule.since,
    }
}
