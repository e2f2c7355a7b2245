use std::{
    future::poll_fn,
    sync::Arc,
    task::{Poll, Waker},
};

use bytes::Bytes;
use engineio_proto::{
    Query, RequestError, Sid,
    frame::{CloseCode, accept_key, deflate, is_key},
    session::{
        self, CarrierId,
        adaptive::{End, Key, Record},
    },
};
use http::{HeaderMap, Request, Response, header, request::Parts};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::{
    Body, EngineIo, Handler,
    connection::Link,
    io::Io,
    respond::{Respond, switch_protocols},
    websocket::{self, Stream},
};

impl<H: Handler> EngineIo<H> {
    /// Accepts a WebSocket.
    pub(crate) async fn websocket<B>(
        &self,
        mut request: Request<B>,
        target: Target,
        respond: &Respond<'_>,
    ) -> Response<Body> {
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        let (Some(accept), Some(upgrade)) = (handshake(request.headers()), upgrade) else {
            return respond.refuse(RequestError::BadRequest);
        };
        let parts = request.into_parts().0;
        if matches!(target, Target::New(_) | Target::Key(_))
            && let Err(refusal) = self.handler.allow(&parts).await
        {
            return respond.forbid(&refusal);
        }
        let config = &self.engine.config;
        let deflate = config.per_message_deflate.filter(|_| offers_deflate(&parts.headers));
        let mut response = switch_protocols(&accept, deflate.is_some());
        let opening = match target {
            Target::New(query) => {
                let sid = self.engine.new_sid();
                Opened::Later(Box::new(Opening { sid, parts, query }))
            }
            Target::Key(key) => self.open_adaptive(key, parts).map_or(Opened::Never, Opened::Now),
            Target::Known(link) => Opened::Before(link),
            Target::Unknown => Opened::Never,
        };
        let cookie = config.cookie.as_ref().zip(opening.sid()).and_then(|(cookie, sid)| cookie.header(sid));
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        let this = self.clone();
        tokio::spawn(async move {
            // In a box, as the task would else stay as large as its beginning for as long as it runs.
            let attached = Box::pin(this.attach(upgrade, opening, deflate)).await;
            if let Some((link, carrier, early)) = attached {
                websocket::run(link, carrier, early).await;
            }
        });
        response
    }

    /// Gives a WebSocket to its session.
    async fn attach(
        self,
        upgrade: OnUpgrade,
        opening: Opened,
        deflate: Option<usize>,
    ) -> Option<(Arc<Link>, CarrierId, Bytes)> {
        let (io, early) = split(upgrade.await.ok()?);
        let task = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        let stream = Stream { io, deflate, max_payload: self.engine.config.max_payload };
        let (link, carrier) = match opening {
            Opened::Before(link) | Opened::Now(link) => link.probe(stream, task),
            Opened::Later(opening) => self.open_websocket(*opening, stream, task),
            Opened::Never => {
                let gone = Record::End(End::Gone).prepare();
                websocket::refuse(stream, task, &gone, CloseCode::POLICY_VIOLATION).await;
                return None;
            }
        };
        Some((link, carrier, early))
    }

    fn open_websocket(&self, opening: Opening, stream: Stream, task: Waker) -> (Arc<Link>, CarrierId) {
        let Opening { sid, parts, query } = opening;
        let carrier = CarrierId(1);
        let attach = |link: &Link| link.lock().add_websocket(carrier, stream, task);
        (self.open(sid, parts, &query, session::Opening::WebSocket(carrier), attach), carrier)
    }
}

/// What a WebSocket is for.
#[derive(Debug)]
pub(crate) enum Target {
    /// The adaptive session of this key, which it opens unless another request has.
    Key(Key),
    /// It is tried for this session.
    Known(Arc<Link>),
    /// It opens a session, with this query.
    New(Query),
    /// An adaptive session that does not exist.
    Unknown,
}

/// When the session of a WebSocket is opened.
enum Opened {
    /// Before its request.
    Before(Arc<Link>),
    /// When the WebSocket is there.
    Later(Box<Opening>),
    Never,
    /// With its request.
    Now(Arc<Link>),
}

/// What a session of the `websocket` transport is opened with.
struct Opening {
    sid: Sid,
    parts: Parts,
    query: Query,
}

impl Opened {
    /// The id that the answer names in a cookie.
    fn sid(&self) -> Option<&Sid> {
        match self {
            Self::Now(link) => Some(&link.sid),
            Self::Later(opening) => Some(&opening.sid),
            Self::Before(_) | Self::Never => None,
        }
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
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| valid && is_key(key.as_bytes()))?;
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
