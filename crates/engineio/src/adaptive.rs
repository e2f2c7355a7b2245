//! The requests of adaptive sessions, as `docs/adaptive-transport.md` has them.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use engineio_proto::{
    RequestError, Tier,
    session::{
        PollId,
        adaptive::{AdaptiveQuery, CarrierQuery, End, Exchange, Key, Record, SessionName, body},
    },
};
use http::{Method, Request, Response, StatusCode, header, request::Parts};

use crate::{
    Body, EngineIo, Handler, Socket, accept::Target, body::Delivery, clock, connection::Link,
    polling::Arriving, respond::Respond, service::collect,
};

impl<H: Handler> EngineIo<H> {
    pub(crate) async fn adaptive<B>(&self, request: Request<B>, respond: &Respond<'_>) -> Response<Body>
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let AdaptiveQuery { session, carrier } =
            match AdaptiveQuery::parse(request.uri().query().unwrap_or_default()) {
                Ok(query) => query,
                Err(error) => return respond.refuse(error),
            };
        let tier = match &carrier {
            CarrierQuery::Exchange(exchange) => exchange.tier,
            CarrierQuery::WebSocket => Tier::WebSocket,
        };
        if !self.engine.config.tiers().contains(tier) {
            // Not as an unknown transport, by which a client would know that there is none of its carriers.
            return respond.refuse(RequestError::BadRequest);
        }
        match (carrier, request.method()) {
            (CarrierQuery::WebSocket, &Method::GET) => {
                let target = match session {
                    SessionName::Key(key) => Target::Key(key),
                    SessionName::Sid(sid) => {
                        self.engine.table.find(&sid).map_or(Target::Unknown, Target::Known)
                    }
                };
                self.websocket(request, target, respond).await
            }
            (CarrierQuery::Exchange(exchange), &Method::POST) => {
                self.exchange(request, session, &exchange, respond).await
            }
            _ => respond.refuse(RequestError::BadRequest),
        }
    }

    /// Gives the session of this key, opening it with this request if it is the first; `None` if it is over.
    pub(crate) fn open_adaptive(&self, key: Key, request: Parts) -> Option<Arc<Link>> {
        if let Some(link) = self.engine.keys.find(&key) {
            return Some(link);
        }
        if self.engine.ended_keys.contains(&key) {
            return None;
        }
        let new = Link::adaptive(&self.engine, self.engine.new_sid(), key.clone());
        // Whoever finds the session by its key, and is told its id, must find it by that too.
        self.engine.table.insert(new.sid.clone(), Arc::clone(&new));
        let link = self.engine.keys.find_or_insert(key, Arc::clone(&new));
        if Arc::ptr_eq(&link, &new) {
            let opening = Opening(&link);
            let handler = self.handler.open(Socket(Arc::clone(&link)), request);
            std::mem::forget(opening);
            link.open(Box::new(handler));
        } else {
            self.engine.table.remove(&new.sid);
        }
        Some(link)
    }

    async fn exchange<B>(
        &self,
        request: Request<B>,
        session: SessionName,
        exchange: &Exchange,
        respond: &Respond<'_>,
    ) -> Response<Body>
    where
        B: http_body::Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let config = &self.engine.config;
        let (parts, body) = request.into_parts();
        if matches!(session, SessionName::Key(_))
            && let Err(refusal) = self.handler.allow(&parts).await
        {
            return respond.forbid(&refusal);
        }
        let known = match &session {
            SessionName::Key(_) => None,
            SessionName::Sid(sid) => self.engine.table.find(sid),
        };
        // A client that sends is there, however long that takes.
        let arriving = known.as_ref().map(|link| link.begin_body().0);
        let body = match collect(&parts.headers, body, body::max_len(config.max_payload)).await {
            Ok(body) => Some(body),
            Err(StatusCode::PAYLOAD_TOO_LARGE) => None,
            Err(StatusCode::REQUEST_TIMEOUT) => return respond.too_slow(),
            Err(status) => return respond.empty(status),
        };
        let (link, cookie) = match session {
            // Who has received something knows the id; this is a late repeat, and its session is over.
            SessionName::Key(key) if exchange.ack > 0 => (self.engine.keys.find(&key), None),
            SessionName::Key(key) => {
                let link = self.open_adaptive(key, parts);
                let cookie = config.cookie.as_ref().zip(link.as_ref());
                let cookie = cookie.and_then(|(cookie, link)| cookie.header(&link.sid));
                (link, cookie)
            }
            SessionName::Sid(_) => {
                // While it is held, its headers would keep the buffer that they were read into.
                drop(parts);
                (known, None)
            }
        };
        let Some(link) = link else {
            return respond.record(Record::End(End::Gone));
        };
        let mut response = link.exchange(exchange, body, arriving, respond).await;
        response.headers_mut().extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
        response
    }
}

/// A session that nobody must find if the application panics while it is opened.
struct Opening<'a>(&'a Arc<Link>);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

impl Link {
    /// Answers a request, at once or when there is something to say; without a body, it is one that is too large.
    async fn exchange(
        self: Arc<Self>,
        exchange: &Exchange,
        body: Option<Bytes>,
        arriving: Option<Arriving>,
        respond: &Respond<'_>,
    ) -> Response<Body> {
        let (poll, answer) = {
            let now = clock::now();
            let mut inner = self.lock();
            // A session that is over is not revived by the rounding of its timer.
            inner.session.handle_timeout(now);
            if inner.is_behind(self.engine.config.max_queued_bytes) {
                self.engine.meters.held_back();
                // As if the request had been lost on the way; the client repeats what it carried.
                return respond.refuse(RequestError::BadRequest);
            }
            let poll = PollId(inner.issue());
            let answer = inner.add_poll(poll);
            let result = match body {
                Some(body) => inner.session.handle_request(now, poll, exchange, body),
                None => inner.session.handle_request_too_large(poll, exchange),
            };
            if result.is_err() {
                inner.remove_poll(poll);
            }
            self.settle(inner);
            if let Err(error) = result {
                return respond.refuse(error);
            }
            (poll, answer)
        };
        drop(arriving);
        let delivery = Delivery::new(Arc::clone(&self), poll);
        match answer.await {
            Ok(answer) => respond.payload(answer, delivery),
            Err(_) => respond.record(Record::End(End::Gone)),
        }
    }
}
