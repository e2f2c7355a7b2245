use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use pingone_sim::{Assumptions, FaultKind, Options, TokenAuthMethod};

/// A local PingOne: speaks the PingOne Platform API, keeps users in memory, and fails on demand
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Writes per second that are let through; the others get 429
    #[arg(long, value_name = "N", value_parser = rate)]
    rate_limit: Option<f64>,
    /// Writes that may come at once under that limit; without it, one second's worth
    #[arg(long, value_name = "N", value_parser = rate, requires = "rate_limit")]
    rate_burst: Option<f64>,
    /// Reads per second that are let through
    #[arg(long, value_name = "N", value_parser = rate)]
    read_limit: Option<f64>,
    /// Requests of any kind per second that are let through from one IP address
    #[arg(long, value_name = "N", value_parser = rate)]
    ip_limit: Option<f64>,
    /// Time that each request takes, in milliseconds: 200, or 100..300
    #[arg(long, default_value = "0", value_name = "MS", value_parser = latency)]
    latency: RangeInclusive<Duration>,
    /// Share of requests that get 429, a 5xx, a reset, no answer, or lose their answer: 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    faults: f64,
    /// What those requests get, instead of all that is named above
    #[arg(long, value_delimiter = ',', value_name = "KIND", value_parser = fault_kind)]
    fault_kinds: Vec<FaultKind>,
    /// Speak TLS; the line on stdout holds the certificate to trust
    #[arg(long)]
    tls: bool,
    /// Write the certificate to trust to this file, too
    #[arg(long, value_name = "FILE", requires = "tls")]
    tls_certificate: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
    /// Names of the populations; the first one is the default
    #[arg(long = "population", default_value = "Default", value_name = "NAME")]
    populations: Vec<String>,
    /// Authentication that the token endpoint wants: basic or post
    #[arg(long, default_value = "basic", value_name = "METHOD", value_parser = auth_method)]
    auth_method: TokenAuthMethod,
    /// Lifetime of a token in seconds
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    token_lifetime: u64,
}

impl Arguments {
    /// How the simulator is to be, and where its certificate is to be written.
    pub(crate) fn options(self) -> (Options, Option<PathBuf>) {
        let all = if self.faults > 0.0 { FaultKind::DEFAULT.to_vec() } else { Vec::new() };
        let fault_kinds = if self.fault_kinds.is_empty() { all } else { self.fault_kinds };
        let options = Options {
            listen: self.listen,
            rate_limit: self.rate_limit,
            assumptions: Assumptions { rate_burst: self.rate_burst, ..Assumptions::default() },
            read_limit: self.read_limit,
            ip_limit: self.ip_limit,
            fault_kinds,
            tls: self.tls,
            latency: self.latency,
            faults: self.faults,
            seed: self.seed,
            populations: self.populations,
            token_auth_method: self.auth_method,
            token_lifetime: Duration::from_secs(self.token_lifetime),
            ..Options::default()
        };
        (options, self.tls_certificate)
    }
}

fn fault_kind(text: &str) -> Result<FaultKind, String> {
    let found = FAULT_KINDS.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind);
    let names = || FAULT_KINDS.map(|(name, _)| name).join(", ");
    found.ok_or_else(|| format!("must be one of {}", names()))
}

const FAULT_KINDS: [(&str, FaultKind); 9] = [
    ("429", FaultKind::Throttled),
    ("429-date", FaultKind::ThrottledUntil),
    ("5xx", FaultKind::ServerError),
    ("reset", FaultKind::Reset),
    ("hang", FaultKind::Hang),
    ("lost", FaultKind::LostAnswer),
    ("slow", FaultKind::Slow),
    ("401", FaultKind::ExpiredToken),
    ("403", FaultKind::Forbidden),
];

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if rate > 0.0 && f64::is_finite(rate) => Ok(rate),
        _ => Err("must be a number above 0".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0 to 1".into()),
    }
}

fn latency(text: &str) -> Result<RangeInclusive<Duration>, String> {
    let milliseconds = |text: &str| {
        let number =
            text.trim().parse().map_err(|_| "must be milliseconds, such as 200 or 100..300".to_owned());
        number.map(Duration::from_millis)
    };
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let range = milliseconds(least)?..=milliseconds(most)?;
    if range.is_empty() { Err("must begin with the smaller number".into()) } else { Ok(range) }
}

fn auth_method(text: &str) -> Result<TokenAuthMethod, String> {
    match text {
        "basic" => Ok(TokenAuthMethod::ClientSecretBasic),
        "post" => Ok(TokenAuthMethod::ClientSecretPost),
        _ => Err("must be basic or post".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_flags_are_read() {
        let arguments = [
            "pingone-sim",
            "--listen",
            "127.0.0.1:9000",
            "--rate-limit",
            "50",
            "--rate-burst",
            "5",
            "--latency",
            "100..300",
            "--faults",
            "0.05",
            "--seed",
            "7",
            "--fault-kinds",
            "hang,401",
            "--tls",
        ];
        let (options, certificate) = Arguments::try_parse_from(arguments).unwrap().options();
        assert_eq!(options.listen.port(), 9000);
        assert_eq!((options.rate_limit, options.assumptions.rate_burst), (Some(50.0), Some(5.0)));
        assert_eq!(options.latency, Duration::from_millis(100)..=Duration::from_millis(300));
        assert_eq!((options.faults, options.seed), (0.05, 7));
        assert_eq!(options.fault_kinds, [FaultKind::Hang, FaultKind::ExpiredToken]);
        assert!(options.tls && certificate.is_none());
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            ["--rate-limit", "0"],
            ["--latency", "300..100"],
            ["--latency", "fast"],
            ["--faults", "2"],
            ["--fault-kinds", "fire"],
            ["--tls-certificate", "x"],
        ] {
            assert!(Arguments::try_parse_from(["pingone-sim"].into_iter().chain(bad)).is_err(), "{bad:?}");
        }
    }
}
