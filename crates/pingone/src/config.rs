use std::time::Duration;

use thiserror::Error;
use url::{Host, Url};
use uuid::Uuid;

use crate::{Observer, Region, Secret};

/// Where a PingOne environment is, who we are there, and how hard we may press.
#[derive(Debug, Clone)]
pub struct Config {
    /// Base of the Platform API; ends in `/v1`. No other host is ever sent a token.
    pub api_url: Url,
    /// Base of the authorization service, without a path.
    pub auth_url: Url,
    /// The environment whose users are managed.
    pub environment: Uuid,
    /// The environment that owns the worker application. Default: `environment`.
    pub auth_environment: Option<Uuid>,
    /// Whether `auth_url` is a custom domain, whose token path holds no environment (`/as/token`). Default: no.
    pub custom_auth_domain: bool,
    /// The worker application's client id.
    pub client_id: String,
    /// The worker application's client secret.
    pub client_secret: Secret,
    /// How the client authenticates at the token endpoint. Must equal the application's own setting.
    pub auth_method: AuthMethod,
    /// Highest rate of requests per second; infinity means none. Default: 100, the limit per source address
    /// that PingOne's own bulk tools observe.
    pub rate_ceiling: f64,
    /// Highest number of requests in flight. Default: 128. A request in flight costs a connection on HTTP/1.1.
    pub max_concurrency: usize,
    /// Deadline of one attempt, from connecting to the last byte of the body. Default: 15 s.
    pub request_timeout: Duration,
    /// When and how often a request is repeated.
    pub retry: RetryPolicy,
    /// Whether `http:` is accepted for hosts other than this machine. Default: no, since the secret and every
    /// user's data would travel in the clear.
    pub allow_plain_http: bool,
    /// PEM certificates trusted beside the platform's. Default: none.
    pub extra_roots: Vec<String>,
    /// Is told how long each request took. Default: nobody.
    pub observer: Option<Observer>,
}

impl Config {
    /// A configuration with the documented defaults.
    pub fn new(
        api_url: Url,
        auth_url: Url,
        environment: Uuid,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            api_url,
            auth_url,
            environment,
            auth_environment: None,
            custom_auth_domain: false,
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            auth_method: AuthMethod::Basic,
            rate_ceiling: 100.0,
            max_concurrency: 128,
            request_timeout: Duration::from_secs(15),
            retry: RetryPolicy::default(),
            allow_plain_http: false,
            extra_roots: Vec::new(),
            observer: None,
        }
    }

    /// A configuration for PingOne's own hosts in `region`, with the documented defaults.
    pub fn for_region(
        region: Region,
        environment: Uuid,
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> Self {
        Self::new(region.api_url(), region.auth_url(), environment, client_id, client_secret)
    }

    /// The region whose hosts are configured, or `None` for custom hosts.
    pub fn region(&self) -> Option<Region> {
        Region::ALL.into_iter().find(|region| region.api_url().host() == self.api_url.host())
    }

    /// Checks everything that can be checked without a request.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_url("api_url", &self.api_url)?;
        self.validate_url("auth_url", &self.auth_url)?;
        if self.client_id.trim().is_empty() {
            return Err(ConfigError::Missing { field: "client_id" });
        }
        if self.client_secret.is_empty() {
            return Err(ConfigError::Missing { field: "client_secret" });
        }
        if self.rate_ceiling.is_nan() || self.rate_ceiling <= 0.0 {
            return Err(ConfigError::NotPositive { field: "rate_ceiling" });
        }
        if self.max_concurrency == 0 {
            return Err(ConfigError::NotPositive { field: "max_concurrency" });
        }
        if self.request_timeout.is_zero() {
            return Err(ConfigError::NotPositive { field: "request_timeout" });
        }
        if self.retry.max_attempts == 0 {
            return Err(ConfigError::NotPositive { field: "retry.max_attempts" });
        }
        Ok(())
    }

    fn validate_url(&self, field: &'static str, url: &Url) -> Result<(), ConfigError> {
        let invalid = |reason| ConfigError::InvalidUrl { field, url: redacted(url), reason };
        if url.host().is_none() {
            return Err(invalid("it has no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it must not hold credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it must not hold a query or a fragment"));
        }
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.allow_plain_http || is_loopback(url) => Ok(()),
            "http" => Err(ConfigError::PlainHttp { field, url: redacted(url) }),
            _ => Err(invalid("its scheme is neither https nor http")),
        }
    }
}

/// Whether `url` names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn redacted(url: &Url) -> String {
    let mut url = url.clone();
    // Both calls fail only for URLs that cannot hold credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// How a worker application authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// `CLIENT_SECRET_BASIC`: an `Authorization: Basic` header.
    Basic,
    /// `CLIENT_SECRET_POST`: `client_id` and `client_secret` in the form.
    Post,
}

/// When and how often a request is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Attempts at one request that end in a timeout, a lost connection or a 5xx before its caller is told.
    /// Default: 10.
    pub max_attempts: u32,
    /// Wait before the second attempt; it doubles with each further one. Default: 250 ms.
    /// The actual wait is drawn evenly from the half to the whole of it.
    pub base: Duration,
    /// Longest wait that is not PingOne's own `Retry-After`. Default: 20 s.
    pub cap: Duration,
    /// How long a request may be held back by 429 answers before its caller is told. Default: 15 min.
    /// Throttling does not use up attempts: the rate adapts, and every row gets its turn.
    pub throttle_patience: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 10,
            base: Duration::from_millis(250),
            cap: Duration::from_secs(20),
            throttle_patience: Duration::from_secs(15 * 60),
        }
    }
}

/// The configuration cannot work; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A field that is needed is blank.
    #[error("{field} is missing")]
    Missing {
        /// Name of the field in [`Config`].
        field: &'static str,
    },
    /// A number or duration that must be above zero is not.
    #[error("{field} must be greater than zero")]
    NotPositive {
        /// Name of the field in [`Config`].
        field: &'static str,
    },
    /// A base URL cannot be used.
    #[error("{field} `{url}` cannot be used: {reason}")]
    InvalidUrl {
        /// Name of the field in [`Config`].
        field: &'static str,
        /// The URL, without credentials.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A base URL would send secrets in the clear.
    #[error("{field} `{url}` would send the client secret unencrypted; use https")]
    PlainHttp {
        /// Name of the field in [`Config`].
        field: &'static str,
        /// The URL, without credentials.
        url: String,
    },
    /// A certificate in `extra_roots` is not PEM.
    #[error("extra_roots: {reason}")]
    InvalidCertificate {
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS stack could not be set up.
    #[error("the HTTP client could not be set up: {reason}")]
    Setup {
        /// What went wrong.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(api: &str) -> Config {
        Config::new(
            api.parse().unwrap(),
            "https://auth.pingone.eu".parse().unwrap(),
            Uuid::nil(),
            "id",
            "secret",
        )
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert_eq!(config("http://127.0.0.1:9000/v1").validate(), Ok(()));
        assert_eq!(config("http://localhost/v1").validate(), Ok(()));
        assert_eq!(config("http://[::1]/v1").validate(), Ok(()));
        let refused = config("http://api.example.com/v1").validate();
        assert!(matches!(refused, Err(ConfigError::PlainHttp { field: "api_url", .. })));
        let allowed = Config { allow_plain_http: true, ..config("http://api.example.com/v1") };
        assert_eq!(allowed.validate(), Ok(()));
    }

    #[test]
    fn credentials_in_a_url_are_refused_and_not_repeated() {
        let error = config("https://user:hunter2@api.pingone.eu/v1").validate().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn numbers_must_be_positive() {
        for rate_ceiling in [0.0, -1.0, f64::NAN] {
            let config = Config { rate_ceiling, ..config("https://api.pingone.eu/v1") };
            assert_eq!(config.validate(), Err(ConfigError::NotPositive { field: "rate_ceiling" }));
        }
        let unlimited = Config { rate_ceiling: f64::INFINITY, ..config("https://api.pingone.eu/v1") };
        assert_eq!(unlimited.validate(), Ok(()));
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        assert!(!format!("{:?}", config("https://api.pingone.eu/v1")).contains("\"secret\""));
    }

    #[test]
    fn the_region_is_recognised_by_its_host() {
        assert_eq!(config("https://api.pingone.eu/v1").region(), Some(Region::Eu));
        assert_eq!(config("http://127.0.0.1:9000/v1").region(), None);
    }
}
