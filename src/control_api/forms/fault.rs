//! The form of a fault, and of a fault that is set.

#[cfg(test)]
use std::borrow::Cow;
use std::time::Duration;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::control::{ControlError, FaultRule};
use crate::domain::words::{Operation, Origin, Timestamp};
use crate::fault::{Delay, Effect, Passing, Rule, SetRule};
use crate::record::{Condition, Filter};

use super::super::read::Place;
use super::effect::{EffectForm, clock};
use super::filter::{FilterForm, no_form, put};
use super::object::{effect, object};
use super::text::Text;
use super::times::TimesForm;

/// A fault: which requests it applies to, how often, and its effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultForm {
    /// Defaults to all operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<Text<Operation>>,
    /// The requests that the fault applies to. It cannot depend on the response.
    #[serde(default, rename = "match", deserialize_with = "object", skip_serializing_if = "FilterForm::is_empty")]
    #[cfg_attr(test, schemars(schema_with = "conditions_on_requests"))]
    filter: FilterForm,
    /// The fault applies only to this call among the matching ones, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    nth_call: Option<usize>,
    /// The fault applies only to this attempt of a call, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 1)))]
    nth_attempt: Option<usize>,
    /// The fault applies only after a request of this operation has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<AfterForm>,
    /// The fault applies only to requests before this time of the mock's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Text<Timestamp>>,
    /// The fault applies only to requests from this time of the mock's clock on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Text<Timestamp>>,
    /// How many requests the fault applies to. Defaults to 1, or to `"always"` for `throttled_beyond`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<TimesForm>,
    /// Whether a Rust test that uses this mock accepts that the fault does not apply.
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

/// The operation of the request after which a fault applies.
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

/// Returns the schema of the conditions that a fault can have.
#[cfg(test)]
fn conditions_on_requests(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = FilterForm::json_schema(generator);
    if let Some(members) = members(&mut schema) {
        ["status", "error", "failed"].iter().for_each(|name| drop(members.remove(*name)));
    }
    schema
}

/// Returns the schemas of the members of an object.
#[cfg(test)]
fn members(schema: &mut Schema) -> Option<&mut serde_json::Map<String, serde_json::Value>> {
    schema.ensure_object().get_mut("properties")?.as_object_mut()
}

#[cfg(test)]
impl JsonSchema for AfterForm {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "After".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Text::<Operation>::json_schema(generator)
    }
}

/// The schema of a listed fault. In addition to the members that it was set with, it has those of its state. Conditions
/// that cannot be set through the control API are listed under `custom`.
#[cfg(test)]
impl JsonSchema for SetFaultForm {
    fn schema_name() -> Cow<'static, str> {
        "SetFault".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let custom = json_schema!({
            "description": "Conditions that cannot be set through the control API, as text.",
            "type": "string"
        });
        let mut filter = FilterForm::json_schema(generator);
        if let Some(members) = members(&mut filter) {
            members.insert("custom".into(), custom.clone().into());
        }
        let mut schema = FaultForm::json_schema(generator);
        let after = json_schema!({ "anyOf": [
            AfterForm::json_schema(generator),
            { "type": "object", "properties": { "custom": custom }, "required": ["custom"] }
        ]});
        let listed = [
            ("id", json_schema!({ "type": "integer", "minimum": 1 })),
            (
                "fired",
                json_schema!({
                    "description": "How many requests the fault has applied to.",
                    "type": "integer",
                    "minimum": 0
                }),
            ),
            (
                "declared",
                json_schema!({
                    "description": "The source line of the Rust test that set the fault, if one did.",
                    "type": "string"
                }),
            ),
            ("match", filter),
            ("after", after),
        ];
        if let Some(known) = members(&mut schema) {
            known.extend(listed.into_iter().map(|(name, schema)| (name.to_owned(), schema.into())));
        }
        schema.insert("required".into(), serde_json::json!(["id", "fired", "times", "effect"]));
        schema.insert("description".into(), "A fault that is set.".into());
        schema
    }
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
    /// Restricts the fault to the account and the region that a request names beside it.
    pub(crate) fn within(self, place: &Place) -> Result<Self, ControlError> {
        Ok(FaultForm { filter: self.filter.within(place)?, ..self })
    }

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
        // A listed fault has `wall_time` only with a delay or with such an effect.
        if self.wall_time && delay.is_none() && clock(&effect).is_none() {
            return Err(ControlError::invalid(
                "`wall_time` needs a `delay`, or an effect that takes time: `delayed`, `answer_delayed` or `dribbles`",
            )
            .about("wall_time"));
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
