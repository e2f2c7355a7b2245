use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use socketio_proto::Args;

use super::{Event, Socket};

/// A function that [`Socket::on_any`] or [`Socket::on_any_outgoing`] added, to be removed with [`Socket::off_any`] or
/// [`Socket::off_any_outgoing`].
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// let socket = client.namespace("/").connect()?;
/// let listener = socket.on_any(|event| println!("{}", event.name));
/// socket.off_any(listener);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerId(u64);

impl ListenerId {
    /// No two are the same, so that one of another socket removes nothing.
    pub(super) fn new() -> Self {
        static ISSUED: AtomicU64 = AtomicU64::new(0);
        Self(ISSUED.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) type OnAny = dyn Fn(&Event) + Send + Sync;
pub(crate) type OnAnyOutgoing = dyn Fn(&str, &Args) + Send + Sync;

/// Functions in the order in which they are called.
pub(crate) struct Listeners<F: ?Sized>(Vec<(ListenerId, Arc<F>)>);

impl<F: ?Sized> Listeners<F> {
    pub(super) fn push(&mut self, function: Arc<F>) -> ListenerId {
        let id = ListenerId::new();
        self.0.push((id, function));
        id
    }

    pub(super) fn push_front(&mut self, function: Arc<F>) -> ListenerId {
        let id = ListenerId::new();
        self.0.insert(0, (id, function));
        id
    }

    /// Removes one function, or all.
    pub(super) fn remove(&mut self, id: Option<ListenerId>) {
        self.0.retain(|(known, _)| id.is_some_and(|id| *known != id));
    }

    /// To be called without the lock, as they may add and remove others.
    pub(super) fn functions(&self) -> Vec<Arc<F>> {
        self.0.iter().map(|(_, function)| Arc::clone(function)).collect()
    }
}

impl<F: ?Sized> Default for Listeners<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// What sees all events beside their handlers.
impl Socket {
    /// Sees every event of the server before its handler does, or before it goes to the stream. Of several functions
    /// the one that was added first is called first.
    ///
    /// It runs in the connection's task and must not block. Add it with the
    /// [`NamespaceBuilder`](crate::NamespaceBuilder::on_any) where the first events must not be missed.
    pub fn on_any(&self, watch: impl Fn(&Event) + Send + Sync + 'static) -> ListenerId {
        self.0.handlers.lock().watch(Arc::new(watch), Listeners::push)
    }

    /// As [`on_any`](Self::on_any), called before the functions that are there already.
    pub fn prepend_any(&self, watch: impl Fn(&Event) + Send + Sync + 'static) -> ListenerId {
        self.0.handlers.lock().watch(Arc::new(watch), Listeners::push_front)
    }

    /// Removes a function that [`on_any`](Self::on_any) or [`prepend_any`](Self::prepend_any) added, or with `None` all
    /// of them.
    pub fn off_any(&self, listener: impl Into<Option<ListenerId>>) {
        self.0.handlers.lock().any.remove(listener.into());
    }

    /// Sees every event that is emitted, by its name and arguments, before it is queued; acknowledgements are none. Of
    /// several functions the one that was added first is called first.
    ///
    /// It runs within the call that emits, and costs the encoding of each event a second time.
    pub fn on_any_outgoing(&self, watch: impl Fn(&str, &Args) + Send + Sync + 'static) -> ListenerId {
        self.0.handlers.lock().watch_outgoing(Arc::new(watch), Listeners::push)
    }

    /// As [`on_any_outgoing`](Self::on_any_outgoing), called before the functions that are there already.
    pub fn prepend_any_outgoing(&self, watch: impl Fn(&str, &Args) + Send + Sync + 'static) -> ListenerId {
        self.0.handlers.lock().watch_outgoing(Arc::new(watch), Listeners::push_front)
    }

    /// Removes a function that [`on_any_outgoing`](Self::on_any_outgoing) or
    /// [`prepend_any_outgoing`](Self::prepend_any_outgoing) added, or with `None` all of them.
    pub fn off_any_outgoing(&self, listener: impl Into<Option<ListenerId>>) {
        self.0.handlers.lock().outgoing.remove(listener.into());
    }
}
