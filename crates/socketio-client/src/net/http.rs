use std::{fmt, io, pin::pin};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use engineio_proto::{Sid, Transport, frame::accept_key};
use futures_util::future::{Either, select};
use http::{Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use serde::Deserialize;

use super::{Connector, Endpoint, Stream};
use crate::{Config, ConfigError, TransportError};

/// The exchanges of Engine.IO with one server.
pub(crate) struct Net {
    endpoint: Endpoint,
    connector: Connector,
    /// Keeps the connections of polling.
    client: Client<Connector, Full<Bytes>>,
    max_body: usize,
}

impl Net {
    pub(crate) fn new(address: &str, config: &Config) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::new(address, &config.path, config.headers.clone())?;
        let secure = endpoint.uri(Transport::Polling, None).scheme_str() == Some("https");
        let connector = Connector::new(secure, config.tls.clone())?;
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector.clone());
        Ok(Self { endpoint, connector, client, max_body: config.max_message })
    }

    /// Polls for packets.
    pub(crate) async fn get(&self, sid: Option<&Sid>) -> Result<Bytes, TransportError> {
        self.exchange(Method::GET, self.endpoint.uri(Transport::Polling, sid), Bytes::new()).await
    }

    /// Posts packets.
    pub(crate) async fn post(&self, sid: Option<&Sid>, body: Bytes) -> Result<(), TransportError> {
        self.exchange(Method::POST, self.endpoint.uri(Transport::Polling, sid), body).await.map(drop)
    }

    /// Makes a request of an adaptive session.
    pub(crate) async fn request(&self, query: &str, body: Bytes) -> Result<Bytes, TransportError> {
        self.exchange(Method::POST, self.endpoint.uri_with(query), body).await
    }

    async fn exchange(&self, method: Method, uri: Uri, body: Bytes) -> Result<Bytes, TransportError> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = uri;
        request.headers_mut().extend(self.endpoint.headers.clone());
        if method == Method::POST {
            let text = header::HeaderValue::from_static("text/plain;charset=UTF-8");
            request.headers_mut().insert(header::CONTENT_TYPE, text);
        }
        *request.method_mut() = method;
        let response = self.client.request(request).await.map_err(io::Error::other)?;
        let status = response.status();
        let body = self.body(response).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(refused(status, &body)) }
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Bytes, TransportError> {
        match Limited::new(response.into_body(), self.max_body).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(TransportError::Protocol),
            Err(error) => Err(io::Error::other(error).into()),
        }
    }

    /// Opens a WebSocket; gives its stream and the bytes that came right behind the answer.
    pub(crate) async fn websocket(&self, sid: Option<&Sid>) -> Result<(Stream, Bytes), TransportError> {
        self.upgrade(self.endpoint.uri(Transport::WebSocket, sid)).await
    }

    /// Opens a WebSocket of an adaptive session.
    pub(crate) async fn websocket_with(&self, query: &str) -> Result<(Stream, Bytes), TransportError> {
        self.upgrade(self.endpoint.uri_with(query)).await
    }

    async fn upgrade(&self, uri: Uri) -> Result<(Stream, Bytes), TransportError> {
        let stream = self.connector.clone().connect(uri.clone()).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let key = STANDARD.encode(rand::random::<[u8; 16]>());
        let request = self.upgrade_request(&uri, &key);
        let exchange = pin!(async {
            let response = sender.send_request(request).await.map_err(io::Error::other)?;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                let status = response.status();
                return Err(refused(status, &self.body(response).await?));
            }
            let accept = response.headers().get(header::SEC_WEBSOCKET_ACCEPT);
            if accept.is_none_or(|accept| accept.as_bytes() != accept_key(key.as_bytes()).as_bytes()) {
                return Err(TransportError::Handshake);
            }
            Ok(hyper::upgrade::on(response).await.map_err(io::Error::other)?)
        });
        let connection = pin!(connection.with_upgrades());
        let upgraded = match select(exchange, connection).await {
            Either::Left((upgraded, _)) => upgraded?,
            Either::Right((_, exchange)) => exchange.await?,
        };
        let parts = upgraded.downcast::<TokioIo<Stream>>().map_err(|_| TransportError::Handshake)?;
        Ok((parts.io.into_inner(), parts.read_buf))
    }

    fn upgrade_request(&self, uri: &Uri, key: &str) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        // A part of a URI is a URI.
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        headers.extend(self.endpoint.headers.clone());
        headers.insert(header::HOST, self.endpoint.host.clone());
        for (name, value) in [
            (header::CONNECTION, "Upgrade"),
            (header::UPGRADE, "websocket"),
            (header::SEC_WEBSOCKET_VERSION, "13"),
            (header::SEC_WEBSOCKET_KEY, key),
        ] {
            // Base64 is within what a header may hold.
            if let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        request
    }
}

impl fmt::Debug for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Net").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// What an Engine.IO server says when it refuses a request.
#[derive(Deserialize)]
struct Refused {
    message: String,
}

fn refused(status: StatusCode, body: &[u8]) -> TransportError {
    let message = serde_json::from_slice::<Refused>(body).ok().map(|refused| refused.message);
    TransportError::Status { status: status.as_u16(), message }
}
