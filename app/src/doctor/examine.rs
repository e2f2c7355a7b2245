//! `doctor`: the same probes from outside, through whatever is on the way.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde::Serialize;
use tokio::time::Instant;

use super::cause::{Cause, Failure};
use super::client::{Deadline, Http, Target, WebSocket};
use super::probe::{Probe, all};
use super::report::{CauseReport, Findings, Status, TierReport, Tiers};

/// What the probes found at a server.
#[derive(Debug, Clone, Serialize)]
pub struct Examination {
    /// The address that was probed.
    pub url: String,
    /// The overall state, as seen from here.
    pub status: Status,
    /// The version that the server told; null if it did not.
    pub version: Option<String>,
    /// Each tier.
    pub tiers: Tiers,
    /// Why the state is not healthy.
    pub causes: Vec<CauseReport>,
}

/// Probes every tier of a server, each with its own deadline.
///
/// With `idle`, a connection is then left idle for that long, to find out whether something closes it.
pub async fn examine(target: &Target, deadline: Duration, idle: Option<Duration>) -> Examination {
    let probe: Arc<dyn Probe> = Arc::new(target.clone());
    let (outcomes, version) = tokio::join!(all(&probe, deadline), version(target, deadline));
    let mut findings = Findings::new(&outcomes);
    if let Some(idle) = idle.filter(|_| findings.tiers.direct.ok)
        && let Err(failure) = stay_idle(target, deadline, idle).await
    {
        findings.add("direct", &failure);
    }
    let Findings { status, tiers, causes } = findings;
    Examination { url: target.base().to_string(), status, version, tiers, causes }
}

impl Examination {
    /// The exit code of `doctor`: 0 healthy, 1 degraded, 3 critical or unreachable.
    pub fn exit_code(&self) -> u8 {
        match self.status {
            Status::Healthy => 0,
            Status::Degraded => 1,
            Status::Critical => 3,
        }
    }

    /// A table for people, with the causes and where to read on.
    pub fn table(&self) -> String {
        let mut text = format!("{}  {}", self.url, self.status.as_str());
        if let Some(version) = &self.version {
            let _ = write!(text, "  (version {version})");
        }
        text.push_str("\n\n");
        let tiers = [
            ("websocket", &self.tiers.websocket),
            ("polling", &self.tiers.polling),
            ("adaptive", &self.tiers.adaptive),
            ("direct", &self.tiers.direct),
        ];
        for (name, tier) in tiers {
            let _ = writeln!(text, "  {name:<10} {:<7} {:>7}  {}", word(tier), time(tier), tier.detail);
        }
        for cause in &self.causes {
            let _ = write!(text, "\n{}\n  {}\n  See {}\n", cause.code, cause.message, cause.doc);
        }
        text
    }
}

fn word(tier: &TierReport) -> &'static str {
    match (tier.supported, tier.ok) {
        (false, _) => "-",
        (true, true) => "ok",
        (true, false) => "failed",
    }
}

fn time(tier: &TierReport) -> String {
    tier.ms.map(|ms| format!("{ms} ms")).unwrap_or_default()
}

async fn version(target: &Target, deadline: Duration) -> Option<String> {
    let asked = async {
        let answer = Http::connect(target).await?.exchange(Method::GET, "api/health", "").await?;
        let health: Option<serde_json::Value> = serde_json::from_str(&answer.body).ok();
        Ok(health.and_then(|health| Some(health.get("version")?.as_str()?.to_owned())))
    };
    Deadline::after(deadline).step(Cause::TimedOut, "ask for the version", asked).await.ok().flatten()
}

async fn stay_idle(target: &Target, deadline: Duration, idle: Duration) -> Result<(), Failure> {
    let opening = WebSocket::open(target, "ws");
    let mut socket = Deadline::after(deadline).step(Cause::TimedOut, "open a WebSocket", opening).await?;
    let started = Instant::now();
    match tokio::time::timeout(idle, socket.text()).await {
        Ok(Err(failure)) => {
            let detail = format!("closed after {} s: {}", started.elapsed().as_secs(), failure.detail);
            Err(Failure::new(Cause::IdleClosed, detail))
        }
        Ok(Ok(_)) | Err(_) => {
            socket.close().await;
            Ok(())
        }
    }
}
