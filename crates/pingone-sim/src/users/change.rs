//! `PATCH` and `PUT` of a user.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{body, find, taken};
use crate::context::Context;
use crate::errors::ApiError;
use crate::reply::Reply;
use crate::schema;
use crate::stats::count;
use crate::store::Record;
use crate::time::Millis;

/// Merges: what is not named is kept, `null` clears, complex attributes merge part by part.
pub(crate) fn patch(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (slot, record, _) = find(context, id)?;
    let changes = context.json_body()?;
    let username = match changes.get("username") {
        None => record.username().to_owned(),
        some => schema::username(some)?.to_owned(),
    };
    let checked = context.environment.schema.check(changes, &context.state.options.assumptions)?;
    let mut profile = record.profile();
    merge(&mut profile, checked.profile);
    save(context, id, slot, &record, &username, &profile)
}

/// Replaces: what is not named is cleared.
pub(crate) fn put(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (slot, record, _) = find(context, id)?;
    let attributes = context.json_body()?;
    let username = schema::username(attributes.get("username"))?.to_owned();
    let checked = context.environment.schema.check(attributes, &context.state.options.assumptions)?;
    let mut profile = Map::new();
    merge(&mut profile, checked.profile);
    save(context, id, slot, &record, &username, &profile)
}

fn merge(profile: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, value) in changes {
        match (profile.get_mut(&name), value) {
            (_, Value::Null) => {
                profile.shift_remove(&name);
            }
            (Some(Value::Object(old)), Value::Object(new)) => {
                merge(old, new);
                if old.is_empty() {
                    profile.shift_remove(&name);
                }
            }
            (_, Value::Object(mut new)) => {
                new.retain(|_, value| !value.is_null());
                if !new.is_empty() {
                    profile.insert(name, Value::Object(new));
                }
            }
            (_, value) => {
                profile.insert(name, value);
            }
        }
    }
    profile.sort_keys();
}

fn save(
    context: &Context<'_>,
    id: &str,
    slot: u32,
    old: &Record,
    username: &str,
    profile: &Map<String, Value>,
) -> Result<Reply, ApiError> {
    if let Some(error) = context.environment.schema.missing(profile, &context.state.options.assumptions) {
        return Err(error);
    }
    let changed = old.changed(username, profile, Millis::now());
    context
        .environment
        .store
        .write()
        .replace(slot, changed, profile)
        .map_err(|error| taken(context, &error))?;
    count(&context.state.counters.updated);
    let (_, record, population) = find(context, id)?;
    Ok(body::user(context, StatusCode::OK, &record, population))
}
