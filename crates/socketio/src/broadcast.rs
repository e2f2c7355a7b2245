use std::{sync::Arc, time::Duration};

use engineio::Delivery;
use serde::{Serialize, de::DeserializeOwned};

use crate::{AnswersFuture, Emitted, SocketId, SocketRef, namespace::Space, rooms::Target, wire};

/// Sockets of a namespace, chosen by rooms; each operator gives a new value.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// # let io = SocketIo::new(Config::default());
/// let news = io.to(["sports", "weather"]).except("muted");
/// news.emit("headline", "it rains");
/// news.volatile().emit("viewers", &12);
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before a method such as `emit` is called"]
pub struct Broadcast {
    space: Arc<Space>,
    target: Target,
    delivery: Delivery,
    timeout: Duration,
}

impl Broadcast {
    pub(crate) fn new(space: Arc<Space>) -> Self {
        let timeout = space.shared.config.ack_timeout;
        Self { space, target: Target::default(), delivery: Delivery::Reliable, timeout }
    }

    pub(crate) fn without(space: Arc<Space>, sender: &SocketRef) -> Self {
        let target = Target { sender: Some(sender.key()), ..Target::default() };
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
        Self { delivery: Delivery::Volatile, ..self }
    }

    /// How long [`Broadcast::emit_with_ack`] waits; by default [`Config::ack_timeout`](crate::Config::ack_timeout).
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Sends an event to each socket. It is encoded once, and all share the bytes.
    ///
    /// `data` becomes the arguments: a tuple is several, `()` is none, anything else is one.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.space.emit(&self.target, self.delivery, event, data)
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
        if self.space.is_watched() {
            self.space.show(&self.target, event, data);
        }
        AnswersFuture::start(&self.space, &self.target, self.delivery, self.timeout, |id| {
            let frames = wire::encode(|encoder| encoder.event(&self.space.path, Some(id), event, data))?;
            Ok(self.space.shareable(frames))
        })
    }

    /// The sockets that are meant now.
    pub fn sockets(&self) -> Vec<SocketRef> {
        let mut sockets = Vec::new();
        self.space.rooms.for_each(&self.target, |socket| sockets.push(socket.clone()));
        sockets
    }

    /// Makes each socket join rooms.
    pub fn join(&self, rooms: impl RoomNames) {
        let sockets = self.sockets();
        rooms.each(|name| sockets.iter().for_each(|socket| self.space.rooms.join(socket, name)));
    }

    /// Makes each socket leave rooms.
    pub fn leave(&self, rooms: impl RoomNames) {
        let sockets = self.sockets();
        rooms.each(|name| sockets.iter().for_each(|socket| self.space.rooms.leave(socket, name)));
    }

    /// Disconnects each socket from the namespace; with `close` its connection too.
    pub fn disconnect(&self, close: bool) {
        for socket in self.sockets() {
            socket.disconnect(close);
        }
    }
}

/// One name of a room, or several.
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
