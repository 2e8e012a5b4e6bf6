//! Describes what handlers read.

use axum::Extension;
use axum::extract::State;
use hyper::HeaderMap;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use crate::domain::account::Account;
use crate::server::OwnConnection;

use super::super::content::{BytesOf, ContentForm, RawBody};
use super::super::forms::Text;
use super::super::parts::Parts;
use super::super::path::PathOf;
use super::super::read::{Body, Query};
use super::{Description, Input};

/// The members of `Place`, which every request can have.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct PlaceForm {
    /// The 12-digit account. Defaults to the account of the mock.
    account: Option<Text<Account>>,
    /// The region. Defaults to the region of the mock.
    region: Option<String>,
}

impl Input for State<Parts> {}

impl Input for HeaderMap {}

impl Input for Extension<OwnConnection> {}

impl Input for Option<Extension<OwnConnection>> {}

impl<T: JsonSchema> Input for PathOf<T> {
    fn describe(description: &mut Description) {
        description.parameters::<T>("path", "simple");
    }
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(description: &mut Description) {
        description.parameters::<T>("query", "form");
        description.parameters::<PlaceForm>("query", "form");
    }
}

impl<T: JsonSchema> Input for Body<T> {
    fn describe(description: &mut Description) {
        description.parameters::<PlaceForm>("query", "form");
        let mut schema = description.inline::<T>();
        let place = description.inline::<PlaceForm>();
        add_place(schema.ensure_object(), &place);
        let is_required = schema.get("required").is_some() || schema.get("oneOf").is_some();
        let mut body = json!({ "content": { "application/json": { "schema": schema } } });
        if is_required {
            body["required"] = true.into();
        }
        description.body = Some(body);
    }
}

impl<T: JsonSchema> Input for BytesOf<T> {
    fn describe(description: &mut Description) {
        /// Bytes, described by exactly one of `repeat` and `text`.
        #[derive(JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "only the schema is used")]
        struct Described<T> {
            #[serde(flatten)]
            form: T,
            #[serde(flatten)]
            content: ContentForm,
        }
        Body::<Described<T>>::describe(description);
        description.parameters::<T>("query", "form");
        if let Some(body) = &mut description.body {
            body["content"]["application/octet-stream"] = json!({});
            body["required"] = true.into();
        }
    }
}

impl Input for RawBody {
    fn describe(description: &mut Description) {
        description.body = Some(json!({ "content": { "application/octet-stream": {} }, "required": true }));
    }
}

/// Adds the members of [`PlaceForm`] to the schema of an object, and to each alternative of one that has several.
fn add_place(object: &mut Map<String, Value>, place: &Schema) {
    for alternatives in ["oneOf", "anyOf"] {
        let Some(Value::Array(alternatives)) = object.get_mut(alternatives) else { continue };
        alternatives.iter_mut().filter_map(Value::as_object_mut).for_each(|object| add_place(object, place));
    }
    let Some(Value::Object(more)) = place.get("properties") else { return };
    if object.get("type").is_some_and(|kind| kind == "object") {
        let members = object.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        if let Some(members) = members.as_object_mut() {
            members.extend(more.clone());
        }
    }
}
