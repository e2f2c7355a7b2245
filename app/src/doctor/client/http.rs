//! One HTTP/1.1 connection, and the WebSocket that it may become.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::task::AbortOnDropHandle;

use super::super::cause::Cause;
use super::super::failure::Failure;
use super::answer::Answer;
use super::dial::{Dialed, Purpose, dial};
use super::target::Target;
use super::websocket::WebSocket;

/// No answer of this server to a probe is longer than this, in bytes; an error page may be.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

type Sent = BoxBody<Bytes, std::convert::Infallible>;

/// One HTTP/1.1 connection.
pub(in crate::doctor) struct Http {
    sender: http1::SendRequest<Sent>,
    target: Target,
    absolute: bool,
    pub(super) connection: AbortOnDropHandle<()>,
}

impl Http {
    pub(in crate::doctor) async fn connect(target: &Target) -> Result<Self, Failure> {
        Self::over(dial(target, Purpose::Requests).await?, target).await
    }

    pub(super) async fn over(dialed: Dialed, target: &Target) -> Result<Self, Failure> {
        let (sender, connection) = http1::handshake(TokioIo::new(dialed.stream))
            .await
            .map_err(|error| Failure::from_transport("open HTTP connection", &error))?;
        // An error of the connection is also told to the request that waits on it.
        let connection = tokio::spawn(async move { drop(connection.with_upgrades().await) });
        let connection = AbortOnDropHandle::new(connection);
        Ok(Self { sender, target: target.clone(), absolute: dialed.absolute, connection })
    }

    /// Sends one request and reads the whole answer.
    pub(in crate::doctor) async fn exchange(
        &mut self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, Failure> {
        self.exchange_with(method, path, HeaderMap::new(), body).await
    }

    /// As [`Self::exchange`], with further headers.
    pub(in crate::doctor) async fn exchange_with(
        &mut self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: impl Into<Bytes>,
    ) -> Result<Answer, Failure> {
        let step = step(&method, path);
        let request = self.request(method, path, headers, Full::new(body.into()).boxed())?;
        let response = self.send(&step, request).await?;
        read(&step, response).await
    }

    /// As [`Self::exchange_with`], for an answer that is no text.
    pub(in crate::doctor) async fn exchange_bytes(
        &mut self,
        method: Method,
        path: &str,
        headers: HeaderMap,
    ) -> Result<(HeaderMap, Bytes), Failure> {
        let step = step(&method, path);
        let request = self.request(method, path, headers, Full::default().boxed())?;
        let (parts, body) = self.send(&step, request).await?.into_parts();
        Ok((parts.headers, collect(&step, body).await?))
    }

    /// Sends a request whose answer comes in parts.
    pub(in crate::doctor) async fn stream(&mut self, path: &str) -> Result<Response<Incoming>, Failure> {
        let request = self.request(Method::GET, path, HeaderMap::new(), Full::default().boxed())?;
        self.send(&step(&Method::GET, path), request).await
    }

    /// Announces a body of so many bytes and sends none of it; whoever refuses the size answers at once.
    pub(in crate::doctor) async fn announce(&mut self, path: &str, length: u64) -> Result<Answer, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=x"));
        let request = self.request(Method::POST, path, headers, Announced(length).boxed())?;
        let step = step(&Method::POST, path);
        let response = self.send(&step, request).await?;
        read(&step, response).await
    }

    /// Turns the connection into a WebSocket.
    pub(super) async fn upgrade(
        mut self,
        path: &str,
        extensions: Option<&'static str>,
    ) -> Result<WebSocket, Failure> {
        let step = format!("WebSocket handshake at {}", shown(path));
        let key = generate_key();
        let mut headers = HeaderMap::new();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.extend(HeaderValue::try_from(&key).ok().map(|key| (header::SEC_WEBSOCKET_KEY, key)));
        headers.extend(
            extensions.map(|offer| (header::SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static(offer))),
        );
        let request = self.request(Method::GET, path, headers, Full::default().boxed())?;
        let response = self.send(&step, request).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(read(&step, response).await?.refusal(&step, Cause::UpgradeRefused));
        }
        let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
        if accept.is_none_or(|accept| accept.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
            let detail = format!("{step}: answered 101 with a wrong Sec-WebSocket-Accept");
            return Err(Failure::new(Cause::UnexpectedAnswer, detail));
        }
        let agreed = response.headers().get(header::SEC_WEBSOCKET_EXTENSIONS);
        let agreed = agreed.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let upgraded = hyper::upgrade::on(response)
            .await
            .map_err(|error| Failure::from_transport("take over the connection", &error))?;
        Ok(WebSocket::new(upgraded, agreed, self.connection).await)
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Sent,
    ) -> Result<Request<Sent>, Failure> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.headers_mut() = headers;
        let invalid =
            |error: &dyn std::fmt::Display| Failure::new(Cause::ProbeFailed, format!("{path}: {error}"));
        let base = self.target.base();
        let uri = match self.absolute {
            true => format!("http://{}{}{path}", self.target.authority(), base.path()),
            false => format!("{}{path}", base.path()),
        };
        *request.uri_mut() = uri.parse().map_err(|error| invalid(&error))?;
        let host = HeaderValue::try_from(self.target.authority()).map_err(|error| invalid(&error))?;
        let headers = request.headers_mut();
        headers.insert(header::HOST, host);
        headers.entry(header::USER_AGENT).or_insert(USER_AGENT);
        headers.extend(self.target.authorization.clone().map(|value| (header::AUTHORIZATION, value)));
        headers.extend(self.target.origin.clone().map(|value| (header::ORIGIN, value)));
        headers.extend(self.target.notes().cookie_header());
        Ok(request)
    }

    async fn send(&mut self, step: &str, request: Request<Sent>) -> Result<Response<Incoming>, Failure> {
        let ready = self.sender.ready().await;
        ready.map_err(|error| Failure::from_transport(step, &error))?;
        let response =
            self.sender.send_request(request).await.map_err(|error| Failure::from_transport(step, &error))?;
        self.target.notes().record(response.headers());
        Ok(response)
    }
}

async fn read(step: &str, response: Response<Incoming>) -> Result<Answer, Failure> {
    let (parts, body) = response.into_parts();
    let body = String::from_utf8_lossy(&collect(step, body).await?).into_owned();
    Ok(Answer { status: parts.status, version: parts.version, headers: parts.headers, body })
}

async fn collect(step: &str, body: Incoming) -> Result<Bytes, Failure> {
    let body = Limited::new(body, MAX_ANSWER).collect().await;
    let body = body.map_err(|error| {
        Failure::from_transport(step, error.as_ref() as &(dyn std::error::Error + 'static))
    })?;
    Ok(body.to_bytes())
}

fn step(method: &Method, path: &str) -> String {
    format!("{method} {}", shown(path))
}

/// A path without the session's id or key, which are secrets.
fn shown(path: &str) -> String {
    let secret = ["&sid=", "&key="].iter().filter_map(|name| path.find(name)).min();
    path[..secret.unwrap_or(path.len())].to_owned()
}

/// A body that is announced and never comes.
struct Announced(u64);

impl Body for Announced {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("pingone-import-doctor/", env!("CARGO_PKG_VERSION")));
