use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use bytestring::ByteString;
use parking_lot::RwLock;
use serde::Serialize;
use socketio_proto::EncodeError;

use super::Handlers;
use crate::{
    Adapter, ConnectContext, Emitted, Local, ServerSideContext, SocketRef,
    answers::Asked,
    emit::Flags,
    handler::{self, EventHandler},
    recovery::Keeper,
    rooms::{Rooms, Target},
    server::Shared,
    spaces::Member,
    watcher::Watcher,
    wire::{self, Frames},
};

/// What is behind the handles to a namespace.
pub(crate) struct Space {
    pub(crate) path: ByteString,
    pub(crate) rooms: Rooms,
    pub(crate) shared: Arc<Shared>,
    pub(crate) keeper: Option<Arc<Keeper>>,
    setup: RwLock<Arc<Setup>>,
    ack_ids: AtomicU64,
    keys: AtomicU64,
    /// Set for good once a socket has a function that sees what is sent to it.
    is_watched: AtomicBool,
    /// Told what other servers have to do.
    pub(crate) adapter: Option<Arc<dyn Adapter>>,
    /// A namespace that was made for a client ends when nobody uses it any more.
    pub(crate) family: Option<Member>,
}

/// What the application said about a namespace.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) middleware: Vec<handler::Middleware<ConnectContext>>,
    pub(crate) on_connect: Option<EventHandler<ConnectContext>>,
    pub(crate) handlers: Handlers,
    /// Handlers of events of other servers.
    pub(crate) server_side: Vec<(Cow<'static, str>, EventHandler<ServerSideContext>)>,
}

impl Space {
    pub(crate) fn new(
        path: ByteString,
        shared: Arc<Shared>,
        setup: Arc<Setup>,
        family: Option<Member>,
    ) -> Arc<Self> {
        let recovery = shared.config.recovery.clone();
        Arc::new_cyclic(|space| {
            let local = || Local::new(path.clone(), Weak::clone(space));
            let adapter = shared.adapter.as_ref().map(|connect| connect(local()));
            Self {
                path,
                rooms: Rooms::new(adapter.clone()),
                adapter,
                keeper: recovery.map(|recovery| Keeper::new(recovery, &shared.config.engine)),
                shared,
                setup: RwLock::new(setup),
                ack_ids: AtomicU64::new(0),
                keys: AtomicU64::new(0),
                is_watched: AtomicBool::new(false),
                family,
            }
        })
    }

    pub(crate) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read())
    }

    pub(crate) fn set_up(&self, setup: Setup) {
        *self.setup.write() = Arc::new(setup);
    }

    /// Somebody wants to see what is sent.
    pub(crate) fn watch(&self) {
        self.is_watched.store(true, Ordering::Release);
    }

    pub(crate) fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Acquire)
    }

    /// Sends an event to the sockets that are meant.
    pub(crate) fn emit<T: Serialize + ?Sized>(
        &self,
        target: &Target,
        flags: Flags,
        event: &str,
        data: &T,
    ) -> Emitted {
        if self.is_watched() {
            self.show(target, event, data);
        }
        let mut emitted = Emitted::default();
        let mut fan_out = |frames: &Frames, position| {
            self.rooms
                .for_each(target, |socket| emitted.count(socket.send_at(frames, flags.delivery, position)));
        };
        let written = match &self.keeper {
            None => self.encode(event, data).map(|frames| fan_out(&self.shareable(frames, flags), None)),
            Some(keeper) => wire::Draft::event(&self.path, event, data)
                .map(|draft| keeper.publish(&draft, flags, target, fan_out)),
        };
        match written {
            Ok(()) => emitted,
            Err(error) => self.not_written(event, error),
        }
    }

    /// Asks the sockets that are meant.
    pub(crate) fn ask<T: Serialize + ?Sized>(
        &self,
        target: &Target,
        flags: Flags,
        event: &str,
        data: &T,
    ) -> Result<Asked, EncodeError> {
        if self.is_watched() {
            self.show(target, event, data);
        }
        let id = self.next_ack_id();
        let frames = wire::encode(|encoder| encoder.event(&self.path, Some(id), event, data))?;
        Ok(Asked::start(self, target, flags.delivery, id, &self.shareable(frames, flags)))
    }

    /// The sockets that are meant now.
    pub(crate) fn sockets(&self, target: &Target) -> Vec<SocketRef> {
        let mut sockets = Vec::new();
        self.rooms.for_each(target, |socket| sockets.push(socket.clone()));
        sockets
    }

    pub(crate) fn join(&self, target: &Target, rooms: &[String]) {
        let sockets = self.sockets(target);
        rooms.iter().for_each(|name| sockets.iter().for_each(|socket| self.rooms.join(socket, name)));
    }

    pub(crate) fn leave(&self, target: &Target, rooms: &[String]) {
        let sockets = self.sockets(target);
        rooms.iter().for_each(|name| sockets.iter().for_each(|socket| self.rooms.leave(socket, name)));
    }

    pub(crate) fn disconnect(&self, target: &Target, close: bool) {
        self.sockets(target).iter().for_each(|socket| socket.disconnect(close));
    }

    /// Shows an event to the applications of those who will get it.
    pub(crate) fn show<T: Serialize + ?Sized>(&self, target: &Target, event: &str, data: &T) {
        let mut watcher = Watcher::new(event, data);
        self.rooms.for_each(target, |socket| watcher.show(socket));
    }

    /// Encodes an event without offset.
    pub(crate) fn encode<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<Frames, EncodeError> {
        wire::encode(|encoder| encoder.event(&self.path, None, event, data))
    }

    /// Lets the recipients of a broadcast share its compressed form, if there are such that want one.
    pub(crate) fn shareable(&self, frames: Frames, flags: Flags) -> Frames {
        match self.shared.config.engine.per_message_deflate {
            _ if !flags.compress => frames.uncompressed(),
            None => frames,
            Some(_) => frames.compressible(),
        }
    }

    pub(crate) fn not_written(&self, event: &str, error: EncodeError) -> Emitted {
        tracing::error!(namespace = &*self.path, event, %error, "an event cannot be written");
        Emitted::failed(error)
    }

    pub(crate) fn next_key(&self) -> u64 {
        self.keys.fetch_add(1, Ordering::Relaxed)
    }

    /// Ids are unique within the namespace and not only for one socket, so that a broadcast can share one.
    pub(crate) fn next_ack_id(&self) -> u64 {
        self.ack_ids.fetch_add(1, Ordering::Relaxed)
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Space").field("path", &self.path).finish_non_exhaustive()
    }
}
