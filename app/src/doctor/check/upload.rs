//! Files to import are far larger than messages, and proxies have limits of their own for them.

use std::time::Duration;

use hyper::StatusCode;
use tokio::time::timeout;

use super::super::cause::Cause;
use super::super::client::{Http, Target};
use super::super::failure::Failure;
use super::Seen;

/// A file of half a million users has about this size.
const ANNOUNCED: u64 = 64 * 1024 * 1024;

/// Who refuses the size does so at once; who is silent waits for the body.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Announces a large file, sends none of it, and sees whether the size alone is refused.
pub(in crate::doctor) async fn upload(target: &Target) -> Result<Seen, Failure> {
    let mut http = Http::connect(target).await?;
    let mebibytes = ANNOUNCED / 1024 / 1024;
    let fine = || Ok(Seen::fine(format!("a file of {mebibytes} MiB is not refused for its size")));
    match timeout(PATIENCE, http.announce("api/preview", ANNOUNCED)).await {
        Ok(Ok(answer)) if answer.status == StatusCode::PAYLOAD_TOO_LARGE && !answer.is_from_server() => {
            let detail = format!("a file of {mebibytes} MiB: answered {}", answer.status);
            Err(Failure::new(Cause::BodyLimit, detail))
        }
        Ok(Err(failure)) if failure.cause != Cause::ConnectionReset => Err(failure),
        _ => fine(),
    }
}
