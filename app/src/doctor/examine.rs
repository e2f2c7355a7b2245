//! `doctor`: the same probes from outside, through whatever is on the way, and a look at each step of the way.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::advice::Advice;
use super::cause::Cause;
use super::check::{self, Check, Checked, Fingerprints, Greeting, Kind, look};
use super::client::Target;
use super::failure::Failure;
use super::probe::{Probe, all};
use super::report::{CauseReport, Findings, Status, TierReport, Tiers};

/// What the probes found at a server.
#[derive(Debug, Clone, Serialize)]
pub struct Examination {
    /// The address that was probed.
    pub url: String,
    /// What answers there: `pingone-import`, `socket.io`, or `unknown`.
    pub server: &'static str,
    /// The overall state, as seen from here.
    pub status: Verdict,
    /// The version that the server told; null if it did not.
    pub version: Option<String>,
    /// Each tier.
    pub tiers: Tiers,
    /// Each step of the way, and what is done to traffic on it.
    pub checks: Vec<Check>,
    /// Who is on the way.
    pub way: Fingerprints,
    /// Why the state is not healthy, and what else deserves attention.
    pub causes: Vec<CauseReport>,
    /// What to do, once for each cause.
    pub advice: Vec<Advice>,
}

/// How well live progress comes through from a server to here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of it works.
    Healthy,
    /// Something works, but not everything.
    Degraded,
    /// Nothing works.
    Critical,
    /// Nothing was tried: the server wants to know first who asks.
    Unknown,
}

impl Verdict {
    /// The word that is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "critical",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Status> for Verdict {
    fn from(status: Status) -> Self {
        match status {
            Status::Healthy => Self::Healthy,
            Status::Degraded => Self::Degraded,
            Status::Critical => Self::Critical,
        }
    }
}

/// The checks that need a connection.
const UNTRIED: [&str; 7] = ["TLS", "HTTP", "clock", "path and version", "CORS", "caching", "streaming"];

/// Large messages take longer than small ones.
const PATIENCE: u32 = 5;

/// Probes every tier of a server, each with its own deadline, and looks at the way to it.
///
/// With `idle`, connections are then left idle for that long, to find out whether something closes them.
pub async fn examine(target: &Target, deadline: Duration, idle: Option<Duration>) -> Examination {
    let mut patient = Patient { deadline, checks: Vec::new(), troubles: Vec::new(), is_stranger: false };
    patient.look("name", check::name(target)).await;
    patient.look("connection", check::tcp(target, deadline)).await;
    if patient.cannot_connect() {
        return patient.give_up(target, idle.is_some());
    }
    patient.look("TLS", check::tls(target)).await;
    let greeting = check::greet(target, deadline).await;
    let target = match greeting.kind {
        Kind::SocketIo => target.clone().foreign(),
        Kind::Tool | Kind::Unknown => target.clone(),
    };
    patient.look("HTTP", async { check::http(&greeting) }).await;
    patient.look("clock", async { check::clock(&greeting) }).await;
    let probe: Arc<dyn Probe> = Arc::new(target.clone());
    let mut findings = Findings::new(&all(&probe, deadline).await);
    patient.is_stranger = greeting.kind == Kind::Tool && findings.wants_login();
    patient.look("path and version", check::place(&target)).await;
    patient.look("CORS", check::cors(&target)).await;
    let way = patient.traffic(&target, &greeting, &findings.tiers).await;
    if let Some(idle) = idle {
        let Tiers { websocket, polling, direct, .. } = &findings.tiers;
        let working = check::Working { websocket: websocket.ok, polling: polling.ok, direct: direct.ok };
        let waiting = check::stay_idle(&target, working, idle);
        patient.note(look("idle connections", idle + deadline * PATIENCE, waiting).await);
    }
    patient.conclude(&target, greeting, &mut findings, way)
}

/// What is known so far.
struct Patient {
    deadline: Duration,
    checks: Vec<Check>,
    /// Troubles by the name of the check, and whether they are warnings only.
    troubles: Vec<(&'static str, Failure, bool)>,
    /// Whether the server is this program, and lets nobody near its tiers without a login.
    is_stranger: bool,
}

impl Patient {
    async fn look(
        &mut self,
        name: &'static str,
        looking: impl Future<Output = Result<check::Seen, Failure>>,
    ) {
        let limit = self.deadline * PATIENCE;
        self.note(look(name, limit, looking).await);
    }

    fn note(&mut self, checked: Checked) {
        let Checked { check, trouble } = checked;
        let warning = check.state == check::CheckState::Warning;
        self.troubles.extend(trouble.map(|trouble| (check.name, trouble, warning)));
        self.checks.push(check);
    }

    /// Whether there is no connection over which anything else could be tried.
    fn cannot_connect(&self) -> bool {
        let is_fatal = |cause| matches!(cause, Cause::NameNotResolved | Cause::Unreachable);
        self.troubles.iter().any(|(_, trouble, warning)| !warning && is_fatal(trouble.cause))
    }

    /// Tells the one reason once, and of everything else that it was not tried because of that.
    fn give_up(mut self, target: &Target, with_idle: bool) -> Examination {
        let reason = "not tried, because no connection could be made";
        let idle = with_idle.then_some("idle connections");
        for name in UNTRIED.into_iter().chain(idle) {
            let (state, detail) = (check::CheckState::Skipped, reason.to_owned());
            self.checks.push(Check { name, state, ms: None, detail, cause: None });
        }
        let greeting = Greeting::nobody();
        self.conclude(target, greeting, &mut Findings::untried(reason), Fingerprints::default())
    }

    /// What is done to traffic on the way.
    async fn traffic(&mut self, target: &Target, greeting: &Greeting, tiers: &Tiers) -> Fingerprints {
        let is_tool = greeting.kind == Kind::Tool;
        let mut request = None;
        self.look("caching", check::caching(target)).await;
        if tiers.polling.ok {
            self.look("stickiness", check::stickiness(target)).await;
            self.look("large messages", check::large(target)).await;
            self.look("compression", check::compression(target, greeting.kind)).await;
        } else if is_unstuck(tiers) {
            self.look("stickiness", check::stickiness(target)).await;
        }
        if is_tool {
            self.look("uploads", check::upload(target)).await;
            let streaming = async {
                let (seen, told) = check::streaming(target).await;
                request = told;
                seen
            };
            self.look("streaming", streaming).await;
        }
        check::fingerprints(target, request, is_tool)
    }

    fn conclude(
        self,
        target: &Target,
        greeting: Greeting,
        findings: &mut Findings,
        way: Fingerprints,
    ) -> Examination {
        for (name, trouble, warning) in &self.troubles {
            // What a tier has shown already is not told twice.
            if findings.causes.iter().any(|cause| cause.code == trouble.cause.code()) {
                continue;
            }
            match warning {
                true => findings.causes.push(CauseReport::new(name, trouble)),
                false => findings.add(name, trouble),
            }
        }
        let mut advice: Vec<Advice> = Vec::new();
        for cause in
            Cause::ALL.iter().filter(|cause| findings.causes.iter().any(|it| it.code == cause.code()))
        {
            let advice_on = Advice::new(*cause, &way.products);
            advice.push(match (cause, greeting.kind) {
                (Cause::NotAuthorised, Kind::Tool) => {
                    advice_on.at_this_tool(target.has_token(), &way.products)
                }
                _ => advice_on,
            });
        }
        let position = |code: &str| findings.causes.iter().position(|cause| cause.code == code);
        advice.sort_by_key(|advice| position(advice.code));
        Examination {
            url: target.base().to_string(),
            server: greeting.kind.name(),
            status: if self.is_stranger { Verdict::Unknown } else { findings.status.into() },
            version: greeting.version,
            tiers: findings.tiers.clone(),
            checks: self.checks,
            way,
            causes: findings.causes.clone(),
            advice,
        }
    }
}

/// Whether polling failed in the way that it does without stickiness.
fn is_unstuck(tiers: &Tiers) -> bool {
    let lost = |tier: &TierReport| tier.detail.contains(Cause::SessionLost.meaning());
    lost(&tiers.polling)
}

impl Examination {
    /// The exit code of `doctor`: 0 healthy, 1 degraded, 3 critical, unreachable, or not let in.
    pub fn exit_code(&self) -> u8 {
        match self.status {
            Verdict::Healthy => 0,
            Verdict::Degraded => 1,
            Verdict::Critical | Verdict::Unknown => 3,
        }
    }
}
