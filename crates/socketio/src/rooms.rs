//! Who is in which room of a namespace.
//!
//! A fan-out takes shared snapshots under the lock and sends without it.
//! A snapshot is the list of members itself: it is copied only if it changes while a fan-out still reads it.

use std::{
    collections::{HashMap, HashSet},
    slice,
    sync::Arc,
};

use parking_lot::RwLock;
use smallvec::SmallVec;

use crate::{Adapter, SocketId, SocketRef};

/// Which sockets of a namespace are meant: all if `rooms` is empty, without those of `except` and `sender`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    pub(crate) rooms: SmallVec<[Box<str>; 1]>,
    pub(crate) except: SmallVec<[Box<str>; 1]>,
    /// A socket that is left out.
    pub(crate) sender: Option<(u64, SocketId)>,
}

impl Target {
    /// One socket, by its id.
    pub(crate) fn one(id: SocketId) -> Self {
        Self { rooms: smallvec::smallvec![id.as_str().into()], ..Self::default() }
    }
}

pub(crate) struct Rooms {
    tables: RwLock<Tables>,
    /// Told of rooms that come and go.
    adapter: Option<Arc<dyn Adapter>>,
}

#[derive(Default)]
struct Tables {
    sockets: HashMap<SocketId, Entry>,
    /// Those that are connected.
    everyone: Members,
    rooms: HashMap<Arc<str>, Members>,
}

struct Entry {
    socket: SocketRef,
    /// A socket may join rooms while middleware still decides; it becomes a member once it is connected.
    connected: bool,
    rooms: Vec<Arc<str>>,
}

impl Rooms {
    pub(crate) fn new(adapter: Option<Arc<dyn Adapter>>) -> Self {
        Self { tables: RwLock::default(), adapter }
    }

    /// Adds a socket that is not connected yet.
    pub(crate) fn add(&self, socket: &SocketRef) {
        let entry = Entry { socket: socket.clone(), connected: false, rooms: Vec::new() };
        self.tables.write().sockets.insert(socket.id(), entry);
    }

    /// The socket gets what is sent to everyone and to its rooms from now on, those of `former` included.
    pub(crate) fn connect(&self, socket: &SocketRef, former: Vec<Arc<str>>) {
        let Tables { sockets, everyone, rooms } = &mut *self.tables.write();
        let Some(entry) = Tables::entry(sockets, socket) else { return };
        entry.connected = true;
        for name in former {
            if !entry.rooms.contains(&name) {
                entry.rooms.push(name);
            }
        }
        everyone.insert(socket);
        for name in &entry.rooms {
            self.insert(rooms, name, socket);
        }
    }

    /// Removes the socket from everywhere and gives the rooms in which it was.
    pub(crate) fn remove(&self, socket: &SocketRef) -> Vec<Arc<str>> {
        let mut tables = self.tables.write();
        if Tables::entry(&mut tables.sockets, socket).is_none() {
            return Vec::new();
        }
        let rooms = tables.sockets.remove(&socket.id()).map(|entry| entry.rooms).unwrap_or_default();
        tables.everyone.remove(socket);
        for name in &rooms {
            self.take_out(&mut tables, socket, name);
        }
        rooms
    }

    /// Does nothing for a socket that is gone.
    pub(crate) fn join(&self, socket: &SocketRef, name: &str) {
        let Tables { sockets, rooms, .. } = &mut *self.tables.write();
        let Some(entry) = Tables::entry(sockets, socket) else { return };
        if entry.rooms.iter().any(|joined| &**joined == name) {
            return;
        }
        let name = rooms.get_key_value(name).map_or_else(|| name.into(), |(name, _)| Arc::clone(name));
        entry.rooms.push(Arc::clone(&name));
        if entry.connected {
            self.insert(rooms, &name, socket);
        }
    }

    pub(crate) fn leave(&self, socket: &SocketRef, name: &str) {
        let mut tables = self.tables.write();
        let Some(entry) = Tables::entry(&mut tables.sockets, socket) else { return };
        entry.rooms.retain(|joined| &**joined != name);
        self.take_out(&mut tables, socket, name);
    }

    /// The rooms that the socket joined.
    pub(crate) fn of(&self, socket: &SocketRef) -> Vec<Arc<str>> {
        let tables = self.tables.read();
        let entry = tables.sockets.get(&socket.id()).filter(|entry| entry.socket == *socket);
        entry.map(|entry| entry.rooms.clone()).unwrap_or_default()
    }

    /// All rooms that have members.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        self.tables.read().rooms.keys().cloned().collect()
    }

    /// A connected socket.
    pub(crate) fn socket(&self, id: SocketId) -> Option<SocketRef> {
        let tables = self.tables.read();
        tables.sockets.get(&id).filter(|entry| entry.connected).map(|entry| entry.socket.clone())
    }

    /// How many sockets are connected.
    pub(crate) fn len(&self) -> usize {
        self.tables.read().everyone.list.len()
    }

    /// Calls `visit` once for each socket that is meant. No lock is held meanwhile.
    pub(crate) fn for_each(&self, target: &Target, mut visit: impl FnMut(&SocketRef)) {
        let (groups, except) = self.tables.read().select(target);
        let except: HashSet<u64> = except.iter().flat_map(Group::sockets).map(SocketRef::key).collect();
        let mut seen = (groups.len() > 1).then(HashSet::new);
        for socket in groups.iter().flat_map(Group::sockets) {
            let key = socket.key();
            let is_left_out = target.sender.is_some_and(|(sender, _)| sender == key) || except.contains(&key);
            if !is_left_out && seen.as_mut().is_none_or(|seen| seen.insert(key)) {
                visit(socket);
            }
        }
    }
}

impl Rooms {
    /// Within the lock, so that the adapter hears of rooms in the order in which they come and go.
    fn insert(&self, rooms: &mut HashMap<Arc<str>, Members>, name: &Arc<str>, socket: &SocketRef) {
        let members = rooms.entry(Arc::clone(name)).or_default();
        members.insert(socket);
        if let (Some(adapter), 1) = (&self.adapter, members.list.len()) {
            adapter.room_opened(name);
        }
    }

    fn take_out(&self, tables: &mut Tables, socket: &SocketRef, name: &str) {
        let was_last = tables.leave(socket, name);
        if let (Some(adapter), true) = (&self.adapter, was_last) {
            adapter.room_closed(name);
        }
    }
}

impl Tables {
    /// The entry of this very socket; after a recovery another one has its id.
    fn entry<'a>(sockets: &'a mut HashMap<SocketId, Entry>, socket: &SocketRef) -> Option<&'a mut Entry> {
        sockets.get_mut(&socket.id()).filter(|entry| entry.socket == *socket)
    }

    /// The groups that are meant, and those that are not.
    fn select(&self, target: &Target) -> (Groups, Groups) {
        let groups = if target.rooms.is_empty() {
            smallvec::smallvec![self.everyone.snapshot()]
        } else {
            target.rooms.iter().flat_map(|name| self.room(name)).collect()
        };
        (groups, target.except.iter().flat_map(|name| self.room(name)).collect())
    }

    /// The members of a room, and the socket that has the name as its id.
    fn room(&self, name: &str) -> impl Iterator<Item = Group> + use<> {
        let members = self.rooms.get(name).map(Members::snapshot);
        let socket = SocketId::parse(name).and_then(|id| self.sockets.get(&id));
        let socket = socket.filter(|entry| entry.connected).map(|entry| Group::One(entry.socket.clone()));
        members.into_iter().chain(socket)
    }

    /// Whether the socket was the last member.
    fn leave(&mut self, socket: &SocketRef, name: &str) -> bool {
        let Some(members) = self.rooms.get_mut(name) else { return false };
        members.remove(socket);
        let is_empty = members.list.is_empty();
        if is_empty {
            self.rooms.remove(name);
        }
        is_empty
    }
}

type Groups = SmallVec<[Group; 1]>;

/// Sockets that a fan-out goes to, or leaves out.
enum Group {
    Many(Arc<Vec<SocketRef>>),
    One(SocketRef),
}

impl Group {
    fn sockets(&self) -> &[SocketRef] {
        match self {
            Self::Many(sockets) => sockets,
            Self::One(socket) => slice::from_ref(socket),
        }
    }
}

#[derive(Default)]
struct Members {
    list: Arc<Vec<SocketRef>>,
    /// Invariant: the position in `list` of each member's key.
    positions: HashMap<u64, usize>,
}

impl Members {
    fn insert(&mut self, socket: &SocketRef) {
        let position = self.list.len();
        if self.positions.insert(socket.key(), position).is_none() {
            Arc::make_mut(&mut self.list).push(socket.clone());
        } else {
            debug_assert!(false, "a socket joins a room once");
        }
    }

    fn remove(&mut self, socket: &SocketRef) {
        let Some(position) = self.positions.remove(&socket.key()) else { return };
        let list = Arc::make_mut(&mut self.list);
        list.swap_remove(position);
        if let Some(moved) = list.get(position) {
            self.positions.insert(moved.key(), position);
        }
        // A room that was large once should not stay so in memory.
        if list.capacity() > 64 && list.len() < list.capacity() / 4 {
            list.shrink_to(list.len() * 2);
            self.positions.shrink_to(self.positions.len() * 2);
        }
    }

    fn snapshot(&self) -> Group {
        Group::Many(Arc::clone(&self.list))
    }
}
