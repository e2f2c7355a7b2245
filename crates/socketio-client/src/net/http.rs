use std::{fmt, future::ready, io, pin::pin, sync::Arc, time::SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use engineio_proto::{Sid, Transport, frame::accept_key};
use futures_util::{
    StreamExt as _, TryStreamExt as _,
    future::{Either, select},
    stream,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Empty, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use serde::Deserialize;

use super::{Connector, Cookies, Endpoint, Stream};
use crate::{Config, ConfigError, TransportError};

/// The exchanges of Engine.IO with one server.
pub(crate) struct Net {
    endpoint: Endpoint,
    connector: Connector,
    /// Keeps the connections of polling.
    client: Client<Connector, Full<Bytes>>,
    /// If they are wanted.
    cookies: Option<Cookies>,
    max_body: usize,
}

impl Net {
    pub(crate) fn new(address: &str, config: &Config) -> Result<Self, ConfigError> {
        let endpoint = Endpoint::new(address, &config.path, config.headers.clone())?;
        let secure = endpoint.uri(Transport::Polling, None).scheme_str() == Some("https");
        let connector = Connector::new(secure, config.tls.clone())?;
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector.clone());
        let cookies = config.cookies.then(Cookies::default);
        Ok(Self { endpoint, connector, client, cookies, max_body: config.max_message })
    }

    /// The server's endpoint, without the query.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint.base
    }

    /// Polls for packets.
    pub(crate) async fn get(&self, sid: Option<&Sid>) -> Result<Bytes, TransportError> {
        self.exchange(Method::GET, self.endpoint.uri(Transport::Polling, sid), Bytes::new()).await
    }

    /// Posts packets.
    pub(crate) async fn post(&self, sid: Option<&Sid>, body: Bytes) -> Result<(), TransportError> {
        self.exchange(Method::POST, self.endpoint.uri(Transport::Polling, sid), body).await.map(drop)
    }

    /// Makes a request of an adaptive session, and says whenever a part of the response comes.
    pub(crate) fn request(
        self: Arc<Self>,
        query: String,
        body: Bytes,
    ) -> impl stream::Stream<Item = Result<Part, TransportError>> {
        let response = async move {
            let uri = self.endpoint.uri_with(&query);
            let response = self.send(Method::POST, uri, body).await?;
            let head = stream::once(ready(Ok(Part::Begun)));
            let body = stream::try_unfold(Some(Reading::new(response, self.max_body)), Reading::next);
            Ok::<_, TransportError>(head.chain(body))
        };
        stream::once(response).try_flatten()
    }

    async fn exchange(&self, method: Method, uri: Uri, body: Bytes) -> Result<Bytes, TransportError> {
        let response = self.send(method, uri, body).await?;
        let status = response.status();
        let body = self.body(response).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(refused(status, &body)) }
    }

    async fn send(
        &self,
        method: Method,
        uri: Uri,
        body: Bytes,
    ) -> Result<Response<Incoming>, TransportError> {
        let mut request = Request::new(Full::new(body));
        *request.uri_mut() = uri;
        self.add_headers(request.headers_mut());
        if method == Method::POST {
            let text = header::HeaderValue::from_static("text/plain;charset=UTF-8");
            request.headers_mut().insert(header::CONTENT_TYPE, text);
        }
        *request.method_mut() = method;
        let response = self.client.request(request).await.map_err(io::Error::other)?;
        self.store_cookies(response.headers());
        Ok(response)
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Bytes, TransportError> {
        match Limited::new(response.into_body(), self.max_body).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) => Err(unreadable(error)),
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
            self.store_cookies(response.headers());
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

    /// What the application wants in every request, and cookies.
    fn add_headers(&self, headers: &mut HeaderMap) {
        headers.extend(self.endpoint.headers.clone());
        if let Some(cookies) = &self.cookies {
            cookies.add(SystemTime::now(), headers);
        }
    }

    fn store_cookies(&self, answer: &HeaderMap) {
        if let Some(cookies) = &self.cookies {
            cookies.store(SystemTime::now(), answer);
        }
    }

    fn upgrade_request(&self, uri: &Uri, key: &str) -> Request<Empty<Bytes>> {
        let mut request = Request::new(Empty::new());
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        // A part of a URI is a URI.
        *request.uri_mut() = path.parse().unwrap_or_default();
        let headers = request.headers_mut();
        self.add_headers(headers);
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

/// What has come of a response.
#[derive(Debug)]
pub(crate) enum Part {
    /// Its head, or a part of its body.
    Begun,
    Whole(Bytes),
}

/// A body that is being read.
struct Reading {
    status: StatusCode,
    body: Limited<Incoming>,
    read: BytesMut,
}

impl Reading {
    fn new(response: Response<Incoming>, max_body: usize) -> Self {
        let (status, read) = (response.status(), BytesMut::new());
        Self { status, body: Limited::new(response.into_body(), max_body), read }
    }

    /// What comes next, and from where it goes on.
    async fn next(reading: Option<Self>) -> Result<Option<(Part, Option<Self>)>, TransportError> {
        let Some(mut reading) = reading else { return Ok(None) };
        match reading.body.frame().await {
            Some(frame) => {
                if let Ok(data) = frame.map_err(unreadable)?.into_data() {
                    reading.read.extend_from_slice(&data);
                }
                Ok(Some((Part::Begun, Some(reading))))
            }
            None if reading.status == StatusCode::OK => Ok(Some((Part::Whole(reading.read.freeze()), None))),
            None => Err(refused(reading.status, &reading.read)),
        }
    }
}

fn unreadable(error: Box<dyn std::error::Error + Send + Sync>) -> TransportError {
    if error.is::<LengthLimitError>() { TransportError::Protocol } else { io::Error::other(error).into() }
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

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn a_response_is_heard_while_its_parts_come() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let net = Arc::new(Net::new(&address, &Config::default()).unwrap());
        let mut parts = Box::pin(net.request("EIO=4".to_owned(), Bytes::from_static(b"a0\x1e")));
        let (mut stream, begun) = tokio::join!(
            async {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 4096];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n").await.unwrap();
                stream
            },
            parts.next()
        );
        assert!(matches!(begun, Some(Ok(Part::Begun))), "the head: {begun:?}");
        for part in ["a0\x1es", "1\x1e4x"] {
            stream.write_all(part.as_bytes()).await.unwrap();
            assert!(matches!(parts.next().await, Some(Ok(Part::Begun))));
        }
        stream.write_all(b"\x1e").await.unwrap();
        let mut last = parts.next().await;
        while matches!(last, Some(Ok(Part::Begun))) {
            last = parts.next().await;
        }
        assert!(matches!(last, Some(Ok(Part::Whole(body))) if body == "a0\x1es1\x1e4x\x1e"));
        assert!(parts.next().await.is_none());
    }
}
