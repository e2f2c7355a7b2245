//! `/environments/{id}/populations`

use http::{Method, StatusCode};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::collection::Collection;
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::filter::Subject;
use crate::json::Json;
use crate::reply::Reply;
use crate::store::{Population, Populations};
use crate::time::Millis;

/// Answers a request for the collection.
pub(crate) fn collection(context: &Context<'_>) -> Result<Reply, ApiError> {
    match *context.method {
        Method::GET => list(context),
        Method::POST => create(context),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Answers a request for one population.
pub(crate) fn item(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let missing = || ApiError::no_such("population", id);
    let slot = || {
        let id = Uuid::parse_str(id).map_err(|_| missing())?;
        context.environment.store.read().populations.slot(id).ok_or_else(missing)
    };
    match *context.method {
        Method::GET => {
            let slot = slot()?;
            let store = context.environment.store.read();
            let population = store.populations.at(slot).ok_or_else(missing)?;
            Ok(shown(context, StatusCode::OK, population))
        }
        Method::PUT => replace(context, slot()?),
        Method::DELETE => delete(context, slot()?),
        _ => Err(ApiError::method_not_allowed()),
    }
}

fn list(context: &Context<'_>) -> Result<Reply, ApiError> {
    let store = context.environment.store.read();
    let populations = store.populations.iter().map(|(_, population)| population);
    LIST.page(context, populations, |json, population| write(json, context, population))
}

impl Subject for &Population {
    fn is_case_sensitive(&self) -> bool {
        false
    }

    fn text(&self, path: &str, holds: &dyn Fn(&str) -> bool) -> bool {
        if path == "id" { holds(&self.id.to_string()) } else { holds(&self.name) }
    }
}

fn create(context: &Context<'_>) -> Result<Reply, ApiError> {
    let body = context.json_body()?;
    let (name, description) = named(&body)?;
    let is_default = body.get("default").and_then(Value::as_bool).unwrap_or(false);
    let now = Millis::now();
    let id = context.state.ids.uuid();
    let mut store = context.environment.store.write();
    check_name(&store.populations, &name, None)?;
    if is_default {
        store.populations.clear_default();
    }
    let settings = settings(&body);
    let population =
        Population { id, name, description, settings, is_default, users: 0, created: now, updated: now };
    let reply = shown(context, StatusCode::CREATED, &population);
    store.populations.insert(population);
    Ok(reply)
}

fn replace(context: &Context<'_>, slot: u32) -> Result<Reply, ApiError> {
    let body = context.json_body()?;
    let (name, description) = named(&body)?;
    let is_default = body.get("default").and_then(Value::as_bool);
    let mut store = context.environment.store.write();
    check_name(&store.populations, &name, Some(slot))?;
    if is_default == Some(true) {
        store.populations.clear_default();
    }
    let population = store.populations.at_mut(slot).ok_or_else(ApiError::not_found)?;
    population.name = name;
    population.description = description;
    population.settings = settings(&body);
    population.updated = Millis::now();
    population.is_default |= is_default == Some(true);
    Ok(shown(context, StatusCode::OK, population))
}

fn delete(context: &Context<'_>, slot: u32) -> Result<Reply, ApiError> {
    let mut store = context.environment.store.write();
    let population = store.populations.at(slot).ok_or_else(ApiError::not_found)?;
    if population.users > 0 {
        return Err(constraint("must not contain users"));
    }
    if population.is_default && !context.state.options.assumptions.delete_default_population {
        return Err(constraint("must not be the default population"));
    }
    if store.populations.iter().count() == 1 {
        return Err(constraint("must contain at least one population"));
    }
    let id = population.id;
    store.populations.remove(slot);
    store.groups.forget_population(id);
    Ok(Reply::no_content())
}

fn named(body: &Map<String, Value>) -> Result<(String, Option<String>), ApiError> {
    let name = body.get("name").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if name.is_empty() {
        return Err(ApiError::malformed("name", "must not be blank"));
    }
    Ok((name.into(), body.get("description").and_then(Value::as_str).map(Into::into)))
}

/// What is kept of a population and has no effect here.
fn settings(body: &Map<String, Value>) -> Map<String, Value> {
    let names = ["alternativeIdentifiers", "passwordPolicy", "preferredLanguage", "theme"];
    let given = names.into_iter().filter_map(|name| Some((name, body.get(name)?)));
    given.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.into(), value.clone())).collect()
}

fn check_name(populations: &Populations, name: &str, own: Option<u32>) -> Result<(), ApiError> {
    match populations.slot_by_name(name) {
        Some(slot) if Some(slot) != own => Err(ApiError::duplicate(400, "name")),
        _ => Ok(()),
    }
}

fn constraint(message: &str) -> ApiError {
    let detail =
        ErrorDetail { code: "CONSTRAINT_VIOLATION", message: message.into(), ..ErrorDetail::default() };
    ApiError::invalid(vec![detail])
}

fn shown(context: &Context<'_>, status: StatusCode, population: &Population) -> Reply {
    let mut json = context.json();
    write(&mut json, context, population);
    Reply::hal(status, json.finish())
}

fn write(json: &mut Json, context: &Context<'_>, population: &Population) {
    let theme = population.settings.get("theme").and_then(|theme| theme.get("id")).and_then(Value::as_str);
    let theme = theme.and_then(|id| Uuid::parse_str(id).ok()).unwrap_or(context.environment.theme);
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/populations/{}", population.id)));
            json.link("environment", &context.base);
            json.link("theme", context.url(format_args!("/themes/{theme}")));
        });
        json.key("id").plain(population.id);
        json.reference("environment", context.environment.id);
        json.key("name").text(&population.name);
        if let Some(description) = &population.description {
            json.key("description").text(description);
        }
        json.key("userCount").bare(population.users);
        json.key("createdAt").plain(population.created);
        json.key("updatedAt").plain(population.updated);
        for (name, value) in &population.settings {
            if !matches!(name.as_str(), "preferredLanguage" | "theme") {
                json.key(name).value(value);
            }
        }
        json.key("preferredLanguage");
        match population.settings.get("preferredLanguage") {
            Some(language) => json.value(language),
            None => json.plain("en"),
        }
        json.reference("theme", theme);
        json.key("default").bare(population.is_default);
    });
}

const LIST: Collection = Collection { name: "populations", most: 250, attributes: &["id", "name"] };
