//! `/users/{id}/enabled`, `/users/{id}/mfaEnabled` and `/users/{id}/population`

use http::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::{find, located};
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::json::Json;
use crate::reply::Reply;
use crate::stats::count;
use crate::store::Flags;
use crate::time::Millis;

/// Reads or sets whether the user may sign on.
pub(crate) fn enabled(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    switch(context, id, "enabled", |flags| &mut flags.enabled)
}

/// Reads or sets whether multi-factor authentication is on for the user.
pub(crate) fn mfa_enabled(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    switch(context, id, "mfaEnabled", |flags| &mut flags.mfa_enabled)
}

fn switch(
    context: &Context<'_>,
    id: &str,
    name: &str,
    flag: impl Fn(&mut Flags) -> &mut bool,
) -> Result<Reply, ApiError> {
    let (slot, mut record, _) = find(context, id)?;
    if *context.method == Method::PUT {
        let body = context.json_body()?;
        let value = body.get(name).and_then(Value::as_bool).ok_or_else(|| required(name))?;
        let mut store = context.environment.store.write();
        let stored = store.record_mut(slot).ok_or_else(|| ApiError::no_such("user", id))?;
        let old = stored.clone();
        *flag(&mut stored.flags) = value;
        stored.updated = Millis::now();
        stored.count_write(&old);
        record = stored.clone();
        count(&context.state.counters.updated);
    }
    let value = *flag(&mut record.flags);
    Ok(shown(context, id, name, |json| json.key(name).bare(value)))
}

/// Reads or sets the population that the user is in.
pub(crate) fn population(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (_, _, mut population) = find(context, id)?;
    if *context.method == Method::PUT {
        let body = context.json_body()?;
        let text = body.get("id").and_then(Value::as_str).ok_or_else(|| required("id"))?;
        let mut store = context.environment.store.write();
        let found = Uuid::parse_str(text).ok().and_then(|id| Some((id, store.populations.slot(id)?)));
        let (new, to) = found.ok_or_else(|| ApiError::no_such("population", text))?;
        let (slot, record) = located(&store, id)?;
        let mut moved = record.clone();
        moved.population = to;
        moved.updated = Millis::now();
        let profile = moved.profile();
        // Neither the username nor a unique attribute changes, so nothing can be taken.
        let user = moved.id;
        let _ = store.replace(slot, moved, &profile);
        store.groups.move_user(user, new);
        population = new;
        count(&context.state.counters.updated);
    }
    Ok(shown(context, id, "population", |json| json.key("id").plain(population)))
}

fn required(name: &str) -> ApiError {
    ApiError::invalid(vec![ErrorDetail::new("REQUIRED_VALUE", name, "must not be null")])
}

fn shown(context: &Context<'_>, id: &str, name: &str, member: impl FnOnce(&mut Json)) -> Reply {
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/users/{id}/{name}")));
            json.link("environment", &context.base);
            json.link("user", context.url(format_args!("/users/{id}")));
        });
        member(json);
    });
    Reply::hal(StatusCode::OK, json.finish())
}
