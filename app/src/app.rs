//! The state that every handler shares, built from outside so that tests can build it too.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::auth::{Access, Sessions, Token};
use crate::doctor::Health;
use crate::jobs::Jobs;
use crate::metrics::Metrics;
use crate::realtime::{Feeds, Realtime};

/// A probe that takes longer has failed.
pub const PROBE_DEADLINE: Duration = Duration::from_secs(3);

/// How the server is reached, and what it knows of itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port that it listens on; names the session cookie.
    pub port: u16,
    /// The address that it is used under behind a proxy, if that does not pass `Host` on.
    pub public_url: Option<Arc<Url>>,
    /// The deadline of each probe of the self-test. Default 3 s.
    pub probe_deadline: Duration,
}

impl Settings {
    /// For a server on `port` that is used directly.
    pub fn new(port: u16) -> Self {
        Self { port, public_url: None, probe_deadline: PROBE_DEADLINE }
    }
}

/// The state of one server. Cloning gives another handle to the same.
#[derive(Debug, Clone, FromRef)]
pub struct App {
    /// The jobs.
    pub jobs: Jobs,
    /// The live ends of their event logs.
    pub feeds: Feeds,
    /// The Socket.IO server.
    pub realtime: Realtime,
    /// Who may do what.
    pub access: Access,
    /// The self-test.
    pub health: Health,
    /// What is counted.
    pub metrics: Metrics,
    /// How the server is reached.
    pub settings: Settings,
    /// Ends streams, held requests and sockets when the server stops.
    pub shutdown: CancellationToken,
    /// The server was told to stop, and still serves those who are connected.
    #[from_ref(skip)]
    pub stopping: CancellationToken,
}

impl App {
    /// A server for `jobs`; nobody is logged in.
    pub fn new(settings: Settings, jobs: Jobs) -> Self {
        let feeds = Feeds::new(jobs.clone());
        let health = Health::new(settings.probe_deadline);
        let realtime = Realtime::new(feeds.clone(), health.clone());
        let sessions = Sessions::with_tickets(Some(jobs.data_dir().tickets()));
        let access = Access::new(sessions, settings.port, settings.public_url.as_deref());
        let metrics = Metrics::install();
        let (shutdown, stopping) = (CancellationToken::new(), CancellationToken::new());
        Self { jobs, feeds, realtime, access, health, metrics, settings, shutdown, stopping }
    }

    /// A login link that works once and for ten minutes, for a server that is reached at `base`.
    pub fn login_link(&self, base: &Url) -> String {
        login_link(base, &self.access.sessions().issue_link())
    }
}

/// The login link with this ticket, of a server that is reached at `base`.
pub fn login_link(base: &Url, ticket: &Token) -> String {
    let mut link = base.clone();
    link.set_path(&format!("{}/login", base.path().trim_end_matches('/')));
    link.set_query(Some(&format!("token={}", ticket.reveal())));
    link.into()
}
