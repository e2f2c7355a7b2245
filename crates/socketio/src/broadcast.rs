use std::{fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Adapter, AnswersFuture, Emitted, Event, Gathered, Gathering, Message, RemoteSocket, Request, Response,
    Selection, SocketId, SocketRef, cluster, emit::Flags, namespace::Space, rooms::Target,
};

/// Sockets of a namespace, chosen by rooms; each operator gives a new value.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// # let io = SocketIo::new(Config::default());
/// let news = io.to(["sports", "weather"]).except("muted");
/// news.emit("headline", "it rains");
/// news.volatile().emit("viewers", &12);
/// ```
#[derive(Clone)]
#[must_use = "nothing happens before a method such as `emit` is called"]
pub struct Broadcast {
    space: Arc<Space>,
    target: Target,
    flags: Flags,
    timeout: Duration,
    is_local: bool,
}

impl Broadcast {
    pub(crate) fn new(space: Arc<Space>) -> Self {
        let timeout = space.shared.config.ack_timeout;
        Self { space, target: Target::default(), flags: Flags::default(), timeout, is_local: false }
    }

    pub(crate) fn without(space: Arc<Space>, sender: &SocketRef) -> Self {
        let target = Target { sender: Some((sender.key(), sender.id())), ..Target::default() };
        Self { target, ..Self::new(space) }
    }

    /// Adds rooms; a socket in several of them is meant once.
    ///
    /// The id of a socket is a room that holds this socket alone.
    pub fn to(mut self, rooms: impl RoomNames) -> Self {
        rooms.each(|name| self.target.rooms.push(name.into()));
        self
    }

    /// The same as [`Broadcast::to`].
    pub fn within(self, rooms: impl RoomNames) -> Self {
        self.to(rooms)
    }

    /// Leaves out the sockets in these rooms.
    pub fn except(mut self, rooms: impl RoomNames) -> Self {
        rooms.each(|name| self.target.except.push(name.into()));
        self
    }

    /// The packet is dropped for each client that is not ready for it.
    pub fn volatile(self) -> Self {
        Self { flags: self.flags.volatile(), ..self }
    }

    /// Whether the event may be compressed: on a WebSocket with
    /// [`per_message_deflate`](engineio::Config::per_message_deflate), and in the answer to a poll. Default true.
    ///
    /// Compressing what is compressed already, such as pictures, is a waste of time. Compressing a secret beside what
    /// somebody else may choose lets the length tell the secret.
    ///
    /// ```
    /// # use socketio::{Config, SocketIo};
    /// # let io = SocketIo::new(Config::default());
    /// io.to("gallery").compress(false).emit("picture", &bytes::Bytes::from_static(b"\x89PNG"));
    /// ```
    pub fn compress(mut self, compress: bool) -> Self {
        self.flags.compress = compress;
        self
    }

    /// Leaves out other servers, and does not tell them. Without an [`Adapter`] there are none.
    pub fn local(self) -> Self {
        Self { is_local: true, ..self }
    }

    /// How long [`Broadcast::emit_with_ack`] waits; by default [`Config::ack_timeout`](crate::Config::ack_timeout).
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends an event to each socket. It is encoded once, and all share the bytes.
    ///
    /// `data` becomes the arguments: a tuple is several, `()` is none, anything else is one.
    /// What is counted are the sockets of this server.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        let emitted = self.space.emit(&self.target, self.flags, event, data);
        if let Some(adapter) = self.adapter()
            && let Ok(event) = Event::new(event, data)
        {
            adapter.publish(Message::Broadcast {
                event,
                selection: self.selection(),
                volatile: self.flags.is_volatile(),
                compress: self.flags.compress,
            });
        }
        emitted
    }

    /// Sends an event to each socket and waits for the answers, each read as an `R`.
    ///
    /// It is encoded once, as the id of the answer is the same for all. The event is sent now; the future waits until
    /// all have answered or are gone, or the time is over, and then gives what there is.
    ///
    /// ```
    /// # async fn example(io: socketio::SocketIo) -> Result<(), socketio::EncodeError> {
    /// let answers = io.to("voters").emit_with_ack::<bool>("agreed?", &()).await?;
    /// let votes = answers.answered.iter().filter(|(_, agrees)| *agrees).count();
    /// println!("{votes} agree, {} said nothing", answers.failed.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The event cannot be written, and nobody was asked.
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AnswersFuture<R> {
        let asked = self.space.ask(&self.target, self.flags, event, data);
        let remote = self.adapter().filter(|_| asked.is_ok()).and_then(|adapter| {
            let event = Event::new(event, data).ok()?;
            let (selection, timeout) = (self.selection(), self.timeout);
            let (volatile, compress) = (self.flags.is_volatile(), self.flags.compress);
            let request = Request::BroadcastWithAck { event, selection, volatile, compress, timeout };
            Some(cluster::request(adapter, request, timeout))
        });
        AnswersFuture::new(asked, remote, self.timeout)
    }

    /// The sockets of this server that are meant now.
    pub fn sockets(&self) -> Vec<SocketRef> {
        self.space.sockets(&self.target)
    }

    /// The sockets that are meant now, those of other servers included.
    ///
    /// ```
    /// # async fn example(io: socketio::SocketIo) {
    /// for socket in io.to("admins").fetch_sockets().await.values {
    ///     io.to(socket.id).emit("hello", &());
    /// }
    /// # }
    /// ```
    pub fn fetch_sockets(&self) -> Gathering<Gathered<RemoteSocket>> {
        let own = cluster::sockets(&self.space, &self.target);
        let request = || Request::FetchSockets { selection: self.selection() };
        self.space.gather(self.adapter().map(|_| request()), own, |response| match response {
            Response::Sockets(sockets) => Some(sockets),
            _ => None,
        })
    }

    /// Makes each socket join rooms.
    pub fn sockets_join(&self, rooms: impl RoomNames) {
        let rooms = names(rooms);
        self.space.join(&self.target, &rooms);
        self.publish(|selection| Message::Join { selection, rooms });
    }

    /// Makes each socket leave rooms.
    pub fn sockets_leave(&self, rooms: impl RoomNames) {
        let rooms = names(rooms);
        self.space.leave(&self.target, &rooms);
        self.publish(|selection| Message::Leave { selection, rooms });
    }

    /// Disconnects each socket from the namespace; with `close` its connection too.
    pub fn disconnect_sockets(&self, close: bool) {
        self.space.disconnect(&self.target, close);
        self.publish(|selection| Message::Disconnect { selection, close });
    }

    fn adapter(&self) -> Option<&Arc<dyn Adapter>> {
        self.space.adapter.as_ref().filter(|_| !self.is_local)
    }

    fn publish(&self, message: impl FnOnce(Selection) -> Message) {
        if let Some(adapter) = self.adapter() {
            adapter.publish(message(self.selection()));
        }
    }

    fn selection(&self) -> Selection {
        Selection::from(&self.target)
    }
}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").field("target", &self.target).finish_non_exhaustive()
    }
}

fn names(rooms: impl RoomNames) -> Vec<String> {
    let mut names = Vec::new();
    rooms.each(|name| names.push(name.to_owned()));
    names
}

/// One name of a room, or several.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// # let io = SocketIo::new(Config::default());
/// io.to("one").emit("news", &());
/// io.to(["one", "two"]).emit("news", &());
/// io.to(vec![format!("user:{}", 7)]).emit("news", &());
/// ```
pub trait RoomNames {
    /// Calls `visit` with each name.
    fn each(self, visit: impl FnMut(&str));
}

macro_rules! one_name {
    ($($type:ty),*) => {$(
        impl RoomNames for $type {
            fn each(self, mut visit: impl FnMut(&str)) {
                visit(self.as_ref());
            }
        }
    )*};
}

one_name!(&str, String, &String, Arc<str>, SocketId, bytestring::ByteString);

macro_rules! several_names {
    ($([$($generic:tt)*] $type:ty),*) => {$(
        impl<T: AsRef<str>, $($generic)*> RoomNames for $type {
            fn each(self, mut visit: impl FnMut(&str)) {
                self.iter().for_each(|name| visit(name.as_ref()));
            }
        }
    )*};
}

several_names!([] Vec<T>, [] &Vec<T>, [] &[T], [const N: usize] [T; N], [const N: usize] &[T; N]);
