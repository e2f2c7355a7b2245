use std::{
    sync::{Arc, atomic::Ordering},
    task::Waker,
};

use bytes::Bytes;
use engineio_proto::session::{CarrierId, PollId, PostError};
use http::Response;

use crate::{Body, body::Delivery, clock, connection::Link, respond::Respond, websocket::Stream};

impl Link {
    /// Holds a poll until there is something to answer.
    pub(crate) async fn poll(self: Arc<Self>, respond: &Respond<'_>) -> Response<Body> {
        let (poll, answer) = {
            let now = clock::now();
            let mut inner = self.lock();
            // A session that is over is not revived by the rounding of its timer.
            inner.session.handle_timeout(now);
            if inner.has_polls() {
                self.engine.meters.overlapping_poll();
            }
            let poll = PollId(inner.issue());
            let answer = inner.add_poll(poll);
            let result = inner.session.handle_poll(now, poll);
            if result.is_err() {
                inner.remove_poll(poll);
            }
            self.settle(inner);
            if let Err(error) = result {
                return respond.refuse(error);
            }
            (poll, answer)
        };
        let delivery = Delivery::new(Arc::clone(&self), poll);
        match answer.await {
            Ok(answer) => respond.payload(answer, delivery),
            // The session ended without a word for this poll.
            Err(_) => respond.refuse(engineio_proto::RequestError::UnknownSession),
        }
    }

    /// Notes that the body of a post is under way until the guard is dropped.
    pub(crate) fn begin_post(self: &Arc<Self>) -> Arriving {
        let (arriving, others) = self.begin_body();
        if others > 0 {
            self.engine.meters.overlapping_post();
        } else {
            // As for a poll; a body that is under way at the deadline keeps its session.
            let mut inner = self.lock();
            inner.session.handle_timeout(clock::now());
            self.settle(inner);
        }
        arriving
    }

    /// Notes that a body is under way until the guard is dropped, and says how many others are.
    pub(crate) fn begin_body(self: &Arc<Self>) -> (Arriving, u32) {
        let others = self.bodies.fetch_add(1, Ordering::Relaxed);
        (Arriving(Arc::clone(self)), others)
    }

    /// Whether a body of the client is under way.
    pub(crate) fn is_sending(&self) -> bool {
        self.bodies.load(Ordering::Relaxed) > 0
    }

    /// Takes a posted payload.
    pub(crate) fn post(self: &Arc<Self>, body: Bytes, respond: &Respond<'_>) -> Response<Body> {
        let mut inner = self.lock();
        if inner.is_behind(self.engine.config.max_queued_bytes) {
            self.engine.meters.held_back();
            return respond.refuse(engineio_proto::RequestError::BadRequest);
        }
        let result = inner.session.handle_post(clock::now(), body);
        self.settle(inner);
        match result {
            Ok(()) => respond.ok(),
            Err(PostError::Request(error)) => respond.refuse(error),
            Err(PostError::Payload(_)) => respond.refuse(engineio_proto::RequestError::BadRequest),
        }
    }

    /// Puts a WebSocket on trial. One that the session has no use for is closed again, after the 101: a client
    /// would take a refusal for a broken server.
    pub(crate) fn probe(self: Arc<Self>, stream: Stream, task: Waker) -> (Arc<Self>, CarrierId) {
        let mut inner = self.lock();
        let carrier = CarrierId(inner.issue());
        inner.add_websocket(carrier, stream, task);
        if inner.session.handle_websocket(clock::now(), carrier).is_err()
            && let Some(websocket) = inner.websocket(carrier)
        {
            websocket.close(None);
        }
        self.settle(inner);
        (self, carrier)
    }
}

/// A request whose body is under way.
pub(crate) struct Arriving(Arc<Link>);

impl Drop for Arriving {
    fn drop(&mut self) {
        self.0.bodies.fetch_sub(1, Ordering::Relaxed);
    }
}
