use std::{borrow::Cow, fmt, sync::Arc};

use serde_json::Value;
use socketio_proto::Args;

use super::{
    Event, Events, Inner, Outcome, Socket, event::Feed, handlers::Handlers, inner::Auth, listeners::Listeners,
};
use crate::{Client, Disconnect, NamespaceError};

/// Describes a socket before it joins its namespace; made by [`Client::namespace`].
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// # use socketio_client::{Client, Config};
/// # let client = Client::new("https://example.org", Config::default())?;
/// use serde_json::json;
/// use socketio_client::{Event, Socket};
///
/// client
///     .namespace("/chat")
///     .auth(json!({ "token": "secret" }))
///     .on("said", async |event: Event| event.data::<String>().map(|text| println!("{text}")))
///     .on_connect(async |socket: Socket, recovered: bool| {
///         if recovered { Ok(()) } else { socket.emit("join", &"lobby") }
///     })
///     .connect()?;
/// # Ok(()) }
/// ```
#[must_use = "nothing happens before `connect` or `stream`"]
pub struct NamespaceBuilder<'c> {
    client: &'c Client,
    namespace: String,
    auth: Auth,
    handlers: Handlers,
}

impl<'c> NamespaceBuilder<'c> {
    pub(crate) fn new(client: &'c Client, namespace: String) -> Self {
        Self { client, namespace, auth: Box::new(|| None), handlers: Handlers::default() }
    }

    /// The credentials: a JSON object that the server's middleware sees.
    pub fn auth(self, auth: Value) -> Self {
        self.auth_with(move || auth.clone())
    }

    /// As [`auth`](Self::auth), asked for each time that the socket joins, for credentials that expire. It must not
    /// block, as it runs in the connection's task.
    pub fn auth_with(self, auth: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self { auth: Box::new(move || Some(auth())), ..self }
    }

    /// Handles an event.
    ///
    /// Handlers run in the connection's task: they start in the order of the events, run beside each other when they
    /// wait, and must not block. A panic ends the handler and nothing else.
    pub fn on<F, Fut>(mut self, event: impl Into<Cow<'static, str>>, handler: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.handlers.insert(event.into(), handler);
        self
    }

    /// Handles the events that no other handler is for.
    pub fn on_fallback<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.handlers.set_fallback(handler);
        self
    }

    /// Sees every event before its handler does; see [`Socket::on_any`].
    pub fn on_any(mut self, watch: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.handlers.watch(Arc::new(watch), Listeners::push);
        self
    }

    /// Sees every event that is emitted; see [`Socket::on_any_outgoing`].
    pub fn on_any_outgoing(mut self, watch: impl Fn(&str, &Args) + Send + Sync + 'static) -> Self {
        self.handlers.watch_outgoing(Arc::new(watch), Listeners::push);
        self
    }

    /// Called each time that the socket has joined, with whether it was [recovered](Socket::recovered).
    pub fn on_connect<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, bool) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.handlers.set_on_connect(handler);
        self
    }

    /// Called each time that the socket has left, with the reason.
    pub fn on_disconnect<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(Socket, Disconnect) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Outcome> + Send + 'static,
    {
        self.handlers.set_on_disconnect(handler);
        self
    }

    /// Begins to join the namespace, and opens the connection if there is none yet.
    ///
    /// # Errors
    /// See [`NamespaceError`]. That the server refuses is seen later, with [`Socket::connected`].
    pub fn connect(self) -> Result<Socket, NamespaceError> {
        self.start(None)
    }

    /// As [`connect`](Self::connect), with a stream of all that happens, except the events that have a handler.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn stream(self) -> Result<(Socket, Events), NamespaceError> {
        let (feed, events) = Feed::new(self.client.shared().config.max_pending_events);
        Ok((self.start(Some(feed))?, events))
    }

    fn start(self, feed: Option<Feed>) -> Result<Socket, NamespaceError> {
        let Self { client, namespace, auth, handlers } = self;
        if !namespace.starts_with('/') || namespace.contains(',') {
            return Err(NamespaceError::Invalid(namespace));
        }
        let inner = Inner::new(namespace.clone().into(), Arc::clone(client.shared()), auth, handlers, feed);
        let socket = Socket(inner);
        if !client.register(&socket) {
            return Err(NamespaceError::AlreadyOpen(namespace));
        }
        socket.connect()?;
        Ok(socket)
    }
}

impl fmt::Debug for NamespaceBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamespaceBuilder").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}
