//! `POST /users`, plain and in the form of an import.

use http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{body, password, population_id, taken};
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::reply::Reply;
use crate::schema;
use crate::stats::count;
use crate::store::{Flags, Password, Record, Store};
use crate::time::Millis;

pub(crate) fn create(context: &Context<'_>) -> Result<Reply, ApiError> {
    let is_import = match context.media_type().as_str() {
        "application/json" => false,
        "application/vnd.pingidentity.user.import+json" => true,
        _ => return Err(ApiError::unsupported_media_type()),
    };
    let request = Request::read(context, is_import)?;
    let mut store = context.environment.store.write();
    let population = population_slot(&store, &request.population)?;
    let record = Record::new(
        context.state.ids.uuid(),
        population,
        Millis::now(),
        request.flags,
        &request.username,
        &request.profile,
    );
    let (written, population) = (record.clone(), population_id(&store, &record));
    store.insert(record, &request.profile).map_err(|error| taken(context, &error))?;
    drop(store);
    count(&context.state.counters.created);
    Ok(body::shown(context, StatusCode::CREATED, &written, population, &request.profile))
}

struct Request {
    username: String,
    population: Option<Value>,
    profile: Map<String, Value>,
    flags: Flags,
}

impl Request {
    fn read(context: &Context<'_>, is_import: bool) -> Result<Self, ApiError> {
        let assumptions = &context.state.options.assumptions;
        let mut body = context.object()?;
        let username = schema::username(body.get("username"))?.to_owned();
        // `swap_remove` would reorder what is left; the order of keys decides the order of complaints.
        let population = body.shift_remove("population");
        let password = body.shift_remove("password").filter(|_| is_import);
        let mfa_enabled = body.get("mfaEnabled").and_then(Value::as_bool).unwrap_or(false);
        let mut checked = context.environment.schema.check(body, assumptions)?;
        checked.profile.retain(|_, value| !value.is_null());
        if let Some(error) = context.environment.schema.missing(&checked.profile, assumptions) {
            return Err(error);
        }
        let password = match &password {
            Some(value) => password::imported(value, assumptions)?,
            None => Password::NONE,
        };
        let flags = Flags {
            // A create that asks for `enabled: false` is not refused: the attribute is ignored.
            enabled: true,
            mfa_enabled,
            email_verified: checked.email_verified.filter(|verified| is_import || !verified),
            verification_required: is_import && checked.verification_required == Some(true),
            password,
            locked: None,
        };
        Ok(Self { username, population, profile: checked.profile, flags })
    }
}

fn population_slot(store: &Store, value: &Option<Value>) -> Result<u32, ApiError> {
    let refused = |code, target: &str, message: String| {
        ApiError::invalid(vec![ErrorDetail::new(code, target, message)])
    };
    let Some(value) = value.as_ref().filter(|value| !value.is_null()) else {
        let missing = || refused("REQUIRED_VALUE", "population", "must not be null".into());
        return store.populations.default_slot().ok_or_else(missing);
    };
    let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
    let slot = Uuid::parse_str(id).ok().and_then(|id| store.populations.slot(id));
    slot.ok_or_else(|| {
        refused("INVALID_VALUE", "population.id", format!("Unable to find population with ID: '{id}'"))
    })
}
