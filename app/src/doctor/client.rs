//! A small raw client: one HTTP/1.1 connection, and the WebSocket that it may become.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::upgrade::Upgraded;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::cause::{Cause, Failure};

/// No answer of this server to a probe is longer than this, in bytes; an error page may be.
const MAX_ANSWER: usize = 64 * 1024;

/// Where to probe, and as whom.
#[derive(Clone)]
pub struct Target {
    base: Url,
    authorization: Option<HeaderValue>,
}

/// A URL that cannot be probed.
#[derive(Debug, thiserror::Error)]
pub enum InvalidTarget {
    /// It is not an `http` or `https` URL with a host.
    #[error("{0:?} is not an http or https URL")]
    Url(String),
    /// The token has characters that no header may hold.
    #[error("the token holds characters that no token has")]
    Token,
}

impl Target {
    /// A server at `base` (`http` or `https`, with the path that it is mounted under, if any).
    ///
    /// `token` is sent as a bearer token.
    ///
    /// # Errors
    /// If the URL is of another kind or the token cannot be sent.
    pub fn new(base: &str, token: Option<&str>) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget::Url(base.to_owned());
        let mut url = Url::parse(base).map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(invalid());
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let authorization = token.map(bearer).transpose()?;
        Ok(Self { base: url, authorization })
    }

    /// The address that is probed.
    pub fn base(&self) -> &Url {
        &self.base
    }

    fn authority(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

fn bearer(token: &str) -> Result<HeaderValue, InvalidTarget> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| InvalidTarget::Token)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The moment by which a probe must be done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn after(duration: Duration) -> Self {
        Self(Instant::now() + duration)
    }

    /// The moment at which half of what is left is spent.
    pub(super) fn half(self) -> Self {
        let now = Instant::now();
        Self(now + self.0.saturating_duration_since(now) / 2)
    }

    /// Waits for a step; when it comes too late, the failure names `cause`.
    pub(super) async fn step<T>(
        self,
        cause: Cause,
        step: &str,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match timeout_at(self.0, future).await {
            Ok(result) => result,
            Err(_) => Err(Failure::new(cause, format!("{step}: no answer before the deadline"))),
        }
    }
}

/// One HTTP/1.1 connection.
pub(super) struct Http {
    sender: http1::SendRequest<Full<Bytes>>,
    target: Target,
    _connection: AbortOnDropHandle<()>,
}

impl Http {
    pub(super) async fn connect(target: &Target) -> Result<Self, Failure> {
        let host = target.base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = target.base.port_or_known_default().unwrap_or(80);
        let tcp = TcpStream::connect((host.as_str(), port)).await.map_err(|error| {
            Failure::new(Cause::Unreachable, format!("connect to {host}:{port}: {error}"))
        })?;
        // The probes measure round trips of tiny packets; a failure to set this only makes them slower.
        let _ = tcp.set_nodelay(true);
        if target.base.scheme() == "https" {
            Self::over(tls(tcp, host).await?, target).await
        } else {
            Self::over(tcp, target).await
        }
    }

    async fn over<IO>(io: IO, target: &Target) -> Result<Self, Failure>
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(io))
            .await
            .map_err(|error| Failure::from_transport("open HTTP connection", &error))?;
        // An error of the connection is also told to the request that waits on it.
        let connection = tokio::spawn(async move { drop(connection.with_upgrades().await) });
        Ok(Self { sender, target: target.clone(), _connection: AbortOnDropHandle::new(connection) })
    }

    /// Sends one request and reads the whole answer.
    pub(super) async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, Failure> {
        let step = format!("{method} {path}");
        let request = self.request(method, path, HeaderMap::new(), body.into())?;
        let response = self.send(&step, request).await?;
        Answer::read(&step, response).await
    }

    /// Turns the connection into a WebSocket.
    pub(super) async fn upgrade(mut self, path: &str) -> Result<WebSocket, Failure> {
        let step = format!("WebSocket handshake at {path}");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(header::SEC_WEBSOCKET_KEY, websocket_key());
        let request = self.request(Method::GET, path, headers, Bytes::new())?;
        let response = self.send(&step, request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(Answer::read(&step, response).await?.refusal(&step, Cause::UpgradeRefused));
        }
        let upgraded = hyper::upgrade::on(response)
            .await
            .map_err(|error| Failure::from_transport("take over the connection", &error))?;
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        Ok(WebSocket { stream, _connection: self._connection })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = format!("{}{path}", self.target.base.path())
            .parse()
            .map_err(|error| Failure::new(Cause::ProbeFailed, format!("{path}: {error}")))?;
        *request.headers_mut() = headers;
        let host = HeaderValue::try_from(self.target.authority())
            .map_err(|error| Failure::new(Cause::ProbeFailed, format!("host: {error}")))?;
        request.headers_mut().insert(header::HOST, host);
        if let Some(authorization) = &self.target.authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization.clone());
        }
        Ok(request)
    }

    async fn send(
        &mut self,
        step: &str,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<hyper::body::Incoming>, Failure> {
        let ready = self.sender.ready().await;
        ready.map_err(|error| Failure::from_transport(step, &error))?;
        self.sender.send_request(request).await.map_err(|error| Failure::from_transport(step, &error))
    }
}

async fn tls(tcp: TcpStream, host: String) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send, Failure> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let failure = |error: &dyn std::fmt::Display| Failure::new(Cause::Tls, format!("TLS handshake: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| failure(&error))?
        .with_no_client_auth();
    let name = ServerName::try_from(host).map_err(|error| failure(&error))?;
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await.map_err(|error| failure(&error))
}

fn websocket_key() -> HeaderValue {
    let key = tokio_tungstenite::tungstenite::handshake::client::generate_key();
    // Base64 holds only characters that a header may hold.
    HeaderValue::try_from(key).unwrap_or_else(|_| HeaderValue::from_static("cHJvYmVwcm9iZXByb2JlcA=="))
}

/// A whole HTTP answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl Answer {
    async fn read(step: &str, response: Response<hyper::body::Incoming>) -> Result<Self, Failure> {
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.map_err(|error| {
            Failure::from_transport(step, error.as_ref() as &(dyn std::error::Error + 'static))
        })?;
        Ok(Self { status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
    }

    /// The body of a 200.
    pub(super) fn ok(self, step: &str) -> Result<String, Failure> {
        if self.status == StatusCode::OK {
            Ok(self.body)
        } else {
            Err(self.refusal(step, Cause::UnexpectedAnswer))
        }
    }

    /// Names the reason for an answer that refuses.
    pub(super) fn refusal(&self, step: &str, otherwise: Cause) -> Failure {
        let code = serde_json::from_str::<serde_json::Value>(&self.body).ok();
        let code = code.as_ref().and_then(|body| body.get("code"));
        let number = code.and_then(serde_json::Value::as_u64);
        let name = code.and_then(serde_json::Value::as_str);
        let cause = match (self.status, number, name) {
            (StatusCode::UNAUTHORIZED, ..) => Cause::NotAuthorised,
            (StatusCode::FORBIDDEN, _, Some("origin_not_allowed")) => Cause::OriginRefused,
            (StatusCode::FORBIDDEN, _, Some(_)) => Cause::NotAuthorised,
            (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, ..) => Cause::WrongPath,
            (StatusCode::BAD_REQUEST, Some(1), _) => Cause::SessionLost,
            (StatusCode::BAD_REQUEST, Some(5), _) => Cause::VersionMismatch,
            _ => otherwise,
        };
        Failure::new(cause, format!("{step}: answered {}", self.status))
    }
}

/// A WebSocket that speaks text.
pub(super) struct WebSocket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    _connection: AbortOnDropHandle<()>,
}

impl WebSocket {
    pub(super) async fn open(target: &Target, path: &str) -> Result<Self, Failure> {
        Http::connect(target).await?.upgrade(path).await
    }

    pub(super) async fn send(&mut self, text: &str) -> Result<(), Failure> {
        let sent = self.stream.send(Message::text(text)).await;
        sent.map_err(|error| Failure::from_transport("send frame", &error))
    }

    /// The next text message; pings are answered on the way.
    pub(super) async fn text(&mut self) -> Result<String, Failure> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_str().to_owned()),
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.map(|frame| frame.code.into()))),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(Failure::from_transport("read frame", &error)),
                None => return Err(closed(None)),
            }
        }
    }

    /// Says goodbye, without waiting for the answer.
    pub(super) async fn close(mut self) {
        // The result of the probe is known by now; a peer that is already gone changes nothing.
        let _ = self.stream.close(None).await;
    }
}

fn closed(code: Option<u16>) -> Failure {
    let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
    Failure::new(Cause::ConnectionReset, format!("the WebSocket was closed {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_named_by_status_and_code() {
        let cause = |status: u16, body: &str| {
            let answer = Answer { status: StatusCode::from_u16(status).unwrap(), body: body.to_owned() };
            answer.refusal("handshake", Cause::UpgradeRefused).cause
        };
        assert_eq!(cause(401, ""), Cause::NotAuthorised);
        assert_eq!(cause(403, r#"{"code":"origin_not_allowed"}"#), Cause::OriginRefused);
        assert_eq!(cause(403, "<html>blocked</html>"), Cause::UpgradeRefused);
        assert_eq!(cause(400, r#"{"code":1,"message":"Session ID unknown"}"#), Cause::SessionLost);
        assert_eq!(
            cause(400, r#"{"code":5,"message":"Unsupported protocol version"}"#),
            Cause::VersionMismatch
        );
        assert_eq!(cause(404, ""), Cause::WrongPath);
        assert_eq!(cause(502, "<html>"), Cause::UpgradeRefused);
    }

    #[test]
    fn a_target_keeps_the_path_that_it_is_mounted_under() {
        assert_eq!(Target::new("http://host/tool?x#y", None).unwrap().base().as_str(), "http://host/tool/");
        assert_eq!(Target::new("http://[::1]:4000", None).unwrap().authority(), "[::1]:4000");
        assert!(Target::new("ftp://host", None).is_err());
        assert!(Target::new("host", None).is_err());
    }
}
