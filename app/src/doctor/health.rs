//! The server's opinion of itself: the last findings of the probes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::RwLock;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::probe::{Probe, all};
use super::report::{Findings, HealthReport, Status};

/// The last findings, and the means to renew them.
///
/// It never depends on how many clients are connected, and nothing that a probe does can hurt the server.
#[derive(Clone)]
pub struct Health {
    inner: Arc<Inner>,
}

struct Inner {
    started: Instant,
    deadline: Duration,
    prober: RwLock<Option<Arc<dyn Probe>>>,
    latest: watch::Sender<Option<Checked>>,
    running: Mutex<()>,
}

#[derive(Clone)]
struct Checked {
    at: Timestamp,
    instant: Instant,
    findings: Arc<Findings>,
}

impl Health {
    /// Nothing probed yet; each probe gets `deadline`.
    pub fn new(deadline: Duration) -> Self {
        let inner = Inner {
            started: Instant::now(),
            deadline,
            prober: RwLock::new(None),
            latest: watch::Sender::new(None),
            running: Mutex::new(()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Names what to probe, once the server listens.
    pub fn listen(&self, prober: impl Probe) {
        *self.inner.prober.write() = Some(Arc::new(prober));
    }

    /// The last report; the probes run first if they never ran.
    pub async fn report(&self) -> HealthReport {
        let latest = self.inner.latest.borrow().clone();
        match latest {
            Some(checked) => self.describe(Some(&checked)),
            None => self.check().await,
        }
    }

    /// Runs the probes now, unless a run that began after this call has just ended.
    pub async fn check(&self) -> HealthReport {
        let asked = Instant::now();
        let _running = self.inner.running.lock().await;
        let latest = self.inner.latest.borrow().clone();
        if let Some(checked) = latest.filter(|checked| checked.instant >= asked) {
            return self.describe(Some(&checked));
        }
        let Some(prober) = self.inner.prober.read().clone() else { return self.describe(None) };
        let instant = Instant::now();
        let findings = Arc::new(Findings::new(&all(&prober, self.inner.deadline).await));
        let checked = Checked { at: Timestamp::now(), instant, findings };
        checked.findings.measure();
        self.note_change(&checked.findings);
        self.inner.latest.send_replace(Some(checked.clone()));
        self.describe(Some(&checked))
    }

    /// Runs the probes now and then every `period`; ends never by itself.
    pub async fn watch(&self, period: Duration) {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.check().await;
        }
    }

    /// Waits until the probes ran again and gives their report.
    pub fn changes(&self) -> HealthChanges {
        HealthChanges { health: self.clone(), receiver: self.inner.latest.subscribe() }
    }

    fn describe(&self, checked: Option<&Checked>) -> HealthReport {
        let findings =
            checked.map_or_else(|| Arc::new(Findings::not_listening()), |it| Arc::clone(&it.findings));
        let Findings { status, tiers, causes } = Arc::unwrap_or_clone(findings);
        HealthReport {
            status,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_seconds: self.inner.started.elapsed().as_secs(),
            checked_at: checked.map(|checked| checked.at),
            tiers,
            causes,
        }
    }

    fn note_change(&self, findings: &Findings) {
        let before = self.inner.latest.borrow().as_ref().map(|checked| checked.findings.status);
        if before == Some(findings.status) {
            return;
        }
        let causes: Vec<&str> = findings.causes.iter().map(|cause| cause.code.as_str()).collect();
        match findings.status {
            Status::Healthy => tracing::info!("live progress is healthy"),
            Status::Degraded => tracing::warn!(?causes, "live progress is degraded"),
            Status::Critical => tracing::error!(?causes, "live progress is in a critical state"),
        }
    }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").field("deadline", &self.inner.deadline).finish_non_exhaustive()
    }
}

/// Tells of each further run of the probes.
#[derive(Debug)]
pub struct HealthChanges {
    health: Health,
    receiver: watch::Receiver<Option<Checked>>,
}

impl HealthChanges {
    /// The report of the next run; `None` once the server is gone.
    pub async fn next(&mut self) -> Option<HealthReport> {
        self.receiver.changed().await.ok()?;
        let checked = self.receiver.borrow_and_update().clone();
        Some(self.health.describe(checked.as_ref()))
    }
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked").field("at", &self.at).finish_non_exhaustive()
    }
}
