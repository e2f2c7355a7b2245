//! What a server that was told to stop still does: everything that was begun, and nothing new.

use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use rand::RngExt as _;
use tokio_util::sync::CancellationToken;

use crate::auth::OriginPolicy;
use crate::error::Problem;

/// Turns away what would begin something, once the server was told to stop.
///
/// Who is connected is served to the end, polls and reads of the log on new connections included: a client that is told
/// to come back must be able to hear it.
pub(crate) async fn begin_nothing(
    State(stopping): State<CancellationToken>,
    request: Request,
    next: Next,
) -> Response {
    if stopping.is_cancelled() && begins(&request) {
        // Those who were turned away together shall not come back together.
        let retry_after = rand::rng().random_range(1..=5);
        let detail =
            format!("The server is stopping. Try again in {retry_after} s; jobs go on at its next start.");
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", detail);
        return ([(RETRY_AFTER, retry_after.to_string())], problem).into_response();
    }
    next.run(request).await
}

fn begins(request: &Request) -> bool {
    match request.uri().path() {
        "/ws" => true,
        "/socket.io" | "/socket.io/" => request.method() != Method::OPTIONS && !names_a_session(request),
        "/api/logout" | "/api/health/check" => false,
        path => path.starts_with("/api/") && OriginPolicy::concerns(request.method()),
    }
}

/// Whether a request of Engine.IO is one of a session that exists.
fn names_a_session(request: &Request) -> bool {
    request.uri().query().unwrap_or_default().split('&').any(|pair| pair.starts_with("sid="))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn what_is_new_is_told_from_what_goes_on() {
        let begins = |method: &str, uri: &str| {
            begins(&Request::builder().method(method).uri(uri).body(Body::empty()).unwrap())
        };
        for (method, uri) in [
            ("GET", "/ws"),
            ("GET", "/socket.io/?EIO=4&transport=polling"),
            ("POST", "/socket.io/?EIO=4&transport=adaptive&carrier=long-poll&key=x"),
            ("POST", "/api/jobs"),
            ("POST", "/api/login"),
        ] {
            assert!(begins(method, uri), "{method} {uri}");
        }
        for (method, uri) in [
            ("GET", "/socket.io/?EIO=4&transport=polling&sid=x"),
            ("POST", "/socket.io/?EIO=4&transport=adaptive&sid=x&carrier=periodic"),
            ("GET", "/api/jobs/x/events?after=3"),
            ("GET", "/api/health/ready"),
            ("POST", "/api/logout"),
            ("GET", "/"),
        ] {
            assert!(!begins(method, uri), "{method} {uri}");
        }
    }
}
