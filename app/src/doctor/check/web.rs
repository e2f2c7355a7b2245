//! Who answers, in which words, and what time it is there.

use std::time::Duration;

use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, DATE, HeaderMap, HeaderValue, SERVER,
};
use hyper::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use super::super::cause::Cause;
use super::super::client::{Answer, Deadline, Http, Target};
use super::super::failure::Failure;
use super::super::probe::exchange::opened;
use super::Seen;

/// Clocks that differ by more than this make tokens and certificates seem expired, and logs hard to compare.
const SKEW: i64 = 60;

/// What kind of server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Kind {
    /// This program.
    Tool,
    /// A Socket.IO server of another kind.
    SocketIo,
    /// Something that cannot be recognised; it is examined as if it were this program.
    Unknown,
}

impl Kind {
    pub(in crate::doctor) fn name(self) -> &'static str {
        match self {
            Self::Tool => "pingone-import",
            Self::SocketIo => "socket.io",
            Self::Unknown => "unknown",
        }
    }
}

/// The first answers of a server.
#[derive(Debug)]
pub(in crate::doctor) struct Greeting {
    pub(in crate::doctor) kind: Kind,
    /// The version that it tells.
    pub(in crate::doctor) version: Option<String>,
    answer: Result<Answer, Failure>,
}

impl Greeting {
    /// Of a server that nobody could connect to.
    pub(in crate::doctor) fn nobody() -> Self {
        let answer = Err(Failure::new(Cause::Unreachable, "no connection could be made"));
        Self { kind: Kind::Unknown, version: None, answer }
    }
}

/// Finds out what kind of server it is.
///
/// Both questions at once, since a bare Socket.IO server leaves requests for other paths unanswered.
pub(in crate::doctor) async fn greet(target: &Target, limit: Duration) -> Greeting {
    let path = target.socket_io("polling");
    let limit = Deadline::after(limit);
    let (answer, foreign) = tokio::join!(
        limit.step(Cause::TimedOut, "ask who is there", get(target, "api/health")),
        limit.half().step(Cause::TimedOut, "ask for Socket.IO", get(target, &path)),
    );
    let health = answer.as_ref().ok().and_then(|answer| serde_json::from_str::<Value>(&answer.body).ok());
    if let Some(health) = health.filter(|health| health.get("tiers").is_some()) {
        let version = health.get("version").and_then(Value::as_str).map(str::to_owned);
        return Greeting { kind: Kind::Tool, version, answer };
    }
    match foreign {
        Ok(foreign) if foreign.status == StatusCode::OK && opened(&foreign.body).is_ok() => {
            Greeting { kind: Kind::SocketIo, version: None, answer: Ok(foreign) }
        }
        _ => Greeting { kind: Kind::Unknown, version: None, answer },
    }
}

async fn get(target: &Target, path: &str) -> Result<Answer, Failure> {
    Http::connect(target).await?.exchange(Method::GET, path, "").await
}

/// Whether HTTP is spoken at all.
pub(in crate::doctor) fn http(greeting: &Greeting) -> Result<Seen, Failure> {
    let answer = greeting.answer.as_ref().map_err(Clone::clone)?;
    let server = answer.headers.get(SERVER).and_then(|value| value.to_str().ok());
    let server = server.map(|server| format!(", server {server}")).unwrap_or_default();
    let detail = format!("{:?}, status {}{server}", answer.version, answer.status.as_u16());
    match answer.status {
        StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Err(Failure::new(Cause::BadGateway, detail)),
        StatusCode::SERVICE_UNAVAILABLE if greeting.kind == Kind::Unknown => {
            Err(answer.refusal("GET api/health", Cause::BadGateway))
        }
        _ => Ok(Seen::Fine(detail)),
    }
}

/// Compares the clocks.
pub(in crate::doctor) fn clock(greeting: &Greeting) -> Result<Seen, Failure> {
    let Ok(answer) = &greeting.answer else { return Ok(Seen::skip("there was no answer")) };
    let Some(date) = answer.headers.get(DATE).and_then(|value| value.to_str().ok()) else {
        return Ok(Seen::skip("the answer has no date"));
    };
    let Ok(there) = jiff::fmt::rfc2822::parse(date) else {
        return Ok(Seen::skip(format!("the date cannot be read: {date:?}")));
    };
    let skew = Timestamp::now().as_second() - there.timestamp().as_second();
    match skew.abs() {
        ..=SKEW => Ok(Seen::fine(format!("{} s apart", skew.abs()))),
        _ => {
            let order = if skew > 0 { "behind" } else { "ahead of" };
            let detail = format!("the server's clock is {} s {order} this machine's", skew.abs());
            Ok(Seen::Odd(Failure::new(Cause::ClockSkew, detail)))
        }
    }
}

/// Whether a browser lets a page of the given origin read the server's answers.
pub(in crate::doctor) async fn cors(target: &Target) -> Result<Seen, Failure> {
    let Some(origin) = target.origin().filter(|_| target.is_cross_origin()) else {
        return Ok(Seen::skip("requests come from the server's own pages; --origin tries another site"));
    };
    let path = target.socket_io("polling");
    let ask = HeaderMap::from_iter([(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"))]);
    let mut http = Http::connect(target).await?;
    let preflight = http.exchange_with(Method::OPTIONS, &path, ask, "").await?;
    let answer = get(target, &path).await?;
    for (what, answer) in [("the preflight", preflight), ("a poll", answer)] {
        let allowed = answer.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN);
        if allowed.is_none_or(|allowed| allowed != "*" && allowed != origin) {
            let named = allowed.map_or_else(|| "names no origin".to_owned(), |it| format!("allows {it:?}"));
            let detail = format!("{what} of {origin:?} got {}, which {named}", answer.status);
            return Err(Failure::new(Cause::CorsRefused, detail));
        }
    }
    Ok(Seen::fine(format!("pages of {origin:?} may read the answers")))
}
