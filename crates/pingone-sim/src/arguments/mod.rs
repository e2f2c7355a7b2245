mod rule;
mod values;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use pingone_sim::{Access, Assumptions, CustomAttribute, FaultKind, Options, TokenAuthMethod};
use uuid::Uuid;

use crate::output::Format;
pub(crate) use rule::Rule;
use values::{access, attribute, auth_method, latency, milliseconds, rate, share};

/// A local PingOne: speaks the PingOne Platform API, keeps users in memory, and fails on demand
#[derive(Debug, Parser)]
#[command(version, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// How to tell where it is: json is one line for programs, shell are lines to paste into a terminal.
    /// Default: shell on a terminal, json elsewhere
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Seed of everything random: ids, the secret, latencies, faults
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Send bodies without indentation
    #[arg(long)]
    compact: bool,

    /// Id of the environment. Default: made from the seed
    #[arg(long, value_name = "UUID", help_heading = ENVIRONMENT)]
    environment: Option<Uuid>,
    /// Names of the populations; the first one is the default
    #[arg(long = "population", default_value = "Default", value_name = "NAME", help_heading = ENVIRONMENT)]
    populations: Vec<String>,
    /// Have no default population, so that every user must name one
    #[arg(long, help_heading = ENVIRONMENT)]
    no_default_population: bool,
    /// An attribute beside PingOne's own, and what it is: json, required, unique, multi-valued, disabled
    #[arg(long = "attribute", value_name = "NAME[:WHAT,…]", value_parser = attribute, help_heading = ENVIRONMENT)]
    attributes: Vec<CustomAttribute>,
    /// Authentication that the token endpoint wants: basic or post
    #[arg(long, default_value = "basic", value_name = "METHOD", value_parser = auth_method, help_heading = ENVIRONMENT)]
    auth_method: TokenAuthMethod,
    /// Lifetime of a token in seconds
    #[arg(long, default_value_t = 3600, value_name = "SECONDS", help_heading = ENVIRONMENT)]
    token_lifetime: u64,
    /// What the application may do: full, read-only or none
    #[arg(long, default_value = "full", value_name = "ACCESS", value_parser = access, help_heading = ENVIRONMENT)]
    access: Access,

    /// Speak TLS; the first line has the certificate to trust
    #[arg(long, help_heading = TLS)]
    tls: bool,
    /// A host name beside localhost that the certificate is for
    #[arg(long = "tls-name", value_name = "HOST", requires = "tls", help_heading = TLS)]
    tls_names: Vec<String>,
    /// Write the certificate to trust to this file, too
    #[arg(long, value_name = "FILE", requires = "tls", help_heading = TLS)]
    pub(crate) tls_certificate: Option<PathBuf>,

    /// Writes per second that are let through; the others get 429
    #[arg(long, value_name = "N", value_parser = rate, help_heading = LIMITS)]
    rate_limit: Option<f64>,
    /// Writes that may come at once under that limit; without it, one second's worth
    #[arg(long, value_name = "N", value_parser = rate, requires = "rate_limit", help_heading = LIMITS)]
    rate_burst: Option<f64>,
    /// Reads per second that are let through
    #[arg(long, value_name = "N", value_parser = rate, help_heading = LIMITS)]
    read_limit: Option<f64>,
    /// Requests of any kind per second that are let through from one IP address
    #[arg(long, value_name = "N", value_parser = rate, help_heading = LIMITS)]
    ip_limit: Option<f64>,

    /// Time that each request takes, in milliseconds: 200, or 100..300
    #[arg(long, default_value = "0", value_name = "MS", value_parser = latency, help_heading = FAULTS)]
    latency: RangeInclusive<Duration>,
    /// Share of requests that meet a fault: 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share, help_heading = FAULTS)]
    faults: f64,
    /// What those requests meet. Default: 429,5xx,reset,hang,lost
    #[arg(long, value_delimiter = ',', value_name = "KIND,…", help_heading = FAULTS)]
    fault_kinds: Vec<FaultKind>,
    /// What the next requests of an operation meet, such as create=lost or any=5xx*3
    #[arg(long = "fail", value_name = "OPERATION=KIND[*N]", help_heading = FAULTS)]
    pub(crate) rules: Vec<Rule>,
    /// How long a request hangs before its connection is closed
    #[arg(long, default_value = "60000", value_name = "MS", value_parser = milliseconds, help_heading = FAULTS)]
    hang: Duration,
    /// How much longer a slow request takes
    #[arg(long, default_value = "3000", value_name = "MS", value_parser = milliseconds, help_heading = FAULTS)]
    slow: Duration,

    /// Turn round what PingOne's documentation leaves open; --help lists the names
    #[arg(long = "assume", value_name = "NAME=VALUE", help_heading = "What is not known of PingOne")]
    assumptions: Vec<String>,
}

impl Arguments {
    /// How the simulator is to be.
    ///
    /// # Errors
    /// A sentence about an assumption that there is not.
    pub(crate) fn options(&self) -> Result<Options, String> {
        let assumptions = Assumptions::parse(self.assumptions.iter().map(String::as_str))?;
        let rate_burst = self.rate_burst.or(assumptions.rate_burst);
        let mut options = Options {
            listen: self.listen,
            rate_limit: self.rate_limit,
            read_limit: self.read_limit,
            ip_limit: self.ip_limit,
            latency: self.latency.clone(),
            faults: self.faults,
            slow: self.slow,
            hang: self.hang,
            seed: self.seed,
            environment: self.environment,
            token_auth_method: self.auth_method,
            token_lifetime: Duration::from_secs(self.token_lifetime),
            access: self.access,
            populations: self.populations.clone(),
            default_population: !self.no_default_population,
            custom_attributes: self.attributes.clone(),
            pretty: !self.compact,
            tls: self.tls,
            tls_names: self.tls_names.clone(),
            assumptions: Assumptions { rate_burst, ..assumptions },
            ..Options::default()
        };
        if !self.fault_kinds.is_empty() {
            options.fault_kinds.clone_from(&self.fault_kinds);
        }
        Ok(options)
    }
}

const ENVIRONMENT: &str = "Environment";
const TLS: &str = "TLS";
const LIMITS: &str = "Limits";
const FAULTS: &str = "Faults";

const AFTER_HELP: &str = "\
Kinds of faults:
  without doing the work     429 and 429-date (Retry-After in seconds, as a date), 5xx, 401 (the token
                             ends), 403, reset, hang, garbage (a proxy's page)
  the work is done           lost (a reset instead of the answer), 5xx-after, hang-after, slow

Operations of --fail:
  any, token, list (or search) of users, read, create, update or delete of a user, write of anything

Names of --assume, with their defaults (times in milliseconds):
  rate-window=bucket (second)                    rate-burst=none
  page-limit=200                                 short-page-every=3 (none)
  list-count=true                                search-lag=0
  cursor=place (offset, snapshot)                cursor-lifetime=none
  throttle-message=…                             throttle-details=true
  retry-after=seconds (http-date, absent)        email-required=false
  empty-text=false                               duplicate-status=400 (409)
  invalid-filter-code=INVALID_DATA               refuse-order=false
  case-sensitive-usernames=false                 case-sensitive-filters=false
  etags=false                                    absent-delete-status=404 (204)
  put-keeps-parts=false                          password-policy=always (not-in-imports, never)
  weak-password-target=password                  password-history=false
  delete-default-population=false                unknown-environment-status=404 (403)";
