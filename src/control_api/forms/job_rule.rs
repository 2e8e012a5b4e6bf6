//! The form of a rule for jobs, and of a rule that is set.

use std::time::Duration;

use serde::de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use crate::control::ControlError;
use crate::domain::account::Account;
use crate::domain::words::Origin;
use crate::service::{JobFilter, JobRule, PlannedEnding};

use super::text::Text;

/// A rule for the next jobs that match it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct JobRuleForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vault: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    archive: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<KindForm>,
    #[serde(default = "once")]
    times: usize,
    outcome: OutcomeForm,
}

/// The kind of a job, as InitiateJob names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(crate) enum KindForm {
    ArchiveRetrieval,
    InventoryRetrieval,
}

/// How a job ends: `{"takes": "2h"}`, `{"fails": "text", "after": "1h"}`, `"never_completes"` or `"completes_now"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", untagged)]
enum OutcomeForm {
    Word(Word),
    Takes {
        takes: Text<Duration>,
    },
    Fails {
        fails: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        after: Option<Text<Duration>>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum Word {
    NeverCompletes,
    CompletesNow,
}

/// A rule that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct SetJobRuleForm {
    /// How many more jobs it applies to.
    left: usize,
    /// The source line of the test, for a rule that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Text<Account>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(flatten)]
    rule: JobRuleForm,
}

fn once() -> usize {
    1
}

impl JobRuleForm {
    /// Returns the rule. `since` is the number of the first request that can use it.
    /// [`JobRules::add`](crate::control::JobRules::add) checks its values.
    pub(crate) fn into_rule(self, since: usize) -> Result<JobRule, ControlError> {
        let JobRuleForm { vault, archive, kind, times, outcome } = self;
        if archive.is_some() && kind == Some(KindForm::InventoryRetrieval) {
            return Err(ControlError::invalid(
                "an inventory retrieval has no archive: leave out `archive`, or set `kind` to \"archive-retrieval\"",
            )
            .about("archive"));
        }
        let ending = match outcome {
            OutcomeForm::Word(Word::NeverCompletes) => PlannedEnding::NeverEnds,
            OutcomeForm::Word(Word::CompletesNow) => PlannedEnding::SucceedsAfter(Duration::ZERO),
            OutcomeForm::Takes { takes: Text(duration) } => PlannedEnding::SucceedsAfter(duration),
            OutcomeForm::Fails { fails, after } => {
                PlannedEnding::FailsAfter(after.map_or(Duration::ZERO, |Text(duration)| duration), fails)
            }
        };
        let inventory = kind.map(|kind| kind == KindForm::InventoryRetrieval);
        let fits = JobFilter { vault, archive, inventory, ..JobFilter::default() };
        let declared = Origin::Named("a job rule of the control API".into());
        Ok(JobRule { fits, ending, times, used: 0, optional: false, since, declared })
    }

    fn of(rule: &JobRule) -> Self {
        let JobFilter { vault, archive, inventory, .. } = rule.fits.clone();
        let kind = inventory.map(|is| if is { KindForm::InventoryRetrieval } else { KindForm::ArchiveRetrieval });
        let outcome = match &rule.ending {
            PlannedEnding::NeverEnds => OutcomeForm::Word(Word::NeverCompletes),
            PlannedEnding::SucceedsAfter(Duration::ZERO) => OutcomeForm::Word(Word::CompletesNow),
            PlannedEnding::SucceedsAfter(duration) => OutcomeForm::Takes { takes: Text(*duration) },
            PlannedEnding::FailsAfter(duration, message) => OutcomeForm::Fails {
                fails: message.clone(),
                after: Some(*duration).filter(|duration| !duration.is_zero()).map(Text),
            },
        };
        JobRuleForm { vault, archive, kind, times: rule.times, outcome }
    }
}

impl SetJobRuleForm {
    pub(crate) fn of(rule: &JobRule) -> Self {
        let declared = match &rule.declared {
            Origin::Line(location) => Some(location.to_string()),
            Origin::Named(_) => None,
        };
        let (account, region) = (rule.fits.account.map(Text), rule.fits.region.clone());
        SetJobRuleForm { left: rule.left(), declared, account, region, rule: JobRuleForm::of(rule) }
    }
}

impl<'de> Deserialize<'de> for OutcomeForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WordOrMembers)
    }
}

/// Reads an outcome. A derived reader of an untagged enum would not say what is wrong.
struct WordOrMembers;

impl<'de> Visitor<'de> for WordOrMembers {
    type Value = OutcomeForm;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("\"never_completes\", \"completes_now\", {\"takes\": ..} or {\"fails\": .., \"after\": ..}")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OutcomeForm, E> {
        Word::deserialize(serde::de::value::StrDeserializer::new(text)).map(OutcomeForm::Word)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<OutcomeForm, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            takes: Option<Text<Duration>>,
            fails: Option<String>,
            after: Option<Text<Duration>>,
        }
        match Members::deserialize(MapAccessDeserializer::new(members))? {
            Members { takes: Some(takes), fails: None, after: None } => Ok(OutcomeForm::Takes { takes }),
            Members { takes: None, fails: Some(fails), after } => Ok(OutcomeForm::Fails { fails, after }),
            _ => Err(A::Error::custom("expected either `takes`, or `fails` with an optional `after`")),
        }
    }
}
