use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use engineio::{CloseReason, Message};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Response, request::Parts};
use tokio::runtime::Handle;

use crate::{Handshake, connection::Connection, server::Server};

/// Decides whether a request may open a connection.
pub(crate) type Gate = Box<dyn Fn(&Parts) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Hands the sessions of Engine.IO to the server; part of the type of [`SocketIo::service`](crate::SocketIo::service).
///
/// ```
/// use socketio::{Config, Gateway, SocketIo, engineio::EngineIo};
///
/// let service: EngineIo<Gateway> = SocketIo::new(Config::default()).service();
/// ```
pub struct Gateway(Arc<Server>);

impl Gateway {
    pub(crate) fn new(server: Arc<Server>) -> Self {
        Self(server)
    }
}

impl engineio::Handler for Gateway {
    type Connection = Session;

    fn allow(&self, request: &Parts) -> impl Future<Output = Result<(), engineio::Refusal>> + Send {
        let is_closing = self.0.shared.counters.is_closing.load(Ordering::Acquire);
        let gate = self.0.shared.gate.as_ref().filter(|_| !is_closing);
        let judging = gate.map(|gate| gate(request));
        async move {
            if is_closing {
                return Err(engineio::Refusal { message: "the server is shutting down".to_owned() });
            }
            match judging {
                Some(judging) => judging.await.map_err(|message| engineio::Refusal { message }),
                None => Ok(()),
            }
        }
    }

    fn file(&self, name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
        self.0.shared.config.serve_client.then(|| crate::bundle::answer(name, method, headers)).flatten()
    }

    fn open(&self, socket: engineio::Socket, request: Parts) -> Session {
        let shared = &self.0.shared;
        shared.runtime.get_or_init(Handle::current);
        let handshake = Handshake::new(&request, &shared.keepers);
        let connection = Arc::new(Connection::new(socket, handshake, Arc::clone(&self.0)));
        self.0.deadlines.push(&connection, shared.config.connect_timeout);
        if connection.legacy {
            connection.connect("/", None);
        }
        Session(connection)
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}

/// The end of an Engine.IO session that the transport holds.
pub struct Session(Arc<Connection>);

impl engineio::Connection for Session {
    fn message(&self, message: Message) {
        self.0.message(message);
    }

    fn close(&self, reason: CloseReason) {
        self.0.closed(reason);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}
