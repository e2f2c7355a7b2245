//! How the API shows the schema and its attributes.

use http::StatusCode;
use uuid::Uuid;

use super::Schema;
use super::custom::CustomAttribute;
use super::definitions::{Definition, STANDARD};
use crate::context::Context;
use crate::errors::ApiError;
use crate::json::Json;
use crate::reply::Reply;

/// `GET /schemas`
pub(crate) fn schemas(context: &Context<'_>) -> Reply {
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| json.link("self", context.url("/schemas")));
        json.key("_embedded").object(|json| {
            json.key("schemas").array([()], |json, ()| write_schema(json, context));
        });
        json.key("count").bare(1);
        json.key("size").bare(1);
    });
    Reply::hal(StatusCode::OK, json.finish())
}

/// `GET /schemas/{id}`
pub(crate) fn schema(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    known(context, id)?;
    let mut json = context.json();
    write_schema(&mut json, context);
    Ok(Reply::hal(StatusCode::OK, json.finish()))
}

/// `GET /schemas/{id}/attributes`
pub(crate) fn attributes(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    known(context, id)?;
    let shown = all(&context.environment.schema);
    let mut json = context.json();
    json.object(|json| {
        let url = context.url(format_args!("/schemas/{id}/attributes"));
        json.key("_links").object(|json| json.link("self", url));
        json.key("_embedded").object(|json| {
            json.key("attributes").array(&shown, |json, attribute| attribute.write(json, context));
        });
        json.key("count").bare(shown.len());
        json.key("size").bare(shown.len());
    });
    Ok(Reply::hal(StatusCode::OK, json.finish()))
}

/// `GET /schemas/{id}/attributes/{attribute}`
pub(crate) fn attribute(context: &Context<'_>, id: &str, attribute: &str) -> Result<Reply, ApiError> {
    known(context, id)?;
    let shown = all(&context.environment.schema);
    let found =
        shown.iter().find(|shown| shown.id.to_string() == attribute).ok_or_else(ApiError::not_found)?;
    let mut json = context.json();
    found.write(&mut json, context);
    Ok(Reply::hal(StatusCode::OK, json.finish()))
}

fn known(context: &Context<'_>, id: &str) -> Result<(), ApiError> {
    if context.environment.schema.id.to_string() == id { Ok(()) } else { Err(ApiError::not_found()) }
}

fn write_schema(json: &mut Json, context: &Context<'_>) {
    let id = context.environment.schema.id;
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/schemas/{id}")));
            json.link("environment", context.url(""));
            json.link("attributes", context.url(format_args!("/schemas/{id}/attributes")));
        });
        json.key("id").plain(id);
        json.reference("environment", context.environment.id);
        json.key("name").plain("User");
        json.key("description").plain("User schema");
    });
}

/// An attribute with its id, ready to be written.
struct Shown<'a> {
    id: Uuid,
    source: Source<'a>,
    children: Vec<(Uuid, &'static Definition)>,
}

enum Source<'a> {
    Standard(&'static Definition),
    Custom(&'a CustomAttribute),
}

fn all(schema: &Schema) -> Vec<Shown<'_>> {
    let mut ids = schema.attribute_ids.iter().copied();
    let mut shown = Vec::new();
    for definition in &STANDARD {
        let Some(id) = ids.next() else { break };
        let children = definition.children.iter().zip(ids.by_ref()).map(|(child, id)| (id, child)).collect();
        shown.push(Shown { id, source: Source::Standard(definition), children });
    }
    shown.extend(schema.custom.iter().zip(ids).map(|(custom, id)| Shown {
        id,
        source: Source::Custom(&custom.attribute),
        children: Vec::new(),
    }));
    shown
}

impl Shown<'_> {
    fn write(&self, json: &mut Json, context: &Context<'_>) {
        let schema = context.environment.schema.id;
        json.object(|json| {
            json.key("_links").object(|json| {
                let id = self.id;
                json.link("self", context.url(format_args!("/schemas/{schema}/attributes/{id}")));
                json.link("environment", context.url(""));
                json.link("schema", context.url(format_args!("/schemas/{schema}")));
            });
            json.key("id").plain(self.id);
            json.reference("environment", context.environment.id);
            json.reference("schema", schema);
            match &self.source {
                Source::Standard(definition) => write_standard(json, definition),
                Source::Custom(attribute) => write_custom(json, attribute),
            }
            if !self.children.is_empty() {
                json.key("subAttributes").array(&self.children, |json, (id, child)| {
                    json.object(|json| {
                        json.key("id").plain(id);
                        write_standard(json, child);
                    });
                });
            }
        });
    }
}

fn write_standard(json: &mut Json, definition: &Definition) {
    let is_username = definition.name == "username";
    json.key("name").plain(definition.name);
    json.key("type").plain(definition.kind.name());
    json.key("schemaType").plain(if definition.core { "CORE" } else { "STANDARD" });
    json.key("enabled").bare(true);
    json.key("required").bare(is_username);
    json.key("unique").bare(is_username);
    json.key("multiValued").bare(false);
}

fn write_custom(json: &mut Json, attribute: &CustomAttribute) {
    json.key("name").text(&attribute.name);
    json.key("type").plain(attribute.kind.name());
    json.key("schemaType").plain("CUSTOM");
    json.key("enabled").bare(attribute.enabled);
    json.key("required").bare(attribute.required);
    json.key("unique").bare(attribute.unique);
    json.key("multiValued").bare(attribute.multi_valued);
    if !attribute.enumerated_values.is_empty() {
        json.key("enumeratedValues").array(&attribute.enumerated_values, |json, value| {
            json.object(|json| {
                json.key("value").text(value);
                json.key("archived").bare(false);
            });
        });
    }
    if let Some(pattern) = &attribute.pattern {
        json.key("regexValidation").object(|json| {
            json.key("pattern").text(pattern);
            json.key("requirements").plain("must match the pattern");
        });
    }
}
