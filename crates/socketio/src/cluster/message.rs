use std::time::Duration;

use engineio::Delivery;
use serde::{Deserialize, Serialize, de::DeserializeOwned, de::IntoDeserializer};
use socketio_proto::{Args, Value};

use crate::{Event, SocketRef, emit::Flags, rooms::Target};

/// Sockets of a namespace: those in any of `rooms`, or all if there are none, without those in any of `except`.
///
/// The id of a socket is a room that holds this socket alone.
///
/// ```
/// use socketio::Selection;
///
/// let selection = Selection { rooms: vec!["a".to_owned()], except: vec!["b".to_owned()] };
/// assert_eq!(serde_json::to_string(&selection)?, r#"{"rooms":["a"],"except":["b"]}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// Rooms.
    pub rooms: Vec<String>,
    /// Rooms whose members are left out.
    pub except: Vec<String>,
}

impl Selection {
    pub(crate) fn target(&self) -> Target {
        let names = |names: &[String]| names.iter().map(|name| name.as_str().into()).collect();
        Target { rooms: names(&self.rooms), except: names(&self.except), sender: None }
    }
}

impl From<&Target> for Selection {
    fn from(target: &Target) -> Self {
        let names = |names: &[Box<str>]| names.iter().map(|name| name.to_string()).collect();
        let mut selection = Self { rooms: names(&target.rooms), except: names(&target.except) };
        selection.except.extend(target.sender.map(|(_, id)| id.to_string()));
        selection
    }
}

/// What all servers do.
///
/// ```
/// use socketio::Message;
///
/// /// The numbers that adapters for Node.js give them.
/// fn number(message: &Message) -> Option<u8> {
///     Some(match message {
///         Message::Broadcast { .. } => 3,
///         Message::Join { .. } => 4,
///         Message::Leave { .. } => 5,
///         Message::Disconnect { .. } => 6,
///         Message::ServerSideEmit { .. } => 9,
///         _ => return None,
///     })
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Message {
    /// Send an event to sockets.
    Broadcast {
        /// The event.
        event: Event,
        /// Who gets it.
        selection: Selection,
        /// Drop it for those who are not ready for it.
        volatile: bool,
        /// Compress it for those who agreed to it.
        compress: bool,
    },
    /// Make sockets join rooms.
    Join {
        /// Who joins.
        selection: Selection,
        /// What they join.
        rooms: Vec<String>,
    },
    /// Make sockets leave rooms.
    Leave {
        /// Who leaves.
        selection: Selection,
        /// What they leave.
        rooms: Vec<String>,
    },
    /// Disconnect sockets from the namespace.
    Disconnect {
        /// Who is disconnected.
        selection: Selection,
        /// Close their connections too.
        close: bool,
    },
    /// Tell the application of each server.
    ServerSideEmit {
        /// What.
        event: Event,
    },
}

/// What a server asks all others.
///
/// ```
/// use socketio::{Local, Request, Responses};
///
/// /// Another server asks; what is answered goes back the way that it came.
/// fn asked(local: &Local, request: Request, back: Responses) {
///     local.answer(request, move |response| back.send(response));
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Request {
    /// Send an event to sockets that ask for an answer; each server gives a [`Response::ClientCount`] and then a
    /// [`Response::Ack`] for each socket that answers in time.
    BroadcastWithAck {
        /// The event.
        event: Event,
        /// Who gets it.
        selection: Selection,
        /// Drop it for those who are not ready for it.
        volatile: bool,
        /// Compress it for those who agreed to it.
        compress: bool,
        /// How long sockets may take.
        timeout: Duration,
    },
    /// Tell of sockets; each server gives one [`Response::Sockets`].
    FetchSockets {
        /// Of which.
        selection: Selection,
    },
    /// Name the rooms that have members; each server gives one [`Response::Rooms`].
    Rooms,
    /// Ask the application of each server; it gives a [`Response::ServerSideEmit`], or nothing if nobody handles it.
    ServerSideEmit {
        /// What.
        event: Event,
    },
}

/// What a server answers.
///
/// ```
/// use socketio::Response;
///
/// fn describe(response: &Response) -> String {
///     match response {
///         Response::ClientCount(count) => format!("{count} sockets were asked"),
///         Response::Ack(args) => format!("an answer of {} arguments", args.len()),
///         other => format!("{other:?}"),
///     }
/// }
/// # describe(&Response::ClientCount(1));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Response {
    /// How many sockets were asked.
    ClientCount(usize),
    /// What one of them answered.
    Ack(Args),
    /// Sockets of this server.
    Sockets(Vec<RemoteSocket>),
    /// Rooms of this server.
    Rooms(Vec<String>),
    /// What the application of this server answers.
    ServerSideEmit(Args),
}

/// A socket as other servers see it, in the form that servers on Node.js exchange.
///
/// To do something with it, use its id as a room: `io.to(socket.id).emit(…)`.
///
/// ```
/// # async fn example(io: socketio::SocketIo) {
/// for socket in io.to("admins").fetch_sockets().await.values {
///     println!("{} in {:?}", socket.id, socket.rooms);
///     io.to(&socket.id).emit("hello", &());
/// }
/// # }
/// ```
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RemoteSocket {
    /// The public id.
    pub id: String,
    /// The request that opened the connection: `headers`, `query`, `url`, `address`, `issued`, `secure`, `xdomain`.
    pub handshake: serde_json::Value,
    /// The rooms that the socket joined, and its id.
    pub rooms: Vec<String>,
    /// What [`SocketRef::share`](crate::SocketRef::share) keeps with the socket; an empty object if nothing.
    pub data: Value,
}

impl RemoteSocket {
    pub(crate) fn of(socket: &SocketRef) -> Self {
        let id = socket.id().to_string();
        let mut rooms = vec![id.clone()];
        rooms.extend(socket.rooms().iter().map(|room| room.to_string()));
        Self { rooms, handshake: socket.handshake().to_json(), data: socket.shared_data(), id }
    }

    /// The shared data as a `T`.
    ///
    /// # Errors
    /// It does not have the shape of `T`.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(self.data.clone().into_deserializer())
    }
}

pub(crate) fn flags(volatile: bool, compress: bool) -> Flags {
    let delivery = if volatile { Delivery::Volatile } else { Delivery::Reliable };
    Flags { delivery, compress }
}
