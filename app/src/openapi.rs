//! The OpenAPI document, made from the routes themselves.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::jobs::Event;

/// The description of the HTTP API (OpenAPI 3.1).
pub fn document() -> utoipa::openapi::OpenApi {
    crate::router::document()
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "PingOne Import Tool",
        description = "Import PingOne users in bulk and watch each row. \
            The same events also come over Socket.IO (path `/socket.io/`, namespace `/`, event `subscribe {job, after}`) \
            and over a plain WebSocket at `/ws` (`{\"type\":\"subscribe\",\"job\":…,\"after\":…}`).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    components(schemas(Event)),
    security(("session" = []), ("bearer" = [])),
    tags(
        (name = "jobs", description = "Create, watch and control jobs"),
        (name = "pingone", description = "The PingOne environment that jobs run against"),
        (name = "session", description = "Log in and out"),
        (name = "operation", description = "The state of the server"),
    ),
    modifiers(&Security),
)]
pub(crate) struct Skeleton;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "pingone_import_{port}",
            "Set by the login link; the name holds the port of the server",
        ));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}
