use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Display,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

use futures_util::FutureExt as _;

use super::{
    Event, Socket,
    listeners::{ListenerId, Listeners, OnAny, OnAnyOutgoing},
};
use crate::Disconnect;

/// A handler that was called and runs in the connection's task.
pub(crate) type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

type Handler<T> = Arc<dyn Fn(T) -> Running + Send + Sync>;

/// What a handler may give: nothing, or a result whose error is logged.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use socketio_client::Event;
///
/// client
///     .namespace("/")
///     .on("plain", async |_: Event| {})
///     .on("fallible", async |event: Event| event.data::<u32>().map(|number| println!("{number}")))
///     .connect()?;
/// # Ok(()) }
/// ```
pub trait Outcome {
    /// The text of the error, if any.
    fn error(self) -> Option<String>;
}

impl Outcome for () {
    fn error(self) -> Option<String> {
        None
    }
}

impl<T: Outcome, E: Display> Outcome for Result<T, E> {
    fn error(self) -> Option<String> {
        self.map_or_else(|error| Some(error.to_string()), T::error)
    }
}

/// At which end a function is added.
type Add<F> = fn(&mut Listeners<F>, Arc<F>) -> ListenerId;

/// The handlers of one socket.
#[derive(Default)]
pub(crate) struct Handlers {
    named: HashMap<Cow<'static, str>, Handler<Event>>,
    fallback: Option<Handler<Event>>,
    on_connect: Option<Handler<(Socket, bool)>>,
    on_disconnect: Option<Handler<(Socket, Disconnect)>>,
    pub(super) any: Listeners<OnAny>,
    pub(super) outgoing: Listeners<OnAnyOutgoing>,
    closed: bool,
}

impl Handlers {
    pub(crate) fn insert<F, Fut>(&mut self, event: Cow<'static, str>, handler: F)
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        if !self.closed {
            self.named.insert(event, event_handler(handler));
        }
    }

    pub(crate) fn remove(&mut self, event: &str) {
        self.named.remove(event);
    }

    pub(crate) fn set_fallback<F, Fut>(&mut self, handler: F)
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.fallback = Some(event_handler(handler));
    }

    pub(crate) fn set_on_connect<F, Fut>(&mut self, handler: F)
    where
        F: Fn(Socket, bool) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.on_connect = Some(Arc::new(move |(socket, recovered): (Socket, bool)| {
            let future = handler(socket.clone(), recovered);
            run(socket, "connect".to_owned(), future)
        }));
    }

    pub(crate) fn set_on_disconnect<F, Fut>(&mut self, handler: F)
    where
        F: Fn(Socket, Disconnect) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.on_disconnect = Some(Arc::new(move |(socket, reason): (Socket, Disconnect)| {
            let future = handler(socket.clone(), reason);
            run(socket, "disconnect".to_owned(), future)
        }));
    }

    /// Adds a function; what a socket would be told that is closed never comes.
    pub(super) fn watch(&mut self, watch: Arc<OnAny>, add: Add<OnAny>) -> ListenerId {
        if self.closed { ListenerId::new() } else { add(&mut self.any, watch) }
    }

    pub(super) fn watch_outgoing(
        &mut self,
        watch: Arc<OnAnyOutgoing>,
        add: Add<OnAnyOutgoing>,
    ) -> ListenerId {
        if self.closed { ListenerId::new() } else { add(&mut self.outgoing, watch) }
    }

    pub(crate) fn find(&self, event: &str) -> Option<Handler<Event>> {
        self.named.get(event).or(self.fallback.as_ref()).cloned()
    }

    /// To be called without the lock, as a handler may emit or add others.
    pub(crate) fn connected(&self) -> Option<Handler<(Socket, bool)>> {
        self.on_connect.clone()
    }

    /// As [`connected`](Self::connected).
    pub(crate) fn disconnected(&self) -> Option<Handler<(Socket, Disconnect)>> {
        self.on_disconnect.clone()
    }

    /// Forgets all, as a handler may hold the socket that holds it.
    pub(crate) fn close(&mut self) {
        *self = Self { closed: true, ..Self::default() };
    }
}

fn event_handler<F, Fut>(handler: F) -> Handler<Event>
where
    F: Fn(Event) -> Fut + Send + Sync + 'static,
    Fut: Future<Output: Outcome> + Send + 'static,
{
    Arc::new(move |event: Event| {
        let (socket, name) = (event.socket().clone(), event.name.to_string());
        run(socket, name, handler(event))
    })
}

/// Catches a panic, which ends the handler and nothing else, and logs what went wrong.
fn run<Fut>(socket: Socket, name: String, handler: Fut) -> Running
where
    Fut: Future<Output: Outcome> + Send + 'static,
{
    let handler = std::panic::AssertUnwindSafe(handler).catch_unwind();
    Box::pin(async move {
        let namespace = socket.namespace();
        match handler.await.map(Outcome::error) {
            Ok(None) => {}
            Ok(Some(error)) => tracing::warn!(namespace, handler = name, error, "a handler failed"),
            Err(_) => {
                socket.0.shared.panics.fetch_add(1, Ordering::Relaxed);
                tracing::error!(namespace, handler = name, "a handler panicked");
            }
        }
    })
}
