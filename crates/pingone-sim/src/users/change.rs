//! `PATCH` and `PUT` of a user.

use http::StatusCode;
use serde_json::{Map, Value};

use super::{body, check_precondition, find, located, population_id, taken};
use crate::context::Context;
use crate::errors::ApiError;
use crate::reply::Reply;
use crate::schema;
use crate::stats::count;
use crate::store::Record;
use crate::time::Millis;

/// Merges: what is not named is kept, `null` clears, complex attributes merge part by part.
pub(crate) fn patch(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    find(context, id)?;
    let changes = context.json_body()?;
    let username = match changes.get("username") {
        None => None,
        some => Some(schema::username(some)?.to_owned()),
    };
    let checked = context.environment.schema.check(changes, &context.state.options.assumptions)?;
    update(context, id, |record| {
        let mut profile = record.profile();
        merge(&mut profile, checked.profile);
        (username.unwrap_or_else(|| record.username().to_owned()), profile)
    })
}

/// Replaces: what is not named is cleared.
pub(crate) fn put(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    find(context, id)?;
    let attributes = context.json_body()?;
    let username = schema::username(attributes.get("username"))?.to_owned();
    let assumptions = &context.state.options.assumptions;
    let checked = context.environment.schema.check(attributes, assumptions)?;
    update(context, id, |record| {
        let mut profile = Map::new();
        if assumptions.put_keeps_parts {
            profile = record.profile();
            profile.retain(|name, _| {
                matches!(name.as_str(), "name" | "address") && checked.profile.contains_key(name)
            });
        }
        merge(&mut profile, checked.profile);
        (username, profile)
    })
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

/// Puts in place of a user what `change` makes of it, its name and its attributes.
fn update(
    context: &Context<'_>,
    id: &str,
    change: impl FnOnce(&Record) -> (String, Map<String, Value>),
) -> Result<Reply, ApiError> {
    let mut store = context.environment.store.write();
    let (slot, old) = located(&store, id)?;
    check_precondition(context, old)?;
    let (username, profile) = change(old);
    if let Some(error) = context.environment.schema.missing(&profile, &context.state.options.assumptions) {
        return Err(error);
    }
    let changed = old.changed(&username, &profile, Millis::now());
    store.replace(slot, changed, &profile).map_err(|error| taken(context, &error))?;
    let record = located(&store, id)?.1.clone();
    let population = population_id(&store, &record);
    drop(store);
    count(&context.state.counters.updated);
    Ok(body::user(context, StatusCode::OK, &record, population))
}
