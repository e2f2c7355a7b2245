use std::time::Duration;

use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use socketio_proto::Args;
use tokio::{sync::oneshot, time::Instant};

use super::{
    AckFuture, Socket,
    retry::{Persistent, Queue},
};
use crate::{
    EmitError,
    command::{Answer, Kind, Outgoing, Pending},
    wire,
};

/// Emits with options; made by [`Socket::volatile`] and [`Socket::timeout`].
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use std::time::Duration;
///
/// let socket = client.namespace("/").connect()?;
/// socket.volatile().emit("position", &(1.5, 2.5))?;
/// let name: String = socket.timeout(Duration::from_secs(1)).emit_with_ack("name?", &()).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Emitter {
    socket: Socket,
    volatile: bool,
    timeout: Duration,
}

impl Emitter {
    pub(crate) fn new(socket: Socket) -> Self {
        let timeout = socket.0.shared.config.ack_timeout;
        Self { socket, volatile: false, timeout }
    }

    /// The event is dropped when it cannot leave at once: no connection, or one that is busy.
    #[must_use]
    pub fn volatile(self) -> Self {
        Self { volatile: true, ..self }
    }

    /// How long [`Emitter::emit_with_ack`] waits for the answer.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// As [`Socket::emit`].
    ///
    /// # Errors
    /// The event was not taken.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<(), EmitError> {
        let ttl = self.socket.0.shared.config.queue_ttl;
        self.submit(event, data, Instant::now() + ttl, None)
    }

    /// As [`Socket::emit_with_ack`].
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AckFuture<R> {
        let deadline = Instant::now() + self.timeout;
        let started = self.start(event, data, deadline);
        // An event that is sent again has the time for each attempt.
        AckFuture::new(started, Some(deadline).filter(|_| self.queue().is_none()))
    }

    fn start(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
        deadline: Instant,
    ) -> Result<oneshot::Receiver<Answer>, EmitError> {
        let (sender, receiver) = oneshot::channel();
        let pending = Pending { id: self.socket.0.next_ack_id(), sender };
        self.submit(event, data, deadline, Some(pending)).map(|()| receiver)
    }

    fn submit(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
        expires: Instant,
        answer: Option<Pending>,
    ) -> Result<(), EmitError> {
        let namespace = &self.socket.0.namespace;
        let queue = self.queue();
        let id = match &answer {
            Some(pending) => Some(pending.id),
            None => queue.map(|_| self.socket.0.next_ack_id()),
        };
        let parser = self.socket.0.shared.config.parser;
        let frames = wire::encode(parser, |encoder| encoder.event(namespace, id, event, data))?;
        self.show(event, data)?;
        if let Some(queue) = queue {
            let persistent = Persistent {
                name: event.to_owned(),
                args: Args::new(data)?,
                timeout: self.timeout,
                sender: answer.map(|pending| pending.sender),
                _reservation: self.socket.reserve(&frames)?,
            };
            return if queue.lock().push(persistent) { Ok(()) } else { Err(EmitError::Closed) };
        }
        let kind = match self.volatile {
            true => Kind::Volatile { answer },
            false => Kind::Buffered { expires: expires.into_std(), answer },
        };
        self.socket.submit(Outgoing { frames, kind, reservation: None })
    }

    /// Where the event waits if it is to be sent until it is acknowledged.
    fn queue(&self) -> Option<&Mutex<Queue>> {
        self.socket.0.retries.as_ref().filter(|_| !self.volatile)
    }

    /// Shows the event to those who see all.
    fn show(&self, event: &str, data: &(impl Serialize + ?Sized)) -> Result<(), EmitError> {
        let watchers = self.socket.0.handlers.lock().outgoing.functions();
        if !watchers.is_empty() {
            let args = Args::new(data)?;
            watchers.iter().for_each(|watch| watch(event, &args));
        }
        Ok(())
    }
}
