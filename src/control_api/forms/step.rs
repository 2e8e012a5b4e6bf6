//! The forms of a step of a sequence, and of a number of calls.

#[cfg(test)]
use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::words::Operation;
use crate::verify::{Count, Step};

use super::text::Text;

/// A number of calls: an exact number, or a minimum and a maximum. A maximum of null is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CountForm(pub(super) Count);

/// A step: the name of an operation, an operation that is repeated, or operations in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StepForm(pub(super) Step);

#[cfg(test)]
impl JsonSchema for CountForm {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An exact number, or a minimum and a maximum. A maximum of null is no limit.",
            "anyOf": [
                { "type": "integer", "minimum": 0 },
                {
                    "type": "array",
                    "prefixItems": [{ "type": "integer", "minimum": 0 }, { "type": ["integer", "null"], "minimum": 0 }],
                    "minItems": 2,
                    "maxItems": 2
                }
            ]
        })
    }
}

impl<'de> Deserialize<'de> for CountForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrRange;

        impl<'de> Visitor<'de> for NumberOrRange {
            type Value = CountForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of calls, or an array of a minimum and a maximum")
            }

            fn visit_u64<E: Error>(self, count: u64) -> Result<CountForm, E> {
                usize::try_from(count).map(|count| CountForm(count.into())).map_err(|_| E::custom("too many calls"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut bounds: A) -> Result<CountForm, A::Error> {
                let least: usize = bounds.next_element()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let most: Option<usize> = bounds.next_element()?.ok_or_else(|| A::Error::invalid_length(1, &self))?;
                if bounds.next_element::<serde::de::IgnoredAny>()?.is_some() {
                    return Err(A::Error::invalid_length(3, &self));
                }
                match most {
                    None => Ok(CountForm((least..).into())),
                    Some(most) if least <= most => Ok(CountForm((least..=most).into())),
                    Some(most) => Err(A::Error::custom(format!("{most} is less than {least}"))),
                }
            }
        }

        deserializer.deserialize_any(NumberOrRange)
    }
}

#[cfg(test)]
impl JsonSchema for StepForm {
    fn schema_name() -> Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let operation = Text::<Operation>::json_schema(generator);
        let count = generator.subschema_for::<CountForm>();
        json_schema!({
            "description": "The name of an operation, an operation with a number of consecutive calls, or operations \
                            that are called once each, in any order.",
            "anyOf": [
                operation,
                {
                    "type": "object",
                    "properties": { "operation": operation, "times": count },
                    "required": ["operation"],
                    "additionalProperties": false
                },
                {
                    "type": "object",
                    "properties": { "any_order": { "type": "array", "items": operation, "minItems": 1 } },
                    "required": ["any_order"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// The members of a step that is an object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    operation: Option<Text<Operation>>,
    times: Option<CountForm>,
    any_order: Option<Vec<Text<Operation>>>,
}

impl<'de> Deserialize<'de> for StepForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrMembers;

        impl<'de> Visitor<'de> for NameOrMembers {
            type Value = StepForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an operation, {\"operation\": .., \"times\": ..} or {\"any_order\": [..]}")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<StepForm, E> {
                let Text(operation) = Text::deserialize(StrDeserializer::new(name))?;
                Ok(StepForm(Step::once(operation)))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<StepForm, A::Error> {
                match Members::deserialize(MapAccessDeserializer::new(members))? {
                    Members { operation: Some(Text(operation)), times, any_order: None } => {
                        Ok(StepForm(times.map_or(Step::once(operation), |CountForm(n)| Step::times(operation, n))))
                    }
                    Members { operation: None, times: None, any_order: Some(group) } if !group.is_empty() => {
                        Ok(StepForm(Step::any_order(group.into_iter().map(|Text(operation)| operation))))
                    }
                    Members { any_order: Some(group), .. } if group.is_empty() => {
                        Err(A::Error::custom("`any_order` needs at least one operation"))
                    }
                    _ => Err(A::Error::custom("expected either `operation` with an optional `times`, or `any_order`")),
                }
            }
        }

        deserializer.deserialize_any(NameOrMembers)
    }
}
