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
    budget::Reservation,
    command::{Answer, Command, Kind, Outgoing},
    wire::{self, Frames},
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
        outgoing.reservation = Some(self.reserve(&outgoing.frames)?);
        let taken = self.0.shared.send(Command::Emit(Arc::clone(&self.0), outgoing));
        if taken { Ok(()) } else { Err(EmitError::Closed) }
    }

    /// Takes what a packet needs of the budget, if the server would take the packet.
    pub(super) fn reserve(&self, frames: &Frames) -> Result<Reservation, EmitError> {
        let shared = &self.0.shared;
        let max = shared.max_payload();
        let largest = frames.iter().map(|frame| frame.len()).max().unwrap_or(0);
        if largest > max {
            return Err(EmitError::TooLarge { len: largest, max });
        }
        let cost: usize = frames.iter().map(Prepared::cost).sum();
        let reservation = shared.budget.reserve(cost + size_of::<Command>());
        reservation.ok_or_else(|| EmitError::Full { queued: shared.budget.used() })
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
    /// Without a deadline, the sender decides when to stop waiting.
    pub(crate) fn new(
        started: Result<oneshot::Receiver<Answer>, EmitError>,
        deadline: Option<Instant>,
    ) -> Self {
        let answer = Box::pin(async move {
            let answer = match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, started?).await,
                None => Ok(started?.await),
            };
            match answer {
                Ok(Ok(Answer::Args(args))) => Ok(args),
                Ok(Ok(Answer::Dropped)) => Err(AckError::Dropped),
                Ok(Ok(Answer::TooLarge { len, max })) => Err(EmitError::TooLarge { len, max }.into()),
                // An event that waits for a connection is dropped at the deadline, which may be noticed before the timer.
                Ok(Err(_)) if deadline.is_some_and(|deadline| deadline <= Instant::now()) => {
                    Err(AckError::Timeout)
                }
                Ok(Err(_)) => Err(AckError::Disconnected),
                Ok(Ok(Answer::GivenUp)) | Err(_) => Err(AckError::Timeout),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What the answer is if nobody can give one any more `after` the event was sent, with 20 ms for it.
    async fn answer_without_sender(after: Duration) -> Result<u8, AckError> {
        let (sender, receiver) = oneshot::channel();
        let answer = AckFuture::new(Ok(receiver), Some(Instant::now() + Duration::from_millis(20)));
        tokio::time::advance(after).await;
        drop(sender);
        answer.await
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_is_dropped_at_its_deadline_has_timed_out() {
        let early = answer_without_sender(Duration::from_millis(19)).await;
        assert!(matches!(early, Err(AckError::Disconnected)), "{early:?}");
        let late = answer_without_sender(Duration::from_millis(20)).await;
        assert!(matches!(late, Err(AckError::Timeout)), "{late:?}");
    }
}
