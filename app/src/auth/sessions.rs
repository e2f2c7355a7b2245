//! Sessions of this process: opened by a login link, used by cookie or bearer token, gone after a restart.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::tickets::Tickets;
use super::token::{Token, TokenDigest};

/// A session that was not used for this long is closed.
const IDLE_LIMIT: Duration = Duration::from_hours(7 * 24);

/// More sessions than this are not kept; the least recently used makes room.
const MAX_SESSIONS: usize = 1_000;

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// The person who opened the login link on this machine.
    Administrator,
    /// The self-test, which may open every transport and see nothing.
    Probe,
}

/// Who sent a request, and for how long they may go on with what it began.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Who it is.
    pub principal: Principal,
    /// The end of their session.
    pub end: SessionEnd,
}

/// The end of a session: a logout, its expiry, or others that needed its place.
#[derive(Debug, Clone)]
pub struct SessionEnd(CancellationToken);

impl SessionEnd {
    /// Waits for it.
    pub async fn come(&self) {
        self.0.cancelled().await;
    }

    /// As [`Self::come`], for what lives longer than the request.
    pub fn come_owned(&self) -> impl Future<Output = ()> + Send + use<> {
        self.0.clone().cancelled_owned()
    }

    /// Whether the session has ended.
    pub fn has_come(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// The open sessions and unused login links.
#[derive(Clone)]
pub struct Sessions {
    state: Arc<Mutex<State>>,
    probe: Token,
}

struct State {
    tickets: Tickets,
    open: HashMap<TokenDigest, Session>,
}

/// One that is dropped ends.
struct Session {
    used: Instant,
    end: CancellationToken,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

/// A login that succeeded.
#[derive(Debug)]
pub struct Redeemed {
    /// The token of the new session.
    pub session: Token,
}

impl Sessions {
    /// No session and no link, and a fresh token for the self-test.
    pub fn new() -> Self {
        Self::with_tickets(None)
    }

    /// As [`Self::new`]; tickets that are left in `directory` open sessions too.
    pub fn with_tickets(directory: Option<PathBuf>) -> Self {
        let state = State { tickets: Tickets::left_in(directory), open: HashMap::new() };
        Self { state: Arc::new(Mutex::new(state)), probe: Token::random() }
    }

    /// A new ticket for a login link. It opens one session within [`TICKET_LIFETIME`](super::TICKET_LIFETIME), and
    /// nothing else can be done with it.
    pub fn issue_link(&self) -> Token {
        self.state.lock().tickets.issue()
    }

    /// Opens a session for a ticket, which is spent by this.
    pub fn redeem(&self, token: &str) -> Option<Redeemed> {
        let mut state = self.state.lock();
        if !state.tickets.spend(TokenDigest::of(token)) {
            return None;
        }
        let session = Token::random();
        state.open(session.digest());
        Some(Redeemed { session })
    }

    /// Who a bearer token stands for.
    pub fn bearer(&self, token: &str) -> Option<Visit> {
        let digest = TokenDigest::of(token);
        if digest == self.probe.digest() {
            return Some(Visit { principal: Principal::Probe, end: SessionEnd(CancellationToken::new()) });
        }
        self.state.lock().touch(digest)
    }

    /// Who a session cookie stands for.
    pub fn cookie(&self, token: &str) -> Option<Visit> {
        self.state.lock().touch(TokenDigest::of(token))
    }

    /// Closes a session.
    pub fn close(&self, token: &str) {
        self.state.lock().open.remove(&TokenDigest::of(token));
    }

    /// Closes sessions when they have been idle for too long, so that what they began ends too; never returns.
    pub async fn watch(&self) {
        loop {
            // One that is opened or used meanwhile ends later than this.
            let next = {
                let mut state = self.state.lock();
                let now = Instant::now();
                state.open.retain(|_, session| session.ends() > now);
                state.open.values().map(Session::ends).min().unwrap_or(now + IDLE_LIMIT)
            };
            sleep_until(next).await;
        }
    }

    /// The token that lets the self-test open every transport, and nothing else.
    pub fn probe_token(&self) -> &Token {
        &self.probe
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = self.state.lock().open.len();
        f.debug_struct("Sessions").field("open", &open).finish_non_exhaustive()
    }
}

impl Session {
    fn ends(&self) -> Instant {
        self.used + IDLE_LIMIT
    }
}

impl State {
    fn open(&mut self, digest: TokenDigest) {
        let now = Instant::now();
        self.open.retain(|_, session| session.ends() > now);
        if self.open.len() >= MAX_SESSIONS
            && let Some(oldest) =
                self.open.iter().min_by_key(|(_, session)| session.used).map(|(digest, _)| *digest)
        {
            self.open.remove(&oldest);
        }
        self.open.insert(digest, Session { used: now, end: CancellationToken::new() });
    }

    fn touch(&mut self, digest: TokenDigest) -> Option<Visit> {
        let session = self.open.get_mut(&digest)?;
        let now = Instant::now();
        if session.ends() <= now {
            self.open.remove(&digest);
            return None;
        }
        session.used = now;
        Some(Visit { principal: Principal::Administrator, end: SessionEnd(session.end.clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_link_works_once_and_is_no_bearer_token() {
        let sessions = Sessions::new();
        let link = sessions.issue_link();
        assert!(sessions.bearer(link.reveal()).is_none() && sessions.cookie(link.reveal()).is_none());
        let session = sessions.redeem(link.reveal()).unwrap().session;
        assert!(sessions.redeem(link.reveal()).is_none());
        let visit = sessions.cookie(session.reveal()).unwrap();
        assert_eq!(visit.principal, Principal::Administrator);
        assert!(sessions.bearer(session.reveal()).is_some() && !visit.end.has_come());
        sessions.close(session.reveal());
        assert!(visit.end.has_come());
        assert!(sessions.cookie(session.reveal()).is_none() && sessions.bearer(session.reveal()).is_none());
    }

    #[test]
    fn the_probe_token_is_no_cookie_and_no_link() {
        let sessions = Sessions::new();
        let probe = sessions.probe_token().reveal().to_owned();
        assert_eq!(sessions.bearer(&probe).unwrap().principal, Principal::Probe);
        assert!(sessions.cookie(&probe).is_none());
        assert!(sessions.redeem(&probe).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_session_ends() {
        let sessions = Sessions::new();
        let session = sessions.redeem(sessions.issue_link().reveal()).unwrap().session;
        tokio::time::advance(IDLE_LIMIT / 2).await;
        assert!(sessions.cookie(session.reveal()).is_some());
        tokio::time::advance(IDLE_LIMIT / 2).await;
        assert!(sessions.cookie(session.reveal()).is_some(), "a use renews it");
        tokio::time::advance(IDLE_LIMIT).await;
        assert!(sessions.cookie(session.reveal()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_session_began_ends_with_its_expiry() {
        let sessions = Sessions::new();
        let watched = sessions.clone();
        let watch = tokio::spawn(async move { watched.watch().await });
        tokio::time::advance(IDLE_LIMIT / 2).await;
        let session = sessions.redeem(sessions.issue_link().reveal()).unwrap().session;
        let (opened, end) = (Instant::now(), sessions.cookie(session.reveal()).unwrap().end);
        end.come().await;
        assert_eq!(opened.elapsed().as_secs(), IDLE_LIMIT.as_secs());
        watch.abort();
    }

    #[test]
    fn secrets_do_not_appear_in_debug_output() {
        let sessions = Sessions::new();
        let link = sessions.issue_link();
        let shown = format!("{sessions:?} {link:?}");
        assert!(!shown.contains(link.reveal()) && !shown.contains(sessions.probe_token().reveal()));
    }
}
