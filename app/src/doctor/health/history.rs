//! What the probes found over time, kept in memory.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::report::{Findings, Status};

/// Runs that are kept; at one a minute, two hours.
const RUNS: usize = 120;

/// Changes of the state that are kept.
const CHANGES: usize = 50;

/// What the probes found over time, oldest first.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct HealthHistory {
    /// When the state changed, and why.
    pub changes: Vec<HealthChange>,
    /// The latest runs of the probes.
    pub runs: Vec<HealthRun>,
}

/// The state became another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthChange {
    /// When (RFC 3339, UTC).
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The state before; null for the first.
    pub from: Option<Status>,
    /// The state since then.
    pub to: Status,
    /// The codes of the causes that were found.
    pub causes: Vec<String>,
}

/// One run of the probes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HealthRun {
    /// When it ended (RFC 3339, UTC).
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What it found, before hysteresis.
    pub found: Status,
    /// Milliseconds that each tier took; null where it failed.
    pub websocket_ms: Option<u64>,
    /// See `websocket_ms`.
    pub polling_ms: Option<u64>,
    /// See `websocket_ms`.
    pub direct_ms: Option<u64>,
}

impl HealthHistory {
    pub(super) fn note(&mut self, at: Timestamp, settled: Status, findings: &Findings) {
        let ms = |tier: &super::super::report::TierReport| tier.ms.filter(|_| tier.ok);
        let tiers = &findings.tiers;
        self.runs.push(HealthRun {
            at,
            found: findings.status,
            websocket_ms: ms(&tiers.websocket),
            polling_ms: ms(&tiers.polling),
            direct_ms: ms(&tiers.direct),
        });
        let from = self.changes.last().map(|change| change.to);
        if from != Some(settled) {
            let causes = findings.causes.iter().map(|cause| cause.code.clone()).collect();
            self.changes.push(HealthChange { at, from, to: settled, causes });
        }
        self.runs.drain(..self.runs.len().saturating_sub(RUNS));
        self.changes.drain(..self.changes.len().saturating_sub(CHANGES));
    }
}
