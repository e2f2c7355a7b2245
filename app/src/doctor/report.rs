//! What the probes found, in the shape that `GET /api/health` tells.

use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use serde::Serialize;
use utoipa::ToSchema;

use super::cause::Cause;
use super::failure::Failure;
use super::probe::{Outcome, Outcomes};
use crate::metrics::{PROBE_DURATION, PROBE_SUCCESS, PROBES};

/// How well live progress reaches clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Socket.IO (WebSocket, polling, the upgrade between them, adaptive) and the direct WebSocket work.
    Healthy,
    /// Something works, but not everything.
    Degraded,
    /// Neither Socket.IO nor the direct WebSocket works.
    Critical,
}

impl Status {
    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
        }
    }
}

/// The state of one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TierReport {
    /// Data was carried both ways.
    pub ok: bool,
    /// False for a tier that the server does not have; such a tier does not count.
    pub supported: bool,
    /// How long the whole probe took, in milliseconds; null if it was not run.
    pub ms: Option<u64>,
    /// What was seen.
    pub detail: String,
    /// Whether a polling session could be upgraded to a WebSocket; only of the polling tier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upgrade: Option<bool>,
}

/// Every tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tiers {
    /// Socket.IO over a WebSocket from the start.
    pub websocket: TierReport,
    /// Socket.IO over HTTP long-polling, and its upgrade.
    pub polling: TierReport,
    /// The adaptive transport.
    pub adaptive: TierReport,
    /// The plain WebSocket at `/ws`.
    pub direct: TierReport,
}

impl Tiers {
    /// The tiers with their names, best first.
    pub(super) fn named(&self) -> [(&'static str, &TierReport); 4] {
        let Self { websocket, polling, adaptive, direct } = self;
        [("websocket", websocket), ("polling", polling), ("adaptive", adaptive), ("direct", direct)]
    }
}

/// Why a tier does not work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CauseReport {
    /// A stable name, in snake case.
    pub code: String,
    /// What it means and what was seen.
    pub message: String,
    /// The section of the troubleshooting guide.
    #[schema(example = "docs/troubleshooting.md#upgrade-refused")]
    pub doc: String,
    /// The tier that showed it.
    pub tier: String,
}

impl CauseReport {
    pub(super) fn new(tier: &str, failure: &Failure) -> Self {
        Self {
            code: failure.cause.code().to_owned(),
            message: format!("{} ({tier}: {})", failure.cause.meaning(), failure.detail),
            doc: failure.cause.doc(),
            tier: tier.to_owned(),
        }
    }
}

/// The answer of `GET /api/health`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthReport {
    /// The overall state. It changes when two runs of the probes in a row disagree with it.
    pub status: Status,
    /// What the last run found, if that is another state and not confirmed yet.
    pub unconfirmed: Option<Status>,
    /// Since when the state holds (RFC 3339, UTC).
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// The version of the server.
    pub version: String,
    /// Since the server started.
    pub uptime_seconds: u64,
    /// When the probes last ran (RFC 3339, UTC); null if they never could.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub checked_at: Option<Timestamp>,
    /// Each tier, through the server's own listener.
    pub tiers: Tiers,
    /// The same through the public URL; null if none is configured.
    pub public: Option<PublicReport>,
    /// Why the state is not healthy; empty if it is.
    pub causes: Vec<CauseReport>,
}

/// What the probes found on the way that people come, through their proxies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicReport {
    /// The address.
    pub url: String,
    /// The state as seen through it.
    pub status: Status,
    /// Each tier.
    pub tiers: Tiers,
}

/// The verdict on one run of the probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) status: Status,
    pub(super) tiers: Tiers,
    pub(super) causes: Vec<CauseReport>,
}

impl Findings {
    /// Judges what the probes saw.
    pub(super) fn new(outcomes: &Outcomes) -> Self {
        let mut causes = Vec::new();
        let mut judge = |name, outcome: &Option<Outcome>| {
            outcome.as_ref().map_or_else(unsupported, |outcome| tier(name, outcome, &mut causes))
        };
        let tiers = Tiers {
            websocket: judge("websocket", &outcomes.websocket),
            polling: judge("polling", &outcomes.polling),
            adaptive: judge("adaptive", &outcomes.adaptive),
            direct: judge("direct", &outcomes.direct),
        };
        let works = tiers.named().iter().any(|(_, tier)| tier.ok);
        let status = match (causes.is_empty(), works) {
            (true, _) => Status::Healthy,
            (false, true) => Status::Degraded,
            (false, false) => Status::Critical,
        };
        Self { status, tiers, causes }
    }

    /// Adds a trouble that was found outside the probes.
    pub(super) fn add(&mut self, tier: &str, failure: &Failure) {
        self.causes.push(CauseReport::new(tier, failure));
        if self.status == Status::Healthy {
            self.status = Status::Degraded;
        }
    }

    /// Adds what was seen through the public URL.
    ///
    /// However bad, it is degraded at most: a balancer that asks for the state of a node before it sends anybody there
    /// would otherwise never begin to, and the node itself works.
    pub(super) fn add_public(&mut self, url: &str, seen: &Self) {
        for cause in &seen.causes {
            let message = format!("Through {url}: {}", cause.message);
            let tier = format!("public {}", cause.tier);
            self.causes.push(CauseReport { message, tier, ..cause.clone() });
        }
        if seen.status != Status::Healthy && self.status == Status::Healthy {
            self.status = Status::Degraded;
        }
    }

    /// Writes the findings to the metrics; `way` is `listener` or `public`.
    pub(super) fn measure(&self, way: &'static str) {
        for (name, tier) in self.tiers.named().into_iter().filter(|(_, tier)| tier.supported) {
            gauge!(PROBE_SUCCESS, "tier" => name, "way" => way).set(u8::from(tier.ok));
            let result = if tier.ok { "success" } else { "failure" };
            counter!(PROBES, "tier" => name, "way" => way, "result" => result).increment(1);
            if let Some(ms) = tier.ms.and_then(|ms| u32::try_from(ms).ok()) {
                histogram!(PROBE_DURATION, "tier" => name, "way" => way).record(f64::from(ms) / 1_000.0);
            }
        }
    }

    /// The verdict where nothing was probed, because it could not lead anywhere.
    pub(super) fn untried(reason: &str) -> Self {
        let tier =
            || TierReport { ok: false, supported: true, ms: None, detail: reason.to_owned(), upgrade: None };
        let tiers = Tiers { websocket: tier(), polling: tier(), adaptive: tier(), direct: tier() };
        Self { status: Status::Critical, tiers, causes: Vec::new() }
    }

    /// The verdict before the server listens.
    pub(super) fn not_listening() -> Self {
        let failure = Failure::new(Cause::NotListening, "there is no listener to probe yet");
        Self { causes: vec![CauseReport::new("server", &failure)], ..Self::untried(&failure.detail) }
    }
}

fn tier(name: &str, (elapsed, result): &Outcome, causes: &mut Vec<CauseReport>) -> TierReport {
    let ms = u64::try_from(elapsed.as_millis()).ok();
    match result {
        Ok(carried) => {
            causes.extend(
                carried
                    .upgrade
                    .as_ref()
                    .and_then(|upgrade| upgrade.as_ref().err())
                    .map(|failure| CauseReport::new(name, failure)),
            );
            let upgrade = carried.upgrade.as_ref().map(Result::is_ok);
            TierReport { ok: true, supported: true, ms, detail: carried.detail.clone(), upgrade }
        }
        Err(failure) => {
            causes.push(CauseReport::new(name, failure));
            let detail = format!("{} {}", failure.cause.meaning(), failure.detail);
            TierReport { ok: false, supported: true, ms, detail, upgrade: None }
        }
    }
}

fn unsupported() -> TierReport {
    let detail = "not available".to_owned();
    TierReport { ok: false, supported: false, ms: None, detail, upgrade: None }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::probe::Carried;
    use super::*;

    fn worked() -> Outcome {
        (Duration::from_millis(3), Ok(Carried { detail: "data both ways".to_owned(), upgrade: None }))
    }

    fn failed(cause: Cause) -> Outcome {
        (Duration::from_millis(3), Err(Failure::new(cause, "seen")))
    }

    fn upgrade_failed() -> Outcome {
        let upgrade = Some(Err(Failure::new(Cause::UpgradeFailed, "no 3probe")));
        (Duration::ZERO, Ok(Carried { detail: String::new(), upgrade }))
    }

    fn outcomes(websocket: Outcome, polling: Outcome, direct: Outcome) -> Outcomes {
        let (websocket, polling, direct) = (Some(websocket), Some(polling), Some(direct));
        Outcomes { websocket, polling, direct, adaptive: None }
    }

    #[test]
    fn trouble_on_the_way_to_a_server_that_works_is_degraded_at_most() {
        let mut findings = Findings::new(&outcomes(worked(), worked(), worked()));
        let refused = || failed(Cause::UpgradeRefused);
        let seen = Findings::new(&outcomes(refused(), refused(), refused()));
        assert_eq!(seen.status, Status::Critical);
        findings.add_public("https://import.example/", &seen);
        assert_eq!((findings.status, findings.causes.len()), (Status::Degraded, 3));
        assert_eq!(findings.causes[0].tier, "public websocket");
    }

    #[test]
    fn the_status_follows_the_tiers() {
        let refused = || failed(Cause::UpgradeRefused);
        let cases = [
            (worked(), worked(), worked(), Status::Healthy, 0),
            (refused(), worked(), refused(), Status::Degraded, 2),
            (worked(), upgrade_failed(), worked(), Status::Degraded, 1),
            (worked(), worked(), refused(), Status::Degraded, 1),
            (refused(), refused(), worked(), Status::Degraded, 2),
            (refused(), refused(), refused(), Status::Critical, 3),
        ];
        for (websocket, polling, direct, status, causes) in cases {
            let findings = Findings::new(&outcomes(websocket, polling, direct));
            assert_eq!((findings.status, findings.causes.len()), (status, causes));
        }
    }

    #[test]
    fn a_tier_that_the_server_does_not_have_does_not_count() {
        let findings = Findings::new(&outcomes(worked(), worked(), worked()));
        assert_eq!(findings.status, Status::Healthy);
        assert!(!findings.tiers.adaptive.ok && !findings.tiers.adaptive.supported);
    }

    #[test]
    fn the_adaptive_transport_counts_like_any_tier() {
        let refused = || failed(Cause::SessionLost);
        let with = |standard: fn() -> Outcome, adaptive| {
            let others = outcomes(standard(), standard(), standard());
            Findings::new(&Outcomes { adaptive: Some(adaptive), ..others }).status
        };
        assert_eq!(with(worked, worked()), Status::Healthy);
        assert_eq!(with(worked, refused()), Status::Degraded);
        let none = || failed(Cause::UpgradeRefused);
        assert_eq!(with(none, worked()), Status::Degraded);
        assert_eq!(with(none, refused()), Status::Critical);
    }
}
