//! How often a fault fires: a number, or `"always"`.

#[cfg(test)]
use std::borrow::Cow;
use std::fmt;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::fault::Times;

/// The form of [`Times`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimesForm(pub(crate) Times);

const ALWAYS: &str = "always";

#[cfg(test)]
impl JsonSchema for TimesForm {
    fn schema_name() -> Cow<'static, str> {
        "Times".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": ALWAYS }] })
    }
}

impl Serialize for TimesForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Times::Exactly(times) => times.serialize(serializer),
            Times::Always => serializer.serialize_str(ALWAYS),
        }
    }
}

impl<'de> Deserialize<'de> for TimesForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrAlways).map(TimesForm)
    }
}

struct NumberOrAlways;

impl Visitor<'_> for NumberOrAlways {
    type Value = Times;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of requests or \"always\"")
    }

    fn visit_u64<E: Error>(self, times: u64) -> Result<Times, E> {
        let exact = usize::try_from(times).map_err(|_| E::invalid_value(Unexpected::Unsigned(times), &self))?;
        Ok(Times::Exactly(exact))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Times, E> {
        if text == ALWAYS { Ok(Times::Always) } else { Err(E::invalid_value(Unexpected::Str(text), &self)) }
    }
}
