//! `/environments/{id}/groups`: <https://developer.pingidentity.com/pingone-api/platform/groups.html>

use http::{Method, StatusCode};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::collection::Collection;
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::filter::Subject;
use crate::json::Json;
use crate::reply::Reply;
use crate::store::{Group, Groups};
use crate::time::Millis;

/// Answers a request for the collection.
pub(crate) fn collection(context: &Context<'_>) -> Result<Reply, ApiError> {
    match *context.method {
        Method::GET => list(context),
        Method::POST => create(context),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Answers a request for one group.
pub(crate) fn item(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let missing = || ApiError::no_such("group", id);
    let id = Uuid::parse_str(id).map_err(|_| missing())?;
    let mut store = context.environment.store.write();
    store.groups.get(id).ok_or_else(missing)?;
    match *context.method {
        Method::GET => {}
        Method::PUT => {
            let body = context.json_body()?;
            let group = store.groups.get_mut(id).ok_or_else(missing)?;
            let population = group.population;
            let (name, description, external_id) = attributes(&body)?;
            (group.description, group.external_id, group.updated) = (description, external_id, Millis::now());
            check_name(&store.groups, &name, population, Some(id))?;
            store.groups.get_mut(id).ok_or_else(missing)?.name = name;
        }
        Method::DELETE => {
            store.groups.remove(id);
            return Ok(Reply::no_content());
        }
        _ => return Err(ApiError::method_not_allowed()),
    }
    let group = store.groups.get(id).ok_or_else(missing)?;
    Ok(shown(context, StatusCode::OK, group, store.groups.size(id)))
}

/// The groups that a group is in: none, as groups here hold users only.
pub(crate) fn memberships(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let store = context.environment.store.read();
    let group = Uuid::parse_str(id).ok().and_then(|id| store.groups.get(id));
    let group = group.ok_or_else(|| ApiError::no_such("group", id))?;
    if *context.method != Method::GET {
        return Err(ApiError::method_not_allowed());
    }
    let mut json = context.json();
    json.object(|json| {
        let url = context.url(format_args!("/groups/{}/memberOfGroups", group.id));
        json.key("_links").object(|json| json.link("self", url));
        json.key("_embedded").object(|json| json.key("groupMemberships").array([(); 0], |_, ()| ()));
        json.key("count").bare(0);
        json.key("size").bare(0);
    });
    Ok(Reply::hal(StatusCode::OK, json.finish()))
}

fn list(context: &Context<'_>) -> Result<Reply, ApiError> {
    let store = context.environment.store.read();
    LIST.page(context, store.groups.iter(), |json, group| {
        write(json, context, group, store.groups.size(group.id));
    })
}

impl Subject for &Group {
    fn is_case_sensitive(&self) -> bool {
        false
    }

    fn text(&self, path: &str, holds: &dyn Fn(&str) -> bool) -> bool {
        match path {
            "id" => holds(&self.id.to_string()),
            "name" => holds(&self.name),
            "externalId" => self.external_id.as_deref().is_some_and(holds),
            _ => self.population.is_some_and(|id| holds(&id.to_string())),
        }
    }
}

fn create(context: &Context<'_>) -> Result<Reply, ApiError> {
    let body = context.json_body()?;
    let (name, description, external_id) = attributes(&body)?;
    let mut store = context.environment.store.write();
    let population = match body.get("population").and_then(|population| population.get("id")) {
        None | Some(Value::Null) => None,
        Some(id) => {
            let found = id.as_str().and_then(|id| Uuid::parse_str(id).ok());
            let known = found.filter(|id| store.populations.slot(*id).is_some());
            Some(known.ok_or_else(|| invalid("INVALID_VALUE", "population.id", "must be a population"))?)
        }
    };
    check_name(&store.groups, &name, population, None)?;
    let (id, now) = (context.state.ids.uuid(), Millis::now());
    let group = Group { id, name, description, external_id, population, created: now, updated: now };
    let reply = shown(context, StatusCode::CREATED, &group, 0);
    store.groups.insert(group);
    Ok(reply)
}

type Attributes = (String, Option<String>, Option<String>);

fn attributes(body: &Map<String, Value>) -> Result<Attributes, ApiError> {
    if body.contains_key("userFilter") {
        return Err(invalid("INVALID_VALUE", "userFilter", "is not simulated"));
    }
    let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let name = text("name").filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| ApiError::malformed("name", "must not be blank"))?;
    Ok((name, text("description"), text("externalId")))
}

fn check_name(
    groups: &Groups,
    name: &str,
    population: Option<Uuid>,
    own: Option<Uuid>,
) -> Result<(), ApiError> {
    if groups.is_taken(name, population, own) { Err(ApiError::duplicate(400, "name")) } else { Ok(()) }
}

fn invalid(code: &'static str, target: &str, message: &str) -> ApiError {
    ApiError::invalid(vec![ErrorDetail::new(code, target, message)])
}

fn shown(context: &Context<'_>, status: StatusCode, group: &Group, members: usize) -> Reply {
    let mut json = context.json();
    write(&mut json, context, group, members);
    Reply::hal(status, json.finish())
}

fn write(json: &mut Json, context: &Context<'_>, group: &Group, members: usize) {
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/groups/{}", group.id)));
            json.link("environment", &context.base);
        });
        json.key("id").plain(group.id);
        json.reference("environment", context.environment.id);
        if let Some(population) = group.population {
            json.reference("population", population);
        }
        json.key("name").text(&group.name);
        if let Some(description) = &group.description {
            json.key("description").text(description);
        }
        if let Some(external_id) = &group.external_id {
            json.key("externalId").text(external_id);
        }
        json.key("directMemberCounts").object(|json| json.key("users").bare(members));
        json.key("createdAt").plain(group.created);
        json.key("updatedAt").plain(group.updated);
    });
}

const LIST: Collection =
    Collection { name: "groups", most: 1000, attributes: &["id", "name", "externalId", "population.id"] };
