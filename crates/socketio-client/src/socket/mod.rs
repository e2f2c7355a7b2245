mod ack;
pub use ack::{Ack, AckFuture};

mod builder;
pub use builder::NamespaceBuilder;

mod emitter;
pub use emitter::Emitter;

mod event;
pub use event::{Event, Events, Notice};

mod handlers;
#[cfg(test)]
pub(crate) use handlers::Handlers;
pub use handlers::Outcome;
pub(crate) use handlers::Running;

mod inner;
pub(crate) use inner::{Delivered, Inner};

mod listeners;
pub use listeners::ListenerId;

mod retry;

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::watch;

use crate::{
    Cause, ConnectError, Disconnect, EmitError, JoinError, NamespaceError, Refusal, command::Command,
};

/// This client's place in a namespace. A clone is another handle to the same socket.
///
/// A handle does not keep the connection: once the [`Client`](crate::Client) is gone, nothing can be sent, and
/// nothing arrives.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// let socket = client.namespace("/").connect()?;
/// socket.connected().await?;
/// println!("{:?}", socket.id());
/// let sum: u32 = socket.emit_with_ack("add", &(1, 2)).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Socket(pub(crate) Arc<Inner>);

impl Socket {
    /// The namespace.
    pub fn namespace(&self) -> &str {
        &self.0.namespace
    }

    /// The public id that the server gave, while connected. It is another after each reconnection without recovery.
    pub fn id(&self) -> Option<String> {
        match &*self.0.state.borrow() {
            State::Connected { id, .. } => Some(id.clone()),
            _ => None,
        }
    }

    /// Whether the socket is in its namespace.
    pub fn is_connected(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Connected { .. })
    }

    /// Whether the server has restored the socket as it was before the connection was lost: its id, its rooms, and
    /// the events that it missed.
    pub fn recovered(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Connected { recovered: true, .. })
    }

    /// The state, to be read or waited for. Of states that follow each other quickly, a receiver sees the last one;
    /// [`Events`] and handlers see all.
    pub fn state(&self) -> watch::Receiver<State> {
        self.0.state.subscribe()
    }

    /// Waits until the socket is in its namespace.
    ///
    /// Lost connections and failed attempts are waited out as long as the client goes on trying.
    ///
    /// # Errors
    /// The socket will not get there by itself.
    pub async fn connected(&self) -> Result<(), JoinError> {
        let mut state = self.state();
        loop {
            let result = match &*state.borrow_and_update() {
                State::Connected { .. } => Some(Ok(())),
                State::Connecting => None,
                State::Disconnected(reason) if reason.will_reconnect => None,
                State::Disconnected(_) => Some(Err(JoinError::Left)),
                State::Refused(refusal) => Some(Err(refusal.clone().into())),
                State::Failed(error) => Some(Err(error.clone().into())),
                State::Closed => Some(Err(JoinError::Closed)),
            };
            match result {
                Some(result) => return result,
                None if state.changed().await.is_err() => return Err(JoinError::Closed),
                None => {}
            }
        }
    }

    /// Joins the namespace again, after [`disconnect`](Self::disconnect), after the server sent the socket away or
    /// refused it, or after the client gave up.
    ///
    /// # Errors
    /// The client is closed.
    pub fn connect(&self) -> Result<(), NamespaceError> {
        // Told at once, so that `connected` called next does not see how it was before.
        self.0.state.send_if_modified(|state| {
            let was_out = !matches!(state, State::Connected { .. } | State::Connecting | State::Closed);
            if was_out {
                *state = State::Connecting;
            }
            was_out
        });
        if self.0.shared.send(Command::Join(Arc::clone(&self.0))) {
            Ok(())
        } else {
            Err(NamespaceError::Closed)
        }
    }

    /// Leaves the namespace, until [`connect`](Self::connect) is called. When no other socket of the client is in
    /// use, the connection is closed.
    pub fn disconnect(&self) {
        // As with `connect`; the connection's task adds what it knows.
        self.0.state.send_if_modified(|state| {
            let was_in = !matches!(state, State::Closed);
            if was_in {
                *state = State::Disconnected(Disconnect::new(Cause::ClientDisconnect));
            }
            was_in
        });
        self.0.shared.send(Command::Leave(Arc::clone(&self.0)));
    }

    /// Handles an event; the last handler registered under a name counts.
    ///
    /// Register handlers with the [`NamespaceBuilder`] where the first events must not be missed.
    pub fn on<F, Fut>(&self, event: impl Into<Cow<'static, str>>, handler: F)
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.0.handlers.lock().insert(event.into(), handler);
    }

    /// Handles an event no more; what is running goes on.
    pub fn off(&self, event: &str) {
        self.0.handlers.lock().remove(event);
    }

    /// Sends an event, now or when the connection is there.
    ///
    /// `data` becomes the arguments: a tuple or a fixed-size array is several, `()` is none, anything else is one;
    /// bytes (not lists of numbers) travel as binary attachments. Events leave in the order of the calls.
    ///
    /// That it was taken for sending is no proof of arrival; ask for an acknowledgement to have one.
    ///
    /// # Errors
    /// The event was not taken.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, data: &T) -> Result<(), EmitError> {
        self.emitter().emit(event, data)
    }

    /// Sends an event and waits for the answer, at most [`Config::ack_timeout`](crate::Config::ack_timeout).
    ///
    /// The event is queued now; the future waits for the answer and reads it as an `R`, a tuple for several
    /// arguments. An event that has not left when the future ends or is dropped is not sent any more.
    pub fn emit_with_ack<R: DeserializeOwned>(
        &self,
        event: &str,
        data: &(impl Serialize + ?Sized),
    ) -> AckFuture<R> {
        self.emitter().emit_with_ack(event, data)
    }

    /// Waits until nothing waits to be sent, on any socket of the client: after [`EmitError::Full`], or before a
    /// process ends. Handed to the operating system is not received by the server.
    pub async fn flushed(&self) {
        self.0.shared.budget.is_unused().await;
    }

    /// Events are dropped when they cannot leave at once.
    #[must_use = "nothing happens before an event is emitted"]
    pub fn volatile(&self) -> Emitter {
        self.emitter().volatile()
    }

    /// How long to wait for an acknowledgement.
    #[must_use = "nothing happens before an event is emitted"]
    pub fn timeout(&self, timeout: Duration) -> Emitter {
        self.emitter().timeout(timeout)
    }

    fn emitter(&self) -> Emitter {
        Emitter::new(self.clone())
    }
}

impl PartialEq for Socket {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Socket {}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("namespace", &self.namespace()).finish_non_exhaustive()
    }
}

/// Where a socket stands.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::State;
///
/// let socket = client.namespace("/").connect()?;
/// let mut state = socket.state();
/// state.wait_for(|state| matches!(state, State::Connected { .. })).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum State {
    /// The client is gone.
    Closed,
    /// In the namespace.
    Connected {
        /// The public id.
        id: String,
        /// As [`Socket::recovered`].
        recovered: bool,
    },
    /// On the way for the first time, or again after [`Socket::connect`].
    Connecting,
    /// Out of the namespace; coming back if [`Disconnect::will_reconnect`] says so.
    Disconnected(Disconnect),
    /// No connection could be opened, and no further attempt is made.
    Failed(ConnectError),
    /// The server does not let the client join.
    Refused(Refusal),
}
