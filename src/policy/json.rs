//! JSON with elements in their original order and without duplicate keys, as policies require.
//!
//! "Individual elements must not contain multiple instances of the same key" (IAM user guide, "Grammar of the IAM JSON
//! policy language"). A parser that silently keeps the last one would turn two conditions into one.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// Kept as text, because its meaning depends on the operator of the condition.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Json, String> {
        serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns the values of a list, or a single value as a list of one, because brackets are optional around one
    /// value.
    pub(super) fn one_or_many(&self) -> &[Json] {
        match self {
            Json::List(many) => many,
            one => std::slice::from_ref(one),
        }
    }

    /// Returns the value in a list of one, and any other value unchanged.
    pub(super) fn unwrapped(&self) -> &Json {
        match self {
            Json::List(many) => match many.as_slice() {
                [only] => only,
                _ => self,
            },
            one => one,
        }
    }

    /// Returns a value of a condition as text: a string, a number or a boolean.
    pub(super) fn scalar(&self) -> Option<String> {
        match self {
            Json::Text(text) | Json::Number(text) => Some(text.clone()),
            Json::Bool(value) => Some(value.to_string()),
            _ => None,
        }
    }
}

/// Writes compact JSON. The entries of an object keep their order.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => write_number(number, f),
            Json::Text(text) => write_text(text, f),
            Json::List(list) => {
                f.write_str("[")?;
                for (n, value) in list.iter().enumerate() {
                    f.write_str(if n == 0 { "" } else { "," })?;
                    write!(f, "{value}")?;
                }
                f.write_str("]")
            }
            Json::Object(entries) => {
                f.write_str("{")?;
                for (n, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if n == 0 { "" } else { "," })?;
                    write_text(key, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_text(text: &str, out: &mut impl fmt::Write) -> fmt::Result {
    // Every string can be written as JSON, so this cannot fail.
    write!(out, "{}", serde_json::Value::from(text))
}

/// Writes a large number, such as `1e300`, with an exponent. The parser stored all of its digits, which would let a
/// policy of 20 KB grow to a megabyte.
fn write_number(number: &str, out: &mut impl fmt::Write) -> fmt::Result {
    const LONGEST: usize = 24;
    match number.parse::<f64>() {
        Ok(parsed) if number.len() > LONGEST => write!(out, "{parsed:e}"),
        _ => out.write_str(number),
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let (mut entries, mut known) = (Vec::new(), HashSet::new());
        while let Some((key, value)) = access.next_entry::<String, Json>()? {
            // A policy of 20 KB can have 3,000 keys, so a search among the others would take millions of comparisons.
            if !known.insert(key.clone()) {
                return Err(A::Error::custom(format_args!("{key:?} is there twice")));
            }
            entries.push((key, value));
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_elements_keep_their_order() {
        let json = Json::parse(r#"{"b": [1, -2, 0.5], "a": {"x": true, "y": null}}"#).unwrap();
        let keys: Vec<_> = json.as_object().unwrap().iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["b", "a"]);
        let numbers: Vec<_> = json.as_object().unwrap()[0].1.one_or_many().iter().filter_map(Json::scalar).collect();
        assert_eq!(numbers, ["1", "-2", "0.5"]);
    }

    #[test]
    fn json_is_written_compactly_and_in_order() {
        for (read, written) in [
            (r#" { "b" : [ 1 , -2, 0.5 ] , "a" : { } } "#, r#"{"b":[1,-2,0.5],"a":{}}"#),
            (r#"["a\"\\\né\u0001", true, null, []]"#, r#"["a\"\\\né\u0001",true,null,[]]"#),
            ("[18446744073709551615, -9223372036854775808]", "[18446744073709551615,-9223372036854775808]"),
            ("[1e300, -2.5E-200, 1.0]", "[1e300,-2.5e-200,1]"),
            // The longest number that keeps its digits, and the first with an exponent.
            ("[1e23, 1e24]", "[100000000000000000000000,1e24]"),
        ] {
            let json = Json::parse(read).unwrap();
            assert_eq!(json.to_string(), written);
            assert_eq!(Json::parse(&json.to_string()), Ok(json), "{read}");
        }
    }

    #[test]
    fn duplicate_keys_are_refused() {
        assert!(Json::parse(r#"{"a": {"b": 1, "b": 1}}"#).unwrap_err().contains(r#""b" is there twice"#));
        assert!(Json::parse(&"[".repeat(20_000)).is_err(), "too deep, and no overflow of the stack");
    }
}
