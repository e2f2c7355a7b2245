//! The page, embedded in the binary.

use axum::body::Body;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, UPGRADE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::Problem;

#[derive(RustEmbed)]
#[folder = "../web/dist"]
#[allow_missing = true]
struct Dist;

/// Files with a hash in their name never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Serves a file of the page, or the page itself for the paths that it routes on its own.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This is a page.")
            .into_response();
    }
    let path = uri.path().trim_start_matches('/');
    if let Some(file) = Dist::get(path) {
        let caching = if path.starts_with("assets/") { IMMUTABLE } else { "no-cache" };
        return respond(file, caching, &headers);
    }
    if is_lost_socket(&uri, &headers) {
        let detail = "This is no path of a socket. Socket.IO is at /socket.io/, the plain WebSocket at /ws.";
        return Problem::not_found("wrong_path", detail).into_response();
    }
    if is_file_name(path) {
        return Problem::not_found("not_found", "There is no such file.").into_response();
    }
    let is_view = is_view(path);
    if !is_view && !wants_page(&headers) {
        return Problem::not_found("not_found", "There is nothing under this path.").into_response();
    }
    let mut response = match Dist::get("index.html") {
        // The page itself says that there is no such view; a copy of it that is known already does, too.
        Some(file) if !is_view => respond(file, "no-cache", &HeaderMap::new()),
        Some(file) => respond(file, "no-cache", &headers),
        None => absent().into_response(),
    };
    if !is_view && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Whether the page has a view under this path: the routes of `web/src/app/router.tsx`.
fn is_view(path: &str) -> bool {
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    VIEWS.iter().any(|view| {
        let view: Vec<&str> = view.split('/').collect();
        view.len() == parts.len()
            && view.iter().zip(&parts).all(|(view, part)| view == part || *view == "*" && !part.is_empty())
    })
}

/// Paths of the page's own views; `*` is any one part.
const VIEWS: [&str; 8] = ["", "modify", "delete", "export", "populations", "status", "jobs", "jobs/*"];

/// Whether it is a browser that asks for a page, and no program.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .any(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

/// A client of a socket at another path, often behind a proxy that rewrites it: the page would only confuse it.
fn is_lost_socket(uri: &Uri, headers: &HeaderMap) -> bool {
    let engine_io = uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("EIO=")));
    engine_io
        || headers.get(UPGRADE).is_some_and(|upgrade| upgrade.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

fn respond(file: EmbeddedFile, caching: &'static str, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged =
        known.flat_map(|value| value.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mime = HeaderValue::try_from(file.metadata.mimetype());
        let mime = mime.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        ([(CONTENT_TYPE, mime)], Body::from(file.data)).into_response()
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    // Hexadecimal digits in quotes are a valid header.
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// A path whose last part has an extension, or that lies among the assets, names a file and no view.
fn is_file_name(path: &str) -> bool {
    path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn absent() -> impl IntoResponse {
    let page = "The page is not built into this program.\n\n\
        Build it and the program with:\n\n    cargo xtask demo\n\n\
        or by hand:\n\n    cd web && npm ci && npm run build\n    cargo build --release -p pingone-import\n\n\
        The API works without it; see /docs.\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(CACHE_CONTROL, "no-store")], page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's own list of routes.
    const ROUTER: &str = include_str!("../../web/src/app/router.tsx");

    #[test]
    fn the_views_are_the_routes_of_the_page() {
        let paths = ROUTER.split("path: \"/").skip(1).filter_map(|rest| rest.split('"').next());
        let of_parameter = |part: &'static str| if part.starts_with('$') { "*" } else { part };
        let as_view = |path: &'static str| path.split('/').map(of_parameter).collect::<Vec<_>>().join("/");
        let mut routes: Vec<_> = paths.map(as_view).collect();
        let mut views = VIEWS.to_vec();
        routes.sort_unstable();
        views.sort_unstable();
        assert_eq!(routes, views);
    }

    #[test]
    fn a_view_is_told_from_anything_else() {
        for path in ["", "status", "status/", "jobs", "jobs/018f0000"] {
            assert!(is_view(path), "{path}");
        }
        for path in ["jobs/1/rows", "nonexistent", "Status"] {
            assert!(!is_view(path), "{path}");
        }
    }
}
