//! One operation, as whoever writes a program reads of it.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::answers;
use crate::routing::request::Method;
use crate::routing::v1::Route;

/// The schema of a type: `schema_of::<Message>`.
pub(super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// Names a type where a description wants one.
pub(super) fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// One operation. What every operation has is added: the problems, the headers, `Idempotency-Key`, the scope.
pub(super) struct Description {
    pub method: Method,
    /// Below `/v1`, with what varies in braces.
    pub path: &'static str,
    /// Stable: generators of clients name functions by it.
    pub id: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    pub detail: &'static str,
    /// What varies in the path, and what follows the `?`.
    pub parameters: &'static [Parameter],
    pub body: Option<SchemaOf>,
    /// Status, what it means, and the type of the body.
    pub answers: &'static [(u16, &'static str, SchemaOf)],
}

/// A part of the address.
pub(super) struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    pub schema: SchemaOf,
}

/// Whose person, template or list it is.
pub(super) const HOTLINE: Parameter = Parameter {
    name: "hotline",
    about: "The hotline; a key that has one alone need not name it.",
    schema: |_| json_schema!({ "type": "string", "minLength": 1, "maxLength": 64 }),
};

/// Of lists.
pub(super) const AFTER: Parameter =
    Parameter { name: "after", about: "`next` of the page before.", schema: |_| json_schema!({ "type": "string" }) };
pub(super) const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "How many items a page has at most.",
    schema: |_| json_schema!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 50 }),
};

impl Description {
    /// As it stands below a path.
    pub fn method_name(&self) -> &'static str {
        match self.method {
            Method::Post => "post",
            Method::Put => "put",
            Method::Delete => "delete",
            Method::Get | Method::Head | Method::Other => "get",
        }
    }

    /// Its route; `None` when there is no such address.
    pub fn route(&self) -> Option<Route<'static>> {
        let path: Vec<&str> = self.path.split('/').skip(1).collect();
        Route::find(&path, self.method)
    }

    /// The operation in the document.
    pub fn json(&self, requests: &mut SchemaGenerator, answers: &mut SchemaGenerator) -> Value {
        let scope = self.route().and_then(Route::scope).map(crate::config::ApiScope::as_str);
        let needs = scope.map_or_else(|| "any key".to_owned(), |scope| format!("a key with the scope `{scope}`"));
        let mut json = Map::new();
        json.insert("operationId".to_owned(), self.id.into());
        json.insert("tags".to_owned(), json!([self.tag]));
        json.insert("summary".to_owned(), self.summary.into());
        json.insert("description".to_owned(), format!("{}\n\nNeeds {needs}.", self.detail).into());
        json.insert("security".to_owned(), json!([{ "key": scope.into_iter().collect::<Vec<_>>() }]));
        json.insert("parameters".to_owned(), self.parameters(answers));
        if let Some(body) = self.body {
            let content = json!({ "application/json": { "schema": body(requests) } });
            json.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
        }
        json.insert("responses".to_owned(), self.responses(answers));
        Value::Object(json)
    }

    fn parameters(&self, generator: &mut SchemaGenerator) -> Value {
        let parameters = self.parameters.iter().map(|Parameter { name, about, schema }| {
            let is_in_path = self.path.contains(&format!("{{{name}}}"));
            let place = if is_in_path { "path" } else { "query" };
            json!({ "name": name, "in": place, "required": is_in_path, "description": about, "schema": schema(generator) })
        });
        let header = json!({ "$ref": "#/components/parameters/IdempotencyKey" });
        parameters.chain((self.method == Method::Post).then_some(header)).collect()
    }

    fn responses(&self, generator: &mut SchemaGenerator) -> Value {
        let answer = |(status, about, schema): &(u16, &str, SchemaOf)| {
            let content = json!({ "application/json": { "schema": schema(generator) } });
            let headers = answers::headers_of(*status, self.method);
            (status.to_string(), json!({ "description": about, "headers": headers, "content": content }))
        };
        let mut responses: Map<String, Value> = self.answers.iter().map(answer).collect();
        responses.extend(self.refusals().into_iter().map(|status| (status.to_string(), answers::problem(status))));
        Value::Object(responses)
    }

    /// The statuses of the problems that it may come to.
    fn refusals(&self) -> Vec<u16> {
        let mut refusals = vec![401, 403, 405, 429, 500, 503];
        if self.method == Method::Post || !self.parameters.is_empty() {
            refusals.push(400);
        }
        if self.path.contains('{') {
            refusals.push(404);
        }
        if self.method == Method::Post {
            refusals.extend([409, 422]);
        }
        if self.method == Method::Post || self.body.is_some() {
            refusals.extend([408, 413]);
        }
        refusals
    }
}
