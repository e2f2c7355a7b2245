use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use bytestring::ByteString;
use engineio::{CloseReason, Delivery, Sent};
use parking_lot::Mutex;
use serde::Serialize;
use smallvec::SmallVec;
use socketio_proto::{Args, Content};
use tokio::runtime::Handle;

use super::{CONNECTED, GONE, Inner, JOINING, recovering::Recovering};
use crate::{
    DisconnectContext, DisconnectReason, Emitted, EventContext, SocketId, SocketRef,
    ack::Waiter,
    check,
    connection::Connection,
    emit::Flags,
    namespace::{Outgoing, Plan, Space},
    recovery::Resume,
    rooms::Target,
    run::{self, What},
    server::Shared,
    watcher::Watcher,
    wire::{self, Frames},
};

/// What the rest of the crate does with a socket.
impl SocketRef {
    /// A socket that is about to join; `resume` is the session of another one that it continues.
    pub(crate) fn new(
        connection: Arc<Connection>,
        space: Arc<Space>,
        resume: Option<(SocketId, Box<Resume>)>,
    ) -> Self {
        let (pid, mut resume) = resume.unzip();
        let data = resume.as_mut().map(|resume| resume.session.data.clone());
        let id = resume.as_ref().map_or_else(SocketId::random, |resume| resume.session.id);
        let key = resume.as_ref().map_or_else(|| space.next_key(), |resume| resume.session.key);
        let recovering = space.keeper.is_some().then(|| {
            let pid = pid.unwrap_or_else(SocketId::random);
            Box::new(Recovering::new(pid, resume))
        });
        Self(Arc::new(Inner {
            id,
            key,
            phase: AtomicU8::new(JOINING),
            space,
            connection,
            recovering,
            handlers: Mutex::default(),
            on_disconnect: Mutex::default(),
            acks: Mutex::default(),
            data: Mutex::new(data.unwrap_or_default()),
        }))
    }

    pub(crate) fn key(&self) -> u64 {
        self.0.key
    }

    pub(crate) fn space(&self) -> &Arc<Space> {
        &self.0.space
    }

    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.0.connection
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.space.shared
    }

    pub(crate) fn namespace_path(&self) -> &str {
        &self.0.space.path
    }

    pub(crate) fn close_connection(&self, reason: CloseReason) {
        self.0.connection.engine.close(reason);
    }

    pub(crate) fn emit_as<T: Serialize + ?Sized>(&self, event: &str, data: &T, flags: Flags) -> Emitted {
        let space = &self.0.space;
        if space.is_watched() {
            Watcher::new(event, data).show(self);
        }
        let emitted = match &space.keeper {
            None => {
                let frames = space.encode(event, data).map(|frames| flags.mark(frames));
                frames.map(|frames| self.send(&frames, flags.delivery).into())
            }
            Some(_) if self.0.phase.load(Ordering::Acquire) == JOINING => Ok(Sent::Dropped.into()),
            Some(keeper) => wire::Draft::event(&space.path, event, data).map(|draft| {
                let mut emitted = Emitted::default();
                keeper.publish(&draft, flags, &Target::one(self.id()), |frames, position| {
                    emitted.count(self.send_at(frames, flags.delivery, position));
                });
                emitted
            }),
        };
        emitted.unwrap_or_else(|error| space.not_written(event, error))
    }

    /// Sends a packet, unless the socket is not in its namespace.
    pub(crate) fn send(&self, frames: &Frames, delivery: Delivery) -> Sent {
        if self.is_connected() { self.0.connection.send(frames, delivery) } else { Sent::Dropped }
    }

    /// As [`SocketRef::send`], of an event at a position of the log.
    ///
    /// The client is owed the event even if its connection is broken, as long as that was not noticed.
    pub(crate) fn send_at(&self, frames: &Frames, delivery: Delivery, position: Option<u64>) -> Sent {
        if let Some(position) = position.filter(|_| self.is_connected()) {
            self.address(position);
        }
        self.send(frames, delivery)
    }

    /// The socket is in its namespace from now on; `false` if it is gone already.
    pub(crate) fn connected(&self) -> bool {
        self.0.phase.compare_exchange(JOINING, CONNECTED, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Takes a packet of the client, other than CONNECT.
    pub(crate) fn receive(&self, content: Content) {
        match content {
            Content::Event { id, name, args } => self.event(id, name, args),
            Content::Ack { id, args } => self.acknowledged(id, args),
            Content::Disconnect => {
                self.0.connection.forget(self);
                self.gone(DisconnectReason::ClientNamespaceDisconnect);
            }
            // A client has nothing to connect or to refuse here.
            Content::Connect { .. } | Content::ConnectError { .. } => {
                self.close_connection(CloseReason::ForcedClose);
            }
        }
    }

    /// Leaves the namespace and tells the client.
    pub(crate) fn leave_namespace(&self) {
        let namespace = self.namespace_path();
        if let Ok(frames) = wire::encode(|encoder| encoder.disconnect(namespace)) {
            let _ = self.send(&frames, Delivery::Reliable);
        }
        self.0.connection.forget(self);
        self.gone(DisconnectReason::ServerNamespaceDisconnect);
    }

    /// The socket is not in its namespace any more. Only the first call counts.
    pub(crate) fn gone(&self, reason: DisconnectReason) {
        let Some(before) = self.depart(reason) else { return };
        // Handlers may hold handles to this socket; letting go of them breaks the circle.
        let handlers = std::mem::take(&mut *self.0.handlers.lock());
        drop(handlers);
        let acks = std::mem::take(&mut *self.0.acks.lock());
        drop(acks);
        let handler = self.0.on_disconnect.lock().take();
        if let (CONNECTED, Some(handler)) = (before, handler) {
            // The caller may be any thread of the application.
            let _entered = self.shared().runtime.get().map(Handle::enter);
            let mut context = DisconnectContext { socket: self.clone(), reason };
            run::start(self, What::Disconnect, || handler.call(&mut context));
        }
        self.0.space.release();
    }

    /// Leaves all rooms, and tells the phase before; `None` if the socket was gone already.
    fn depart(&self, reason: DisconnectReason) -> Option<u8> {
        let mut before = GONE;
        let mut leave = |position| {
            before = self.0.phase.swap(GONE, Ordering::AcqRel);
            (before != GONE).then(|| self.left(before == CONNECTED, position))
        };
        match (&self.0.space.keeper, self.recovering()) {
            (Some(keeper), Some(recovering)) => {
                keeper.leave(recovering.pid, reason, self.shared().runtime.get(), leave);
            }
            _ => drop(leave(0)),
        }
        (before != GONE).then_some(before)
    }

    /// What the application wants to do with events before they are sent.
    pub(crate) fn outgoing(&self) -> SmallVec<[Outgoing; 1]> {
        self.0.handlers.lock().outgoing.functions().cloned().collect()
    }

    pub(crate) fn next_ack_id(&self) -> u64 {
        self.0.space.next_ack_id()
    }

    /// Lets `waiter` have the answer with this id; `false` if the socket is not in its namespace.
    pub(crate) fn expect_answer(&self, id: u64, waiter: Waiter) -> bool {
        let mut acks = self.0.acks.lock();
        // Within the lock, as `gone` empties the list after it changed the phase.
        let is_connected = self.is_connected();
        if is_connected {
            acks.insert(id, waiter);
        }
        is_connected
    }

    pub(crate) fn forget_ack(&self, id: u64) {
        self.0.acks.lock().remove(&id);
    }

    fn event(&self, ack: Option<u64>, name: ByteString, args: Args) {
        if !self.is_connected() {
            return;
        }
        let mut plan = Plan::default();
        self.0.space.setup().handlers.plan(&name, &mut plan);
        self.0.handlers.lock().plan(&name, &mut plan);
        let what = What::Event(name.clone());
        for any in plan.any {
            let mut context =
                EventContext { socket: self.clone(), name: name.clone(), args: args.clone(), ack: None };
            run::start(self, what.clone(), || any.call(&mut context));
        }
        if plan.handler.is_none() {
            tracing::debug!(namespace = self.namespace_path(), handler = %what, "no handler");
        }
        let mut context = EventContext { socket: self.clone(), name, args, ack };
        match (plan.checks.is_empty(), plan.handler) {
            (true, None) => {}
            (true, Some(handler)) => run::start(self, what, || handler.call(&mut context)),
            (false, handler) => check::start(context, what, plan.checks, handler),
        }
    }

    fn acknowledged(&self, id: u64, args: Args) {
        let waiting = self.0.acks.lock().remove(&id);
        match waiting {
            Some(waiter) => waiter.answer(args),
            None => tracing::debug!(namespace = self.namespace_path(), id, "an answer to no question"),
        }
    }
}
