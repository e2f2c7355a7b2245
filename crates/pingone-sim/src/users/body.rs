//! How the API shows a user.

use http::StatusCode;
use http::header::HeaderValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::json::Json;
use crate::reply::Reply;
use crate::store::Record;

/// The answer to a create or a read.
pub(crate) fn user(context: &Context<'_>, status: StatusCode, record: &Record, population: Uuid) -> Reply {
    shown(context, status, record, population, &record.profile())
}

/// The answer to a create or a read of a user with these attributes.
pub(crate) fn shown(
    context: &Context<'_>,
    status: StatusCode,
    record: &Record,
    population: Uuid,
    profile: &Map<String, Value>,
) -> Reply {
    let mut json = context.json();
    write(&mut json, context, record, population, profile, Links::All);
    let has_etag = context.state.options.assumptions.etags;
    let etag = HeaderValue::try_from(super::etag(record)).ok().filter(|_| has_etag);
    Reply { etag, ..Reply::hal(status, json.finish()) }
}

/// The answer to a read, with the groups that `include` asks for.
pub(crate) fn user_with_groups(
    context: &Context<'_>,
    record: &Record,
    population: Uuid,
) -> Result<Reply, ApiError> {
    let mut profile = record.profile();
    let include = context.parameter("include").unwrap_or_default();
    let store = context.environment.store.read();
    let groups = || store.groups.of(record.id).iter().filter_map(|id| store.groups.get(*id));
    for wanted in include.split(',').filter(|wanted| !wanted.is_empty()) {
        let values: Vec<Value> = match wanted {
            "memberOfGroupIDs" => groups().map(|group| group.id.to_string().into()).collect(),
            "memberOfGroupNames" => groups().map(|group| group.name.as_str().into()).collect(),
            _ => {
                let detail = ErrorDetail::new("INVALID_PARAMETER", "include", "is not valid");
                return Err(ApiError::invalid(vec![detail]));
            }
        };
        profile.insert(wanted.into(), Value::Array(values));
    }
    drop(store);
    profile.sort_keys();
    Ok(shown(context, StatusCode::OK, record, population, &profile))
}

/// Which links a user's body has: an item of a list has fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    All,
    Item,
}

/// Writes a user: links, id and environment first, everything else in alphabetical order.
pub(crate) fn write(
    json: &mut Json,
    context: &Context<'_>,
    record: &Record,
    population: Uuid,
    profile: &Map<String, Value>,
    links: Links,
) {
    json.object(|json| {
        json.key("_links").object(|json| match links {
            Links::All => all_links(json, context, record.id, population),
            Links::Item => item_links(json, context, record.id),
        });
        json.key("id").plain(record.id);
        json.reference("environment", context.environment.id);
        let mut system = SYSTEM.iter().peekable();
        for (name, value) in profile {
            while let Some(key) = system.next_if(|key| **key < name.as_str()) {
                write_system(json, key, record, population);
            }
            json.key(name).value(value);
        }
        for key in system {
            write_system(json, key, record, population);
        }
    });
}

/// A user's attributes and state as one JSON object, without links.
pub(crate) fn profile_value(record: &Record, population: Uuid) -> Value {
    let mut user = Map::new();
    user.insert("id".into(), record.id.to_string().into());
    user.insert("username".into(), record.username().into());
    user.insert("enabled".into(), record.flags.enabled.into());
    user.insert("population".into(), serde_json::json!({ "id": population }));
    user.insert("passwordStatus".into(), record.flags.password.state.name().into());
    user.extend(record.profile());
    Value::Object(user)
}

fn write_system(json: &mut Json, key: &str, record: &Record, population: Uuid) {
    let flags = &record.flags;
    match key {
        "account" => json.key(key).object(|json| {
            json.key("canAuthenticate").bare(flags.enabled && flags.locked.is_none());
            if let Some(locked) = flags.locked {
                json.key("lockedAt").plain(locked);
            }
            json.key("status").plain(if flags.locked.is_some() { "LOCKED" } else { "OK" });
        }),
        "createdAt" => json.key(key).plain(record.created),
        "emailVerified" => {
            if let Some(verified) = flags.email_verified {
                json.key(key).bare(verified);
            }
        }
        "enabled" => json.key(key).bare(flags.enabled),
        "identityProvider" => json.key(key).object(|json| json.key("type").plain("PING_ONE")),
        "lifecycle" => {
            let status = if flags.verification_required { "VERIFICATION_REQUIRED" } else { "ACCOUNT_OK" };
            json.key(key).object(|json| json.key("status").plain(status));
        }
        "mfaEnabled" => json.key(key).bare(flags.mfa_enabled),
        "population" => json.reference(key, population),
        "updatedAt" => json.key(key).plain(record.updated),
        "username" => json.key(key).text(record.username()),
        _ => json.key(key).plain("NOT_INITIATED"),
    }
}

fn all_links(json: &mut Json, context: &Context<'_>, id: Uuid, population: Uuid) {
    let base = &context.base;
    let user = format_args!("{base}/users/{id}");
    json.link("self", user);
    json.link("environment", base);
    json.link("population", format_args!("{base}/populations/{population}"));
    json.link("devices", format_args!("{user}/devices"));
    json.link("roleAssignments", format_args!("{user}/roleAssignments"));
    for name in ["password", "password.reset", "password.set", "password.check", "password.recover"] {
        json.link(name, format_args!("{user}/password"));
    }
    json.link("linkedAccounts", format_args!("{user}/linkedAccounts"));
    json.link("account.sendVerificationCode", user);
    json.link("memberOfGroups", format_args!("{user}/memberOfGroups"));
}

fn item_links(json: &mut Json, context: &Context<'_>, id: Uuid) {
    let user = format_args!("{}/users/{id}", context.base);
    json.link("self", user);
    for name in ["password", "password.set", "password.reset", "password.check", "password.recover"] {
        json.link(name, format_args!("{user}/password"));
    }
    json.link("account.sendVerificationCode", user);
    json.link("linkedAccounts", format_args!("{user}/linkedAccounts"));
}

/// What PingOne keeps beside the attributes, in alphabetical order.
const SYSTEM: [&str; 11] = [
    "account",
    "createdAt",
    "emailVerified",
    "enabled",
    "identityProvider",
    "lifecycle",
    "mfaEnabled",
    "population",
    "updatedAt",
    "username",
    "verifyStatus",
];
