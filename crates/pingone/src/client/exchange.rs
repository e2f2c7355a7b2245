use std::{sync::Arc, time::Duration};

use rand::RngExt as _;
use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE},
};

use tokio::time::Instant;

use super::{
    Shared, Trace,
    answer::Answer,
    call::{Call, Manner},
    token::Token,
};
use crate::{
    Error,
    rate::{Outcome, Permit},
};

impl Shared {
    /// Sends a request that may be repeated, until it is answered for good.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, Error> {
        self.send_noting(call, &mut Attempts::default()).await
    }

    /// The same, for callers who want to know what happened on the way.
    pub(super) async fn send_noting(&self, call: &Call, attempts: &mut Attempts) -> Result<Answer, Error> {
        loop {
            let error = match self.try_send(call, attempts).await? {
                Tried::Answered(answer) => return Ok(answer),
                Tried::Unsent(error) => error,
                Tried::Failed(error) => {
                    attempts.is_doubtful = true;
                    error
                }
            };
            self.next_attempt(call.manner, attempts, error).await?;
        }
    }

    /// One attempt, with all that belongs to it: a token, and patience when PingOne throttles.
    ///
    /// # Errors
    /// Those that no further attempt can change.
    pub(super) async fn try_send(&self, call: &Call, attempts: &mut Attempts) -> Result<Tried, Error> {
        loop {
            let (permit, token) = self.turn(call.manner).await?;
            let answer = match self.send_once(call, &token, permit.sent_now()).await {
                Ok(answer) => answer,
                Err(error @ Error::Unreachable { .. }) => return Ok(Tried::Unsent(error)),
                Err(error) => return Ok(Tried::Failed(error)),
            };
            if answer.status != 401 {
                attempts.refused = 0;
            }
            match answer.status {
                401 => self.replace_token(call.manner, &token, answer, attempts).await?,
                429 => {
                    self.counters.throttled.add();
                    self.wait_for_turn(call.manner, &answer, attempts).await?;
                }
                408 | 500.. => {
                    self.counters.server_errors.add();
                    attempts.retry_after = answer.retry_after();
                    return Ok(Tried::Failed(Error::Server(Box::new(answer.any_refusal()))));
                }
                _ => {
                    self.tokens.accept(&token);
                    return if answer.is_success() {
                        if let Some(date) = answer.date() {
                            self.clock.note(date, Instant::now().into_std());
                        }
                        Ok(Tried::Answered(answer))
                    } else {
                        Err(answer.into_error())
                    };
                }
            }
            self.counters.retries.add();
        }
    }

    /// A place in the rate, and a token that is good now.
    async fn turn(&self, manner: Manner) -> Result<(Permit, Arc<Token>), Error> {
        for _ in 0..2 {
            // A token may take minutes to come, and whoever waits for it holds no place.
            self.token(manner).await?;
            let permit = self.place(manner).await?;
            // Whoever waited long for its turn would come with an old token.
            if let Some(token) = self.tokens.good() {
                return Ok((permit, token));
            }
        }
        // Tokens end sooner here than turns come.
        let permit = self.place(manner).await?;
        Ok((permit, self.token(manner).await?))
    }

    async fn place(&self, manner: Manner) -> Result<Permit, Error> {
        let turn = self.limiter.acquire(manner.lane);
        match self.is_hasty(manner.max_attempts) {
            // Whoever holds the places may be told to wait for minutes.
            true => {
                let after = manner.throttle_patience;
                tokio::time::timeout(after, turn).await.map_err(|_| Error::Timeout { after })
            }
            false => Ok(turn.await),
        }
    }

    /// Sees to it that the next attempt comes with another token than this one, which was refused.
    ///
    /// # Errors
    /// Several tokens in a row were refused to everybody, or very many to this request while others got on.
    async fn replace_token(
        &self,
        manner: Manner,
        token: &Arc<Token>,
        answer: Answer,
        attempts: &mut Attempts,
    ) -> Result<(), Error> {
        self.tokens.refuse(token);
        attempts.refused += 1;
        if attempts.refused >= MOST_REFUSED && self.tokens.refused() >= MOST_REFUSED {
            return Err(answer.into_error());
        }
        if attempts.refused >= MOST_REFUSED.saturating_add(manner.max_attempts) {
            return Err(Error::Rejected(Box::new(answer.any_refusal())));
        }
        // The first may just have been old.
        if attempts.refused > 1 {
            self.wait(attempts.refused - 1, None).await;
        }
        Ok(())
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// `error`, if that was the last.
    pub(super) async fn next_attempt(
        &self,
        manner: Manner,
        attempts: &mut Attempts,
        error: Error,
    ) -> Result<(), Error> {
        attempts.failed += 1;
        attempts.refused = 0;
        let asked = attempts.retry_after.take();
        let is_too_long = asked.is_some_and(|asked| asked > manner.throttle_patience);
        if attempts.failed >= manner.max_attempts || is_too_long {
            return Err(error);
        }
        self.wait(attempts.failed, asked).await;
        self.counters.retries.add();
        Ok(())
    }

    /// Backs off after this many failures, or for as long as the server asked.
    pub(super) async fn wait(&self, failures: u32, asked: Option<Duration>) {
        let retry = &self.config.retry;
        let whole = retry.base.saturating_mul(1 << (failures - 1).min(16)).min(retry.cap);
        let backoff = whole.mul_f64(rand::rng().random_range(0.5..=1.0));
        tokio::time::sleep(asked.map_or(backoff, |asked| asked.max(backoff))).await;
    }

    /// Holds a request back that was throttled; the rate, which all requests share, adapts beside it.
    async fn wait_for_turn(
        &self,
        manner: Manner,
        answer: &Answer,
        attempts: &mut Attempts,
    ) -> Result<(), Error> {
        attempts.throttled += 1;
        let whole = self.config.retry.base.saturating_mul(1 << (attempts.throttled - 1).min(6));
        let wait = answer.retry_after().unwrap_or_else(|| whole.min(self.config.retry.cap));
        if attempts.held_back.saturating_add(wait) > manner.throttle_patience {
            let refusal = Box::new(answer.any_refusal());
            return Err(Error::Throttled { waited: attempts.held_back, refusal });
        }
        // Those who were held back together shall not come back together.
        let wait = wait.mul_f64(rand::rng().random_range(1.0..=1.25));
        attempts.held_back += wait;
        tokio::time::sleep(wait).await;
        Ok(())
    }

    async fn send_once(&self, call: &Call, token: &Arc<Token>, permit: Permit) -> Result<Answer, Error> {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.header(AUTHORIZATION, token.header.clone());
        if let Some((media_type, body)) = &call.body {
            request = request.header(CONTENT_TYPE, *media_type).body(body.clone());
        }
        self.counters.requests.add();
        let started = Instant::now();
        let was_left = call.trace.as_ref().is_some_and(Trace::leave);
        let result = self.attempt(request, call.host()).await;
        if let Some(trace) = call.trace.as_ref().filter(|_| !was_left && is_unread(&result)) {
            trace.wipe();
        }
        if let Some(observer) = &self.config.observer {
            observer.tell(started.elapsed(), result.as_ref().ok().map(|answer| answer.status));
        }
        permit.finish(match &result {
            Ok(answer) if answer.status == 429 => Outcome::Throttled { retry_after: answer.retry_after() },
            Ok(answer) if answer.status < 500 && answer.status != 408 => Outcome::Accepted,
            _ => Outcome::Failed,
        });
        result
    }

    /// Sends a request once and reads the whole answer.
    pub(super) async fn attempt(&self, request: RequestBuilder, host: String) -> Result<Answer, Error> {
        let failed = |error: reqwest::Error| {
            let error = error.without_url();
            if error.is_connect() {
                self.counters.disconnects.add();
                Error::Unreachable { host: host.clone(), source: Arc::new(error) }
            } else if error.is_timeout() {
                self.counters.timeouts.add();
                Error::Timeout { after: self.config.request_timeout }
            } else {
                self.counters.disconnects.add();
                Error::Disconnected { host: host.clone(), source: Arc::new(error) }
            }
        };
        let mut response = request.send().await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body =
            Vec::with_capacity(response.content_length().map_or(0, |length| length.min(1 << 16) as usize));
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BODY {
                let reason = format!("it is longer than {MAX_BODY} bytes");
                return Err(Error::UnexpectedResponse { host, status, reason });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { host, status, headers, body })
    }
}

/// Whether PingOne has certainly not begun to do what a request wants.
fn is_unread(result: &Result<Answer, Error>) -> bool {
    match result {
        Ok(answer) => matches!(answer.status, 401 | 429),
        Err(error) => matches!(error, Error::Unreachable { .. }),
    }
}

/// The history of one request.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    failed: u32,
    throttled: u32,
    held_back: Duration,
    retry_after: Option<Duration>,
    /// Tokens refused one after the other.
    refused: u32,
    /// Whether PingOne may have carried out an attempt whose answer we do not have.
    pub(super) is_doubtful: bool,
}

/// How an attempt ended that another may follow.
#[derive(Debug)]
pub(super) enum Tried {
    Answered(Answer),
    /// PingOne may have carried the request out.
    Failed(Error),
    /// PingOne saw nothing of the request.
    Unsent(Error),
}

/// So many new tokens that were good for nothing cannot all have ended by chance.
const MOST_REFUSED: u32 = 5;
/// Largest answer that is read. A page of users has some hundred kilobytes.
const MAX_BODY: usize = 64 << 20;
