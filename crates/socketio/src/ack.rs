use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{self, Poll},
    time::Duration,
};

use engineio::{Delivery, Sent};
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::{Args, EncodeError};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use crate::{Emitted, SocketId, SocketRef, clock, emit::Flags, watcher::Watcher, wire};

/// Acknowledges an event of the client. Does nothing if the client did not ask for it.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Ack, Data};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/").on("add", async |Data((a, b)): Data<(i64, i64)>, ack: Ack| ack.send(&(a + b))).open();
/// ```
#[derive(Debug)]
pub struct Ack {
    socket: SocketRef,
    id: Option<u64>,
}

impl Ack {
    pub(crate) fn new(socket: SocketRef, id: Option<u64>) -> Self {
        Self { socket, id }
    }

    /// Whether the client waits for the acknowledgement.
    pub fn is_expected(&self) -> bool {
        self.id.is_some()
    }

    /// Answers with `data`: a tuple is several arguments, `()` is none, anything else is one.
    pub fn send<T: Serialize + ?Sized>(self, data: &T) -> Emitted {
        let Some(id) = self.id else { return Emitted::default() };
        let namespace = self.socket.namespace_path();
        match wire::encode(|encoder| encoder.ack(namespace, id, data)) {
            Ok(frames) => self.socket.send(&frames, Delivery::Reliable).into(),
            Err(error) => {
                tracing::error!(namespace, %error, "an acknowledgement cannot be written");
                Emitted::failed(error)
            }
        }
    }
}

/// Why [`SocketRef::emit_with_ack`] got no answer, or a broadcast not all.
///
/// ```
/// # async fn example(socket: socketio::SocketRef) {
/// use socketio::AckError;
///
/// match socket.emit_with_ack::<String>("name?", &()).await {
///     Ok(name) => println!("{name}"),
///     Err(AckError::Timeout) => println!("says nothing"),
///     Err(error) => println!("{error}"),
/// }
/// # }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AckError {
    /// The event could not be written.
    #[error("the event cannot be written")]
    Encode(#[from] EncodeError),
    /// The socket was disconnected before the answer came.
    #[error("the socket was disconnected before it answered")]
    Disconnected,
    /// No answer came in time; the client may have handled the event nevertheless.
    #[error("no answer came in time")]
    Timeout,
    /// The event was volatile and the client was not ready for it.
    #[error("the volatile event was dropped")]
    Dropped,
    /// The answer does not have the shape of the type that was asked for.
    #[error("the answer does not have the expected shape")]
    Data(#[source] serde_json::Error),
}

/// Who gets the answer of a client.
pub(crate) enum Waiter {
    One(oneshot::Sender<Args>),
    /// One of several sockets that were asked.
    Many(SocketId, mpsc::UnboundedSender<(SocketId, Args)>),
}

impl Waiter {
    /// The receiver may be gone in this moment, which is all the same.
    pub(crate) fn answer(self, args: Args) {
        match self {
            Self::One(sender) => drop(sender.send(args)),
            Self::Many(id, sender) => drop(sender.send((id, args))),
        }
    }
}

/// Waits for the answer to an event; made by [`SocketRef::emit_with_ack`].
///
/// The event was sent already, and the time runs; the future only waits.
///
/// ```
/// # async fn example(socket: socketio::SocketRef) -> Result<(), socketio::AckError> {
/// let (first, second) = (socket.emit_with_ack::<u8>("a", &()), socket.emit_with_ack::<u8>("b", &()));
/// println!("{}", first.await? + second.await?); // Both were sent before the first answer came.
/// # Ok(()) }
/// ```
#[must_use = "the event was sent; nothing waits for its answer unless this is awaited"]
pub struct AckFuture<R> {
    answer: Pin<Box<dyn Future<Output = Result<Args, AckError>> + Send>>,
    shape: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> AckFuture<R> {
    pub(crate) fn start(
        socket: &SocketRef,
        event: &str,
        data: &(impl Serialize + ?Sized),
        flags: Flags,
        timeout: Duration,
    ) -> Self {
        let started = Pending::start(socket, event, data, flags);
        let deadline = clock::after(timeout);
        let answer = Box::pin(async move {
            let mut pending = started?;
            match tokio::time::timeout_at(deadline, &mut pending.answer).await {
                Ok(Ok(args)) => Ok(args),
                Ok(Err(_)) => Err(AckError::Disconnected),
                Err(_) => Err(AckError::Timeout),
            }
        });
        Self { answer, shape: PhantomData }
    }
}

impl<R: DeserializeOwned> Future for AckFuture<R> {
    type Output = Result<R, AckError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.answer
            .as_mut()
            .poll(cx)
            .map(|answer| answer.and_then(|args| args.deserialize().map_err(AckError::Data)))
    }
}

impl<R> fmt::Debug for AckFuture<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AckFuture").finish_non_exhaustive()
    }
}

/// An event that was sent and not answered; dropping it forgets the answer.
struct Pending {
    socket: SocketRef,
    id: u64,
    answer: oneshot::Receiver<Args>,
}

impl Pending {
    fn start(
        socket: &SocketRef,
        event: &str,
        data: &(impl Serialize + ?Sized),
        flags: Flags,
    ) -> Result<Self, AckError> {
        if socket.space().is_watched() {
            Watcher::new(event, data).show(socket);
        }
        let id = socket.next_ack_id();
        let namespace = socket.namespace_path();
        let frames = flags.mark(wire::encode(|encoder| encoder.event(namespace, Some(id), event, data))?);
        let (sender, answer) = oneshot::channel();
        if !socket.expect_answer(id, Waiter::One(sender)) {
            return Err(AckError::Disconnected);
        }
        let pending = Self { socket: socket.clone(), id, answer };
        match socket.send(&frames, flags.delivery) {
            Sent::Queued => Ok(pending),
            Sent::Dropped if socket.is_connected() => Err(AckError::Dropped),
            Sent::Dropped => Err(AckError::Disconnected),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.socket.forget_ack(self.id);
    }
}
