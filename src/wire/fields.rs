//! The fields of a JSON body. A null counts as absent; a field of the wrong type makes the request malformed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::domain::failure::Failure;

/// A JSON object that is read field by field.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Parses a whole body. Returns `None` if it is empty.
    pub(super) fn parse(body: &[u8]) -> Result<Option<Self>, Failure> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Some(Fields(fields))),
            Ok(Value::Null) => Ok(None),
            Ok(_) | Err(_) => Err(Failure::MalformedBody),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<&str>, Failure> {
        self.get(name).map(|value| value.as_str().ok_or(Failure::MalformedBody)).transpose()
    }

    /// Reads a text that contains a number, or a number: the API's Limit is a string (observed.md 3.4), but handwritten
    /// requests often contain a number.
    pub(super) fn number_text(&self, name: &str) -> Result<Option<String>, Failure> {
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(number) => Ok(number.to_string()),
            _ => Err(Failure::MalformedBody),
        };
        self.get(name).map(text).transpose()
    }

    pub(super) fn object(&self, name: &str) -> Result<Option<Fields>, Failure> {
        let object = |value: &Value| value.as_object().cloned().map(Fields).ok_or(Failure::MalformedBody);
        self.get(name).map(object).transpose()
    }

    /// Reads a list of strings.
    pub(super) fn strings(&self, name: &str) -> Result<Option<Vec<&str>>, Failure> {
        let Some(list) = self.get(name) else { return Ok(None) };
        let list = list.as_array().ok_or(Failure::MalformedBody)?;
        list.iter().map(|text| text.as_str().ok_or(Failure::MalformedBody)).collect::<Result<_, _>>().map(Some)
    }

    /// Reads a map of strings.
    pub(super) fn string_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Failure> {
        let Some(map) = self.object(name)? else { return Ok(None) };
        let mut strings = BTreeMap::new();
        for (key, value) in map.0 {
            let Value::String(text) = value else { return Err(Failure::MalformedBody) };
            strings.insert(key, text);
        }
        Ok(Some(strings))
    }

    /// Reads a list of objects.
    pub(super) fn objects(&self, name: &str) -> Result<Option<Vec<Fields>>, Failure> {
        let Some(list) = self.get(name) else { return Ok(None) };
        let list = list.as_array().ok_or(Failure::MalformedBody)?;
        let object = |value: &Value| value.as_object().cloned().map(Fields).ok_or(Failure::MalformedBody);
        list.iter().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// Reads an integer. The service cannot read numbers beyond 64 bits.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i128>, Failure> {
        let integer = |value: &Value| value.as_i64().map(i128::from).or(value.as_u64().map(i128::from));
        self.get(name).map(|value| integer(value).ok_or(Failure::MalformedBody)).transpose()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}
