//! The form of a fault, and of a fault that is set.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::control::{ControlError, FaultRule};
use crate::domain::words::{Operation, Origin, Timestamp};
use crate::fault::{Delay, Effect, Passing, Rule, SetRule};
use crate::record::{Condition, Filter};

use super::effect::{EffectForm, clock};
use super::filter::{FilterForm, no_form, put};
use super::object::{effect, object};
use super::text::Text;
use super::times::TimesForm;

/// A fault: which requests it applies to, how often, and its effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<Text<Operation>>,
    #[serde(default, rename = "match", deserialize_with = "object", skip_serializing_if = "FilterForm::is_empty")]
    filter: FilterForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth_call: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth_attempt: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<AfterForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Text<Timestamp>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Text<Timestamp>>,
    /// Defaults to 1, or to `"always"` for `throttled_beyond`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<TimesForm>,
    #[serde(default, skip_serializing_if = "is_false")]
    optional: bool,
    /// Whether delays and pauses use the wall clock.
    #[serde(default, skip_serializing_if = "is_false")]
    wall_time: bool,
    /// How long the request waits before the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delay: Option<Text<Duration>>,
    #[serde(deserialize_with = "effect")]
    effect: EffectForm,
}

/// The request after which a fault applies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum AfterForm {
    Operation(Text<Operation>),
    /// A closure of the test, as text. It cannot be read.
    Custom {
        custom: String,
    },
}

/// A fault that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SetFaultForm {
    id: u64,
    /// How many requests it applied to.
    fired: usize,
    /// The source line of the test, for a fault that has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<String>,
    #[serde(flatten)]
    fault: FaultForm,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl<'de> Deserialize<'de> for AfterForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(AfterForm::Operation)
    }
}

impl FaultForm {
    /// Returns the rule and the effect of the fault. [`Faults::set`](crate::control::Faults::set) checks their values.
    pub(crate) fn into_fault(self) -> Result<(FaultRule, Effect), ControlError> {
        let mut filter = self.operation.map_or_else(Filter::default, |Text(operation)| Filter::of(operation));
        let conditions = self.filter.into_conditions()?.into_iter();
        let conditions = conditions
            .chain(self.nth_attempt.map(Condition::Attempt))
            .chain(self.before.map(|Text(end)| Condition::Before(end)))
            .chain(self.since.map(|Text(start)| Condition::Since(start)));
        for condition in conditions {
            filter = filter.and(condition);
        }
        let after = self.after.map(AfterForm::into_filter).transpose()?;
        let times = self.times.map(|TimesForm(times)| times);
        let (nth_call, optional) = (self.nth_call, self.optional);
        let on = if self.wall_time { Passing::Wall } else { Passing::Mock };
        let delay = self.delay.map(|Text(time)| Delay { time, on });
        let effect = self.effect.into_effect(on)?;
        // Without a clock it would not be listed.
        if self.wall_time && delay.is_none() && clock(&effect).is_none() {
            return Err(ControlError::invalid(
                "`wall_time` needs a `delay`, or an effect that takes time: `delayed`, `answer_delayed` or `dribbles`",
            ));
        }
        Ok((FaultRule { filter, after, nth_call, delay, times, optional, declared: None }, effect))
    }

    pub(crate) fn of(rule: &Rule) -> Self {
        let mut form = FaultForm {
            operation: rule.filter.operation().map(Text),
            filter: FilterForm::default(),
            nth_call: rule.nth_call,
            nth_attempt: None,
            after: rule.after.as_ref().map(AfterForm::of),
            before: None,
            since: None,
            times: Some(TimesForm(rule.times)),
            optional: rule.optional,
            wall_time: rule.delay.map(|delay| delay.on).or(clock(&rule.effect)) == Some(Passing::Wall),
            delay: rule.delay.map(|delay| Text(delay.time)),
            effect: EffectForm::of(&rule.effect),
        };
        for condition in rule.filter.conditions() {
            let has_form = match condition {
                Condition::Attempt(n) => put(&mut form.nth_attempt, *n),
                Condition::Before(end) => put(&mut form.before, Text(*end)),
                Condition::Since(start) => put(&mut form.since, Text(*start)),
                _ => false,
            };
            if !has_form {
                form.filter.add(condition);
            }
        }
        form
    }
}

impl AfterForm {
    fn into_filter(self) -> Result<Filter, ControlError> {
        match self {
            AfterForm::Operation(Text(operation)) => Ok(Filter::of(operation)),
            AfterForm::Custom { custom } => Err(no_form(&custom)),
        }
    }

    fn of(after: &Filter) -> Self {
        match after.operation() {
            Some(operation) if after.conditions().is_empty() => AfterForm::Operation(Text(operation)),
            _ => AfterForm::Custom { custom: after.to_string() },
        }
    }
}

impl SetFaultForm {
    pub(crate) fn of(set: &SetRule) -> Self {
        let declared = match &set.rule.declared {
            Origin::Line(location) => Some(location.to_string()),
            Origin::Named(_) => None,
        };
        SetFaultForm { id: set.id, fired: set.fired, declared, fault: FaultForm::of(&set.rule) }
    }
}
