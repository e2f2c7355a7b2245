//! `/environments/{id}/users`

mod account;
mod body;
mod candidate;
mod change;
mod create;
mod cursor;
mod list;
mod password;
mod policy;
mod side;

use http::Method;
use http::header::IF_MATCH;
use uuid::Uuid;

use crate::context::Context;
use crate::errors::ApiError;
use crate::reply::Reply;
use crate::stats::count;
use crate::store::{Record, Store, Taken};

pub(crate) use body::profile_value;
pub(crate) use policy::digest;

/// Answers a request for the collection.
pub(crate) fn collection(context: &Context<'_>) -> Result<Reply, ApiError> {
    match *context.method {
        Method::GET => list::list(context),
        Method::POST => create::create(context),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Answers a request for one user.
pub(crate) fn item(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    match *context.method {
        Method::GET => {
            let (_, record, population) = find(context, id)?;
            body::user_with_groups(context, &record, population)
        }
        Method::PATCH => change::patch(context, id),
        Method::PUT => change::put(context, id),
        Method::DELETE => delete(context, id),
        Method::POST => account::post(context, id),
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Answers a request for a resource that belongs to one user.
pub(crate) fn side(context: &Context<'_>, id: &str, name: &str) -> Result<Reply, ApiError> {
    match (name, context.method) {
        ("enabled", &(Method::GET | Method::PUT)) => side::enabled(context, id),
        ("population", &(Method::GET | Method::PUT)) => side::population(context, id),
        ("mfaEnabled", &(Method::GET | Method::PUT)) => side::mfa_enabled(context, id),
        ("password", &Method::GET) => password::read(context, id),
        ("password", &Method::PUT) => password::put(context, id),
        ("password", &Method::POST) => password::post(context, id),
        ("enabled" | "population" | "mfaEnabled" | "password", _) => Err(ApiError::method_not_allowed()),
        _ => Err(ApiError::not_found()),
    }
}

fn delete(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let assumptions = &context.state.options.assumptions;
    let mut store = context.environment.store.write();
    let user = match located(&store, id) {
        Ok((_, record)) => record,
        Err(_) if assumptions.absent_delete_status == 204 => return Ok(Reply::no_content()),
        Err(error) => return Err(error),
    };
    check_precondition(context, user)?;
    let user = user.id;
    store.delete(user, !assumptions.search_lag.is_zero());
    count(&context.state.counters.deleted);
    Ok(Reply::no_content())
}

/// The user's slot, a copy of its record, and the id of its population.
pub(crate) fn find(context: &Context<'_>, id: &str) -> Result<(u32, Record, Uuid), ApiError> {
    let store = context.environment.store.read();
    let (slot, record) = located(&store, id)?;
    Ok((slot, record.clone(), population_id(&store, record)))
}

fn located<'a>(store: &'a Store, id: &str) -> Result<(u32, &'a Record), ApiError> {
    let slot = Uuid::parse_str(id).ok().and_then(|id| store.slot_by_id(id));
    let found = slot.and_then(|slot| Some((slot, store.record(slot)?)));
    found.ok_or_else(|| ApiError::no_such("user", id))
}

/// Refuses a change with an `If-Match` that is not the user's `ETag`.
fn check_precondition(context: &Context<'_>, record: &Record) -> Result<(), ApiError> {
    let Some(wanted) = context.headers.get(IF_MATCH).filter(|_| context.state.options.assumptions.etags)
    else {
        return Ok(());
    };
    let wanted = wanted.to_str().unwrap_or_default();
    let is_it = |tag: &str| tag == "*" || tag == etag(record);
    if wanted.split(',').map(str::trim).any(is_it) { Ok(()) } else { Err(ApiError::precondition_failed()) }
}

/// A user's `ETag`, which every change gives it anew.
fn etag(record: &Record) -> String {
    format!("\"{}\"", record.writes)
}

fn population_id(store: &Store, record: &Record) -> Uuid {
    store.populations.at(record.population).map_or_else(Uuid::nil, |population| population.id)
}

fn taken(context: &Context<'_>, taken: &Taken) -> ApiError {
    ApiError::duplicate(context.state.options.assumptions.duplicate_status, &taken.attribute)
}
