//! `/users/{id}/memberOfGroups`: <https://developer.pingidentity.com/pingone-api/platform/users/group-membership.html>

use http::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::json::Json;
use crate::reply::Reply;
use crate::store::Group;
use crate::users;

/// Answers a request for the groups of a user, or for one of them.
pub(crate) fn answer(context: &Context<'_>, user: &str, group: Option<&str>) -> Result<Reply, ApiError> {
    let (_, record, population) = users::find(context, user)?;
    match (context.method, group) {
        (&Method::GET, None) => Ok(list(context, record.id)),
        (&Method::POST, None) => add(context, record.id, population),
        (&Method::GET, Some(group)) => {
            let (store, id) = (context.environment.store.read(), known(context, record.id, group)?);
            let group = store.groups.get(id).ok_or_else(ApiError::not_found)?;
            Ok(shown(context, StatusCode::OK, record.id, group))
        }
        (&Method::DELETE, Some(group)) => {
            let id = known(context, record.id, group)?;
            context.environment.store.write().groups.take_out(record.id, id);
            Ok(Reply::no_content())
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// The id of a group that the user is in.
fn known(context: &Context<'_>, user: Uuid, group: &str) -> Result<Uuid, ApiError> {
    let store = context.environment.store.read();
    let id = Uuid::parse_str(group).ok().filter(|id| store.groups.of(user).contains(id));
    id.ok_or_else(|| ApiError::no_such("group", group))
}

fn add(context: &Context<'_>, user: Uuid, population: Uuid) -> Result<Reply, ApiError> {
    let body = context.json_body()?;
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut store = context.environment.store.write();
    let group = Uuid::parse_str(id).ok().and_then(|id| store.groups.get(id)).cloned();
    let group = group.ok_or_else(|| ApiError::no_such("group", id))?;
    if group.population.is_some_and(|of| of != population) {
        let message = "must be a group of the user's population";
        return Err(ApiError::invalid(vec![ErrorDetail::new("CONSTRAINT_VIOLATION", "id", message)]));
    }
    store.groups.add(user, group.id);
    Ok(shown(context, StatusCode::CREATED, user, &group))
}

fn list(context: &Context<'_>, user: Uuid) -> Reply {
    let store = context.environment.store.read();
    let groups: Vec<&Group> = store.groups.of(user).iter().filter_map(|id| store.groups.get(*id)).collect();
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/users/{user}/memberOfGroups")));
        });
        json.key("_embedded").object(|json| {
            json.key("groupMemberships").array(&groups, |json, group| write(json, context, user, group));
        });
        json.key("count").bare(groups.len());
        json.key("size").bare(groups.len());
    });
    Reply::hal(StatusCode::OK, json.finish())
}

fn shown(context: &Context<'_>, status: StatusCode, user: Uuid, group: &Group) -> Reply {
    let mut json = context.json();
    write(&mut json, context, user, group);
    Reply::hal(status, json.finish())
}

fn write(json: &mut Json, context: &Context<'_>, user: Uuid, group: &Group) {
    json.object(|json| {
        json.key("_links").object(|json| {
            let user = context.url(format_args!("/users/{user}"));
            json.link("self", format_args!("{user}/memberOfGroups/{}", group.id));
            json.link("user", &user);
            json.link("environment", &context.base);
            if let Some(population) = group.population {
                json.link("population", context.url(format_args!("/populations/{population}")));
            }
            json.link("group", context.url(format_args!("/groups/{}", group.id)));
        });
        json.key("id").plain(group.id);
        json.reference("environment", context.environment.id);
        json.key("name").text(&group.name);
        if let Some(population) = group.population {
            json.reference("population", population);
        }
        json.key("type").plain("DIRECT");
    });
}
