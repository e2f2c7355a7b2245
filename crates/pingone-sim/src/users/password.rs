//! `/users/{id}/password`

use http::{Method, StatusCode};
use serde_json::Value;

use super::find;
use crate::Assumptions;
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail, InnerError};
use crate::reply::Reply;
use crate::stats::count;
use crate::store::{PasswordState, Record};
use crate::time::Millis;

/// Reads the state of a user's password, or sets a password.
pub(crate) fn password(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (slot, mut record, _) = find(context, id)?;
    if *context.method == Method::PUT {
        if context.media_type() != "application/vnd.pingidentity.password.set+json" {
            return Err(ApiError::unsupported_media_type());
        }
        let state = check(&Value::Object(context.object()?), &context.state.options.assumptions)?;
        let mut store = context.environment.store.write();
        let stored = store.record_mut(slot).ok_or_else(|| ApiError::no_such("user", id))?;
        stored.flags.password = state;
        stored.updated = Millis::now();
        stored.writes += 1;
        record = stored.clone();
        count(&context.state.counters.updated);
    }
    Ok(shown(context, &record))
}

/// Checks a password as an import sends it and tells what state it leaves the user in.
pub(crate) fn check(password: &Value, assumptions: &Assumptions) -> Result<PasswordState, ApiError> {
    let force_change = password.get("forceChange").and_then(Value::as_bool).unwrap_or(false);
    let Some(value) = password.get("value").and_then(Value::as_str) else {
        let external = password.get("external").is_some();
        let missing = ErrorDetail::new("REQUIRED_VALUE", "password.value", "must not be null");
        return if external { Ok(PasswordState::None) } else { Err(ApiError::invalid(vec![missing])) };
    };
    if assumptions.password_policy && !is_encoded(value) {
        check_policy(value)?;
    }
    Ok(if force_change { PasswordState::MustChange } else { PasswordState::Ok })
}

/// Whether the value is a hash that begins with its scheme, such as `{BCRYPT}`.
fn is_encoded(value: &str) -> bool {
    value.starts_with('{') && value.find('}').is_some_and(|end| end > 1 && end + 1 < value.len())
}

fn check_policy(value: &str) -> Result<(), ApiError> {
    let length = value.chars().count();
    let mut unsatisfied = Vec::new();
    if !(8..=255).contains(&length) {
        unsatisfied.push("length");
    }
    let classes: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_numeric(), |c| !c.is_alphanumeric()];
    if !classes.iter().all(|class| value.chars().any(class)) {
        unsatisfied.push("minCharacters");
    }
    if unsatisfied.is_empty() {
        return Ok(());
    }
    let detail = ErrorDetail::new(
        "INVALID_VALUE",
        "password",
        "User password did not satisfy password policy requirements",
    )
    .with(InnerError::Texts("unsatisfiedRequirements", unsatisfied));
    Err(ApiError::invalid(vec![detail]))
}

fn shown(context: &Context<'_>, record: &Record) -> Reply {
    let user = context.url(format_args!("/users/{}", record.id));
    let policy = context.environment.password_policy;
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", format_args!("{user}/password"));
            json.link("environment", &context.base);
            json.link("user", &user);
            json.link("passwordPolicy", context.url(format_args!("/passwordPolicies/{policy}")));
            for name in ["password.check", "password.reset", "password.set", "password.recover"] {
                json.link(name, format_args!("{user}/password"));
            }
        });
        json.reference("environment", context.environment.id);
        json.reference("user", record.id);
        json.reference("passwordPolicy", policy);
        json.key("status").plain(record.flags.password.name());
        if record.flags.password != PasswordState::None {
            json.key("lastChangedAt").plain(record.updated);
        }
    });
    Reply::hal(StatusCode::OK, json.finish())
}
