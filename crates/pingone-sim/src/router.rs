use std::net::IpAddr;
use std::time::Instant;

use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};

use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail};
use crate::reply::Reply;
use crate::state::{Access, State};
use crate::stats::count;
use crate::{RetryAfter, RetryAfterForm, environment, groups, memberships, populations, schema, users};

/// Does the work that a request asks for.
pub(crate) fn answer(state: &State, from: IpAddr, head: &Parts, body: &[u8]) -> Result<Reply, ApiError> {
    let path = head.uri.path();
    if let Some(base) = path.strip_suffix("/as/token") {
        return token(state, head, body, base);
    }
    let mut segments = path.strip_prefix("/v1/environments/").ok_or_else(ApiError::not_found)?.split('/');
    check_access(state, head)?;
    let id = segments.next().unwrap_or_default();
    if !id.eq_ignore_ascii_case(&state.environment.id.to_string()) {
        return Err(match state.options.assumptions.unknown_environment_status {
            403 => ApiError::forbidden(),
            _ => ApiError::no_such("environment", id),
        });
    }
    admit(state, is_write(&head.method), from)?;
    let context = Context {
        state,
        environment: &state.environment,
        method: &head.method,
        headers: &head.headers,
        query: head.uri.query(),
        body,
        base: base_url(state, head),
    };
    route(&context, [segments.next(), segments.next(), segments.next(), segments.next(), segments.next()])
}

fn route(context: &Context<'_>, segments: [Option<&str>; 5]) -> Result<Reply, ApiError> {
    let read_only = || match *context.method {
        Method::GET => Ok(()),
        _ => Err(ApiError::method_not_allowed()),
    };
    match segments {
        [None, ..] => read_only().map(|()| environment::read(context)),
        [Some("users"), None, ..] => users::collection(context),
        [Some("users"), Some(id), None, ..] => users::item(context, id),
        [Some("users"), Some(id), Some("memberOfGroups"), group, None] => {
            memberships::answer(context, id, group)
        }
        [Some("users"), Some(id), Some(name), None, _] => users::side(context, id, name),
        [Some("groups"), None, ..] => groups::collection(context),
        [Some("groups"), Some(id), None, ..] => groups::item(context, id),
        [Some("groups"), Some(id), Some("memberOfGroups"), None, _] => groups::memberships(context, id),
        [Some("populations"), None, ..] => populations::collection(context),
        [Some("populations"), Some(id), None, ..] => populations::item(context, id),
        [Some("schemas"), None, ..] => read_only().map(|()| schema::schemas(context)),
        [Some("schemas"), Some(id), None, ..] => read_only().and_then(|()| schema::schema(context, id)),
        [Some("schemas"), Some(id), Some("attributes"), None, _] => {
            read_only().and_then(|()| schema::attributes(context, id))
        }
        [Some("schemas"), Some(id), Some("attributes"), Some(attribute), None] => {
            read_only().and_then(|()| schema::attribute(context, id, attribute))
        }
        _ => Err(ApiError::not_found()),
    }
}

fn token(state: &State, head: &Parts, body: &[u8], base: &str) -> Result<Reply, ApiError> {
    count(&state.counters.token_requests);
    // A custom domain's token path names no environment.
    let id = base.trim_start_matches('/');
    if !id.is_empty() && !id.eq_ignore_ascii_case(&state.environment.id.to_string()) {
        return Err(ApiError::no_such("environment", id));
    }
    if head.method != Method::POST {
        return Err(ApiError::method_not_allowed());
    }
    Ok(state.tokens.request(&head.headers, body, state.environment.id, &state.ids))
}

fn check_access(state: &State, head: &Parts) -> Result<(), ApiError> {
    if !state.tokens.accept(&head.headers) {
        return Err(unauthorized(state));
    }
    match *state.access.read() {
        Access::Full => Ok(()),
        Access::ReadOnly if !is_write(&head.method) => Ok(()),
        Access::ReadOnly | Access::None => Err(ApiError::forbidden()),
    }
}

fn admit(state: &State, is_write: bool, from: IpAddr) -> Result<(), ApiError> {
    state.limits.read().admit(is_write, from, Instant::now()).map_err(|wait| {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        throttled(
            state,
            match state.options.assumptions.retry_after {
                RetryAfterForm::Seconds => RetryAfter::Seconds(seconds),
                RetryAfterForm::HttpDate => RetryAfter::HttpDate(seconds),
                RetryAfterForm::Absent => RetryAfter::Absent,
            },
        )
    })
}

/// A 401.
pub(crate) fn unauthorized(state: &State) -> ApiError {
    count(&state.counters.unauthorized);
    ApiError::unauthorized()
}

/// A 429.
pub(crate) fn throttled(state: &State, retry_after: RetryAfter) -> ApiError {
    count(&state.counters.throttled);
    let assumptions = &state.options.assumptions;
    let message = assumptions.throttle_message.clone();
    let detail = ErrorDetail { code: "LIMIT_EXCEEDED", message: message.clone(), ..ErrorDetail::default() };
    let details = if assumptions.throttle_details { vec![detail] } else { Vec::new() };
    let retry_after = match retry_after {
        RetryAfter::Seconds(seconds) => Some(HeaderValue::from(seconds)),
        RetryAfter::HttpDate(seconds) => HeaderValue::try_from(http_date(seconds)).ok(),
        RetryAfter::Absent => None,
    };
    let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "REQUEST_LIMITED", message).with(details);
    ApiError { retry_after, ..error }
}

/// The date that is `seconds` from now, rounded up to a whole second, in the form of RFC 9110, section 5.6.7.
fn http_date(seconds: u64) -> String {
    let span = jiff::SignedDuration::from_secs(seconds.saturating_add(1).min(1 << 32).cast_signed());
    let date = jiff::Timestamp::now().saturating_add(span).unwrap_or(jiff::Timestamp::MAX);
    date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The environment's URL under the name by which the client reached us, which may be that of a proxy.
fn base_url(state: &State, head: &Parts) -> String {
    let scheme = if state.options.tls { "https" } else { "http" };
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    format!("{scheme}://{host}/v1/environments/{}", state.environment.id)
}

fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
