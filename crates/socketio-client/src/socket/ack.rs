use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use engineio_proto::Prepared;
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::Args;
use tokio::{sync::oneshot, time::Instant};

use super::Socket;
use crate::{
    AckError, EmitError,
    command::{Answer, Command, Kind, Outgoing},
    wire,
};

/// Acknowledges an event of the server. Does nothing if the server did not ask for it.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Event;
///
/// client.namespace("/").on("name?", async |event: Event| event.ack.send(&"Ann")).connect()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Ack {
    socket: Socket,
    id: Option<u64>,
}

impl Ack {
    pub(crate) fn new(socket: Socket, id: Option<u64>) -> Self {
        Self { socket, id }
    }

    /// Whether the server waits for the acknowledgement.
    pub fn is_expected(&self) -> bool {
        self.id.is_some()
    }

    /// Answers with `data`, as [`Socket::emit`] takes it. An answer is dropped if its connection has ended.
    ///
    /// # Errors
    /// The answer was not taken for sending.
    pub fn send<T: Serialize + ?Sized>(self, data: &T) -> Result<(), EmitError> {
        let Some(id) = self.id else { return Ok(()) };
        let inner = &self.socket.0;
        let parser = inner.shared.config.parser;
        let frames = wire::encode(parser, |encoder| encoder.ack(&inner.namespace, id, data))?;
        let outgoing = Outgoing { frames, kind: Kind::Answer, reservation: None };
        self.socket.submit(outgoing)
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }
}

impl Socket {
    /// Gives a packet to the connection's task, if it is within the limits.
    pub(super) fn submit(&self, mut outgoing: Outgoing) -> Result<(), EmitError> {
        let shared = &self.0.shared;
        let max = shared.max_payload();
        let largest = outgoing.frames.iter().map(|frame| frame.len()).max().unwrap_or(0);
        if largest > max {
            return Err(EmitError::TooLarge { len: largest, max });
        }
        let cost: usize = outgoing.frames.iter().map(Prepared::cost).sum();
        let reservation = shared.budget.reserve(cost + size_of::<Command>());
        outgoing.reservation =
            Some(reservation.ok_or_else(|| EmitError::Full { queued: shared.budget.used() })?);
        let taken = shared.send(Command::Emit(Arc::clone(&self.0), outgoing));
        if taken { Ok(()) } else { Err(EmitError::Closed) }
    }
}

/// Waits for the answer to an event; made by [`Socket::emit_with_ack`].
///
/// The event was queued already, and the time runs; the future only waits.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// let socket = client.namespace("/").connect()?;
/// let (first, second) = (socket.emit_with_ack::<u8>("a", &()), socket.emit_with_ack::<u8>("b", &()));
/// println!("{}", first.await? + second.await?); // Both were queued before the first answer came.
/// # Ok(()) }
/// ```
#[must_use = "an event whose answer nobody waits for is not sent if it has to wait itself"]
pub struct AckFuture<R> {
    answer: Pin<Box<dyn Future<Output = Result<Args, AckError>> + Send>>,
    shape: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> AckFuture<R> {
    pub(crate) fn new(started: Result<oneshot::Receiver<Answer>, EmitError>, deadline: Instant) -> Self {
        let answer = Box::pin(async move {
            match tokio::time::timeout_at(deadline, started?).await {
                Ok(Ok(Answer::Args(args))) => Ok(args),
                Ok(Ok(Answer::Dropped)) => Err(AckError::Dropped),
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
