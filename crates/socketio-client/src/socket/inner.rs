use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytestring::ByteString;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use super::{
    Notice, Running, Socket, State,
    event::{Event, Fed, Feed},
    handlers::Handlers,
    listeners::OnAny,
    retry::Queue,
};
use crate::command::Shared;

/// What is behind the handles to a socket.
pub(crate) struct Inner {
    pub(crate) namespace: ByteString,
    pub(crate) shared: Arc<Shared>,
    pub(crate) state: watch::Sender<State>,
    pub(crate) handlers: Mutex<Handlers>,
    auth: Auth,
    feed: Option<Feed>,
    ack_ids: AtomicU64,
    /// With [`Config::retries`](crate::Config::retries).
    pub(super) retries: Option<Mutex<Queue>>,
}

/// Gives the credentials for each CONNECT.
pub(crate) type Auth = Box<dyn Fn() -> Option<Value> + Send + Sync>;

/// What became of a notice.
#[must_use]
pub(crate) enum Delivered {
    /// It was taken, or nobody wants it.
    Done,
    /// More waits in the stream than the application allows.
    Overflow,
    /// A handler is to be run.
    Run(Running),
}

impl Inner {
    pub(crate) fn new(
        namespace: ByteString,
        shared: Arc<Shared>,
        auth: Auth,
        handlers: Handlers,
        feed: Option<Feed>,
    ) -> Arc<Self> {
        Arc::new(Self {
            namespace,
            retries: shared.config.retries.map(|retries| Mutex::new(Queue::new(retries))),
            shared,
            state: watch::Sender::new(State::Connecting),
            handlers: Mutex::new(handlers),
            auth,
            feed,
            ack_ids: AtomicU64::new(0),
        })
    }

    /// Ids are never used again, so that an answer from an earlier connection cannot be taken for another.
    pub(crate) fn next_ack_id(&self) -> u64 {
        self.ack_ids.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn credentials(&self) -> Option<Value> {
        (self.auth)()
    }

    /// Hands a notice to whom it concerns: an event to the handler of its name, else to the fallback handler, and
    /// where there is neither, to the stream; everything else to handlers and stream.
    pub(crate) fn deliver(self: &Arc<Self>, notice: Notice) -> Delivered {
        let running = match &notice {
            Notice::Connected { recovered } => {
                let handler = self.handlers.lock().connected();
                handler.map(|handler| handler((Socket(Arc::clone(self)), *recovered)))
            }
            Notice::Disconnected(reason) => {
                let handler = self.handlers.lock().disconnected();
                handler.map(|handler| handler((Socket(Arc::clone(self)), reason.clone())))
            }
            Notice::Event(event) => {
                let (watchers, handler) = {
                    let handlers = self.handlers.lock();
                    (handlers.any.functions(), handlers.find(&event.name))
                };
                watchers.iter().for_each(|watch| self.show(watch, event));
                if let Some(handler) = handler {
                    let Notice::Event(event) = notice else { return Delivered::Done };
                    return Delivered::Run(handler(event));
                }
                None
            }
            Notice::ConnectFailed(_) | Notice::EmitFailed(_) | Notice::Refused(_) => None,
        };
        if let Some(feed) = &self.feed
            && feed.push(notice) == Fed::Overflow
        {
            return Delivered::Overflow;
        }
        running.map_or(Delivered::Done, Delivered::Run)
    }

    fn show(&self, watch: &Arc<OnAny>, event: &Event) {
        if catch_unwind(AssertUnwindSafe(|| watch(event))).is_err() {
            self.shared.panics.fetch_add(1, Ordering::Relaxed);
            tracing::error!(namespace = &*self.namespace, "a function panicked that sees all events");
        }
    }

    /// What the connection's task has to do for this socket beside all else, once.
    pub(crate) fn work(self: &Arc<Self>) -> Option<Running> {
        self.retries.as_ref().and_then(|queue| queue.lock().start(Arc::clone(self)))
    }

    /// The connection's task ends: lets go of everything that may hold this socket.
    pub(crate) fn close(&self) {
        self.state.send_replace(State::Closed);
        self.handlers.lock().close();
        if let Some(feed) = &self.feed {
            feed.close();
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
