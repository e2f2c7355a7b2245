//! `POST /users/{id}`: what a media type does to the account.

use http::StatusCode;

use super::{body, located, population_id};
use crate::context::Context;
use crate::errors::ApiError;
use crate::reply::Reply;
use crate::stats::count;
use crate::time::Millis;

/// Locks or unlocks.
pub(super) fn post(context: &Context<'_>, id: &str) -> Result<Reply, ApiError> {
    let now = Millis::now();
    let locked = match context.media_type().as_str() {
        "application/vnd.pingidentity.account.lock+json" => Some(now),
        "application/vnd.pingidentity.account.unlock+json" => None,
        _ => return Err(ApiError::unsupported_media_type()),
    };
    let mut store = context.environment.store.write();
    let (slot, _) = located(&store, id)?;
    let record = store.record_mut(slot).ok_or_else(ApiError::not_found)?;
    let old = record.clone();
    record.flags.locked = locked;
    record.updated = now;
    record.count_write(&old);
    let record = record.clone();
    let population = population_id(&store, &record);
    drop(store);
    count(&context.state.counters.updated);
    Ok(body::user(context, StatusCode::OK, &record, population))
}
