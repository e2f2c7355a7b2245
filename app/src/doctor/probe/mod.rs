//! One probe per tier: open it as a client would, carry data both ways, say what went wrong.

mod adaptive;
mod direct;
pub(super) mod exchange;
mod polling;
pub(super) mod session;
mod websocket;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::cause::Cause;
use super::client::{Deadline, Target};
use super::failure::Failure;

/// A way for live progress to reach a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Socket.IO over a WebSocket from the start.
    WebSocket,
    /// Socket.IO over HTTP long-polling, then upgraded.
    Polling,
    /// Socket.IO over the adaptive transport.
    Adaptive,
    /// The plain WebSocket at `/ws`.
    Direct,
}

/// A tier carried data both ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// What was done, for people.
    pub detail: String,
    /// Whether the session could be upgraded, where that was tried.
    pub upgrade: Option<Result<(), Failure>>,
    /// What each carrier of the tier did, where it has several.
    pub carriers: Vec<Carrier>,
}

/// What one of several carriers of a tier did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    /// Its name.
    pub name: &'static str,
    /// How long its probe took.
    pub took: Duration,
    /// What was done, or why it does not work.
    pub result: Result<String, Failure>,
}

/// What a probe saw; nothing if the server does not offer the tier.
pub type Probed = Result<Option<Carried>, Failure>;

/// How long a probe took, and what it saw.
pub(super) type Outcome = (Duration, Result<Carried, Failure>);

/// What each tier's probe saw; `None` where there is no such tier.
#[derive(Debug, Clone)]
pub(super) struct Outcomes {
    pub(super) websocket: Option<Outcome>,
    pub(super) polling: Option<Outcome>,
    pub(super) adaptive: Option<Outcome>,
    pub(super) direct: Option<Outcome>,
}

/// Something that can probe a tier; a test replaces it with one that hangs or panics.
pub trait Probe: Send + Sync + 'static {
    /// Opens the tier and carries data both ways before the deadline.
    fn probe(&self, tier: Tier, deadline: Duration) -> BoxFuture<'static, Probed>;

    /// Whether the server may have the tier. Default: all, as this program has.
    fn has(&self, _tier: Tier) -> bool {
        true
    }
}

impl Probe for Target {
    fn probe(&self, tier: Tier, deadline: Duration) -> BoxFuture<'static, Probed> {
        let target = self.clone();
        let deadline = Deadline::after(deadline);
        match tier {
            Tier::WebSocket => async move { websocket::probe(&target, deadline).await.map(Some) }.boxed(),
            Tier::Polling => async move { polling::probe(&target, deadline).await.map(Some) }.boxed(),
            Tier::Adaptive => async move { adaptive::probe(&target, deadline).await }.boxed(),
            Tier::Direct => async move { direct::probe(&target, deadline).await.map(Some) }.boxed(),
        }
    }

    fn has(&self, tier: Tier) -> bool {
        match tier {
            Tier::WebSocket | Tier::Polling | Tier::Adaptive => true,
            Tier::Direct => self.is_tool(),
        }
    }
}

/// Probes every tier at once, each in a task of its own with its own deadline.
///
/// A probe that panics or ignores its deadline costs its tier and nothing else.
pub(super) async fn all(probe: &Arc<dyn Probe>, deadline: Duration) -> Outcomes {
    let (websocket, polling, adaptive, direct) = tokio::join!(
        guarded(probe, Tier::WebSocket, deadline),
        guarded(probe, Tier::Polling, deadline),
        guarded(probe, Tier::Adaptive, deadline),
        guarded(probe, Tier::Direct, deadline),
    );
    let mut outcomes = Outcomes { websocket, polling, adaptive, direct };
    outcomes.reconcile();
    outcomes
}

impl Outcomes {
    /// A WebSocket that is refused where nothing else passes either is not refused for being one.
    fn reconcile(&mut self) {
        let failed = |outcome: &Option<Outcome>, cause| {
            outcome.as_ref().is_some_and(|(_, result)| result.as_ref().is_err_and(|it| it.cause == cause))
        };
        if !failed(&self.polling, Cause::BadGateway) {
            return;
        }
        for outcome in [&mut self.websocket, &mut self.direct].into_iter().flatten() {
            if let Err(failure) = &mut outcome.1
                && failure.cause == Cause::UpgradeRefused
            {
                failure.cause = Cause::BadGateway;
            }
        }
    }
}

/// A probe names the step that hung by its own deadline; this much later it is cut off from outside.
const GRACE: Duration = Duration::from_millis(250);

async fn guarded(probe: &Arc<dyn Probe>, tier: Tier, deadline: Duration) -> Option<Outcome> {
    if !probe.has(tier) {
        return None;
    }
    let started = Instant::now();
    let probe = Arc::clone(probe);
    // The call itself is inside the task, so that a panic before the first await is contained too.
    let task = AbortOnDropHandle::new(tokio::spawn(async move { probe.probe(tier, deadline).await }));
    let result = match tokio::time::timeout(deadline + GRACE, task).await {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(Failure::new(Cause::ProbeFailed, format!("the probe ended early: {error}"))),
        Err(_) => Err(Failure::new(Cause::TimedOut, "the probe did not end before its deadline")),
    };
    result.transpose().map(|result| (started.elapsed(), result))
}
