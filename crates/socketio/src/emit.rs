use std::time::Duration;

use engineio::{Delivery, Sent};
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::EncodeError;

use crate::{AckFuture, SocketRef, wire::Frames};

/// What became of an emit. It may be ignored: an error was logged.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// # let io = SocketIo::new(Config::default());
/// let emitted = io.volatile().emit("viewers", &12);
/// println!("{} sockets get it, {} were busy", emitted.queued(), emitted.dropped());
/// ```
#[derive(Debug, Default)]
pub struct Emitted {
    queued: usize,
    dropped: usize,
    error: Option<EncodeError>,
}

impl Emitted {
    pub(crate) fn failed(error: EncodeError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    pub(crate) fn count(&mut self, sent: Sent) {
        match sent {
            Sent::Queued => self.queued += 1,
            Sent::Dropped => self.dropped += 1,
        }
    }

    /// How many sockets the packet was written to or queued for.
    ///
    /// That is no proof of arrival; ask for an acknowledgement to have one.
    pub fn queued(&self) -> usize {
        self.queued
    }

    /// How many sockets will not get the packet: it was volatile and they were busy, or they are gone.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// Why nothing could be sent at all.
    pub fn error(&self) -> Option<&EncodeError> {
        self.error.as_ref()
    }
}

impl From<Sent> for Emitted {
    fn from(sent: Sent) -> Self {
        let mut emitted = Self::default();
        emitted.count(sent);
        emitted
    }
}

/// How an event is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    pub(crate) delivery: Delivery,
    pub(crate) compress: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self { delivery: Delivery::Reliable, compress: true }
    }
}

impl Flags {
    pub(crate) fn volatile(self) -> Self {
        Self { delivery: Delivery::Volatile, ..self }
    }

    pub(crate) fn is_volatile(self) -> bool {
        self.delivery == Delivery::Volatile
    }

    /// The frames, which nobody compresses if that is not wanted.
    pub(crate) fn mark(self, frames: Frames) -> Frames {
        if self.compress { frames } else { frames.uncompressed() }
    }
}

/// Emits to one socket with options; made by [`SocketRef::volatile`], [`SocketRef::timeout`] and
/// [`SocketRef::compress`].
///
/// ```
/// # use std::time::Duration;
/// # async fn example(socket: socketio::SocketRef) -> Result<(), socketio::AckError> {
/// socket.volatile().emit("position", &(1.5, 2.5));
/// let name: String = socket.timeout(Duration::from_secs(1)).emit_with_ack("name?", &()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Emitter {
    pub(crate) socket: SocketRef,
    pub(crate) flags: Flags,
    pub(crate) timeout: Duration,
}

impl Emitter {
    /// The packet may be dropped when the client is not ready for it.
    #[must_use]
    pub fn volatile(self) -> Self {
        Self { flags: self.flags.volatile(), ..self }
    }

    /// Whether the packet may be compressed; see [`Broadcast::compress`](crate::Broadcast::compress).
    #[must_use]
    pub fn compress(mut self, compress: bool) -> Self {
        self.flags.compress = compress;
        self
    }

    /// How long [`Emitter::emit_with_ack`] waits for the answer.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// As [`SocketRef::emit`].
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Emitted {
        self.socket.emit_as(event, data, self.flags)
    }

    /// As [`SocketRef::emit_with_ack`].
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AckFuture<R> {
        AckFuture::start(&self.socket, event, data, self.flags, self.timeout)
    }
}
