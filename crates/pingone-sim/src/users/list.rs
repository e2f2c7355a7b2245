//! `GET /users`

use http::StatusCode;
use url::form_urlencoded;
use uuid::Uuid;

use super::cursor::Cursor;
use super::{body, population_id};
use crate::context::Context;
use crate::errors::{ApiError, ErrorDetail, InnerError};
use crate::filter::{self, Candidate, Expression, InvalidFilter, Literal, Operator};
use crate::reply::Reply;
use crate::schema::FILTERABLE;
use crate::store::Record;
use crate::time::Millis;

pub(crate) fn list(context: &Context<'_>) -> Result<Reply, ApiError> {
    let assumptions = &context.state.options.assumptions;
    if assumptions.refuse_order && context.parameter("order").is_some() {
        return Err(invalid_parameter("order"));
    }
    let limit = match context.parameter("limit").map(|limit| limit.parse::<usize>()) {
        None => assumptions.page_limit,
        Some(Ok(limit @ 1..)) => limit.min(assumptions.page_limit),
        Some(_) => return Err(invalid_parameter("limit")),
    };
    let cursor = start(context)?;
    let expression = match &cursor.filter {
        Some(text) => Some(parsed(context, text)?),
        None => None,
    };
    let is_short =
        assumptions.short_page_every.is_some_and(|every| every > 0 && (cursor.page + 1) % every == 0);
    let size = if is_short { limit.div_ceil(2) } else { limit };
    let found = scan(context, &cursor, expression.as_ref(), size);
    Ok(page(context, &cursor, limit, &found))
}

/// One page of users, copied out of the store so that it is not locked while they are written.
struct Found {
    users: Vec<(Record, Uuid)>,
    next: Option<u32>,
    /// Number of users that the filter selects, where it is known without reading them all.
    count: Option<usize>,
}

fn start(context: &Context<'_>) -> Result<Cursor, ApiError> {
    let Some(text) = context.parameter("cursor") else {
        return Ok(Cursor { filter: context.parameter("filter"), ..Cursor::default() });
    };
    let cursor = Cursor::decode(&text).ok_or_else(|| invalid_parameter("cursor"))?;
    let lifetime = context.state.options.assumptions.cursor_lifetime;
    let age = Millis::now().0.saturating_sub(cursor.made).unsigned_abs();
    match lifetime {
        Some(lifetime) if u128::from(age) >= lifetime.as_millis() => Err(invalid_parameter("cursor")),
        _ => Ok(cursor),
    }
}

fn scan(context: &Context<'_>, cursor: &Cursor, expression: Option<&Expression>, size: usize) -> Found {
    let store = context.environment.store.read();
    let case_sensitive = context.state.options.assumptions.case_sensitive_filters;
    let copied = |record: &Record| (record.clone(), population_id(&store, record));
    let lag = i64::try_from(context.state.options.assumptions.search_lag.as_millis()).unwrap_or(i64::MAX / 2);
    let selected = |record: &Record| {
        let (population, groups) = (population_id(&store, record), store.groups.of(record.id));
        expression.is_none_or(|e| Candidate::new(record, population, groups, case_sensitive).matches(e))
    };
    if let Some(name) = expression.and_then(wanted_username)
        && !case_sensitive
        && lag == 0
        && !context.state.options.assumptions.case_sensitive_usernames
    {
        let record = store.slot_by_username(name).and_then(|slot| store.record(slot));
        let users: Vec<_> = record.filter(|record| selected(record)).map(copied).into_iter().collect();
        return Found { count: Some(users.len()), next: None, users };
    }
    let mut users = Vec::new();
    let mut next = None;
    for (slot, record) in store.searchable(cursor.slot, lag).filter(|(_, record)| selected(record)) {
        if users.len() == size {
            next = Some(slot);
            break;
        }
        users.push(copied(record));
    }
    let count = match expression {
        None => Some(store.live()),
        Some(_) if cursor.page == 0 && next.is_none() => Some(users.len()),
        Some(_) => None,
    };
    Found { users, next, count }
}

/// The username that a user must have to be selected, if the filter demands exactly one.
fn wanted_username(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Comparison(comparison) => match &comparison.value {
            Literal::Text(name)
                if comparison.path == "username" && comparison.operator == Operator::Equals =>
            {
                Some(name)
            }
            _ => None,
        },
        Expression::And(terms) => terms.iter().find_map(wanted_username),
        Expression::Or(_) | Expression::Member(_) => None,
    }
}

fn page(context: &Context<'_>, cursor: &Cursor, limit: usize, found: &Found) -> Reply {
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/users{}", reordered(context))));
            if let Some(slot) = found.next {
                let next = Cursor {
                    slot,
                    page: cursor.page + 1,
                    made: Millis::now().0,
                    filter: cursor.filter.clone(),
                };
                json.link("next", context.url(format_args!("/users?cursor={}&limit={limit}", next.encode())));
            }
        });
        json.key("_embedded").object(|json| {
            json.key("users").array(&found.users, |json, (record, population)| {
                body::write(json, context, record, *population, &record.profile(), body::Links::Item);
            });
        });
        if let Some(count) = found.count {
            json.key("count").bare(count);
        }
        json.key("size").bare(found.users.len());
    });
    Reply::hal(StatusCode::OK, json.finish())
}

/// The query with its parameters in alphabetical order and encoded anew, as PingOne echoes it.
fn reordered(context: &Context<'_>) -> String {
    let mut pairs: Vec<_> = form_urlencoded::parse(context.query.unwrap_or_default().as_bytes()).collect();
    if pairs.is_empty() {
        return String::new();
    }
    pairs.sort();
    format!("?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

fn parsed(context: &Context<'_>, text: &str) -> Result<Expression, ApiError> {
    let schema = &context.environment.schema;
    filter::parse(text, |path| schema.is_filterable(path)).map_err(|error| {
        let detail = |message: String| ErrorDetail::new("INVALID_FILTER", "filter", message);
        let detail = match error {
            InvalidFilter::Syntax => detail("is not a valid filter".into()),
            InvalidFilter::UnsupportedOperator(operator) => {
                detail(format!("operator '{operator}' is not supported"))
                    .with(InnerError::Texts("supportedOperators", vec!["eq", "sw", "ew", "co", "and", "or"]))
            }
            InvalidFilter::UnsupportedAttribute(path) => {
                detail(format!("attribute '{path}' is not supported"))
                    .with(InnerError::Texts("supportedAttributes", FILTERABLE.to_vec()))
            }
        };
        let code = context.state.options.assumptions.invalid_filter_code.clone();
        ApiError { code, ..ApiError::invalid(vec![detail]) }
    })
}

fn invalid_parameter(name: &str) -> ApiError {
    ApiError::invalid(vec![ErrorDetail::new("INVALID_PARAMETER", name, "is not valid")])
}
