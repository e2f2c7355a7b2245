use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parking_lot::{Mutex, RwLock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::{
    Shared,
    answer::Answer,
    call::{Manner, host},
};
use crate::{AuthMethod, Error};

/// The token that requests share.
#[derive(Debug)]
pub(super) struct Tokens {
    current: RwLock<Option<Arc<Token>>>,
    /// Held while one is fetched, so that all who need one wait for the same. Holds how the last fetch failed.
    flight: tokio::sync::Mutex<Option<FailedFetch>>,
    /// Number of fetches that have ended.
    landed: AtomicU64,
    /// After a refresh ahead of time failed: when the next one may be tried.
    refresh_again: Mutex<Instant>,
    /// Tokens refused one after the other, none of which was good for anything.
    refused: AtomicU32,
}

#[derive(Debug)]
pub(super) struct Token {
    /// Marked as sensitive, so that it never appears in a log.
    pub(super) header: HeaderValue,
    /// From when on somebody should fetch the next one.
    refresh: Instant,
    expires: Instant,
    /// Whether PingOne has let a request in with it.
    was_accepted: AtomicBool,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self {
            current: RwLock::default(),
            flight: tokio::sync::Mutex::default(),
            landed: AtomicU64::new(0),
            refresh_again: Mutex::new(now()),
            refused: AtomicU32::new(0),
        }
    }

    fn current(&self) -> Option<Arc<Token>> {
        self.current.read().clone()
    }

    /// The token that is there, unless it has ended.
    pub(super) fn good(&self) -> Option<Arc<Token>> {
        self.current().filter(|token| now() < token.expires)
    }

    /// Notes that PingOne let a request in with this token.
    pub(super) fn accept(&self, token: &Token) {
        // Every answer comes here; most need only the look.
        if !token.was_accepted.load(Ordering::Relaxed) {
            token.was_accepted.store(true, Ordering::Relaxed);
            self.refused.store(0, Ordering::Relaxed);
        }
    }

    /// Forgets a token that was refused.
    pub(super) fn refuse(&self, token: &Arc<Token>) {
        let mut current = self.current.write();
        if !current.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            return;
        }
        *current = None;
        if !token.was_accepted.load(Ordering::Relaxed) {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many tokens were refused one after the other, to every request that came with them.
    pub(super) fn refused(&self) -> u32 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// How a fetch ended that brought no token, and after how many attempts it would have given up.
#[derive(Debug)]
struct FailedFetch {
    attempts: u32,
    error: Error,
}

impl Shared {
    /// A token that is good now.
    pub(super) async fn token(&self, manner: Manner) -> Result<Arc<Token>, Error> {
        let now = now();
        match self.tokens.current() {
            Some(token) if now < token.refresh => Ok(token),
            Some(token) if now < token.expires => Ok(self.refresh_ahead(token).await),
            _ => self.fetch_token(manner.max_attempts, Need::Any).await,
        }
    }

    /// Fetches a token, or shares the outcome of a fetch that is under way.
    pub(super) async fn fetch_token(&self, attempts: u32, need: Need) -> Result<Arc<Token>, Error> {
        let landed = self.tokens.landed.load(Ordering::Acquire);
        let mut flight = match self.is_hasty(attempts) {
            // A fetch of somebody more patient may go on for minutes.
            true => self.within_deadline(self.tokens.flight.lock()).await?,
            false => self.tokens.flight.lock().await,
        };
        let current = self.tokens.good();
        let is_shared = self.tokens.landed.load(Ordering::Acquire) != landed;
        match (current, &*flight) {
            (Some(token), _) if is_shared || need == Need::Any => return Ok(token),
            // Who gives up sooner decides nothing for those who do not.
            (None, Some(failed)) if is_shared && failed.attempts >= attempts => {
                return Err(failed.error.clone());
            }
            _ => {}
        }
        let result = self.request_token(attempts).await;
        *flight = result.as_ref().err().cloned().map(|error| FailedFetch { attempts, error });
        self.tokens.landed.fetch_add(1, Ordering::Release);
        result
    }

    /// Whether somebody who gives up after so many attempts waits for the answer.
    pub(super) fn is_hasty(&self, attempts: u32) -> bool {
        attempts < self.config.retry.max_attempts
    }

    async fn within_deadline<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Error> {
        let after = self.config.request_timeout;
        tokio::time::timeout(after, waiting).await.map_err(|_| Error::Timeout { after })
    }

    /// One request goes for the next token; the others use this one as long as it is good.
    async fn refresh_ahead(&self, token: Arc<Token>) -> Arc<Token> {
        let is_due = now() >= *self.tokens.refresh_again.lock();
        let Some(_flight) = is_due.then(|| self.tokens.flight.try_lock().ok()).flatten() else {
            return token;
        };
        if let Some(next) = self.tokens.current().filter(|next| now() < next.refresh) {
            return next;
        }
        match self.request_token(1).await {
            Ok(next) => next,
            Err(error) => {
                tracing::warn!(%error, "a token could not be refreshed ahead of time");
                *self.tokens.refresh_again.lock() = now() + REFRESH_PAUSE;
                token
            }
        }
    }

    async fn request_token(&self, attempts: u32) -> Result<Arc<Token>, Error> {
        let mut attempt = 1;
        let answer = loop {
            let error = match self.post_for_token().await {
                Ok(answer) if answer.is_success() => break answer,
                Ok(answer) if matches!(answer.status, 408 | 429 | 500..) => {
                    let wait = answer.retry_after();
                    if attempt >= attempts {
                        return Err(answer.into_error());
                    }
                    self.wait(attempt, wait).await;
                    attempt += 1;
                    continue;
                }
                Ok(answer) => return Err(refused(answer)),
                Err(error) => error,
            };
            if attempt >= attempts {
                return Err(error);
            }
            self.wait(attempt, None).await;
            attempt += 1;
        };
        let body: TokenBody = answer.json()?;
        let Ok(mut header) = HeaderValue::try_from(format!("Bearer {}", body.access_token)) else {
            return Err(Error::UnexpectedResponse {
                host: answer.host,
                status: answer.status,
                reason: "the token cannot stand in a header".to_owned(),
            });
        };
        header.set_sensitive(true);
        let lifetime = Duration::from_secs(body.expires_in);
        let now = now();
        let token = Arc::new(Token {
            header,
            refresh: now + lifetime.mul_f64(0.9),
            expires: now + lifetime,
            was_accepted: AtomicBool::new(false),
        });
        *self.tokens.current.write() = Some(Arc::clone(&token));
        self.counters.tokens.add();
        Ok(token)
    }

    async fn post_for_token(&self) -> Result<Answer, Error> {
        let config = &self.config;
        let (id, secret) = (config.client_id.as_str(), config.client_secret.expose());
        let mut fields = vec![("grant_type", "client_credentials")];
        let mut request = self.http.post(self.token_url());
        match config.auth_method {
            AuthMethod::Basic => {
                // RFC 6749, section 2.3.1, has both encoded as form values before they are joined.
                let encoded = |text| utf8_percent_encode(text, RESERVED);
                let encoded = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
                request = request.header(AUTHORIZATION, format!("Basic {encoded}"));
            }
            AuthMethod::Post => fields.extend([("client_id", id), ("client_secret", secret)]),
        }
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        self.attempt(request, host(&config.auth_url)).await
    }

    fn token_url(&self) -> Url {
        let mut url = self.config.auth_url.clone();
        let environment = self.config.auth_environment.unwrap_or(self.config.environment).to_string();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            if !self.config.custom_auth_domain {
                path.push(&environment);
            }
            path.extend(["as", "token"]);
        }
        url
    }
}

/// Whether a token that is there already will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Any,
    New,
}

/// Whatever the token endpoint refuses for, it is we who are not let in.
fn refused(answer: Answer) -> Error {
    match answer.into_error() {
        Error::Rejected(refusal) => Error::Unauthorized(refusal),
        error => error,
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: u64,
}

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const REFRESH_PAUSE: Duration = Duration::from_secs(10);
