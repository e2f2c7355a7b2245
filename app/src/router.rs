//! All routes in one list.

use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, HeaderName, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{guard_api, guard_socket};
use crate::controllers::{
    attributes, connection, docs, health, jobs, mappings, metrics, populations, preview, protected, session,
    socket,
};
use crate::error::Problem;
use crate::metrics::{count_handshake, count_request};
use crate::openapi::Skeleton;
use crate::{requests, stopping, ui};

/// Bodies that are not files are small; files are bounded where they are written.
const MAX_BODY: usize = 64 * 1024;

/// The whole server as one service.
pub fn router(app: App) -> Router {
    let api = Router::new()
        .merge(
            guarded()
                .split_for_parts()
                .0
                .layer(middleware::from_fn_with_state(app.access.clone(), guard_api)),
        )
        .merge(open().split_for_parts().0)
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, HeaderValue::from_static("no-store")));
    let pages = Router::new()
        .route("/login", get(session::link::link))
        .route("/docs", get(docs::page))
        .route("/docs/style.css", get(docs::style))
        .route("/api", any(no_such_endpoint))
        .route("/api/{*path}", any(no_such_endpoint))
        .fallback(ui::serve);
    let sockets = Router::new()
        .route("/ws", get(socket::direct))
        .route_service("/socket.io/", app.realtime.service())
        .route_service("/socket.io", app.realtime.service())
        .layer(middleware::from_fn_with_state(app.access.clone(), guard_socket))
        .layer(middleware::from_fn(count_handshake));
    api.merge(pages)
        .layer(CompressionLayer::new())
        .merge(sockets)
        .layer(middleware::from_fn_with_state(app.stopping.clone(), stopping::begin_nothing))
        .layer(middleware::map_response(secure))
        .layer(CatchPanicLayer::custom(|_| Problem::panicked().into_response()))
        .layer(middleware::from_fn(count_request))
        .layer(middleware::from_fn(requests::name))
        .with_state(app)
}

/// The description of every route below `/api`, and of `/metrics`.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Skeleton::openapi();
    document.merge(guarded().into_openapi());
    document.merge(open().into_openapi());
    document
}

/// Routes for those who are logged in.
fn guarded() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(jobs::create::create, jobs::list::list))
        .routes(routes!(preview::preview))
        .routes(routes!(protected::protected))
        // Uploads are streamed to disk, and counted there.
        .layer(DefaultBodyLimit::disable())
        .routes(routes!(jobs::show::show))
        .routes(routes!(jobs::control::pause))
        .routes(routes!(jobs::control::resume))
        .routes(routes!(jobs::control::cancel))
        .routes(routes!(jobs::retry::retry))
        .routes(routes!(jobs::events::events))
        .routes(routes!(jobs::rows::rows))
        .routes(routes!(jobs::rejects::rejects))
        .routes(routes!(jobs::result::result))
        .routes(routes!(jobs::file::file))
        .routes(routes!(jobs::passwords::passwords))
        .routes(routes!(populations::populations, populations::create))
        .routes(routes!(populations::change, populations::delete))
        .routes(routes!(attributes::attributes))
        .routes(routes!(mappings::list))
        .routes(routes!(mappings::show, mappings::save, mappings::delete))
        .routes(routes!(connection::connection))
        .routes(routes!(health::events::events))
        .routes(routes!(session::show::show))
        .routes(routes!(session::logout::logout))
}

/// Routes for everybody.
fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::show::health))
        .routes(routes!(health::check::check))
        .routes(routes!(health::history::history))
        .routes(routes!(health::live::live))
        .routes(routes!(health::ready::ready))
        .routes(routes!(health::pulse::pulse))
        .routes(routes!(docs::openapi))
        .routes(routes!(session::login::login))
        .routes(routes!(metrics::metrics))
        .layer(DefaultBodyLimit::max(MAX_BODY))
}

async fn no_such_endpoint() -> Problem {
    Problem::not_found("not_found", "There is no such endpoint; /docs lists those that there are.")
}

/// Scripts come from this server only. The component library of the page writes style elements at run time,
/// so inline styles are let through.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

async fn secure(mut response: Response) -> Response {
    let headers = [
        ("content-security-policy", CONTENT_SECURITY_POLICY),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        // The login link carries a token, which must not reach another site as a referrer.
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
