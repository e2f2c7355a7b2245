use std::{
    convert::Infallible,
    error::Error,
    future::{Future, poll_fn},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use engineio_proto::{
    Protocol, Query, RequestError, Sid, Transport,
    frame::{accept_key, deflate},
    session::{CarrierId, Opening},
};
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    Body, EngineIo, Handler, Socket,
    connection::Link,
    io::Io,
    respond::{Respond, switch_protocols},
    websocket,
};

impl<H, B> tower::Service<Request<B>> for EngineIo<H>
where
    H: Handler,
    B: http_body::Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let engine = self.clone();
        Box::pin(async move { Ok(engine.answer(request).await) })
    }
}

impl<H: Handler> EngineIo<H> {
    async fn answer<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let config = &self.engine.config;
        let respond = Respond::new(config, request.headers());
        if request.uri().path().trim_end_matches('/') != config.path.trim_end_matches('/') {
            return respond.empty(StatusCode::NOT_FOUND);
        }
        if request.method() == Method::OPTIONS {
            return respond.preflight(request.headers());
        }
        let query = match Query::parse(request.uri().query().unwrap_or_default()) {
            Ok(query) if query.protocol == Protocol::V3 && !config.allow_eio3 => {
                return respond.refuse(RequestError::UnsupportedProtocolVersion);
            }
            Ok(query) if self.offers(query.transport) => query,
            Ok(_) => return respond.refuse(RequestError::TransportUnknown),
            Err(error) => return respond.refuse(error),
        };
        let link = match &query.sid {
            None => None,
            Some(sid) => match self.engine.table.find(sid) {
                Some(link) => Some(link),
                None => return respond.refuse(RequestError::UnknownSession),
            },
        };
        match (query.transport, link, request.method()) {
            (Transport::WebSocket, link, &Method::GET) => {
                self.websocket(request, query, link, &respond).await
            }
            (Transport::Polling, _, _) if request.headers().contains_key(header::UPGRADE) => {
                respond.refuse(RequestError::BadRequest)
            }
            (Transport::Polling, None, &Method::GET) => {
                let parts = request.into_parts().0;
                if let Err(refusal) = self.handler.allow(&parts).await {
                    return respond.forbid(&refusal);
                }
                let sid = self.engine.new_sid();
                let cookie = config.cookie.as_ref().and_then(|cookie| cookie.header(&sid));
                let mut response =
                    self.open(sid, parts, &query, Opening::Polling, |_| {}).poll(&respond).await;
                response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
                response
            }
            (Transport::Polling, Some(link), &Method::GET) => link.poll(&respond).await,
            (Transport::Polling, Some(link), &Method::POST) => match self.collect(request).await {
                Ok(body) => link.post(body, &respond),
                Err(StatusCode::PAYLOAD_TOO_LARGE) => respond.too_large(),
                Err(status) => respond.empty(status),
            },
            (_, None, _) => respond.refuse(RequestError::BadHandshakeMethod),
            _ => respond.refuse(RequestError::BadRequest),
        }
    }

    fn offers(&self, transport: Transport) -> bool {
        match transport {
            Transport::Polling => self.engine.config.polling,
            Transport::WebSocket => self.engine.config.websocket,
            _ => false,
        }
    }

    /// Opens a session; `attach` gives it its carrier before anything is sent.
    fn open(
        &self,
        sid: Sid,
        request: Parts,
        query: &Query,
        opening: Opening,
        attach: impl FnOnce(&Link),
    ) -> Arc<Link> {
        let link = Link::new(&self.engine, sid, opening, query);
        attach(&link);
        let handler = self.handler.open(Socket(Arc::clone(&link)), request);
        link.open(Box::new(handler));
        link
    }

    /// Reads a posted body within the limit.
    async fn collect<B>(&self, request: Request<B>) -> Result<Bytes, StatusCode>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let limit = self.engine.config.max_payload;
        let declared =
            request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        if declared.is_some_and(|len: usize| len > limit) {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        match Limited::new(request.into_body(), limit).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Err(_) => Err(StatusCode::BAD_REQUEST),
        }
    }

    /// Accepts a WebSocket, which opens a session or is tried for one.
    async fn websocket<B>(
        &self,
        mut request: Request<B>,
        query: Query,
        link: Option<Arc<Link>>,
        respond: &Respond<'_>,
    ) -> Response<Body> {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        let (Some(accept), Some(upgrade)) = (handshake(request.headers()), upgrade) else {
            return respond.refuse(RequestError::BadRequest);
        };
        let parts = request.into_parts().0;
        if link.is_none()
            && let Err(refusal) = self.handler.allow(&parts).await
        {
            return respond.forbid(&refusal);
        }
        let config = &self.engine.config;
        let sid = self.engine.new_sid();
        let deflate = config.per_message_deflate.filter(|_| offers_deflate(&parts.headers));
        let mut response = switch_protocols(&accept, deflate.is_some());
        if link.is_none() {
            let cookie = config.cookie.as_ref().and_then(|cookie| cookie.header(&sid));
            response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        }
        let this = self.clone();
        tokio::spawn(async move {
            if let Ok(upgraded) = upgrade.await {
                let (io, early) = split(upgraded);
                let task = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
                let stream = websocket::Stream { io, deflate, max_payload: this.engine.config.max_payload };
                let (link, carrier) = match link {
                    Some(link) => link.probe(stream, task),
                    None => this.open_websocket(sid, parts, &query, stream, task),
                };
                drop(this);
                websocket::run(link, carrier, early).await;
            }
        });
        response
    }

    fn open_websocket(
        &self,
        sid: Sid,
        parts: Parts,
        query: &Query,
        stream: websocket::Stream,
        task: Waker,
    ) -> (Arc<Link>, CarrierId) {
        let carrier = CarrierId(1);
        let attach = |link: &Link| link.lock().add_websocket(carrier, stream, task);
        (self.open(sid, parts, query, Opening::WebSocket(carrier), attach), carrier)
    }
}

fn offers_deflate(headers: &HeaderMap) -> bool {
    let offers = headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS).into_iter();
    offers.filter_map(|offer| offer.to_str().ok()).any(deflate::accepts)
}

/// `Sec-WebSocket-Accept` if the request is an opening handshake, RFC 6455 §4.2.1.
fn handshake(headers: &HeaderMap) -> Option<String> {
    let has = |name, token: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(token))
    };
    let valid = has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| valid)?;
    Some(accept_key(key.as_bytes()))
}

/// The stream of an upgraded connection, and what was read behind the request.
fn split(upgraded: Upgraded) -> (Io, Bytes) {
    // hyper-util's servers, axum's among them, put a layer around the stream that its own function removes.
    let upgraded = match hyper_util::server::conn::auto::upgrade::downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => return (Io::Tcp(parts.io.into_inner()), parts.read_buf),
        Err(upgraded) => upgraded,
    };
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        Ok(parts) => (Io::Tcp(parts.io.into_inner()), parts.read_buf),
        Err(upgraded) => (Io::other(TokioIo::new(upgraded)), Bytes::new()),
    }
}
