//! The server's opinion of itself: the last findings of the probes.

mod history;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::{Mutex as Lock, RwLock};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until};

use super::probe::{Probe, all};
use super::report::{Findings, HealthReport, PublicReport, Status};
pub use history::{HealthChange, HealthHistory, HealthRun};
use settle::Settled;

/// A run that disagrees with the state is repeated after this long instead of a whole period.
const CONFIRM_AFTER: Duration = Duration::from_secs(2);

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
    probers: RwLock<Probers>,
    latest: watch::Sender<Option<Checked>>,
    memory: Lock<Memory>,
    running: Mutex<()>,
}

#[derive(Clone, Default)]
struct Probers {
    listener: Option<Arc<dyn Probe>>,
    /// The address that people use, and what probes it.
    public: Option<(Arc<str>, Arc<dyn Probe>)>,
}

#[derive(Default)]
struct Memory {
    settled: Settled,
    since: Option<Timestamp>,
    history: HealthHistory,
}

#[derive(Clone)]
struct Checked {
    at: Timestamp,
    instant: Instant,
    settled: Status,
    since: Timestamp,
    in_doubt: bool,
    findings: Arc<Findings>,
    public: Option<Arc<PublicReport>>,
}

impl Health {
    /// Nothing probed yet; each probe gets `deadline`.
    pub fn new(deadline: Duration) -> Self {
        let inner = Inner {
            started: Instant::now(),
            deadline,
            probers: RwLock::default(),
            latest: watch::Sender::new(None),
            memory: Lock::default(),
            running: Mutex::new(()),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Names what to probe, once the server listens.
    pub fn listen(&self, prober: impl Probe) {
        self.inner.probers.write().listener = Some(Arc::new(prober));
    }

    /// Names the way that people come, which leads through their proxies.
    pub fn listen_at(&self, url: &str, prober: impl Probe) {
        self.inner.probers.write().public = Some((url.into(), Arc::new(prober)));
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
    ///
    /// When they disagree with the state that held, they run once more, so that the answer is certain.
    pub async fn check(&self) -> HealthReport {
        let asked = Instant::now();
        let _running = self.inner.running.lock().await;
        let latest = self.inner.latest.borrow().clone();
        let mut checked = match latest {
            Some(checked) if checked.instant >= asked => Some(checked),
            _ => self.run().await,
        };
        if checked.as_ref().is_some_and(|checked| checked.in_doubt) {
            checked = self.run().await;
        }
        self.describe(checked.as_ref())
    }

    /// Runs the probes now and then every `period`, sooner when they disagree with the state; ends never by itself.
    pub async fn watch(&self, period: Duration) {
        loop {
            let started = Instant::now();
            let checked = {
                let _running = self.inner.running.lock().await;
                self.run().await
            };
            let in_doubt = checked.is_some_and(|checked| checked.in_doubt);
            sleep_until(started + if in_doubt { CONFIRM_AFTER.min(period) } else { period }).await;
        }
    }

    /// Waits until the probes ran again and gives their report.
    pub fn changes(&self) -> HealthChanges {
        HealthChanges { health: self.clone(), receiver: self.inner.latest.subscribe() }
    }

    /// What the probes found over time.
    pub fn history(&self) -> HealthHistory {
        self.inner.memory.lock().history.clone()
    }

    async fn run(&self) -> Option<Checked> {
        let Probers { listener, public } = self.inner.probers.read().clone();
        let (listener, instant) = (listener?, Instant::now());
        let probing_public = async {
            let (url, prober) = public?;
            Some((url, Findings::new(&all(&prober, self.inner.deadline).await)))
        };
        let (outcomes, public) = tokio::join!(all(&listener, self.inner.deadline), probing_public);
        let mut findings = Findings::new(&outcomes);
        findings.measure("listener");
        let public = public.map(|(url, seen)| {
            seen.measure("public");
            findings.add_public(&url, &seen);
            let Findings { status, tiers, causes: _ } = seen;
            Arc::new(PublicReport { url: url.to_string(), status, tiers })
        });
        let checked = self.settle(instant, findings, public);
        self.inner.latest.send_replace(Some(checked.clone()));
        Some(checked)
    }

    fn settle(&self, instant: Instant, findings: Findings, public: Option<Arc<PublicReport>>) -> Checked {
        let at = Timestamp::now();
        let mut memory = self.inner.memory.lock();
        let before = memory.history.changes.last().map(|change| change.to);
        let settled = memory.settled.observe(findings.status);
        let in_doubt = memory.settled.is_in_doubt();
        if before != Some(settled) {
            memory.since = Some(at);
            note_change(settled, &findings);
        }
        memory.history.note(at, settled, &findings);
        let since = memory.since.unwrap_or(at);
        Checked { at, instant, settled, since, in_doubt, findings: Arc::new(findings), public }
    }

    fn describe(&self, checked: Option<&Checked>) -> HealthReport {
        let findings =
            checked.map_or_else(|| Arc::new(Findings::not_listening()), |it| Arc::clone(&it.findings));
        let Findings { status: found, tiers, causes } = Arc::unwrap_or_clone(findings);
        let status = checked.map_or(found, |checked| checked.settled);
        HealthReport {
            status,
            unconfirmed: Some(found).filter(|found| *found != status),
            since: checked.map(|checked| checked.since),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_seconds: self.inner.started.elapsed().as_secs(),
            checked_at: checked.map(|checked| checked.at),
            tiers,
            public: checked.and_then(|checked| checked.public.as_deref().cloned()),
            causes,
        }
    }
}

fn note_change(settled: Status, findings: &Findings) {
    let causes: Vec<&str> = findings.causes.iter().map(|cause| cause.code.as_str()).collect();
    match settled {
        Status::Healthy => tracing::info!("live progress is healthy"),
        Status::Degraded => tracing::warn!(?causes, "live progress is degraded"),
        Status::Critical => tracing::error!(?causes, "live progress is in a critical state"),
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
