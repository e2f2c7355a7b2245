use std::sync::{Arc, OnceLock, atomic::Ordering};

use bytestring::ByteString;
use engineio::{CloseReason, Delivery, Message, Protocol, Sent};
use parking_lot::Mutex;
use smallvec::SmallVec;
use socketio_proto::{Content, Decoder, Limits, Packet, Parser};

use crate::{
    Config, DisconnectReason, Handshake, Parsers, Refusal, SocketRef, join, legacy,
    recovery::Request,
    server::Server,
    stats::{Counters, count},
    wire::{self, Frames},
};

/// A client's connection and the namespaces that it joined.
pub(crate) struct Connection {
    pub(crate) engine: engineio::Socket,
    pub(crate) handshake: Handshake,
    /// Whether it is a client of Socket.IO 2.
    pub(crate) legacy: bool,
    server: Arc<Server>,
    /// Told by the client's first message.
    parser: OnceLock<Parser>,
    state: Mutex<State>,
}

struct State {
    /// Made for the first message.
    decoder: Option<Decoder>,
    slots: SmallVec<[Slot; 1]>,
    /// Whether the client ever joined a namespace.
    joined: bool,
    closed: bool,
}

/// A namespace that the client asked to join.
struct Slot {
    socket: SocketRef,
    phase: Phase,
}

enum Phase {
    /// Middleware decides.
    Joining,
    /// CONNECT was sent, the connect handler is being called; packets wait until it has registered handlers.
    Opening(Vec<Content>),
    /// Packets are handled as they come.
    Open,
}

/// What to do with a packet, once the state is unlocked.
enum Route {
    Connect(ByteString, Option<ByteString>),
    /// With the query of the namespace, if it has one.
    ConnectLegacy(ByteString),
    Receive(SocketRef, Content),
    Wait,
    /// The packet makes no sense now.
    Violation,
}

impl Connection {
    pub(crate) fn new(engine: engineio::Socket, handshake: Handshake, server: Arc<Server>) -> Self {
        let state = State { decoder: None, slots: SmallVec::new(), joined: false, closed: false };
        let legacy = engine.protocol() == Protocol::V3;
        Self { engine, handshake, legacy, server, parser: OnceLock::new(), state: Mutex::new(state) }
    }

    /// Takes a message of the client.
    pub(crate) fn message(self: &Arc<Self>, message: Message) {
        let decoded = {
            let mut state = self.state.lock();
            let decoder = state.decoder.get_or_insert_with(|| self.decoder(&message));
            let packet = match message {
                Message::Text(text) => decoder.push_text(text),
                Message::Binary(bytes) => decoder.push_binary(bytes),
            };
            packet.map(|packet| packet.map_or(Route::Wait, |packet| self.route(&mut state, packet)))
        };
        match decoded {
            Ok(Route::Receive(socket, content)) => socket.receive(content),
            Ok(Route::Connect(namespace, payload)) => self.connect(&namespace, payload),
            Ok(Route::ConnectLegacy(namespace)) => self.connect_legacy(&namespace),
            Ok(Route::Wait) => {}
            Ok(Route::Violation) => {
                count(&self.server.shared.counters.protocol_errors);
                self.engine.close(CloseReason::ForcedClose);
            }
            Err(error) => {
                count(&self.server.shared.counters.protocol_errors);
                tracing::debug!(%error, "a client sent something that is no packet");
                self.engine.close(CloseReason::ParseError);
            }
        }
    }

    /// Sends a packet in the form that the client understands.
    pub(crate) fn send(&self, frames: &Frames, delivery: Delivery) -> Sent {
        let parser = self.parser.get().copied().unwrap_or_default();
        self.engine.send_prepared(frames.of(parser), delivery)
    }

    /// The session below has ended.
    pub(crate) fn closed(&self, reason: CloseReason) {
        self.lose(DisconnectReason::Connection(reason));
    }

    /// The client came back on another connection: its sockets are let go, and the connection, if it still lives, too.
    pub(crate) fn supersede(&self) {
        self.lose(DisconnectReason::Superseded);
        self.engine.close(CloseReason::ForcedClose);
    }

    /// Ends the connection and tells the client for each namespace.
    pub(crate) fn disconnect(&self) {
        let sockets: SmallVec<[SocketRef; 1]> =
            self.state.lock().slots.iter().map(|slot| slot.socket.clone()).collect();
        for socket in sockets {
            socket.leave_namespace();
        }
        self.engine.close(CloseReason::ForcedClose);
    }

    /// Ends a connection that joined no namespace in time.
    pub(crate) fn expect_joined(&self) {
        let is_late = {
            let state = self.state.lock();
            !state.joined && !state.closed
        };
        if is_late {
            self.engine.close(CloseReason::ForcedClose);
        }
    }

    /// The client may join. Packets are kept until [`Connection::release`]; `false` if the socket is gone.
    pub(crate) fn confirm(&self, socket: &SocketRef) -> bool {
        let mut state = self.state.lock();
        let Some(slot) = state.slots.iter_mut().find(|slot| slot.socket == *socket) else { return false };
        slot.phase = Phase::Opening(Vec::new());
        state.joined = true;
        true
    }

    /// Handles the packets that were kept, and from now on all as they come.
    pub(crate) fn release(&self, socket: &SocketRef) {
        loop {
            let kept = {
                let mut state = self.state.lock();
                let Some(slot) = state.slots.iter_mut().find(|slot| slot.socket == *socket) else { return };
                match &mut slot.phase {
                    Phase::Opening(kept) if !kept.is_empty() => std::mem::take(kept),
                    phase => {
                        *phase = Phase::Open;
                        return;
                    }
                }
            };
            kept.into_iter().for_each(|content| socket.receive(content));
        }
    }

    /// The socket has left its namespace.
    pub(crate) fn forget(&self, socket: &SocketRef) {
        self.state.lock().slots.retain(|slot| slot.socket != *socket);
    }

    /// Tells the client that it may not join.
    pub(crate) fn refuse(&self, namespace: &str, refusal: &Refusal) {
        count(&self.server.shared.counters.refused);
        let encoded = match self.legacy {
            true => legacy::refusal(namespace, refusal),
            false => wire::encode(|encoder| encoder.connect_error(namespace, refusal)),
        };
        match encoded {
            Ok(frames) => {
                let _ = self.send(&frames, Delivery::Reliable);
            }
            Err(error) => tracing::error!(namespace, %error, "a refusal cannot be written"),
        }
    }

    /// The client wants to join a namespace that it is not in.
    pub(crate) fn connect(self: &Arc<Self>, namespace: &str, payload: Option<ByteString>) {
        let Some(space) = self.server.spaces.enter(namespace) else {
            tracing::debug!(%namespace, "a client asks for a namespace that does not exist");
            return self.refuse(namespace, &Refusal::new("Invalid namespace"));
        };
        let mut refused = false;
        let (resume, auth) = match (&space.keeper, payload) {
            (Some(keeper), Some(payload)) => {
                let (request, auth) = Request::split(payload);
                let came_back = request.is_some();
                let resume = request.and_then(|request| keeper.claim(&request));
                refused = came_back && resume.is_none();
                if came_back {
                    let Counters { recovered, unrecovered, .. } = &self.server.shared.counters;
                    count(if resume.is_some() { recovered } else { unrecovered });
                }
                (resume, auth)
            }
            (_, payload) => (None, payload),
        };
        let socket = SocketRef::new(Arc::clone(self), space, resume);
        if let Some(recovering) = socket.recovering() {
            recovering.refused.store(refused, Ordering::Relaxed);
        }
        let closed = {
            let mut state = self.state.lock();
            if !state.closed {
                state.slots.push(Slot { socket: socket.clone(), phase: Phase::Joining });
            }
            state.closed
        };
        if closed {
            socket.gone(DisconnectReason::Connection(CloseReason::TransportClose));
        } else {
            join::start(&socket, auth);
        }
    }

    /// Whether the client is in a namespace, or asked to be.
    pub(crate) fn has_slot(&self, namespace: &str) -> bool {
        self.state.lock().slots.iter().any(|slot| slot.socket.namespace_path() == namespace)
    }

    /// The first message is CONNECT, hence text unless the client speaks MessagePack.
    fn decoder(&self, first: &Message) -> Decoder {
        let Config { max_attachments, parsers, .. } = self.server.shared.config;
        let parser = match (parsers, first) {
            (Parsers::Json, _) | (Parsers::Both, Message::Text(_)) => Parser::Json,
            (Parsers::MessagePack, _) | (Parsers::Both, Message::Binary(_)) => Parser::MessagePack,
        };
        let parser = *self.parser.get_or_init(|| parser);
        Decoder::with_parser(parser, Limits { max_attachments, ..Limits::default() })
    }

    fn lose(&self, reason: DisconnectReason) {
        let slots = {
            let mut state = self.state.lock();
            state.closed = true;
            std::mem::take(&mut state.slots)
        };
        for slot in slots {
            slot.socket.gone(reason);
        }
    }

    fn route(&self, state: &mut State, packet: Packet) -> Route {
        let Packet { namespace, content } = packet;
        if state.closed {
            return Route::Wait;
        }
        let slot = state.slots.iter_mut().find(|slot| slot.socket.namespace_path() == &*namespace);
        match (slot, content) {
            (_, Content::Connect { .. }) if self.legacy => Route::ConnectLegacy(namespace),
            (None, Content::Connect { payload }) => Route::Connect(namespace, payload),
            (None, _) | (Some(_), Content::Connect { .. } | Content::ConnectError { .. }) => Route::Violation,
            (Some(slot), content) => match &mut slot.phase {
                Phase::Joining => Route::Violation,
                Phase::Opening(kept) => {
                    kept.push(content);
                    Route::Wait
                }
                Phase::Open => Route::Receive(slot.socket.clone(), content),
            },
        }
    }
}
