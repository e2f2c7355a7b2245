//! Several servers that act as one: the seam at which adapters are put in.

mod gather;
pub(crate) use gather::{Collected, Incomings, collect};
pub use gather::{Gathered, Gathering, Responses};

mod local;
pub use local::Local;
pub(crate) use local::sockets;

mod message;
pub use message::{Message, RemoteSocket, Request, Response, Selection};

mod server_side;
pub use server_side::{ServerAck, ServerSideContext};

use std::{sync::Arc, time::Duration};

use crate::{clock, namespace::Space};

/// Connects a namespace with the same namespace of other servers.
///
/// A server does everything for its own sockets by itself. It tells the adapter what other servers have to do, and the
/// adapter hands what it hears from them to the [`Local`] that it was made with. Without an adapter there is nothing to
/// tell, and nothing is paid for.
///
/// The methods are called in the middle of broadcasts and of joining rooms. They must not block and not call the server
/// back; it is best if they only pass on what they get to a task.
///
/// The messages can be written in the formats of the adapters for Node.js: a [`Message`] holds what theirs hold, and
/// [`socketio_proto::msgpack`] writes values as they do.
///
/// An adapter is dropped with its namespace.
///
/// ```
/// use std::{sync::mpsc, time::Duration};
///
/// use socketio::{Adapter, Local, Message, Request, Responses, SocketIo};
///
/// /// Tells a task what to send to the other servers, whatever connects them.
/// struct Queue(mpsc::Sender<(String, Message)>, Local);
///
/// impl Adapter for Queue {
///     fn publish(&self, message: Message) {
///         let _ = self.0.send((self.1.path().to_owned(), message));
///     }
///
///     fn request(&self, _: Request, _: Duration, responses: Responses) {
///         responses.expect(0); // There is nobody to ask.
///     }
/// }
///
/// let (sender, receiver) = mpsc::channel();
/// let io = SocketIo::builder().adapter(move |local| Queue(sender.clone(), local)).build();
/// io.to("room").emit("event", &1);
/// let (path, message) = receiver.recv()?;
/// assert_eq!(path, "/");
/// assert!(matches!(message, Message::Broadcast { selection, .. } if selection.rooms == ["room"]));
/// # Ok::<(), mpsc::RecvError>(())
/// ```
pub trait Adapter: Send + Sync + 'static {
    /// The other servers shall do this too; each calls [`Local::handle`].
    fn publish(&self, message: Message);

    /// Asks the other servers; each calls [`Local::answer`] and sends back what that gives.
    ///
    /// After `timeout` nobody waits any more, which [`Responses::closed`] tells.
    fn request(&self, request: Request, timeout: Duration, responses: Responses);

    /// The first socket of this server has joined a room, for adapters that listen for each room separately.
    fn room_opened(&self, room: &str) {
        let _ = room;
    }

    /// The last socket of this server has left a room.
    fn room_closed(&self, room: &str) {
        let _ = room;
    }
}

/// Asks other servers.
pub(crate) fn request(adapter: &Arc<dyn Adapter>, request: Request, timeout: Duration) -> Incomings {
    let (responses, incoming) = Responses::channel();
    adapter.request(request, timeout, responses);
    incoming
}

impl Space {
    /// What this server has, and what others answer.
    pub(crate) fn gather<T: Send + 'static>(
        &self,
        request: Option<Request>,
        mut own: Vec<T>,
        read: impl Fn(Response) -> Option<Vec<T>> + Send + 'static,
    ) -> Gathering<Gathered<T>> {
        let timeout = self.shared.config.cluster_timeout;
        let deadline = clock::after(timeout);
        let incoming = request.zip(self.adapter.as_ref());
        let incoming = incoming.map(|(request, adapter)| self::request(adapter, request, timeout));
        Gathering::new(async move {
            let mut missing = 0;
            if let Some(incoming) = incoming {
                let collected = collect(incoming, deadline).await;
                missing = collected.missing_servers;
                for response in collected.responses {
                    match read(response) {
                        Some(values) => own.extend(values),
                        None => missing += 1,
                    }
                }
            }
            Gathered { values: own, missing_servers: missing }
        })
    }
}

/// Makes the adapter of a namespace.
pub(crate) type Connect = Box<dyn Fn(Local) -> Arc<dyn Adapter> + Send + Sync>;
