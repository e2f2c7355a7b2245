//! Name, connection and TLS.

use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::super::cause::Cause;
use super::super::client::{Certificate, Secured, Target, old_version_accepted, raw, secure};
use super::super::failure::Failure;
use super::Seen;

/// A certificate that expires sooner is worth a warning.
const SOON: i64 = 14 * 24 * 3600;

/// Looks the host's name up.
pub(in crate::doctor) async fn name(target: &Target) -> Result<Seen, Failure> {
    let (host, port) = target.host_and_port();
    if target.proxy().is_some() {
        return Ok(Seen::skip("the forward proxy looks the name up"));
    }
    if host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(Seen::fine("an address, no name"));
    }
    match tokio::net::lookup_host((host.as_str(), port)).await {
        Ok(found) => {
            let found: Vec<String> = found.map(|address| address.ip().to_string()).collect();
            match found.is_empty() {
                true => Err(Failure::new(Cause::NameNotResolved, format!("{host} has no address"))),
                false => Ok(Seen::fine(format!("{host} is {}", found.join(", ")))),
            }
        }
        Err(error) => Err(Failure::new(Cause::NameNotResolved, format!("look up {host}: {error}"))),
    }
}

/// Connects to each address of the host; a browser may be given any of them.
pub(in crate::doctor) async fn tcp(target: &Target, limit: Duration) -> Result<Seen, Failure> {
    if target.proxy().is_some() {
        drop(raw(target).await?);
        return Ok(Seen::fine("the forward proxy connects to the server"));
    }
    let (host, port) = target.host_and_port();
    let addresses: Vec<_> = match tokio::net::lookup_host((host.as_str(), port)).await {
        Ok(found) => found.collect(),
        Err(_) => return Ok(Seen::skip("there is no address to connect to")),
    };
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for address in addresses {
        let started = Instant::now();
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(_)) => good.push(format!("{address} in {} ms", started.elapsed().as_millis())),
            Ok(Err(error)) => bad.push(format!("{address}: {error}")),
            Err(_) => bad.push(format!("{address}: no answer")),
        }
    }
    match (good.is_empty(), bad.is_empty()) {
        (true, _) => Err(Failure::new(Cause::Unreachable, format!("connect: {}", bad.join("; ")))),
        (false, true) => Ok(Seen::fine(good.join(", "))),
        (false, false) => {
            let detail = format!("{}; but {}", good.join(", "), bad.join("; "));
            Ok(Seen::Odd(Failure::new(Cause::AddressUnreachable, detail)))
        }
    }
}

/// Makes handshakes: the best one, those of older versions, and looks at the certificates.
pub(in crate::doctor) async fn tls(target: &Target) -> Result<Seen, Failure> {
    if !target.is_tls() {
        return Ok(Seen::skip("the address is not https"));
    }
    let (host, _) = target.host_and_port();
    let shake = async |alpn: &[&[u8]], versions: &[&'static rustls::SupportedProtocolVersion]| {
        let stream = raw(target).await?;
        Ok::<Secured, Failure>(secure(stream, &host, target, alpn, versions).await.1)
    };
    let best = shake(&[b"h2", b"http/1.1"], rustls::ALL_VERSIONS).await?;
    let now = Timestamp::now().as_second();
    let chain = described(&best.chain, now);
    if let Some(failure) = best.failure {
        return Err(Failure::new(failure.cause, format!("{}; {chain}", failure.detail)));
    }
    let version = best.version.unwrap_or_default();
    let alpn = best.alpn.map(|alpn| format!(", {alpn}")).unwrap_or_default();
    let detail = format!("{version}{alpn}; {chain}");
    if shake(&[b"http/1.1"], rustls::ALL_VERSIONS).await?.failure.is_some() {
        let detail = format!("{detail}; but HTTP/1.1, which WebSockets need, is refused");
        return Ok(Seen::Odd(Failure::new(Cause::Tls, detail)));
    }
    if let Some(old) = old_version_accepted(raw(target).await?).await {
        let detail = format!("{detail}; but {old}, which is broken, is accepted too");
        return Ok(Seen::Odd(Failure::new(Cause::TlsOldVersion, detail)));
    }
    match best.chain.first() {
        Some(own) if own.not_after - now < SOON => Ok(Seen::Odd(Failure::new(Cause::TlsExpiresSoon, detail))),
        _ => Ok(Seen::Fine(detail)),
    }
}

fn described(chain: &[Certificate], now: i64) -> String {
    let Some(own) = chain.first() else { return "no certificate was shown".to_owned() };
    let days = (own.not_after - now).div_euclid(24 * 3600);
    let validity = match days {
        ..0 => format!("expired {} days ago", -days),
        _ => format!("expires in {days} days"),
    };
    let further = chain.len() - 1;
    format!(
        "certificate of {}, issued by {}, {validity}, with {further} more in the chain",
        own.subject, own.issuer
    )
}
