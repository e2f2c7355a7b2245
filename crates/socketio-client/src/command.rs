use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Instant,
};

use engineio_proto::session::adaptive::ladder::Hint;
use socketio_proto::Args;
use tokio::sync::{mpsc, oneshot};

use crate::{
    Config,
    budget::{Budget, Reservation},
    socket::Inner,
    wire::Frames,
};

/// What handles ask of the connection's task.
#[derive(Debug)]
pub(crate) enum Command {
    /// Ends everything.
    Close,
    /// Whether the application expects events.
    Expect(bool),
    /// What the system says about the network.
    Hint(Hint),
    /// Sends a packet.
    Emit(Arc<Inner>, Outgoing),
    /// Wants the socket in its namespace.
    Join(Arc<Inner>),
    /// Does not want the socket in its namespace any more.
    Leave(Arc<Inner>),
}

/// A packet that waits.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) frames: Frames,
    pub(crate) kind: Kind,
    pub(crate) reservation: Option<Reservation>,
}

/// What may happen to a packet that cannot leave at once.
#[derive(Debug)]
pub(crate) enum Kind {
    /// An answer: it makes sense on the connection of its event only.
    Answer,
    /// It waits until then.
    Buffered {
        expires: Instant,
        /// Where its acknowledgement goes. Nobody waits for one that is closed.
        answer: Option<Pending>,
    },
    /// It is dropped.
    Volatile { answer: Option<Pending> },
}

/// An acknowledgement that is waited for.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) id: u64,
    pub(crate) sender: oneshot::Sender<Answer>,
}

/// What became of an event that wants an acknowledgement. A sender that is dropped stands for a lost connection.
#[derive(Debug)]
pub(crate) enum Answer {
    Args(Args),
    Dropped,
    /// It was taken before the server's limit was known.
    TooLarge {
        len: usize,
        max: usize,
    },
    /// It was sent as often as it may be.
    GivenUp,
}

/// What the handles of one client share with its task.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) budget: Budget,
    commands: mpsc::UnboundedSender<Command>,
    /// Largest message that the server takes; the largest number while it is unknown.
    pub(crate) max_payload: AtomicUsize,
    pub(crate) panics: AtomicU64,
}

impl Shared {
    pub(crate) fn new(config: Config) -> (Arc<Self>, mpsc::UnboundedReceiver<Command>) {
        let (commands, receiver) = mpsc::unbounded_channel();
        let shared = Self {
            budget: Budget::new(config.max_queued_bytes),
            config,
            commands,
            max_payload: AtomicUsize::new(usize::MAX),
            panics: AtomicU64::new(0),
        };
        (Arc::new(shared), receiver)
    }

    /// Whether the task is there to take the command.
    pub(crate) fn send(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }

    pub(crate) fn max_payload(&self) -> usize {
        self.max_payload.load(Ordering::Relaxed)
    }
}
