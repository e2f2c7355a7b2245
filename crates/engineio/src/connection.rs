use std::{
    sync::{Arc, Weak, atomic::AtomicU32},
    task::Waker,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    CloseReason, Delivery, Prepared, Protocol, Query, Sent, Session, Sid, Transmit, Transport,
    frame::{Opcode, control_frame},
    session::{Arrival, CarrierEnd, CarrierId, Opening, PollId, adaptive::Key},
};
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use tokio::sync::oneshot;

use crate::{
    Connection, clock, cork,
    engine::{Engine, Place},
    marks::Marks,
    switches::Course,
    websocket::{Stream, WebSocket},
};

/// A session with its carriers, shared by everyone who sends to it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) sid: Sid,
    /// By what the client of an adaptive session called it before it knew the id.
    key: Option<Key>,
    pub(crate) engine: Arc<Engine>,
    inner: Mutex<Inner>,
    /// Requests whose bodies are still under way.
    pub(crate) bodies: AtomicU32,
    /// For the timers.
    this: Weak<Self>,
}

/// What the lock protects. It is held for the time of a state transition and of writes that do not block.
pub(crate) struct Inner {
    pub(crate) session: Session,
    /// The WebSocket that carries the session and the one on trial.
    pub(crate) websockets: SmallVec<[WebSocket; 1]>,
    /// The polls that wait for their answer.
    polls: Vec<(PollId, oneshot::Sender<Answer>)>,
    /// When the client must be back that has neither a WebSocket nor a poll, if it still comes.
    due: Instant,
    /// The handler; absent before the session is open, after it is closed, and while it handles an event, so that
    /// it handles one at a time.
    pub(crate) handler: Option<Box<dyn Connection>>,
    /// Numbers carriers and polls.
    issued: u32,
    /// The ticks at which the timers will call, earliest last. There are never more than the session has timers.
    armed: SmallVec<[u64; 2]>,
    counted: Option<Place>,
    /// Of an adaptive session.
    course: Course,
    /// Whether a WebSocket waits for the handler before it reads on.
    pub(crate) is_flooded: bool,
    /// Whether the session is among those of a [`Cork`](cork::Cork).
    is_held: bool,
    /// Made for the first who waits for what was sent to arrive.
    pub(crate) marks: Option<Box<Marks>>,
}

/// What a poll is answered with.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Whether the body may be compressed.
    pub(crate) compress: bool,
}

impl Link {
    pub(crate) fn new(engine: &Arc<Engine>, sid: Sid, opening: Opening, query: &Query) -> Arc<Self> {
        let (now, config) = (clock::now(), Arc::clone(&engine.session));
        let session = match query.protocol {
            Protocol::V3 => Session::server_v3(now, sid.clone(), config, opening, query.base64),
            _ => Session::server(now, sid.clone(), config, opening),
        };
        Self::with(engine, sid, None, session)
    }

    pub(crate) fn adaptive(engine: &Arc<Engine>, sid: Sid, key: Key) -> Arc<Self> {
        let session = Session::adaptive_server(clock::now(), sid.clone(), Arc::clone(&engine.session));
        Self::with(engine, sid, Some(key), session)
    }

    fn with(engine: &Arc<Engine>, sid: Sid, key: Option<Key>, session: Session) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            sid,
            key,
            engine: Arc::clone(engine),
            inner: Mutex::new(Inner {
                session,
                websockets: SmallVec::new(),
                polls: Vec::new(),
                due: clock::now() + MAX_GAP,
                handler: None,
                issued: 1,
                armed: SmallVec::new(),
                counted: None,
                course: Course::default(),
                is_flooded: false,
                is_held: false,
                marks: None,
            }),
            bodies: AtomicU32::new(0),
            this: Weak::clone(this),
        })
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock()
    }

    /// Makes the session known and lets it begin.
    pub(crate) fn open(self: &Arc<Self>, handler: Box<dyn Connection>) {
        self.engine.table.insert(self.sid.clone(), Arc::clone(self));
        let mut inner = self.lock();
        inner.handler = Some(handler);
        self.settle(inner);
    }

    pub(crate) fn send(&self, packets: &[Prepared], delivery: Delivery) -> Sent {
        let mut inner = self.lock();
        if inner.is_held {
            let cost = packets.iter().map(Prepared::cost).sum::<usize>();
            let limit = MAX_HELD.min(self.engine.session.max_queued_bytes);
            let is_full = inner.session.queued_cost().saturating_add(cost) > limit;
            if is_full || delivery == Delivery::Volatile {
                // What waits only to be written with the rest must not look like what the client does not take.
                inner.transmit();
            }
        }
        let sent = inner.session.send(packets, delivery);
        if cork::is_holding(self) {
            if !inner.is_held
                && let Some(link) = self.this.upgrade()
            {
                inner.is_held = true;
                cork::remember(link);
            }
            return sent;
        }
        self.write(inner);
        sent
    }

    /// Tells when the client has taken all that was sent before; the sender is dropped if the session ends before that.
    pub(crate) fn delivered(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.lock();
        if inner.session.is_open() {
            inner.marks.get_or_insert_default().push(sender);
            self.write(inner);
        }
        receiver
    }

    /// Writes the packets that were held back.
    pub(crate) fn flush(&self) {
        let mut inner = self.lock();
        inner.is_held = false;
        self.write(inner);
    }

    fn write(&self, mut inner: MutexGuard<'_, Inner>) {
        inner.transmit();
        // A slow consumer has just been closed; the caller may hold locks, so its handler is told from elsewhere.
        let ended = !inner.session.is_open() && inner.counted.is_some();
        drop(inner);
        if ended && let (Some(link), Some(runtime)) = (self.this.upgrade(), self.engine.runtime.get()) {
            runtime.spawn(async move { link.settle(link.lock()) });
        }
    }

    pub(crate) fn close(self: &Arc<Self>, reason: CloseReason) {
        let mut inner = self.lock();
        inner.session.close(clock::now(), reason);
        self.settle(inner);
    }

    pub(crate) fn handle_timeout(self: &Arc<Self>, tick: u64) {
        let mut inner = self.lock();
        inner.armed.retain(|armed| *armed > tick);
        inner.session.handle_timeout(clock::now());
        if self.update(inner) {
            // Not here: a client that floods its session would keep the timers of all others waiting.
            let link = Arc::clone(self);
            tokio::spawn(async move { link.dispatch() });
        }
    }

    /// To be called after every input: writes outputs, arms the timer, keeps the books, and tells the handler.
    pub(crate) fn settle(self: &Arc<Self>, inner: MutexGuard<'_, Inner>) {
        if self.update(inner) {
            self.dispatch();
        }
    }

    /// Does all of it but the last, and says whether there is something to tell.
    fn update(self: &Arc<Self>, mut inner: MutexGuard<'_, Inner>) -> bool {
        inner.transmit();
        if let Some(deadline) = inner.session.poll_timeout() {
            let timers = self.engine.timers();
            let tick = timers.tick(deadline);
            // A call that comes earlier looks again.
            if inner.armed.last().is_none_or(|armed| tick < *armed) {
                inner.armed.push(tick);
                timers.schedule(tick, Weak::clone(&self.this));
            }
        }
        let place = inner.session.is_open().then(|| (inner.session.transport(), inner.session.tier()));
        if place != inner.counted {
            self.engine.recount(inner.counted, place);
            inner.counted = place;
            if let Some((Transport::Adaptive, tier)) = place
                && let Some(switch) = inner.course.note(tier)
            {
                self.engine.meters.switched(switch);
            }
        }
        let (finished, has_events) = (inner.session.is_finished(), inner.session.inbox_cost() > 0);
        drop(inner);
        if finished {
            self.forget();
        }
        has_events
    }

    /// Lets nobody find the session any more.
    pub(crate) fn forget(&self) {
        self.engine.table.remove(&self.sid);
        if let Some(key) = &self.key {
            self.engine.ended_keys.insert(key.clone());
            self.engine.keys.remove(key);
        }
    }
}

impl Inner {
    /// A number that no carrier and no poll of this session has had.
    pub(crate) fn issue(&mut self) -> u32 {
        self.issued += 1;
        self.issued
    }

    /// Whether a poll waits for its answer.
    pub(crate) fn is_polled(&self) -> bool {
        !self.polls.is_empty()
    }

    /// Whether the handler is so far behind that the client has to wait: whoever tells it what has come is busy, and
    /// more would only pile up.
    pub(crate) fn is_behind(&self, limit: usize) -> bool {
        self.handler.is_none() && self.session.inbox_cost() > limit
    }

    /// Lets WebSockets read on that had to wait for the handler.
    pub(crate) fn go_on(&mut self) {
        if std::mem::take(&mut self.is_flooded) {
            self.websockets.iter().for_each(WebSocket::wake);
        }
    }

    pub(crate) fn add_websocket(&mut self, carrier: CarrierId, stream: Stream, task: Waker) {
        self.websockets.push(WebSocket::new(carrier, stream, task));
    }

    pub(crate) fn add_poll(&mut self, poll: PollId) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        self.polls.push((poll, sender));
        receiver
    }

    pub(crate) fn has_polls(&self) -> bool {
        !self.polls.is_empty()
    }

    pub(crate) fn remove_poll(&mut self, poll: PollId) {
        self.polls.retain(|(id, _)| *id != poll);
        self.expect_client(0);
    }

    pub(crate) fn remove_websocket(&mut self, carrier: CarrierId) -> Option<WebSocket> {
        self.expect_client(0);
        let index = self.websockets.iter().position(|websocket| websocket.carrier == carrier)?;
        Some(self.websockets.swap_remove(index))
    }

    /// Whether the client takes what is sent, or may soon be back for it.
    pub(crate) fn is_reachable(&self, now: Instant) -> bool {
        !self.websockets.is_empty() || !self.polls.is_empty() || now < self.due
    }

    /// Notes by when a client comes back that is still there, after an answer of so many bytes.
    fn expect_client(&mut self, len: usize) {
        let reading = Duration::from_secs((len / SLOWEST) as u64);
        self.due = self.due.max(clock::now() + MAX_GAP + self.session.poll_period() + reading);
    }

    pub(crate) fn websocket(&mut self, carrier: CarrierId) -> Option<&mut WebSocket> {
        self.websockets.iter_mut().find(|websocket| websocket.carrier == carrier)
    }

    /// Hands the session's outputs to the carriers until there are none, or the carriers take no more.
    pub(crate) fn transmit(&mut self) {
        loop {
            let mut full = false;
            while !full && let Some(transmit) = self.session.poll_transmit() {
                full = self.hand_over(transmit);
            }
            self.note_arrivals();
            let failed = self.write();
            for carrier in &failed {
                self.session.handle_carrier_closed(clock::now(), *carrier, CarrierEnd::Failed);
            }
            if failed.is_empty() && !full {
                return;
            }
        }
    }

    /// Tells those who wait for it that everything has arrived, or asks the client.
    fn note_arrivals(&mut self) {
        let Some(marks) = &mut self.marks else { return };
        match self.session.arrival() {
            Arrival::Complete => marks.all(),
            Arrival::Pending => {}
            Arrival::Unknown(carrier) => {
                if let Some(payload) = marks.ask()
                    && let Some(websocket) = self.websocket(carrier)
                {
                    websocket.push(control_frame(Opcode::Ping, &payload));
                }
            }
            Arrival::Never => self.marks = None,
        }
    }

    /// Gives one output to its carrier and says whether the carrier's queue is full.
    fn hand_over(&mut self, transmit: Transmit) -> bool {
        match transmit {
            Transmit::Send { carrier, packet } => {
                self.websocket(carrier).is_some_and(|websocket| websocket.push_packet(packet))
            }
            Transmit::Disconnect { carrier, code } => {
                if let Some(websocket) = self.websocket(carrier) {
                    websocket.close(code);
                }
                false
            }
            Transmit::Reply { poll, body } => {
                let compress = self.session.may_compress(poll);
                let index = self.polls.iter().position(|(id, _)| *id == poll);
                if let Some((_, sender)) = index.map(|index| self.polls.swap_remove(index)) {
                    self.expect_client(body.len());
                    // A receiver that is gone reports its poll as aborted.
                    let _ = sender.send(Answer { body, compress });
                }
                false
            }
            // What a client does.
            _ => false,
        }
    }

    /// Writes what the WebSockets have queued; gives those that failed.
    fn write(&mut self) -> SmallVec<[CarrierId; 1]> {
        let mut failed = SmallVec::new();
        for websocket in &mut self.websockets {
            let was_blocked = websocket.is_blocked();
            if websocket.write().is_err() {
                failed.push(websocket.carrier);
            }
            if websocket.is_blocked() != was_blocked {
                self.session.handle_blocked(websocket.carrier, websocket.is_blocked());
            }
        }
        failed
    }
}

/// The longest between an answer and the next poll of a client that is still there, on any network that can be used.
const MAX_GAP: Duration = Duration::from_secs(5);

/// Bytes that it reads in a second.
const SLOWEST: usize = 32 * 1024;

/// What packets take that wait for one session to be written together.
const MAX_HELD: usize = 64 * 1024;

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner")
            .field("session", &self.session)
            .field("websockets", &self.websockets)
            .finish_non_exhaustive()
    }
}
