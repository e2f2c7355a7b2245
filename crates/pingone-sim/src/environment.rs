//! `GET /environments/{id}`

use http::StatusCode;

use crate::context::Context;
use crate::reply::Reply;

pub(crate) fn read(context: &Context<'_>) -> Reply {
    let environment = context.environment;
    let mut json = context.json();
    json.object(|json| {
        json.key("_links").object(|json| {
            json.link("self", &context.base);
            json.link("populations", context.url("/populations"));
            json.link("users", context.url("/users"));
            json.link("schemas", context.url("/schemas"));
        });
        json.key("id").plain(environment.id);
        json.key("name").plain("Simulator");
        json.key("description").plain("A local PingOne environment");
        json.reference("organization", environment.organization);
        json.key("type").plain("SANDBOX");
        json.key("region").plain("NA");
        json.key("createdAt").plain(environment.created);
        json.key("updatedAt").plain(environment.created);
        json.reference("license", environment.license);
    });
    Reply::hal(StatusCode::OK, json.finish())
}
