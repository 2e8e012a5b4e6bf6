//! Generates the OpenAPI document from the types of the handlers. Only for tests: the program contains the document as
//! a file.

mod answers;
mod document;
mod inputs;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::endpoint::{Answer, Handles};
use super::parts::Parts;

/// The description of an operation: its parameters, its request body and its responses.
pub(super) struct Description {
    generator: SchemaGenerator,
    parameters: Vec<Value>,
    body: Option<Value>,
    responses: Map<String, Value>,
}

/// What a handler reads from a request.
pub(super) trait Input {
    fn describe(_: &mut Description) {}
}

/// What a handler answers.
pub(super) trait Output {
    fn describe(description: &mut Description);
}

impl Description {
    /// Returns the schema of a type. The document has it under `components` if the type has a name.
    fn schema<T: JsonSchema>(&mut self) -> Schema {
        self.generator.subschema_for::<T>()
    }

    /// Returns the schema of a form itself, without a reference.
    fn inline<T: JsonSchema>(&mut self) -> Schema {
        T::json_schema(&mut self.generator)
    }

    /// Adds the members of a form as parameters.
    fn parameters<T: JsonSchema>(&mut self, place: &str, style: &str) {
        let schema = self.inline::<T>();
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        for (name, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let mut parameter = json!({ "in": place, "name": name, "schema": schema, "style": style });
            if let Some(description) = schema.get("description") {
                parameter["description"] = description.clone();
            }
            if place == "path" || required.contains(&Value::from(name.as_str())) {
                parameter["required"] = true.into();
            }
            self.parameters.push(parameter);
        }
    }

    /// Adds a response with a body of one media type.
    fn response(&mut self, status: &str, description: &str, media_type: &str, schema: &Value) {
        let content = json!({ media_type: { "schema": schema } });
        self.responses.insert(status.to_owned(), json!({ "description": description, "content": content }));
    }
}

/// Implements [`Handles`] for the functions with this number of inputs.
macro_rules! functions {
    ($($input:ident)*) => {
        impl<F, M, A, $($input),*> Handles<(M, $($input,)*)> for F
        where
            F: axum::handler::Handler<(M, $($input,)*), Parts, Future = Answer> + Sync,
            F: FnOnce($($input),*) -> A,
            A: Future<Output: Output>,
            $($input: Input),*
        {
            fn describe(description: &mut Description) {
                $($input::describe(description);)*
                <A::Output as Output>::describe(description);
            }
        }
    };
}

functions!(T1 T2);
functions!(T1 T2 T3);
functions!(T1 T2 T3 T4);
