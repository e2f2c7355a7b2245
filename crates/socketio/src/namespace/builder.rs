use std::{borrow::Cow, fmt, sync::Arc};

use bytestring::ByteString;

use super::{Namespace, Setup};
use crate::{
    ConnectContext, DynamicNamespace, EventContext, Handler, Outcome, ServerSideContext, Verdict,
    handler::{erase, erase_middleware},
    spaces::{Accepts, Spaces},
};

/// Describes a namespace; it takes effect with [`NamespaceBuilder::on_connect`] or [`NamespaceBuilder::open`].
///
/// ```
/// use serde::Deserialize;
/// use socketio::{Ack, Auth, Config, Data, Refusal, SocketIo, SocketRef};
///
/// #[derive(Deserialize)]
/// struct Credentials {
///     token: String,
/// }
///
/// let io = SocketIo::new(Config::default());
/// io.namespace("/admin")
///     .middleware(async |Auth(credentials): Auth<Credentials>| {
///         if credentials.token == "open sesame" { Ok(()) } else { Err(Refusal::new("not authorised")) }
///     })
///     .on("echo", async |Data(text): Data<String>, ack: Ack| ack.send(&text))
///     .on_connect(async |socket: SocketRef| socket.emit("welcome", &socket.id()));
/// ```
#[must_use = "the namespace exists after `on_connect` or `open`"]
pub struct NamespaceBuilder<P = Fixed> {
    spaces: Arc<Spaces>,
    place: P,
    setup: Setup,
}

impl NamespaceBuilder {
    pub(crate) fn fixed(spaces: Arc<Spaces>, path: ByteString) -> Self {
        Self { spaces, place: Fixed(path), setup: Setup::default() }
    }
}

impl NamespaceBuilder<Dynamic> {
    pub(crate) fn dynamic(spaces: Arc<Spaces>, accepts: Accepts) -> Self {
        Self { spaces, place: Dynamic(accepts), setup: Setup::default() }
    }
}

impl<P> NamespaceBuilder<P> {
    /// Adds a function that lets a client join or refuses it. They run in order, before the connect handler.
    pub fn middleware<H, T: 'static>(mut self, middleware: H) -> Self
    where
        H: Handler<ConnectContext, T>,
        H::Output: Verdict,
    {
        self.setup.middleware.push(erase_middleware(middleware));
        self
    }

    /// Handles an event of every socket, at no cost per socket; [`SocketRef::on`](crate::SocketRef::on) takes precedence.
    pub fn on<H, T: 'static>(mut self, event: impl Into<Cow<'static, str>>, handler: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.setup.handlers.insert(event.into(), erase(handler));
        self
    }

    /// Adds a function that lets an event of any socket pass or drops it; see [`SocketRef::event_middleware`](crate::SocketRef::event_middleware).
    pub fn event_middleware<H, T: 'static>(mut self, middleware: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Verdict,
    {
        self.setup.handlers.checks.push(erase_middleware(middleware));
        self
    }

    /// Sees every event of any socket; see [`SocketRef::on_any`](crate::SocketRef::on_any).
    pub fn on_any<H, T: 'static>(mut self, handler: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.setup.handlers.any.push(erase(handler));
        self
    }

    /// Handles an event that another server emits to the applications of its cluster, with
    /// [`Namespace::server_side_emit`]; it takes [`Data`](crate::Data), [`Event`](crate::Event),
    /// [`State`](crate::State), [`Namespace`] and [`ServerAck`](crate::ServerAck).
    pub fn on_server_side<H, T: 'static>(mut self, event: impl Into<Cow<'static, str>>, handler: H) -> Self
    where
        H: Handler<ServerSideContext, T>,
        H::Output: Outcome,
    {
        self.setup.server_side.push((event.into(), erase(handler)));
        self
    }

    /// Handles the events that no other handler is for.
    pub fn on_fallback<H, T: 'static>(mut self, handler: H) -> Self
    where
        H: Handler<EventContext, T>,
        H::Output: Outcome,
    {
        self.setup.handlers.fallback = Some(erase(handler));
        self
    }

    fn with_connect<H, T: 'static>(mut self, handler: H) -> Self
    where
        H: Handler<ConnectContext, T>,
        H::Output: Outcome,
    {
        self.setup.on_connect = Some(erase(handler));
        self
    }
}

impl NamespaceBuilder<Fixed> {
    /// Opens the namespace, with a handler for each socket that joins.
    ///
    /// An existing namespace of this path gets the new description; its sockets stay.
    pub fn on_connect<H, T: 'static>(self, handler: H) -> Namespace
    where
        H: Handler<ConnectContext, T>,
        H::Output: Outcome,
    {
        self.with_connect(handler).open()
    }

    /// Opens the namespace without such a handler.
    pub fn open(self) -> Namespace {
        Namespace(self.spaces.open(self.place.0, self.setup))
    }
}

impl NamespaceBuilder<Dynamic> {
    /// Offers the namespaces, with a handler for each socket that joins one.
    pub fn on_connect<H, T: 'static>(self, handler: H) -> DynamicNamespace
    where
        H: Handler<ConnectContext, T>,
        H::Output: Outcome,
    {
        self.with_connect(handler).open()
    }

    /// Offers the namespaces without such a handler.
    pub fn open(self) -> DynamicNamespace {
        let family = self.spaces.offer(self.place.0, self.setup);
        DynamicNamespace { family, spaces: self.spaces }
    }
}

impl<P> fmt::Debug for NamespaceBuilder<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamespaceBuilder").finish_non_exhaustive()
    }
}

/// A [`NamespaceBuilder`] describes one namespace.
///
/// ```
/// use socketio::{Ack, Config, Fixed, NamespaceBuilder, SocketIo};
///
/// /// What several namespaces have in common.
/// fn with_clock(builder: NamespaceBuilder<Fixed>) -> NamespaceBuilder<Fixed> {
///     builder.on("ready?", async |ack: Ack| ack.send(&true))
/// }
///
/// let io = SocketIo::new(Config::default());
/// ["/", "/admin"].map(|path| with_clock(io.namespace(path)).open());
/// ```
#[derive(Debug)]
pub struct Fixed(ByteString);

/// A [`NamespaceBuilder`] describes all namespaces whose path a function accepts.
///
/// ```
/// use socketio::{Config, Dynamic, NamespaceBuilder, SocketIo};
///
/// let io = SocketIo::new(Config::default());
/// let rooms: NamespaceBuilder<Dynamic> = io.dynamic(|path| path.starts_with("/room-"));
/// rooms.open();
/// ```
pub struct Dynamic(Accepts);

impl fmt::Debug for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dynamic").finish_non_exhaustive()
    }
}
