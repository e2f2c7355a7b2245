//! Telling somebody who cannot be let in when to come back.

use std::time::Duration;

use rand::RngExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Neither a request that does not come nor a client that does not read may hold this up.
const LIMIT: Duration = Duration::from_secs(2);

/// A request's head is read so that the client does not see a reset before it sees the answer.
const MAX_HEAD: usize = 8 * 1024;

/// Answers one request with 503 and closes. Only whether the process lives is answered truly: an orchestrator that
/// restarts a crowded server makes it worse.
pub(super) async fn turn_away(mut stream: TcpStream) {
    // Whatever goes wrong, the connection ends.
    let _ = timeout(LIMIT, answer(&mut stream)).await;
}

async fn answer(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < MAX_HEAD {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let answer = match head.starts_with(b"GET /api/health/live ") {
        true => respond("200 OK", "", "application/json", r#"{"status":"alive"}"#),
        false => overloaded(),
    };
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // A body that is still under way would turn the close into a reset, which may overtake the answer.
    while stream.read_buf(&mut head).await? > 0 {
        head.clear();
    }
    Ok(())
}

fn overloaded() -> String {
    // Those who were turned away together shall not come back together.
    let retry_after = rand::rng().random_range(2..=10);
    let body = serde_json::json!({
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "overloaded",
        "detail": format!(
            "The server has as many connections as it takes. Try again in {retry_after} s; jobs go on meanwhile."
        ),
    });
    let retry = format!("Retry-After: {retry_after}\r\n");
    respond("503 Service Unavailable", &retry, "application/problem+json", &body.to_string())
}

fn respond(status: &str, headers: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
}
