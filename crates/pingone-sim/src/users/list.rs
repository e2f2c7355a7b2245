//! `GET /users`

use http::StatusCode;
use uuid::Uuid;

use super::candidate::Candidate;
use super::cursor::Cursor;
use super::{body, population_id};
use crate::CursorKind;
use crate::context::Context;
use crate::errors::ApiError;
use crate::filter::{Expression, Literal, Operator, Subject as _};
use crate::reply::Reply;
use crate::schema::FILTERABLE;
use crate::store::Record;
use crate::time::Millis;

pub(crate) fn list(context: &Context<'_>) -> Result<Reply, ApiError> {
    let assumptions = &context.state.options.assumptions;
    if assumptions.refuse_order && context.parameter("order").is_some() {
        return Err(ApiError::invalid_parameter("order"));
    }
    let limit = context.limit(assumptions.page_limit)?;
    let cursor = start(context)?;
    let expression = match &cursor.filter {
        Some(text) => Some(parsed(context, text)?),
        None => None,
    };
    let is_short =
        assumptions.short_page_every.is_some_and(|every| every > 0 && (cursor.page + 1) % every == 0);
    let size = if is_short { limit.div_ceil(2) } else { limit };
    let found = scan(context, &cursor, expression.as_ref(), size);
    Ok(page(context, limit, &found))
}

/// One page of users, copied out of the store so that it is not locked while they are written.
struct Found {
    users: Vec<(Record, Uuid)>,
    next: Option<Cursor>,
    /// Number of users that the filter selects.
    count: usize,
}

fn start(context: &Context<'_>) -> Result<Cursor, ApiError> {
    let Some(text) = context.parameter("cursor") else {
        return Ok(Cursor { filter: context.parameter("filter"), ..Cursor::default() });
    };
    let cursor = Cursor::decode(&text).ok_or_else(|| ApiError::invalid_parameter("cursor"))?;
    let lifetime = context.state.options.assumptions.cursor_lifetime;
    let age = Millis::now().0.saturating_sub(cursor.made).unsigned_abs();
    match lifetime {
        Some(lifetime) if u128::from(age) >= lifetime.as_millis() => {
            Err(ApiError::invalid_parameter("cursor"))
        }
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
        return Found { count: users.len(), next: None, users };
    }
    let kind = context.state.options.assumptions.cursor;
    let (first, passed_over) = match kind {
        CursorKind::Offset => (0, cursor.position),
        CursorKind::Place | CursorKind::Snapshot => (cursor.position, 0),
    };
    let end = (kind == CursorKind::Snapshot).then(|| cursor.end.unwrap_or_else(|| store.end()));
    let selected = &selected;
    let list = |first| {
        let in_time = move |(slot, _): &(u32, &Record)| end.is_none_or(|end| *slot < end);
        store.searchable(first, lag).take_while(in_time).filter(move |(_, record)| selected(record))
    };
    let mut rest = list(first).skip(passed_over as usize);
    let users: Vec<_> = rest.by_ref().take(size).map(|(_, record)| copied(record)).collect();
    let next = rest.next().map(|(slot, _)| slot);
    let count = match (expression, cursor.count) {
        (None, _) => store.live(),
        (Some(_), Some(count)) => count,
        (Some(_), None) if next.is_none() && cursor.page == 0 => users.len(),
        (Some(_), None) => list(0).count(),
    };
    let next = next.map(|slot| Cursor {
        position: if kind == CursorKind::Offset { cursor.position + users.len() as u32 } else { slot },
        end,
        count: Some(count),
        page: cursor.page + 1,
        made: Millis::now().0,
        filter: cursor.filter.clone(),
    });
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

fn page(context: &Context<'_>, limit: usize, found: &Found) -> Reply {
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", context.url(format_args!("/users{}", context.echoed_query())));
            if let Some(next) = &found.next {
                json.link("next", context.url(format_args!("/users?cursor={}&limit={limit}", next.encode())));
            }
        });
        json.key("_embedded").object(|json| {
            json.key("users").array(&found.users, |json, (record, population)| {
                body::write(json, context, record, *population, &record.profile(), body::Links::Item);
            });
        });
        if context.state.options.assumptions.list_count {
            json.key("count").bare(found.count);
        }
        json.key("size").bare(found.users.len());
    });
    Reply::hal(StatusCode::OK, json.finish())
}

fn parsed(context: &Context<'_>, text: &str) -> Result<Expression, ApiError> {
    let schema = &context.environment.schema;
    context.filter(text, |path| schema.is_filterable(path), &FILTERABLE)
}
