//! Sessions of this process: opened by a login link, used by cookie or bearer token, gone after a restart.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

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

/// The open sessions and unused login links.
#[derive(Clone)]
pub struct Sessions {
    state: Arc<Mutex<State>>,
    probe: Token,
}

struct State {
    links: HashSet<TokenDigest>,
    /// Last use of each session.
    sessions: HashMap<TokenDigest, Instant>,
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
        let state = State { links: HashSet::new(), sessions: HashMap::new() };
        Self { state: Arc::new(Mutex::new(state)), probe: Token::random() }
    }

    /// A new one-time token for a login link.
    pub fn issue_link(&self) -> Token {
        let token = Token::random();
        self.state.lock().links.insert(token.digest());
        token
    }

    /// Opens a session for a login token, which is spent by this.
    pub fn redeem(&self, token: &str) -> Option<Redeemed> {
        let mut state = self.state.lock();
        if !state.links.remove(&TokenDigest::of(token)) {
            return None;
        }
        let session = Token::random();
        state.open(session.digest());
        Some(Redeemed { session })
    }

    /// Who a bearer token stands for.
    ///
    /// A login token that was not opened in a browser yet may serve as one.
    pub fn bearer(&self, token: &str) -> Option<Principal> {
        let digest = TokenDigest::of(token);
        if digest == self.probe.digest() {
            return Some(Principal::Probe);
        }
        let mut state = self.state.lock();
        if state.links.contains(&digest) {
            return Some(Principal::Administrator);
        }
        state.touch(digest)
    }

    /// Who a session cookie stands for.
    pub fn cookie(&self, token: &str) -> Option<Principal> {
        self.state.lock().touch(TokenDigest::of(token))
    }

    /// Closes a session.
    pub fn close(&self, token: &str) {
        self.state.lock().sessions.remove(&TokenDigest::of(token));
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
        let open = self.state.lock().sessions.len();
        f.debug_struct("Sessions").field("open", &open).finish_non_exhaustive()
    }
}

impl State {
    fn open(&mut self, digest: TokenDigest) {
        let now = Instant::now();
        self.sessions.retain(|_, used| now.duration_since(*used) < IDLE_LIMIT);
        if self.sessions.len() >= MAX_SESSIONS
            && let Some(oldest) =
                self.sessions.iter().min_by_key(|(_, used)| **used).map(|(digest, _)| *digest)
        {
            self.sessions.remove(&oldest);
        }
        self.sessions.insert(digest, now);
    }

    fn touch(&mut self, digest: TokenDigest) -> Option<Principal> {
        let used = self.sessions.get_mut(&digest)?;
        let now = Instant::now();
        if now.duration_since(*used) >= IDLE_LIMIT {
            self.sessions.remove(&digest);
            return None;
        }
        *used = now;
        Some(Principal::Administrator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_link_works_once() {
        let sessions = Sessions::new();
        let link = sessions.issue_link();
        assert_eq!(sessions.bearer(link.reveal()), Some(Principal::Administrator));
        let redeemed = sessions.redeem(link.reveal()).unwrap();
        assert!(sessions.redeem(link.reveal()).is_none());
        assert_eq!(sessions.bearer(link.reveal()), None);
        assert_eq!(sessions.cookie(redeemed.session.reveal()), Some(Principal::Administrator));
        sessions.close(redeemed.session.reveal());
        assert_eq!(sessions.cookie(redeemed.session.reveal()), None);
    }

    #[test]
    fn the_probe_token_is_no_cookie_and_no_link() {
        let sessions = Sessions::new();
        let probe = sessions.probe_token().reveal().to_owned();
        assert_eq!(sessions.bearer(&probe), Some(Principal::Probe));
        assert_eq!(sessions.cookie(&probe), None);
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

    #[test]
    fn secrets_do_not_appear_in_debug_output() {
        let sessions = Sessions::new();
        let link = sessions.issue_link();
        let shown = format!("{sessions:?} {link:?}");
        assert!(!shown.contains(link.reveal()) && !shown.contains(sessions.probe_token().reveal()));
    }
}
