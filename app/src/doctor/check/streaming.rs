//! Whether a streamed answer arrives as it is sent, by the times at which its parts arrive.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::StatusCode;
use serde::Deserialize;
use tokio::time::Instant;

use super::super::cause::Cause;
use super::super::client::{Http, Target};
use super::super::failure::Failure;
use super::Seen;

/// A busy machine may read late once; only what is late every time is held back on the way.
const TRIES: usize = 3;

/// What the server says in its stream of pulses.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::doctor) struct Pulse {
    /// Milliseconds since the first.
    #[serde(default)]
    at: u64,
    /// What the request looked like when it reached the server.
    #[serde(default)]
    pub(in crate::doctor) seen: Option<SeenRequest>,
}

/// Headers of a request as the server got them.
pub(in crate::doctor) type SeenRequest = std::collections::BTreeMap<String, String>;

/// Reads the stream of pulses and compares when they were sent with when they came.
pub(in crate::doctor) async fn streaming(target: &Target) -> (Result<Seen, Failure>, Option<SeenRequest>) {
    let mut seen = None;
    let mut last = None;
    for _ in 0..TRIES {
        match listen(target).await {
            Ok(heard) => {
                seen = heard.seen.clone().or(seen);
                if !heard.is_held_back() {
                    let detail =
                        format!("{} parts arrived over {} ms, as they were sent", heard.parts, heard.came);
                    return (Ok(Seen::Fine(detail)), seen);
                }
                last = Some(heard);
            }
            Err(failure) => return (Err(failure), seen),
        }
    }
    let detail = last.map_or_else(String::new, |heard| {
        format!(
            "{} parts that were sent over {} ms arrived within {} ms",
            heard.parts, heard.sent, heard.came
        )
    });
    (Err(Failure::new(Cause::StreamBuffered, detail)), seen)
}

/// What came of a stream.
struct Heard {
    parts: usize,
    /// Milliseconds from the first part to the last, as sent.
    sent: u64,
    /// The same, as they came.
    came: u64,
    seen: Option<SeenRequest>,
}

impl Heard {
    fn is_held_back(&self) -> bool {
        self.came < self.sent / 3
    }
}

async fn listen(target: &Target) -> Result<Heard, Failure> {
    let path = "api/health/pulse";
    let mut http = Http::connect(target).await?;
    let response = http.stream(path).await?;
    if response.status() != StatusCode::OK {
        let detail = format!("GET {path}: answered {}", response.status());
        return Err(Failure::new(Cause::UnexpectedAnswer, detail));
    }
    let mut body = response.into_body();
    let (mut text, mut first, mut came, mut parts) = (String::new(), None, Duration::ZERO, 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Failure::from_transport("read a stream", &error))?;
        let Ok(data) = frame.into_data() else { continue };
        came = first.get_or_insert_with(Instant::now).elapsed();
        text.push_str(&String::from_utf8_lossy(&data));
    }
    let mut heard =
        Heard { parts: 0, sent: 0, came: u64::try_from(came.as_millis()).unwrap_or(u64::MAX), seen: None };
    for line in text.lines().filter_map(|line| line.strip_prefix("data:")) {
        let Ok(pulse) = serde_json::from_str::<Pulse>(line.trim()) else { continue };
        parts += 1;
        heard.sent = heard.sent.max(pulse.at);
        heard.seen = pulse.seen.or(heard.seen);
    }
    heard.parts = parts;
    if parts < 2 {
        return Err(Failure::new(Cause::UnexpectedAnswer, "the stream of pulses is no such stream"));
    }
    Ok(heard)
}
