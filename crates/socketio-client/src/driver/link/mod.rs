mod adaptive;

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Session, SessionConfig, Transmit, Transport,
    session::{
        CarrierEnd, CarrierId, Opening, RequestId,
        adaptive::{Key, ladder::Tier},
    },
};
use futures_util::{
    Stream, StreamExt as _,
    future::AbortHandle,
    stream::{self, FuturesUnordered, SelectAll},
};
use smallvec::SmallVec;

use super::{
    now,
    websocket::{WebSocket, WebSocketInput},
};
use crate::{
    Config, TransportError,
    net::{Net, Part},
};

/// One Engine.IO session with its carriers.
pub(super) struct Link {
    pub(super) session: Session,
    net: Arc<Net>,
    max_message: usize,
    /// The WebSocket that carries the session, and the one on trial.
    websockets: SmallVec<[WebSocket; 1]>,
    /// The WebSocket handshakes under way.
    connecting: SmallVec<[(CarrierId, Pending); 1]>,
    /// The HTTP exchanges under way.
    requests: SelectAll<Pin<Box<dyn Stream<Item = CarrierInput> + Send>>>,
    /// How requests of an adaptive session are given up.
    aborts: Vec<(RequestId, AbortHandle)>,
    /// When the server was last heard.
    heard: Instant,
    /// What the carrier of the session said at its end.
    pub(super) failure: Option<TransportError>,
    /// What carries the session, or carried it at its end.
    pub(super) transport: Transport,
    /// WebSockets that are of no use any more, and say goodbye.
    parting: FuturesUnordered<Pin<Box<dyn Future<Output = ()> + Send>>>,
    close_timeout: Duration,
}

type Pending = Pin<Box<dyn Future<Output = CarrierInput> + Send>>;

/// What the carriers have to say.
#[derive(Debug)]
pub(super) enum CarrierInput {
    Connected(CarrierId, Result<WebSocket, TransportError>),
    PollReply(Result<Bytes, TransportError>),
    PostReply(Result<(), TransportError>),
    Response(RequestId, Result<Part, TransportError>),
    WebSocket(CarrierId, WebSocketInput),
}

impl Link {
    /// `remembered` is what carried an adaptive session before, and how long ago that was.
    pub(super) fn open(
        net: &Arc<Net>,
        config: &Config,
        transport: Transport,
        remembered: Option<(Tier, Duration)>,
    ) -> Self {
        let mut session = SessionConfig::default();
        session.open_timeout = config.transport_deadline;
        session.upgrade_timeout = config.transport_deadline;
        session.close_timeout = config.close_timeout;
        session.upgrade = config.upgrade && config.transports.contains(&Transport::WebSocket);
        // What may wait is limited before it gets here.
        session.max_queued_bytes = usize::MAX;
        let (now, session) = (now(), Arc::new(session));
        let websocket = Opening::WebSocket(CarrierId(FIRST_WEBSOCKET));
        let session = match transport {
            Transport::Adaptive => {
                let key = Key::from_random(rand::random());
                Session::adaptive_client(now, session, key, adaptive::ladder(config, remembered))
            }
            Transport::WebSocket => Session::client(now, session, websocket),
            _ => Session::client(now, session, Opening::Polling),
        };
        Self {
            session,
            net: Arc::clone(net),
            max_message: config.max_message,
            websockets: SmallVec::new(),
            connecting: SmallVec::new(),
            requests: SelectAll::new(),
            aborts: Vec::new(),
            heard: now,
            failure: None,
            transport,
            parting: FuturesUnordered::new(),
            close_timeout: config.close_timeout,
        }
    }

    /// Time since the server was last heard.
    pub(super) fn silence(&self) -> Duration {
        now().saturating_duration_since(self.heard)
    }

    /// Whether more packets should be given to the session.
    pub(super) fn has_room(&self) -> bool {
        self.session.is_open() && self.session.queued_cost() < SESSION_BYTES
    }

    /// Hands the session's outputs to the carriers.
    pub(super) fn transmit(&mut self) {
        while let Some(transmit) = self.session.poll_transmit() {
            match transmit {
                Transmit::Connect { carrier } => self.connect(carrier, None),
                Transmit::Open { carrier, query } => self.connect(carrier, Some(query)),
                Transmit::Request { request, query, body } => self.request(request, query, body),
                Transmit::Abort { request } => {
                    if let Some(index) = self.aborts.iter().position(|(id, _)| *id == request) {
                        self.aborts.swap_remove(index).1.abort();
                    }
                }
                Transmit::Disconnect { carrier, code } => {
                    self.connecting.retain(|(connecting, _)| *connecting != carrier);
                    if let Some(mut websocket) = self.remove(carrier) {
                        websocket.close(code);
                        self.part(websocket);
                    }
                }
                Transmit::Get => {
                    let (net, sid) = (Arc::clone(&self.net), self.session.id().cloned());
                    let get = async move { CarrierInput::PollReply(net.get(sid.as_ref()).await) };
                    self.requests.push(Box::pin(stream::once(get)));
                }
                Transmit::Post { body } => {
                    let (net, sid) = (Arc::clone(&self.net), self.session.id().cloned());
                    let post = async move { CarrierInput::PostReply(net.post(sid.as_ref(), body).await) };
                    self.requests.push(Box::pin(stream::once(post)));
                }
                Transmit::Send { carrier, packet } => {
                    if let Some(websocket) = self.websocket(carrier) {
                        websocket.send(&packet);
                        if websocket.fills_up() {
                            self.session.handle_blocked(carrier, true);
                        }
                    }
                }
                // What a server does.
                _ => {}
            }
        }
    }

    /// What comes next from the carriers. Nothing is lost when the caller stops polling.
    pub(super) fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<CarrierInput> {
        for websocket in &mut self.websockets {
            if let Poll::Ready(input) = websocket.poll(cx) {
                return Poll::Ready(CarrierInput::WebSocket(websocket.carrier, input));
            }
        }
        for index in 0..self.connecting.len() {
            if let Some((_, connecting)) = self.connecting.get_mut(index)
                && let Poll::Ready(input) = connecting.as_mut().poll(cx)
            {
                drop(self.connecting.swap_remove(index));
                return Poll::Ready(input);
            }
        }
        while let Poll::Ready(Some(())) = self.parting.poll_next_unpin(cx) {}
        match self.requests.poll_next_unpin(cx) {
            Poll::Ready(Some(input)) => Poll::Ready(input),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    pub(super) fn handle(&mut self, input: CarrierInput) {
        let now = now();
        match input {
            CarrierInput::PollReply(Ok(body)) => {
                self.heard = now;
                self.session.handle_poll_reply(now, body);
            }
            CarrierInput::PostReply(Ok(())) => {
                self.heard = now;
                self.session.handle_post_reply();
            }
            CarrierInput::PollReply(Err(error)) | CarrierInput::PostReply(Err(error)) => {
                self.failure.get_or_insert(error);
                self.session.handle_request_failed();
            }
            CarrierInput::Response(request, response) => self.response(request, response),
            CarrierInput::Connected(carrier, Ok(websocket)) => {
                self.heard = now;
                self.websockets.push(websocket);
                self.session.handle_websocket_open(now, carrier);
            }
            CarrierInput::Connected(carrier, Err(error)) => self.ended(carrier, error),
            CarrierInput::WebSocket(carrier, WebSocketInput::Blocked(blocked)) => {
                self.session.handle_blocked(carrier, blocked);
            }
            CarrierInput::WebSocket(carrier, WebSocketInput::Heard) => {
                self.heard = now;
                self.session.handle_heard(now, carrier);
            }
            CarrierInput::WebSocket(carrier, WebSocketInput::Message(message)) => {
                self.heard = now;
                self.session.handle_message(now, carrier, message);
            }
            CarrierInput::WebSocket(carrier, WebSocketInput::Ended(error)) => self.ended(carrier, error),
        }
    }

    /// Sends what the session still has to send, and says goodbye.
    pub(super) async fn linger(mut self) {
        self.transmit();
        while !self.session.is_finished() {
            let deadline = self.session.poll_timeout().map(tokio::time::Instant::from_std);
            let input = std::future::poll_fn(|cx| self.poll_input(cx));
            match deadline {
                None => {
                    let input = input.await;
                    self.handle(input);
                }
                Some(deadline) => match tokio::time::timeout_at(deadline, input).await {
                    Ok(input) => self.handle(input),
                    Err(_) => self.session.handle_timeout(now()),
                },
            }
            self.transmit();
        }
        while self.parting.next().await.is_some() {}
    }

    /// Ends the session at once where that makes sense, and in order otherwise.
    pub(super) fn close(&mut self, reason: CloseReason) {
        self.session.close(now(), reason);
    }

    /// Opens a WebSocket, with the query of an adaptive session if there is one.
    fn connect(&mut self, carrier: CarrierId, query: Option<String>) {
        let (net, sid, max) = (Arc::clone(&self.net), self.session.id().cloned(), self.max_message);
        let opened = async move {
            let opened = match query {
                Some(query) => net.websocket_with(&query).await,
                None => net.websocket(sid.as_ref()).await,
            };
            let opened = opened.map(|(stream, early)| WebSocket::new(carrier, stream, &early, max));
            CarrierInput::Connected(carrier, opened)
        };
        self.connecting.push((carrier, Box::pin(opened)));
    }

    /// A WebSocket is gone. That of a failed upgrade says nothing about the session.
    fn ended(&mut self, carrier: CarrierId, error: TransportError) {
        let end = match error {
            TransportError::Closed { .. } => CarrierEnd::Closed,
            _ => CarrierEnd::Failed,
        };
        let carries = self.session.transport() == Transport::WebSocket;
        self.session.handle_carrier_closed(now(), carrier, end);
        if let Some(websocket) = self.remove(carrier).filter(WebSocket::is_closing) {
            // The server's goodbye wants an answer.
            self.part(websocket);
        }
        if self.session.transport() == Transport::Adaptive {
            self.carrier_failed(error);
        } else if carries {
            self.failure.get_or_insert(error);
        } else {
            tracing::debug!(%error, "a WebSocket on trial is gone");
        }
    }

    /// Lets a WebSocket say goodbye in its own time, which is limited.
    fn part(&self, websocket: WebSocket) {
        let timeout = self.close_timeout;
        self.parting.push(Box::pin(async move {
            // What cannot be written to a connection that is given up is lost either way.
            let _ = tokio::time::timeout(timeout, websocket.linger()).await;
        }));
    }

    fn remove(&mut self, carrier: CarrierId) -> Option<WebSocket> {
        let index = self.websockets.iter().position(|websocket| websocket.carrier == carrier)?;
        Some(self.websockets.swap_remove(index))
    }

    fn websocket(&mut self, carrier: CarrierId) -> Option<&mut WebSocket> {
        self.websockets.iter_mut().find(|websocket| websocket.carrier == carrier)
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Any number; the session calls the WebSocket of an upgrade 0.
const FIRST_WEBSOCKET: u32 = 1;

/// Bytes that wait in the session rather than in the queues of the sockets, where they can still be taken back.
const SESSION_BYTES: usize = 64 * 1024;
