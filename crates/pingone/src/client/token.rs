use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parking_lot::RwLock;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::{Shared, answer::Answer, call::host};
use crate::{AuthMethod, Error};

/// The token that requests share.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    current: RwLock<Option<Arc<Token>>>,
    /// Held while one is fetched, so that all who need one wait for the same.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
pub(super) struct Token {
    /// Marked as sensitive, so that it never appears in a log.
    pub(super) header: HeaderValue,
    /// From when on somebody should fetch the next one.
    refresh: Instant,
    expires: Instant,
}

impl Tokens {
    fn current(&self) -> Option<Arc<Token>> {
        self.current.read().clone()
    }

    /// Forgets a token that was refused, unless it has been replaced already.
    pub(super) fn refuse(&self, token: &Arc<Token>) {
        let mut current = self.current.write();
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, token)) {
            *current = None;
        }
    }
}

impl Shared {
    /// A token that is good now.
    pub(super) async fn token(&self) -> Result<Arc<Token>, Error> {
        let now = now();
        match self.tokens.current() {
            Some(token) if now < token.refresh => return Ok(token),
            Some(token) if now < token.expires => {
                // One request goes for the next token; the others use this one as long as it is good.
                let Ok(_fetching) = self.tokens.fetching.try_lock() else {
                    return Ok(token);
                };
                return match self.request_token(1).await {
                    Ok(next) => Ok(next),
                    Err(error) => {
                        tracing::warn!(%error, "a token could not be refreshed ahead of time");
                        Ok(token)
                    }
                };
            }
            _ => {}
        }
        self.fetch_token(self.config.retry.max_attempts).await
    }

    /// Fetches a token, or waits for somebody who already does.
    pub(super) async fn fetch_token(&self, attempts: u32) -> Result<Arc<Token>, Error> {
        let _fetching = self.tokens.fetching.lock().await;
        if let Some(token) = self.tokens.current().filter(|token| now() < token.refresh) {
            return Ok(token);
        }
        self.request_token(attempts).await
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
        let token = Arc::new(Token { header, refresh: now + lifetime.mul_f64(0.9), expires: now + lifetime });
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
                let encoded = STANDARD.encode(format!("{id}:{secret}"));
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
