use std::{
    task::{Context, Poll},
    time::Instant,
};

use engineio_proto::CloseReason;

use super::{
    Task,
    ladder::Ladder,
    link::{CarrierInput, Link},
    now,
};
use crate::{Cause, ConnectError, Disconnect, Status, TransportError, socket::Running};

/// Where the client is with its connection.
pub(super) enum Phase {
    /// Nobody wants one, or no further attempt is made.
    Idle,
    /// There is one.
    Open(Box<Link>),
    /// A transport is tried.
    Opening(Box<Link>, Ladder),
    /// Waits before the next attempt.
    Waiting(Instant),
}

impl Phase {
    pub(super) fn link(&mut self) -> Option<&mut Link> {
        match self {
            Self::Open(link) | Self::Opening(link, _) => Some(link),
            Self::Idle | Self::Waiting(_) => None,
        }
    }

    /// Why something ends, as things are now.
    pub(super) fn describe(&self, cause: Cause) -> Disconnect {
        let link = match self {
            Self::Open(link) | Self::Opening(link, _) => Some(link),
            Self::Idle | Self::Waiting(_) => None,
        };
        let error = link.and_then(|link| link.failure.clone());
        let code = match error {
            Some(TransportError::Closed { code }) => code,
            _ => None,
        };
        Disconnect {
            cause,
            transport: link.map(|link| link.transport),
            code,
            error,
            silence: link.map(|link| link.silence()).unwrap_or_default(),
            will_reconnect: false,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Open(link) | Self::Opening(link, _) => link.session.poll_timeout(),
            Self::Waiting(until) => Some(*until),
            Self::Idle => None,
        }
    }

    pub(super) fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<CarrierInput> {
        match self.link() {
            Some(link) => link.poll_input(cx),
            None => Poll::Pending,
        }
    }

    pub(super) fn status(&self) -> Status {
        match self {
            Self::Idle => Status::Idle,
            Self::Open(link) => Status::Open(link.transport),
            Self::Opening(_, ladder) => Status::Opening(ladder.current),
            Self::Waiting(_) => Status::Waiting,
        }
    }
}

/// From one phase to the next.
impl Task {
    /// Does with the connection what the namespaces want.
    pub(super) fn steer(&mut self) {
        let wanted = self.manager.wants_connection();
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle if wanted && self.closing.is_none() => self.attempt(),
            Phase::Open(mut link) if !wanted => {
                link.close(CloseReason::ForcedClose);
                // Its end is not told: nobody is in a namespace any more.
                self.linger(*link);
            }
            // Nobody has heard of this connection yet.
            Phase::Opening(..) | Phase::Waiting(_) if !wanted => {}
            phase => self.phase = phase,
        }
    }

    pub(super) fn handle_phase_timeout(&mut self, now: Instant) {
        match &mut self.phase {
            Phase::Open(link) | Phase::Opening(link, _) => link.session.handle_timeout(now),
            Phase::Waiting(until) if *until <= now => self.attempt(),
            Phase::Idle | Phase::Waiting(_) => {}
        }
    }

    /// The server has opened the session.
    pub(super) fn opened(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Opening(link, ladder) => {
                self.last_good = Some(ladder.current);
                self.phase = Phase::Open(link);
            }
            phase => self.phase = phase,
        }
    }

    /// The session is over.
    pub(super) fn closed(&mut self, reason: CloseReason) {
        let mut lost = self.phase.describe(reason.into());
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Open(link) => {
                self.linger(*link);
                lost.will_reconnect = self.retry();
                tracing::debug!(reason = %lost, "connection lost");
                self.manager.handle_lost(&lost);
            }
            Phase::Opening(_, ladder) => {
                let error = lost.error.unwrap_or(match reason {
                    CloseReason::ParseError => TransportError::Protocol,
                    CloseReason::TransportClose => TransportError::Closed { code: None },
                    _ => TransportError::Timeout,
                });
                tracing::debug!(transport = ladder.current.name(), %error, "transport failed");
                match ladder.next(error) {
                    Ok(ladder) => self.open(ladder),
                    Err(attempts) => {
                        let endpoint = self.net.endpoint().to_owned();
                        let error = ConnectError { endpoint, attempts };
                        let retries = self.retry();
                        self.manager.handle_connect_failed(&error, !retries);
                    }
                }
            }
            phase => self.phase = phase,
        }
    }

    /// Begins with the first transport.
    fn attempt(&mut self) {
        // That there is a transport was checked when the client was made.
        if let Some(ladder) = Ladder::new(&self.shared.config.transports, self.last_good) {
            self.open(ladder);
        }
    }

    fn open(&mut self, ladder: Ladder) {
        let now = now();
        let remembered = self.remembered.map(|(tier, at)| (tier, now.saturating_duration_since(at)));
        let mut link = Link::open(&self.net, &self.shared.config, ladder.current, remembered);
        link.session.expect_events(now, self.expecting);
        self.phase = Phase::Opening(Box::new(link), ladder);
    }

    /// Waits for the next attempt, if there is to be one.
    fn retry(&mut self) -> bool {
        let until = self.backoff.as_mut().and_then(|backoff| backoff.next(now(), rand::random()));
        self.phase = until.map_or(Phase::Idle, Phase::Waiting);
        until.is_some()
    }

    /// Lets the connection end in its own time.
    fn linger(&self, link: Link) {
        let timeout = self.shared.config.close_timeout;
        let goodbye: Running = Box::pin(async move {
            // What takes longer is cut off.
            let _ = tokio::time::timeout(timeout, link.linger()).await;
        });
        self.lingering.push(goodbye);
    }
}
