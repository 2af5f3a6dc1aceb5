//! The OpenAPI document as a judge of answers.

use std::collections::BTreeMap;
use std::sync::Mutex;

use audit_query_function::openapi::CHECKED_IN;
use jsonschema::Validator;
use serde_json::{Value, json};

/// The checked-in document; an answer may have no member that it does not name.
pub(crate) struct Schemas {
    document: Value,
    compiled: Mutex<BTreeMap<String, Validator>>,
}

impl Schemas {
    pub(crate) fn new() -> Self {
        let mut document: Value = serde_json::from_str(CHECKED_IN).expect("a document");
        for schema in document["components"]["schemas"]
            .as_object_mut()
            .expect("schemas")
            .values_mut()
        {
            close(schema);
        }
        Self {
            document,
            compiled: Mutex::default(),
        }
    }

    /// Holds the answer to a request against what the document says of it. What no route takes must
    /// have the error form.
    pub(crate) fn check(&self, method: &str, path: &str, status: u64, body: &Value) {
        let operation = self.operation(method, path);
        let schema = if let Some(operation) = operation {
            let answer = &operation["responses"][status.to_string()];
            assert!(
                !answer.is_null(),
                "{method} {path} documents no {status}: {body}"
            );
            self.resolved(answer)["content"]["application/json"]["schema"].clone()
        } else {
            assert!(matches!(status, 404 | 405), "{method} {path}: {status}");
            json!({"$ref": "#/components/schemas/Problem"})
        };
        let what = format!("{method} {path} {status}");
        self.validate(&schema, body, &what);
    }

    /// Whether a schema of the document takes a value.
    pub(crate) fn takes(&self, name: &str, value: &Value) -> bool {
        let schema = json!({"$ref": format!("#/components/schemas/{name}")});
        self.errors(&schema, value).is_empty()
    }

    /// Every operation: method, path and description.
    pub(crate) fn operations(&self) -> Vec<(String, String, Value)> {
        let mut operations = Vec::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                operations.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
        operations
    }

    /// A part of the document, or what it refers to.
    pub(crate) fn resolved(&self, part: &Value) -> Value {
        match part["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).expect("a part").clone(),
            None => part.clone(),
        }
    }

    fn validate(&self, schema: &Value, body: &Value, what: &str) {
        let errors = self.errors(schema, body);
        assert!(errors.is_empty(), "{what}: {errors:?}\n{body}");
    }

    fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut compiled = self.compiled.lock().expect("no panic while it is held");
        let validator = compiled.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "allOf": [schema],
                "components": self.document["components"],
            });
            jsonschema::options()
                .should_validate_formats(true)
                .build(&whole)
                .expect("a schema")
        });
        validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.document["paths"].as_object().expect("paths");
        let fits = |pattern: &str| {
            let (mut expected, mut given) = (pattern.split('/'), path.split('/'));
            loop {
                match (expected.next(), given.next()) {
                    (None, None) => return true,
                    (Some(expected), Some(given))
                        if expected.starts_with('{') && !given.is_empty() => {}
                    (Some(expected), Some(given)) if expected == given => {}
                    _ => return false,
                }
            }
        };
        let item = paths.iter().find(|(pattern, _)| fits(pattern))?.1;
        // Methods are case-sensitive (RFC 9110, section 9.1).
        let upper = method == method.to_uppercase();
        item.get(method.to_lowercase()).filter(|_| upper)
    }
}

/// Closes each object that says nothing of further members, so that an answer with a member that the
/// document does not name is found.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}
