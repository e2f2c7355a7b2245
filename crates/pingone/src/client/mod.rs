//! The calls of the Platform API.

mod answer;
mod call;
mod change;
mod clock;
mod counters;
mod create;
mod exchange;
mod groups;
mod pages;
mod passwords;
mod populations;
mod schema;
mod token;
mod trace;
mod users;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    Config, ConfigError, Error, Metrics,
    rate::{Lane, Limiter},
};

pub use create::Reconciled;
pub use pages::UserPages;
pub use trace::Trace;

use call::Manner;
use clock::Clock;
use counters::Counters;
use token::{Need, Tokens};

/// A client of one PingOne environment. Clones are cheap and share the token, the connections and the rate.
///
/// Where several jobs use one environment, each takes a client [for itself](Self::for_job), so that none
/// holds up the others.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
    manner: Manner,
    trace: Option<Trace>,
}

#[derive(Debug)]
struct Shared {
    config: Config,
    http: reqwest::Client,
    tokens: Tokens,
    limiter: Arc<Limiter>,
    counters: Counters,
    clock: Clock,
}

impl Client {
    /// Checks the configuration and sets up the client; sends nothing.
    ///
    /// # Errors
    /// What [`Config::validate`] finds, a certificate that cannot be read, or no way to set up TLS.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        config.validate()?;
        let http = http(&config)?;
        let limiter = Arc::new(Limiter::new(config.rate_ceiling, config.max_concurrency));
        let manner = Manner::patient(limiter.lane(), &config.retry);
        let (tokens, counters, clock) = (Tokens::new(), Counters::default(), Clock::default());
        let shared = Shared { config, http, tokens, limiter, counters, clock };
        Ok(Self { shared: Arc::new(shared), manner, trace: None })
    }

    /// A client of the same environment, with the same token, connections and rate, whose requests wait in a
    /// queue of their own.
    ///
    /// While more requests wait than may go, the queues take turns: each gets the same rate, and what one does
    /// not use goes to the others. Clones share the queue.
    #[must_use]
    pub fn for_job(&self) -> Self {
        let manner = Manner::patient(self.shared.limiter.lane(), &self.shared.config.retry);
        Self { manner, ..self.clone() }
    }

    /// As it is, but what its requests may have changed at PingOne is noted in `trace`.
    #[must_use]
    pub fn leaving(&self, trace: &Trace) -> Self {
        Self { trace: Some(trace.clone()), ..self.clone() }
    }

    /// A client of the same environment, with the same token, connections and rate, for requests that somebody waits
    /// for.
    ///
    /// They count in the rate as all do, go before those that wait in queues, and are given up sooner: after three
    /// attempts, or a minute of throttling.
    #[must_use]
    pub fn hasty(&self) -> Self {
        let manner = Manner::hasty(Lane::URGENT, &self.shared.config.retry);
        Self { manner, ..self.clone() }
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// What the client has done so far and how fast it goes.
    pub fn metrics(&self) -> Metrics {
        let (rate, concurrency, in_flight) = self.shared.limiter.state();
        Metrics { rate, concurrency, in_flight, ..self.shared.counters.read() }
    }

    /// What PingOne's clock shows at least, by the dates of its answers, which have whole seconds; `None` before the
    /// first answer.
    pub fn clock(&self) -> Option<Timestamp> {
        self.shared.clock.at_least(tokio::time::Instant::now().into_std())
    }

    /// Fetches a token now: tells whether PingOne can be reached and lets us in.
    ///
    /// # Errors
    /// Told after few attempts, since somebody waits for the answer.
    pub async fn authenticate(&self) -> Result<(), Error> {
        let attempts = AUTHENTICATE_ATTEMPTS.min(self.shared.config.retry.max_attempts);
        self.shared.fetch_token(attempts, Need::New).await?;
        Ok(())
    }
}

fn http(config: &Config) -> Result<reqwest::Client, ConfigError> {
    // A second call finds the provider in place, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(config.request_timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(config.request_timeout))
        .tcp_nodelay(true)
        .pool_max_idle_per_host(config.max_concurrency)
        .user_agent(concat!("pingone-import/", env!("CARGO_PKG_VERSION")));
    if crate::config::is_loopback(&config.api_url) {
        builder = builder.no_proxy();
    }
    for pem in &config.extra_roots {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes())
            .map_err(|error| ConfigError::InvalidCertificate { reason: error.to_string() })?;
        builder = builder.tls_certs_merge([certificate]);
    }
    builder.build().map_err(|error| ConfigError::Setup { reason: error.to_string() })
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const AUTHENTICATE_ATTEMPTS: u32 = 3;
