//! The namespaces of one client, without I/O and without a clock.

mod space;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, sync::Arc, time::Instant};

use engineio_proto::Message;
use socketio_proto::{Content, Decoder, Limits, Packet, Parser};

use crate::{
    ConnectError, Disconnect,
    command::{Kind, Outgoing, Pending},
    socket::{Inner, Notice, Socket, State},
    wire::Frames,
};
use space::{Phase, Space};

/// The state machine of Socket.IO on a client: who is in which namespace, what waits, who waits for an answer.
///
/// As with `engineio_proto::Session`, inputs are `handle_*`, commands bear the names of what they do, and outputs are
/// `poll_*`, to be taken after each input and command.
#[derive(Debug)]
pub(crate) struct Manager {
    spaces: Vec<Space>,
    parser: Parser,
    limits: Limits,
    /// Of the connection, while it is open.
    decoder: Option<Decoder>,
    max_payload: usize,
    notices: Notices,
}

/// What is still to be told, and to whom.
type Notices = VecDeque<(Arc<Inner>, Notice)>;

/// The server sent something that makes no sense; the connection cannot go on.
#[derive(Debug)]
pub(crate) struct Violation;

/// A volatile event that can be tried now.
#[derive(Debug)]
pub(crate) struct Volatile {
    pub(crate) frames: Frames,
    pub(crate) answer: Option<Pending>,
}

impl Manager {
    pub(crate) fn new(parser: Parser, limits: Limits) -> Self {
        Self {
            spaces: Vec::new(),
            parser,
            limits,
            decoder: None,
            max_payload: usize::MAX,
            notices: VecDeque::new(),
        }
    }

    // === Getters ===

    /// Whether there is a use for a connection.
    pub(crate) fn wants_connection(&self) -> bool {
        self.spaces.iter().any(|space| space.wanted || space.phase == Phase::Leaving)
    }

    pub(crate) fn sockets(&self) -> impl Iterator<Item = &Arc<Inner>> {
        self.spaces.iter().map(|space| &space.inner)
    }

    /// Whether [`poll_notice`](Self::poll_notice) has something to give.
    pub(crate) fn has_notices(&self) -> bool {
        !self.notices.is_empty()
    }

    // === Inputs ===

    /// A connection is open.
    pub(crate) fn handle_opened(&mut self, max_payload: usize) {
        self.decoder = Some(Decoder::with_parser(self.parser, self.limits));
        self.max_payload = max_payload;
        self.spaces.iter_mut().for_each(Space::opened);
    }

    /// The connection has ended; [`Disconnect::will_reconnect`] says whether another is tried.
    pub(crate) fn handle_lost(&mut self, reason: &Disconnect) {
        self.decoder = None;
        for space in &mut self.spaces {
            if let Some(reason) = space.lost(reason) {
                space.inner.state.send_replace(State::Disconnected(reason.clone()));
                self.notices.push_back((Arc::clone(&space.inner), Notice::Disconnected(reason)));
            }
        }
    }

    /// No connection could be opened; after the `last` attempt no other follows.
    pub(crate) fn handle_connect_failed(&mut self, error: &ConnectError, last: bool) {
        for space in self.spaces.iter_mut().filter(|space| space.wanted) {
            if last {
                space.wanted = false;
                space.inner.state.send_replace(State::Failed(error.clone()));
            }
            self.notices.push_back((Arc::clone(&space.inner), Notice::ConnectFailed(error.clone())));
        }
    }

    /// The server sent a message.
    ///
    /// `left` describes the end in case that the message is one.
    pub(crate) fn handle_message(
        &mut self,
        message: Message,
        left: impl FnOnce() -> Disconnect,
    ) -> Result<(), Violation> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        let packet = match message {
            Message::Text(text) => decoder.push_text(text),
            Message::Binary(bytes) => decoder.push_binary(bytes),
        };
        match packet {
            Ok(Some(packet)) => self.handle_packet(packet, left),
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::debug!(%error, "the server sent something that is no packet");
                Err(Violation)
            }
        }
    }

    /// Time passed; to be called when [`poll_timeout`](Self::poll_timeout) has come.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        for space in &mut self.spaces {
            let expired = space.expire(now);
            if expired > 0 {
                let namespace = &*space.inner.namespace;
                tracing::warn!(
                    namespace,
                    expired,
                    "events waited too long for a connection and were dropped"
                );
            }
        }
    }

    fn handle_packet(&mut self, packet: Packet, left: impl FnOnce() -> Disconnect) -> Result<(), Violation> {
        let Packet { namespace, content } = packet;
        // What comes for a namespace that was left meanwhile is not the server's fault.
        let Some(space) = self.spaces.iter_mut().find(|space| space.inner.namespace == namespace) else {
            return Ok(());
        };
        let inner = &space.inner;
        match (space.phase, content) {
            (Phase::Joining, Content::Connect { payload }) => {
                let early = space.joined(payload.as_deref()).ok_or(Violation)?;
                let recovered = early.recovered;
                self.notices.push_back((Arc::clone(&space.inner), Notice::Connected { recovered }));
                for event in early.events {
                    space.note_offset(&event);
                    self.notices.push_back((Arc::clone(&space.inner), Notice::Event(event)));
                }
            }
            (Phase::Joining, Content::ConnectError { payload }) => {
                let refusal = crate::Refusal::parse(payload.as_deref());
                inner.state.send_replace(State::Refused(refusal.clone()));
                self.notices.push_back((Arc::clone(inner), Notice::Refused(refusal)));
                space.gone();
            }
            (Phase::In, Content::Event { id, name, args }) => {
                let event = crate::Event::new(Socket(Arc::clone(inner)), name, args, id);
                space.note_offset(&event);
                self.notices.push_back((Arc::clone(&space.inner), Notice::Event(event)));
            }
            (Phase::Joining, Content::Event { id, name, args }) => {
                space.keep_early(crate::Event::new(Socket(Arc::clone(inner)), name, args, id));
            }
            (Phase::In | Phase::Leaving, Content::Ack { id, args }) => space.answered(id, args),
            (Phase::In | Phase::Joining, Content::Disconnect) => {
                let left = left();
                inner.state.send_replace(State::Disconnected(left.clone()));
                self.notices.push_back((Arc::clone(inner), Notice::Disconnected(left)));
                space.gone();
            }
            // The rest crossed with our own leaving.
            _ => {}
        }
        Ok(())
    }

    // === Commands ===

    /// Wants the socket in its namespace.
    pub(crate) fn join(&mut self, inner: Arc<Inner>) {
        let index = self.spaces.iter().position(|space| Arc::ptr_eq(&space.inner, &inner));
        let index = index.unwrap_or_else(|| {
            self.spaces.push(Space::new(inner));
            self.spaces.len() - 1
        });
        let is_open = self.decoder.is_some();
        if let Some(space) = self.spaces.get_mut(index)
            && !space.wanted
        {
            space.wanted = true;
            space.inner.state.send_replace(State::Connecting);
            if is_open {
                space.opened();
            }
        }
    }

    /// Does not want the socket in its namespace any more; what waits is still sent if there is a connection.
    pub(crate) fn leave(&mut self, inner: &Arc<Inner>, reason: &Disconnect) {
        if let Some(space) = self.spaces.iter_mut().find(|space| Arc::ptr_eq(&space.inner, inner)) {
            let was_wanted = std::mem::take(&mut space.wanted);
            if space.phase == Phase::In {
                self.notices.push_back((Arc::clone(inner), Notice::Disconnected(reason.clone())));
            }
            if was_wanted {
                inner.state.send_replace(State::Disconnected(reason.clone()));
            }
            space.leave();
        }
    }

    /// Takes a packet; gives it back at once if it is volatile and nothing stands before it.
    pub(crate) fn emit(&mut self, inner: &Arc<Inner>, outgoing: Outgoing) -> Option<Volatile> {
        let space = self.spaces.iter_mut().find(|space| Arc::ptr_eq(&space.inner, inner))?;
        match outgoing.kind {
            Kind::Volatile { answer } if space.phase == Phase::In && space.queue_is_empty() => {
                Some(Volatile { frames: outgoing.frames, answer })
            }
            Kind::Volatile { answer } => {
                dropped(answer);
                None
            }
            Kind::Answer if space.phase != Phase::In => None,
            Kind::Answer | Kind::Buffered { .. } => {
                space.push(outgoing);
                None
            }
        }
    }

    /// The volatile event has left, and its answer can come.
    pub(crate) fn expect(&mut self, inner: &Arc<Inner>, answer: Option<Pending>) {
        if let Some(space) = self.spaces.iter_mut().find(|space| Arc::ptr_eq(&space.inner, inner)) {
            space.expect(answer);
        }
    }

    // === Outputs ===

    /// The next packet for the connection, which is open.
    pub(crate) fn poll_transmit(&mut self) -> Option<Frames> {
        self.decoder.as_ref()?;
        let Self { spaces, max_payload, notices, .. } = self;
        spaces.iter_mut().find_map(|space| space.poll_transmit(*max_payload, notices))
    }

    /// The next thing to tell the application.
    pub(crate) fn poll_notice(&mut self) -> Option<(Arc<Inner>, Notice)> {
        self.notices.pop_front()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout).
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.spaces.iter().filter_map(Space::poll_timeout).min()
    }
}

/// Tells whoever waits for the answer to a volatile event that it was dropped.
pub(crate) fn dropped(answer: Option<Pending>) {
    if let Some(answer) = answer {
        // Nobody waits any more, if this fails.
        let _ = answer.sender.send(crate::command::Answer::Dropped);
    }
}
