use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytestring::ByteString;
use futures_util::Stream;
use parking_lot::Mutex;
use serde::Deserialize;
use socketio_proto::Args;
use tokio::sync::mpsc;

use super::{Ack, Socket};
use crate::{ConnectError, Disconnect, EmitError, Refusal};

/// An event of the server.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Event;
///
/// client
///     .namespace("/")
///     .on_fallback(async |event: Event| println!("{} with {} arguments", event.name, event.args.len()))
///     .connect()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Event {
    /// The name.
    pub name: ByteString,
    /// The arguments. A server with connection state recovery adds a string of its own at the end.
    pub args: Args,
    /// Answers the event, if the server asked for it.
    pub ack: Ack,
}

impl Event {
    pub(crate) fn new(socket: Socket, name: ByteString, args: Args, ack_id: Option<u64>) -> Self {
        Self { name, args, ack: Ack::new(socket, ack_id) }
    }

    /// Reads the arguments as a `T`: a tuple takes several, anything else takes the first one.
    ///
    /// A missing argument reads as `null`. Binary attachments read as bytes, such as [`bytes::Bytes`].
    ///
    /// # Errors
    /// The arguments do not have the shape of `T`.
    pub fn data<'de, T: Deserialize<'de>>(&'de self) -> Result<T, serde_json::Error> {
        self.args.deserialize()
    }

    /// The socket that it came to.
    pub fn socket(&self) -> &Socket {
        self.ack.socket()
    }
}

/// What happens to a socket, in order.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Notice;
///
/// let (_socket, mut events) = client.namespace("/").stream()?;
/// while let Some(notice) = events.next().await {
///     match notice {
///         Notice::Connected { recovered } => println!("in, recovered: {recovered}"),
///         Notice::Event(event) => println!("{}", event.name),
///         Notice::Disconnected(reason) => println!("out: {reason}"),
///         Notice::Refused(refusal) => println!("not let in: {refusal}"),
///         other => println!("{other:?}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// An attempt to open a connection failed; the next one comes by itself unless it was the last.
    ConnectFailed(ConnectError),
    /// The socket is in its namespace.
    Connected {
        /// As [`Socket::recovered`].
        recovered: bool,
    },
    /// What [`Socket::emit`] took before the server's limit was known is above it, and was dropped.
    ///
    /// For an event that wants an acknowledgement, [`AckFuture`](super::AckFuture) tells it, and this does not.
    EmitFailed(EmitError),
    /// The socket is not in its namespace any more, or the connection ended before the server had let it in.
    Disconnected(Disconnect),
    /// An event for which there is no handler.
    Event(Event),
    /// The server does not let the client join.
    Refused(Refusal),
}

/// The stream of what happens to a socket. It ends when the client is closed.
///
/// Dropping it leaves the socket as it is; events without a handler are dropped then.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// let (_socket, mut events) = client.namespace("/").stream()?;
/// while let Some(event) = events.next_event().await {
///     println!("{}", event.name);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::UnboundedReceiver<Notice>,
    waiting: Arc<AtomicUsize>,
}

impl Events {
    /// What comes next; `None` once the client is closed. Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Notice> {
        std::future::poll_fn(|cx| self.poll_next_notice(cx)).await
    }

    /// The next event; other notices are passed over.
    pub async fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Notice::Event(event) = self.next().await? {
                return Some(event);
            }
        }
    }

    fn poll_next_notice(&mut self, cx: &mut Context<'_>) -> Poll<Option<Notice>> {
        let next = self.receiver.poll_recv(cx);
        if let Poll::Ready(Some(_)) = next {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        next
    }
}

impl Stream for Events {
    type Item = Notice;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Notice>> {
        self.poll_next_notice(cx)
    }
}

/// The other end of [`Events`].
pub(crate) struct Feed {
    /// `None` once closed, which lets the stream end.
    sender: Mutex<Option<mpsc::UnboundedSender<Notice>>>,
    waiting: Arc<AtomicUsize>,
    max: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fed {
    Taken,
    Overflow,
}

impl Feed {
    pub(crate) fn new(max: usize) -> (Self, Events) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::<AtomicUsize>::default();
        let feed = Self { sender: Mutex::new(Some(sender)), waiting: Arc::clone(&waiting), max };
        (feed, Events { receiver, waiting })
    }

    /// Only events overflow: what happens to the connection is always told.
    pub(crate) fn push(&self, notice: Notice) -> Fed {
        if matches!(notice, Notice::Event(_)) && self.waiting.load(Ordering::Relaxed) >= self.max {
            return Fed::Overflow;
        }
        if let Some(sender) = &*self.sender.lock() {
            // Counted before it is sent, as the reader may take it at once.
            self.waiting.fetch_add(1, Ordering::Relaxed);
            if sender.send(notice).is_err() {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
            }
        }
        Fed::Taken
    }

    pub(crate) fn close(&self) {
        self.sender.lock().take();
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("waiting", &self.waiting).finish_non_exhaustive()
    }
}
