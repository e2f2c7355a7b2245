//! `GET /ws`.

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::response::Response;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use crate::auth::Visit;
use crate::error::Problem;
use crate::realtime::{self, Feeds, MAX_MESSAGE};

/// Opens the plain WebSocket.
pub(crate) async fn direct(
    State(feeds): State<Feeds>,
    State(shutdown): State<CancellationToken>,
    Extension(visit): Extension<Visit>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| {
        let detail = format!("This path speaks WebSocket only: {}.", error.body_text());
        Problem::new(StatusCode::UPGRADE_REQUIRED, "websocket_required", detail)
    })?;
    let span = Span::current();
    Ok(upgrade
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| realtime::serve_direct(socket, feeds, visit, shutdown).instrument(span)))
}
