use std::sync::{Arc, Weak};

use bytestring::ByteString;
use tokio::time::Instant;

use super::{Message, RemoteSocket, Request, Response, message::flags, server_side};
use crate::{SocketRef, answers::Asked, clock, namespace::Space, rooms::Target};

/// A namespace of this server, without those of others: where an [`Adapter`](super::Adapter) delivers what it hears.
///
/// It does not keep the namespace alive; once that is gone, nothing happens.
///
/// ```
/// use socketio::{Event, Local, Message, Selection};
///
/// /// Another server has sent this.
/// fn heard(local: &Local) -> Result<(), socketio::EncodeError> {
///     let selection = Selection { rooms: vec!["room".to_owned()], ..Selection::default() };
///     let event = Event::new("news", &1)?;
///     local.handle(Message::Broadcast { event, selection, volatile: false, compress: true });
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Local {
    path: ByteString,
    space: Weak<Space>,
}

impl Local {
    pub(crate) fn new(path: ByteString, space: Weak<Space>) -> Self {
        Self { path, space }
    }

    /// The path of the namespace.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Does what another server wants to be done everywhere. Must be called within a tokio runtime.
    pub fn handle(&self, message: Message) {
        let Some(space) = self.space.upgrade() else { return };
        match message {
            Message::Broadcast { event, selection, volatile, compress } => {
                space.emit(&selection.target(), flags(volatile, compress), &event.name, &event.args);
            }
            Message::Join { selection, rooms } => space.join(&selection.target(), &rooms),
            Message::Leave { selection, rooms } => space.leave(&selection.target(), &rooms),
            Message::Disconnect { selection, close } => space.disconnect(&selection.target(), close),
            Message::ServerSideEmit { event } => server_side::run(&space, event, None),
        }
    }

    /// Answers another server, through `reply`. Must be called within a tokio runtime.
    pub fn answer(&self, request: Request, reply: impl Fn(Response) + Send + Sync + 'static) {
        let Some(space) = self.space.upgrade() else { return };
        match request {
            Request::BroadcastWithAck { event, selection, volatile, compress, timeout } => {
                let deadline = clock::after(timeout);
                let flags = flags(volatile, compress);
                let asked = space.ask(&selection.target(), flags, &event.name, &event.args);
                match asked {
                    Ok(asked) => drop(tokio::spawn(forward(asked, deadline, reply))),
                    Err(error) => {
                        tracing::error!(namespace = &*self.path, %error, "an event cannot be written");
                        reply(Response::ClientCount(0));
                    }
                }
            }
            Request::FetchSockets { selection } => {
                reply(Response::Sockets(sockets(&space, &selection.target())));
            }
            Request::Rooms => {
                reply(Response::Rooms(space.rooms.names().iter().map(|name| name.to_string()).collect()));
            }
            Request::ServerSideEmit { event } => {
                server_side::run(
                    &space,
                    event,
                    Some(Box::new(move |args| reply(Response::ServerSideEmit(args)))),
                );
            }
        }
    }
}

pub(crate) fn sockets(space: &Arc<Space>, target: &Target) -> Vec<RemoteSocket> {
    space.sockets(target).iter().map(|socket: &SocketRef| RemoteSocket::of(socket)).collect()
}

async fn forward(mut asked: Asked, deadline: Instant, reply: impl Fn(Response)) {
    reply(Response::ClientCount(asked.count()));
    while let Some((_, args)) = asked.next(deadline).await {
        reply(Response::Ack(args));
    }
}
