use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes};
use engineio_proto::{Protocol, Query, RequestError, Sid, Transport, session::Opening};
use http::{HeaderMap, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt as _, Limited};

use crate::{Body, EngineIo, Handler, Socket, accept::Target, connection::Link, respond::Respond};

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
        let respond = Respond::new(&self.engine, request.headers());
        if request.uri().path().trim_end_matches('/') != config.path.trim_end_matches('/') {
            return self.file(&request, &respond);
        }
        if request.method() == Method::OPTIONS {
            return respond.preflight(request.headers());
        }
        let query = match Query::parse(request.uri().query().unwrap_or_default()) {
            Ok(query) if query.protocol == Protocol::V3 && !config.allow_eio3 => {
                return respond.refuse(RequestError::UnsupportedProtocolVersion);
            }
            Ok(query) if query.transport == Transport::Adaptive && !config.tiers().is_empty() => {
                return self.adaptive(request, &respond).await;
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
                let target = link.map_or(Target::New(query), Target::Known);
                self.websocket(request, target, &respond).await
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
            (Transport::Polling, Some(link), &Method::GET) => {
                // While it is held, its headers would keep the buffer that they were read into.
                drop(request);
                link.poll(&respond).await
            }
            (Transport::Polling, Some(link), &Method::POST) => {
                let posting = link.begin_post();
                let (parts, body) = request.into_parts();
                let body = collect(&parts.headers, body, config.max_payload).await;
                drop(posting);
                match body {
                    Ok(body) => link.post(body, &respond),
                    Err(StatusCode::PAYLOAD_TOO_LARGE) => respond.too_large(),
                    Err(StatusCode::REQUEST_TIMEOUT) => respond.too_slow(),
                    Err(status) => respond.empty(status),
                }
            }
            (_, None, _) => respond.refuse(RequestError::BadHandshakeMethod),
            _ => respond.refuse(RequestError::BadRequest),
        }
    }

    fn file<B>(&self, request: &Request<B>, respond: &Respond<'_>) -> Response<Body> {
        let config = &self.engine.config;
        let base = config.path.trim_end_matches('/');
        let name = request.uri().path().strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
        let file = name.and_then(|name| self.handler.file(name, request.method(), request.headers()));
        if file.is_none() {
            tracing::debug!(path = request.uri().path(), endpoint = config.path, "nothing is at this path");
        }
        file.map_or_else(|| respond.empty(StatusCode::NOT_FOUND), |file| respond.file(file))
    }

    fn offers(&self, transport: Transport) -> bool {
        match transport {
            Transport::Polling => self.engine.config.polling,
            Transport::WebSocket => self.engine.config.websocket,
            _ => false,
        }
    }

    /// Opens a session; `attach` gives it its carrier before anything is sent.
    pub(crate) fn open(
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
}

/// Reads a posted body within the limit.
pub(crate) async fn collect<B>(headers: &HeaderMap, body: B, limit: usize) -> Result<Bytes, StatusCode>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let is_asking = headers.contains_key(header::EXPECT);
    let mut body = pin!(body);
    if declared.is_some_and(|len: usize| len > limit) {
        if !is_asking {
            discard(body).await;
        }
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let limited = Limited::new(body.as_mut(), limit).collect();
    let Ok(collected) = tokio::time::timeout(BODY_TIMEOUT, limited).await else {
        return Err(StatusCode::REQUEST_TIMEOUT);
    };
    match collected {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            discard(body).await;
            Err(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(_) => Err(StatusCode::BAD_REQUEST),
    }
}

/// Reads what nobody wants, within limits: a client that is still sending when its connection is closed sees a reset
/// and not the answer.
///
/// <https://www.rfc-editor.org/rfc/rfc9112#section-9.6>
async fn discard<B: http_body::Body>(mut body: Pin<&mut B>) {
    let rest = async {
        let mut discarded = 0;
        while discarded < MAX_DISCARDED
            && let Some(Ok(frame)) = body.frame().await
        {
            discarded += frame.data_ref().map_or(0, Buf::remaining);
        }
    };
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, rest).await;
}

/// A client that sends a body more slowly is not one.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// In bytes, of a body that is refused.
const MAX_DISCARDED: usize = 4 << 20;

/// For a body that is refused.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);
