use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use smallvec::SmallVec;

use crate::{
    Event, EventContext, Outcome, SocketRef,
    handler::{EventHandler, Middleware},
};

/// Handlers of events.
#[derive(Default)]
pub(crate) struct Handlers {
    /// A list, as there are few and a comparison of lengths rules out most.
    named: Vec<(Cow<'static, str>, EventHandler<EventContext>)>,
    pub(crate) fallback: Option<EventHandler<EventContext>>,
    /// Those that see every event.
    pub(crate) any: Listeners<EventHandler<EventContext>>,
    /// Those that let an event pass or drop it.
    pub(crate) checks: Vec<Middleware<EventContext>>,
    /// Sees every event that is sent.
    pub(crate) outgoing: Listeners<Outgoing>,
}

pub(crate) type Outgoing = Arc<dyn Fn(&SocketRef, &Event) + Send + Sync>;

/// Names one of several functions that see every event, so that it can be removed; see
/// [`SocketRef::on_any`] and [`SocketRef::off_any`].
///
/// ```
/// # use socketio::{Config, Event, SocketIo, SocketRef};
/// # let io = SocketIo::new(Config::default());
/// io.ns("/", async |socket: SocketRef| {
///     let tracing = socket.on_any(async |event: Event| println!("{}", event.name));
///     socket.on("quiet", async move |socket: SocketRef| socket.off_any(tracing));
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerId(u64);

impl ListenerId {
    /// No two are the same, so that one of another socket removes nothing.
    pub(crate) fn new() -> Self {
        static ISSUED: AtomicU64 = AtomicU64::new(0);
        Self(ISSUED.fetch_add(1, Ordering::Relaxed))
    }
}

/// A handler may end with adding a function.
impl Outcome for ListenerId {
    fn error(self) -> Option<String> {
        None
    }
}

/// Functions in the order in which they are called.
pub(crate) struct Listeners<T> {
    list: Vec<(ListenerId, T)>,
}

impl<T> Listeners<T> {
    /// Adds the function that is called last.
    pub(crate) fn push(&mut self, function: T) -> ListenerId {
        let id = ListenerId::new();
        self.list.push((id, function));
        id
    }

    /// Adds the function that is called first.
    pub(crate) fn push_front(&mut self, function: T) -> ListenerId {
        let id = ListenerId::new();
        self.list.insert(0, (id, function));
        id
    }

    /// Removes one function, or all.
    pub(crate) fn remove(&mut self, id: Option<ListenerId>) {
        self.list.retain(|(known, _)| id.is_some_and(|id| *known != id));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = &T> {
        self.list.iter().map(|(_, function)| function)
    }
}

impl<T> Default for Listeners<T> {
    fn default() -> Self {
        Self { list: Vec::new() }
    }
}

/// What happens with one event.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) any: SmallVec<[EventHandler<EventContext>; 1]>,
    pub(crate) checks: SmallVec<[Middleware<EventContext>; 1]>,
    pub(crate) handler: Option<EventHandler<EventContext>>,
}

impl Handlers {
    pub(crate) fn insert(&mut self, event: Cow<'static, str>, handler: EventHandler<EventContext>) {
        match self.named.iter_mut().find(|(name, _)| *name == event) {
            Some((_, existing)) => *existing = handler,
            None => self.named.push((event, handler)),
        }
    }

    pub(crate) fn remove(&mut self, event: &str) {
        self.named.retain(|(name, _)| name != event);
    }

    /// Adds what these handlers do with an event; of several that handle it, the one of the last call counts.
    pub(crate) fn plan(&self, event: &str, plan: &mut Plan) {
        // Most have none, and adding nothing costs too.
        if !self.any.is_empty() {
            plan.any.extend(self.any.functions().cloned());
        }
        if !self.checks.is_empty() {
            plan.checks.extend(self.checks.iter().cloned());
        }
        if let Some(handler) = self.find(event) {
            plan.handler = Some(handler);
        }
    }

    fn find(&self, event: &str) -> Option<EventHandler<EventContext>> {
        let named = self.named.iter().find(|(name, _)| name == event).map(|(_, handler)| handler);
        named.or(self.fallback.as_ref()).cloned()
    }
}
