use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Instant,
};

use serde::Deserialize;
use serde_json::{Map, Value};
use socketio_proto::Args;
use tokio::sync::oneshot;

use super::Notices;
use crate::{
    Disconnect, EmitError, Event,
    command::{Answer, Kind, Outgoing, Pending},
    socket::{Inner, Notice, State},
    wire::{self, Frames},
};

/// One namespace.
#[derive(Debug)]
pub(super) struct Space {
    pub(super) inner: Arc<Inner>,
    /// Whether the application wants to be in it.
    pub(super) wanted: bool,
    pub(super) phase: Phase,
    /// A CONNECT that waits to be sent.
    connect: Option<Frames>,
    queue: VecDeque<Outgoing>,
    /// Not later than the first expiry in the queue.
    expires: Option<Instant>,
    answers: HashMap<u64, oneshot::Sender<Answer>>,
    recovery: Option<Recovery>,
    /// What a server that recovers the socket sends before it says so.
    early: Vec<Event>,
}

/// Where a socket is, as far as the connection is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not in the namespace.
    Out,
    /// CONNECT is sent or about to be.
    Joining,
    /// In the namespace.
    In,
    /// What waits is still to be sent, then DISCONNECT.
    Leaving,
}

/// What the server needs to restore the socket after the connection was lost.
///
/// <https://socket.io/docs/v4/connection-state-recovery>
#[derive(Debug)]
struct Recovery {
    /// The private id of the socket.
    pid: String,
    /// The last event that was received.
    offset: Option<String>,
}

/// What came before the server's CONNECT.
#[derive(Debug)]
pub(super) struct Early {
    pub(super) recovered: bool,
    pub(super) events: Vec<Event>,
}

#[derive(Deserialize)]
struct Confirmation {
    sid: String,
    pid: Option<String>,
}

impl Space {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            wanted: false,
            phase: Phase::Out,
            connect: None,
            queue: VecDeque::new(),
            expires: None,
            answers: HashMap::new(),
            recovery: None,
            early: Vec::new(),
        }
    }

    pub(super) fn queue_is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// There is a connection: joins if that is wanted.
    pub(super) fn opened(&mut self) {
        if !self.wanted || self.phase != Phase::Out {
            return;
        }
        let payload = self.connect_payload();
        let parser = self.inner.shared.config.parser;
        match wire::encode(parser, |encoder| encoder.connect(&self.inner.namespace, payload.as_ref())) {
            Ok(frames) => {
                self.connect = Some(frames);
                self.phase = Phase::Joining;
            }
            // A namespace is checked when it is opened, and JSON can be written as JSON.
            Err(error) => tracing::error!(%error, "CONNECT cannot be written"),
        }
    }

    /// The server let us in; `None` if it does not say who we are.
    pub(super) fn joined(&mut self, payload: Option<&str>) -> Option<Early> {
        let Confirmation { sid, pid } = serde_json::from_str(payload?).ok()?;
        let known = self.recovery.take().filter(|recovery| Some(&recovery.pid) == pid.as_ref());
        let recovered = known.is_some();
        self.recovery = known.or_else(|| pid.map(|pid| Recovery { pid, offset: None }));
        self.phase = Phase::In;
        self.inner.state.send_replace(State::Connected { id: sid, recovered });
        Some(Early { recovered, events: std::mem::take(&mut self.early) })
    }

    /// The connection has ended; gives what to tell the application.
    pub(super) fn lost(&mut self, reason: &Disconnect) -> Option<Disconnect> {
        let phase = self.phase;
        self.phase = Phase::Out;
        self.connect = None;
        self.early.clear();
        self.answers.clear();
        self.queue.retain(|outgoing| matches!(outgoing.kind, Kind::Buffered { .. }));
        if phase == Phase::Leaving || !self.wanted {
            return None;
        }
        self.wanted = reason.will_reconnect;
        (phase != Phase::Out || !self.wanted).then(|| reason.clone())
    }

    /// The server sent the socket away, or did not let it in.
    pub(super) fn gone(&mut self) {
        self.wanted = false;
        self.phase = Phase::Out;
        self.early.clear();
        self.answers.clear();
        self.recovery = None;
    }

    /// The application wants out.
    pub(super) fn leave(&mut self) {
        self.recovery = None;
        match self.phase {
            Phase::Out | Phase::Leaving => {}
            Phase::Joining if self.connect.take().is_some() => self.phase = Phase::Out,
            Phase::Joining | Phase::In => {
                self.phase = Phase::Leaving;
                self.answers.clear();
            }
        }
    }

    /// Keeps an event that came before the server's CONNECT, which only a recovery sends.
    pub(super) fn keep_early(&mut self, event: Event) {
        if self.recovery.is_some() {
            self.early.push(event);
        }
    }

    /// The last argument, if it is a string, is the offset of the event; one that asks for an answer has none.
    pub(super) fn note_offset(&mut self, event: &Event) {
        if let Some(recovery) = &mut self.recovery
            && !event.ack.is_expected()
            && let Some(offset) = event.args.iter().last().and_then(|text| serde_json::from_str(text).ok())
        {
            recovery.offset = Some(offset);
        }
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        if let Kind::Buffered { expires, .. } = &outgoing.kind {
            self.expires = Some(self.expires.map_or(*expires, |first| first.min(*expires)));
        }
        self.queue.push_back(outgoing);
    }

    pub(super) fn expect(&mut self, answer: Option<Pending>) {
        if let Some(Pending { id, sender }) = answer {
            // Those that gave up waiting are only found here; there are few unless the server answers nothing.
            if self.answers.len() >= PRUNE_ABOVE {
                self.answers.retain(|_, sender| !sender.is_closed());
            }
            self.answers.insert(id, sender);
        }
    }

    pub(super) fn answered(&mut self, id: u64, args: Args) {
        if let Some(sender) = self.answers.remove(&id) {
            // Nobody waits any more, if this fails.
            let _ = sender.send(Answer::Args(args));
        }
    }

    /// The next packet; what turns out to be too large is told in `notices`.
    pub(super) fn poll_transmit(&mut self, max_payload: usize, notices: &mut Notices) -> Option<Frames> {
        match self.phase {
            Phase::Out => None,
            Phase::Joining => self.connect.take(),
            Phase::In => self.next_queued(max_payload, notices),
            Phase::Leaving => Some(self.next_queued(max_payload, notices).unwrap_or_else(|| self.farewell())),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.expires
    }

    /// Drops what has waited too long and gives the number of events that were not given up by their senders.
    pub(super) fn expire(&mut self, now: Instant) -> usize {
        if self.expires.is_none_or(|first| first > now) {
            return 0;
        }
        let mut expired = 0;
        self.queue.retain(|outgoing| match &outgoing.kind {
            Kind::Buffered { expires, answer } if *expires <= now => {
                expired += usize::from(answer.is_none());
                false
            }
            _ => true,
        });
        self.expires = self.queue.iter().filter_map(expiry).min();
        expired
    }

    fn next_queued(&mut self, max_payload: usize, notices: &mut Notices) -> Option<Frames> {
        while let Some(outgoing) = self.queue.pop_front() {
            if self.queue.is_empty() {
                self.expires = None;
            }
            let Outgoing { frames, kind, .. } = outgoing;
            let answer = match kind {
                Kind::Buffered { answer, .. } | Kind::Volatile { answer } => answer,
                Kind::Answer => None,
            };
            if answer.as_ref().is_some_and(|answer| answer.sender.is_closed()) {
                continue;
            }
            let len = frames.iter().map(|frame| frame.len()).max().unwrap_or(0);
            if len > max_payload {
                // It was taken before the limit was known, and the server would end the connection.
                tracing::error!(
                    len,
                    max_payload,
                    "an event is larger than the server accepts and was dropped"
                );
                match answer {
                    // Nobody waits any more, if this fails.
                    Some(answer) => drop(answer.sender.send(Answer::TooLarge { len, max: max_payload })),
                    None => {
                        let error = EmitError::TooLarge { len, max: max_payload };
                        notices.push_back((Arc::clone(&self.inner), Notice::EmitFailed(error)));
                    }
                }
                continue;
            }
            if self.phase == Phase::In {
                self.expect(answer);
            }
            return Some(frames);
        }
        None
    }

    /// DISCONNECT, after which the socket may join again.
    fn farewell(&mut self) -> Frames {
        self.phase = Phase::Out;
        let parser = self.inner.shared.config.parser;
        let frames = wire::encode(parser, |encoder| encoder.disconnect(&self.inner.namespace));
        self.opened();
        // As with CONNECT, there is nothing that could not be written.
        frames.unwrap_or_default()
    }

    /// The credentials, and what recovery needs.
    fn connect_payload(&self) -> Option<Value> {
        let credentials = self.inner.credentials();
        let Some(Recovery { pid, offset }) = &self.recovery else { return credentials };
        let mut payload = Map::new();
        payload.insert("pid".to_owned(), pid.as_str().into());
        if let Some(offset) = offset {
            payload.insert("offset".to_owned(), offset.as_str().into());
        }
        if let Some(Value::Object(credentials)) = credentials {
            payload.extend(credentials);
        }
        Some(payload.into())
    }
}

fn expiry(outgoing: &Outgoing) -> Option<Instant> {
    match &outgoing.kind {
        Kind::Buffered { expires, .. } => Some(*expires),
        Kind::Answer | Kind::Volatile { .. } => None,
    }
}

/// Answers that are waited for before those that nobody waits for are looked for.
const PRUNE_ABOVE: usize = 1024;
