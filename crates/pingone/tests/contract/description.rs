use std::cell::RefCell;

use boon::{Compiler, Draft, Schemas};
use pingone_sim::Exchange;
use serde_json::Value;

/// PingOne's API description, reduced to what we use: see the notice in the file.
pub(crate) struct Description {
    document: Value,
    /// Each schema is compiled once.
    compiled: RefCell<(Compiler, Schemas)>,
}

const SOURCE: &str = include_str!("openapi.json");
const LOCATION: &str = "memory:/openapi.json";

impl Description {
    /// Reads the description and takes out what is known to be wrong in it.
    ///
    /// It demands a username and an e-mail address, even where a user is changed by PATCH, and PingOne's own
    /// examples have neither there; imports and recorded answers have users without an address. It says that an
    /// attribute in a list is exactly one of five kinds, but those of a schema fit several; and that a region is
    /// either a code or a text, but a code is both.
    pub(crate) fn load() -> Self {
        let mut description: Value = serde_json::from_str(SOURCE).unwrap();
        let schemas = &mut description["components"]["schemas"];
        assert_eq!(schemas["User"]["required"], serde_json::json!(["email", "username"]));
        schemas["User"].as_object_mut().unwrap().remove("required");
        let region = &mut schemas["Environment_region"];
        assert!(region["oneOf"].is_array(), "{region}");
        *region = serde_json::json!({ "$ref": "#/components/schemas/EnumRegionCode" });
        let items = &mut schemas["EntityArray__embedded"]["properties"]["attributes"]["items"];
        assert!(items.to_string().contains("attributes_inner"), "{items}");
        *items = serde_json::json!({ "$ref": "#/components/schemas/SchemaAttribute" });
        let mut compiler = Compiler::new();
        // OpenAPI 3.0 has the dialect of draft 4.
        compiler.set_default_draft(Draft::V4);
        compiler.add_resource(LOCATION, description.clone()).unwrap();
        Self { document: description, compiled: RefCell::new((compiler, Schemas::new())) }
    }

    /// All operations as method and path below the environment, in alphabetical order.
    pub(crate) fn operations(&self) -> Vec<String> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = paths.iter().flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| name(method, path))
        });
        let mut names: Vec<String> = methods.collect();
        names.sort();
        names
    }

    /// Checks a request and its answer, and returns the operation.
    pub(crate) fn check(&self, exchange: &Exchange) -> Result<String, String> {
        let (name, pointer, operation) = self.operation(exchange)?;
        check_query(operation, exchange)?;
        self.check_request(&pointer, operation, exchange)?;
        self.check_response(&pointer, operation, exchange)?;
        Ok(name)
    }

    /// The operation that a request asks for: its name, where it stands, and what it says.
    fn operation(&self, exchange: &Exchange) -> Result<(String, String, &Value), String> {
        let path = exchange.path.strip_prefix("/v1").ok_or("the path does not begin with /v1")?;
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |template: &str| {
            let template: Vec<&str> = template.split('/').collect();
            template.len() == segments.len()
                && template
                    .iter()
                    .zip(&segments)
                    .all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
        };
        let paths = self.document["paths"].as_object().unwrap();
        let (template, operations) =
            paths.iter().find(|(template, _)| fits(template)).ok_or("there is no such path")?;
        let method = exchange.method.to_ascii_lowercase();
        let operation = operations.get(&method).ok_or("the path has no such method")?;
        Ok((name(&method, template), format!("/paths/{}/{method}", escaped(template)), operation))
    }

    fn check_request(&self, pointer: &str, operation: &Value, exchange: &Exchange) -> Result<(), String> {
        let Some(content) = operation.pointer("/requestBody/content").and_then(Value::as_object) else {
            return if exchange.request.is_empty() { Ok(()) } else { Err("it has no body".into()) };
        };
        let given = exchange.content_type.as_deref().unwrap_or_default();
        let given = given.split(';').next().unwrap_or_default();
        // Media types of passwords are told by a header parameter instead of in `content`.
        let is_password =
            exchange.path.ends_with("/password") && given.contains("vnd.pingidentity.password.");
        let media_type = if is_password { "application/json" } else { given };
        if !content.contains_key(media_type) {
            return Err(format!("`{given}` is not among its media types"));
        }
        if exchange.request.is_empty() && given.ends_with(".forceChange") {
            return Ok(());
        }
        let mut body = json(&exchange.request)?;
        if exchange.method == "PATCH" {
            // The description does not say that `null` clears, but PingOne's conventions do.
            without_nulls(&mut body);
        }
        let pointer = format!("{pointer}/requestBody/content/{}/schema", escaped(media_type));
        match self.validate(&pointer, &body) {
            // The simulator did not want it either.
            Err(_) if exchange.status == 400 => Ok(()),
            result => result,
        }
    }

    fn check_response(&self, pointer: &str, operation: &Value, exchange: &Exchange) -> Result<(), String> {
        let status = exchange.status.to_string();
        let response = &operation["responses"][&status];
        if response.is_null() {
            return Err(format!("{status} is not among its answers"));
        }
        let has_schema = response.pointer("/content/application~1json/schema").is_some();
        if !has_schema {
            return Ok(());
        }
        self.validate(
            &format!("{pointer}/responses/{status}/content/application~1json/schema"),
            &json(&exchange.response)?,
        )
    }

    fn validate(&self, pointer: &str, value: &Value) -> Result<(), String> {
        let (compiler, schemas) = &mut *self.compiled.borrow_mut();
        let location = format!("{LOCATION}#{}", pointer.replace('{', "%7B").replace('}', "%7D"));
        let schema = compiler
            .compile(&location, schemas)
            .map_err(|error| format!("the description itself: {error:#}"))?;
        schemas.validate(value, schema).map_err(|error| format!("{error:#}\n{value}"))
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))
}

fn without_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(without_nulls);
    }
}

fn check_query(operation: &Value, exchange: &Exchange) -> Result<(), String> {
    let none = Vec::new();
    let known = operation["parameters"].as_array().unwrap_or(&none);
    let query = exchange.query.as_deref().unwrap_or_default();
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        if !known.iter().any(|parameter| parameter["name"] == *name) {
            return Err(format!("`{name}` is not among its parameters"));
        }
    }
    Ok(())
}

fn name(method: &str, path: &str) -> String {
    let path = path.strip_prefix("/environments/{environmentID}").unwrap_or(path);
    format!("{} {path}", method.to_ascii_uppercase())
}

fn escaped(segment: &str) -> String {
    segment.replace('~', "~0").replace('/', "~1")
}
