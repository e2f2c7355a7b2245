//! `/users/{id}/password`: <https://developer.pingidentity.com/pingone-api/platform/users/user-passwords.html>

use http::StatusCode;
use serde_json::{Map, Value};

use super::{find, policy};
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::reply::Reply;
use crate::stats::count;
use crate::store::{Password, PasswordState, Record};
use crate::time::Millis;
use crate::{Assumptions, PasswordPolicy};

/// `GET`: the state of the password.
pub(crate) fn read(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (_, record, _) = find(context, id)?;
    Ok(shown(context, &record))
}

/// `PUT`: sets, resets or takes away, as the media type says.
pub(crate) fn put(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (_, record, _) = find(context, id)?;
    let present = record.flags.password;
    let next = match context.media_type().as_str() {
        "application/vnd.pingidentity.password.set+json" => set(context, &context.object()?, &present)?,
        "application/vnd.pingidentity.password.setvalue+json" => {
            let body = context.object()?;
            if body.contains_key("value") { set(context, &body, &present)? } else { Password::NONE }
        }
        "application/vnd.pingidentity.password.reset+json" => reset(context, &context.object()?, &present)?,
        _ => return Err(ApiError::unsupported_media_type()),
    };
    save(context, id, next)
}

/// `POST`: checks a password, or makes the user change it.
pub(crate) fn post(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let (_, record, _) = find(context, id)?;
    let present = record.flags.password;
    match context.media_type().as_str() {
        "application/vnd.pingidentity.password.forcechange" => {
            let no_password = || {
                let message = "The user does not have a password";
                ApiError::invalid(vec![ErrorDetail::new("NO_PASSWORD", "password", message)])
            };
            if present.state == PasswordState::None {
                return Err(no_password());
            }
            save(context, id, Password { state: PasswordState::MustChange, ..present })
        }
        "application/vnd.pingidentity.password.check+json" => {
            let body = context.object()?;
            let value = text(&body, "password")?;
            match present.digest == policy::digest(value) && present.digest.is_some() {
                true => Ok(shown(context, &record)),
                false => Err(mismatch("password")),
            }
        }
        _ => Err(ApiError::unsupported_media_type()),
    }
}

/// The password that the body of an import asks for.
pub(super) fn imported(password: &Value, assumptions: &Assumptions) -> Result<Password, ApiError> {
    let force_change = password.get("forceChange").and_then(Value::as_bool).unwrap_or(false);
    let Some(value) = password.get("value").and_then(Value::as_str) else {
        let missing = ErrorDetail::new("REQUIRED_VALUE", "password.value", "must not be null");
        // A password that an external gateway checks has no value.
        let is_external = password.get("external").is_some();
        return if is_external { Ok(Password::NONE) } else { Err(ApiError::invalid(vec![missing])) };
    };
    if assumptions.password_policy == PasswordPolicy::Always && !policy::is_encoded(value) {
        policy::check(value, &assumptions.weak_password_target)?;
    }
    Ok(new(value, force_change))
}

fn set(context: &Context<'_>, body: &Map<String, Value>, present: &Password) -> Result<Password, ApiError> {
    let value = text(body, "value")?;
    let flag = |name| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    let assumptions = &context.state.options.assumptions;
    if !flag("bypassPolicy") && !policy::is_encoded(value) {
        if assumptions.password_policy != PasswordPolicy::Never {
            policy::check(value, "password")?;
        }
        if assumptions.password_history {
            policy::check_history(present, value, "password")?;
        }
    }
    Ok(new(value, flag("forceChange")))
}

/// Without the current password it is an administrator's reset: the policy does not count, and the user must change
/// the password.
fn reset(context: &Context<'_>, body: &Map<String, Value>, present: &Password) -> Result<Password, ApiError> {
    let value = text(body, "newPassword")?;
    let Some(current) = body.get("currentPassword").and_then(Value::as_str) else {
        return Ok(new(value, true));
    };
    if present.digest.is_none() || present.digest != policy::digest(current) {
        return Err(mismatch("currentPassword"));
    }
    if context.state.options.assumptions.password_policy != PasswordPolicy::Never {
        policy::check(value, "newPassword")?;
        policy::check_history(present, value, "newPassword")?;
    }
    Ok(new(value, false))
}

fn new(value: &str, force_change: bool) -> Password {
    let state = if force_change { PasswordState::MustChange } else { PasswordState::Ok };
    Password { state, digest: policy::digest(value) }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, ApiError> {
    let missing = || ApiError::invalid(vec![ErrorDetail::new("REQUIRED_VALUE", name, "must not be null")]);
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(missing)
}

fn mismatch(target: &str) -> ApiError {
    let message = "The provided password did not match provisioned password";
    ApiError::invalid(vec![ErrorDetail::new("INVALID_VALUE", target, message)])
}

fn save(context: &Context<'_>, id: &str, password: Password) -> Result<Reply, ApiError> {
    let (slot, _, _) = find(context, id)?;
    let mut store = context.environment.store.write();
    let stored = store.record_mut(slot).ok_or_else(|| ApiError::no_such("user", id))?;
    let old = stored.clone();
    stored.flags.password = password;
    stored.updated = Millis::now();
    stored.count_write(&old);
    let record = stored.clone();
    drop(store);
    count(&context.state.counters.updated);
    Ok(shown(context, &record))
}

fn shown(context: &Context<'_>, record: &Record) -> Reply {
    let user = context.url(format_args!("/users/{}", record.id));
    let policy = context.environment.password_policy;
    let state = record.flags.password.state;
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
        json.key("status").plain(state.name());
        if state != PasswordState::None {
            json.key("lastChangedAt").plain(record.updated);
        }
    });
    Reply::hal(StatusCode::OK, json.finish())
}
