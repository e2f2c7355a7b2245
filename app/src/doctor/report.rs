//! What the probes found, in the shape that `GET /api/health` tells.

use std::collections::BTreeMap;

use jiff::Timestamp;
use metrics::{counter, gauge, histogram};
use serde::Serialize;
use utoipa::ToSchema;

use super::cause::Cause;
use super::failure::Failure;
use super::probe::{Carrier, Outcome, Outcomes};
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
    /// Each carrier: `websocket`, `long_poll`, `periodic`; only of the adaptive tier.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false)]
    pub carriers: BTreeMap<String, CarrierReport>,
}

/// The state of one carrier of the adaptive transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CarrierReport {
    /// Data was carried both ways.
    pub ok: bool,
    /// How long its probe took, in milliseconds.
    pub ms: u64,
    /// What was seen.
    pub detail: String,
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

    /// What is left of the findings where every tier of this program asked for a login: nothing is known of any, which
    /// is told once. Whether that is so.
    pub(super) fn wants_login(&mut self) -> bool {
        let is_refused = |cause: &CauseReport| cause.code == Cause::NotAuthorised.code();
        let works = self.tiers.named().iter().any(|(_, tier)| tier.ok);
        if works || self.causes.is_empty() || !self.causes.iter().all(is_refused) {
            return false;
        }
        let detail = &self.tiers.polling.detail;
        let answer = detail.strip_prefix(Cause::NotAuthorised.meaning()).unwrap_or(detail).trim();
        let cause = CauseReport::new("login", &Failure::new(Cause::NotAuthorised, answer));
        let untried = Self::untried("not tried, because the server asks for a login");
        *self = Self { causes: vec![cause], ..untried };
        true
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
            measure(name.to_owned(), way, tier.ok, tier.ms);
            for (carrier, report) in &tier.carriers {
                measure(format!("{name}_{carrier}"), way, report.ok, Some(report.ms));
            }
        }
    }

    /// The verdict where nothing was probed, because it could not lead anywhere.
    pub(super) fn untried(reason: &str) -> Self {
        let tier = || TierReport {
            ok: false,
            supported: true,
            ms: None,
            detail: reason.to_owned(),
            upgrade: None,
            carriers: BTreeMap::new(),
        };
        let tiers = Tiers { websocket: tier(), polling: tier(), adaptive: tier(), direct: tier() };
        Self { status: Status::Critical, tiers, causes: Vec::new() }
    }

    /// The verdict before the server listens.
    pub(super) fn not_listening() -> Self {
        let failure = Failure::new(Cause::NotListening, "there is no listener to probe yet");
        Self { causes: vec![CauseReport::new("server", &failure)], ..Self::untried(&failure.detail) }
    }
}

fn measure(tier: String, way: &'static str, ok: bool, ms: Option<u64>) {
    gauge!(PROBE_SUCCESS, "tier" => tier.clone(), "way" => way).set(u8::from(ok));
    let result = if ok { "success" } else { "failure" };
    counter!(PROBES, "tier" => tier.clone(), "way" => way, "result" => result).increment(1);
    if let Some(ms) = ms.and_then(|ms| u32::try_from(ms).ok()) {
        histogram!(PROBE_DURATION, "tier" => tier, "way" => way).record(f64::from(ms) / 1_000.0);
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
            let carriers = carriers(name, &carried.carriers, causes);
            TierReport { ok: true, supported: true, ms, detail: carried.detail.clone(), upgrade, carriers }
        }
        Err(failure) => {
            causes.push(CauseReport::new(name, failure));
            let (detail, carriers) = (describe(failure), BTreeMap::new());
            TierReport { ok: false, supported: true, ms, detail, upgrade: None, carriers }
        }
    }
}

/// A carrier that does not work is a trouble although the tier, which has others, works.
fn carriers(
    tier: &str,
    carriers: &[Carrier],
    causes: &mut Vec<CauseReport>,
) -> BTreeMap<String, CarrierReport> {
    let mut reports = BTreeMap::new();
    for Carrier { name, took, result } in carriers {
        if let Err(failure) = result {
            causes.push(CauseReport::new(&format!("{tier} {name}"), failure));
        }
        let detail = result.as_ref().map_or_else(describe, String::clone);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        reports.insert((*name).to_owned(), CarrierReport { ok: result.is_ok(), ms, detail });
    }
    reports
}

fn describe(failure: &Failure) -> String {
    format!("{} {}", failure.cause.meaning(), failure.detail)
}

fn unsupported() -> TierReport {
    let detail = "not available".to_owned();
    TierReport { ok: false, supported: false, ms: None, detail, upgrade: None, carriers: BTreeMap::new() }
}

#[cfg(test)]
mod tests;
