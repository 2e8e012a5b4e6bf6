//! Values that the control API writes as text.

#[cfg(test)]
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::account::Account;
use crate::domain::failure::ErrorCode;
use crate::domain::words::{Operation, Timestamp};

/// A value that is a text in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<T>(pub(crate) T);

/// How a value is read from text and written as text.
pub(crate) trait Spelled: Sized {
    /// What a value of another type than text should have been, for error messages.
    const EXPECTED: &str;

    /// Reads the value. The error says what was expected.
    fn read(text: &str) -> Result<Self, String>;

    fn write(&self) -> String;

    /// Returns the JSON schema of the text.
    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string" })
    }
}

/// The schema is that of a text, with the form of the value.
#[cfg(test)]
impl<T: Spelled> JsonSchema for Text<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn schema_id() -> Cow<'static, str> {
        std::any::type_name::<Self>().into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

/// Parses a value. Its error quotes the text and says what was expected.
fn value<T: FromStr<Err: fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

impl<'de, T: Spelled> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(SpelledVisitor(PhantomData)).map(Text)
    }
}

struct SpelledVisitor<T>(PhantomData<T>);

impl<T: Spelled> Visitor<'_> for SpelledVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::read(text).map_err(E::custom)
    }
}

impl<T: Spelled> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.write())
    }
}

impl Spelled for Operation {
    const EXPECTED: &str = "the name of an operation, such as \"UploadArchive\"";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        let names: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

impl Spelled for ErrorCode {
    const EXPECTED: &str = "an error code, such as \"ThrottlingException\"";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.as_str().to_owned()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        let codes: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        json_schema!({ "type": "string", "enum": codes })
    }
}

impl Spelled for Account {
    const EXPECTED: &str = "an account such as \"111122223333\"";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]{12}$" })
    }
}

impl Spelled for Timestamp {
    const EXPECTED: &str = "a timestamp such as \"2026-01-31T00:00:00Z\"";

    fn read(text: &str) -> Result<Self, String> {
        value(text)
    }

    fn write(&self) -> String {
        self.to_string()
    }

    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A duration with its units, for example `2m 30s`. A day has 24 hours.
impl Spelled for Duration {
    const EXPECTED: &str = "a duration such as \"4h\"";

    fn read(text: &str) -> Result<Self, String> {
        // A span can have days, but at most 20,000 years of hours. A duration has no days.
        let span = text.parse::<jiff::Span>().ok();
        let with_days = span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
        let duration = with_days.or_else(|| text.parse::<jiff::SignedDuration>().ok());
        duration.and_then(|duration| Duration::try_from(duration).ok()).ok_or_else(|| {
            format!("{text:?} is not a duration: expected numbers with their units, for example 500ms, 2m 30s or 4h")
        })
    }

    fn write(&self) -> String {
        format!("{:#}", jiff::SignedDuration::try_from(*self).unwrap_or(jiff::SignedDuration::MAX))
    }

    #[cfg(test)]
    fn schema() -> Schema {
        json_schema!({ "type": "string", "examples": ["500ms", "2m 30s", "4h"] })
    }
}
