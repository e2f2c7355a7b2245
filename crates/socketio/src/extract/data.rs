use bytes::Bytes;
use bytestring::ByteString;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use socketio_proto::{Args, EncodeError};

use crate::{
    Ack, ConnectContext, DisconnectContext, DisconnectReason, EventContext, Extract, ExtractError, Handshake,
};

/// The arguments of the event as a `T`: a tuple takes them all, anything else takes the first one.
///
/// A missing argument reads as `null`. Binary attachments read as bytes, such as [`bytes::Bytes`], which a
/// `serde_json::Value` cannot hold; take an [`Event`] for arguments of any shape. An event whose arguments do not fit is dropped; see [`TryData`].
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::Data;
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on("one", async |Data(text): Data<String>| println!("{text}"))
///     .on("two", async |Data((text, number)): Data<(String, Option<u8>)>| println!("{text} {number:?}"))
///     .open();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Data<T>(pub T);

impl<T: DeserializeOwned> Extract<EventContext> for Data<T> {
    fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
        context.args().deserialize().map(Self).map_err(ExtractError::Data)
    }
}

/// As [`Data`], for a handler that wants to answer arguments that do not fit.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Ack, TryData};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on("set", async |TryData(number): TryData<u8>, ack: Ack| match number {
///         Ok(number) => ack.send(&format!("set to {number}")),
///         Err(error) => ack.send(&error.to_string()),
///     })
///     .open();
/// ```
#[derive(Debug)]
pub struct TryData<T>(pub Result<T, serde_json::Error>);

impl<T: DeserializeOwned> Extract<EventContext> for TryData<T> {
    fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
        Ok(Self(context.args().deserialize()))
    }
}

/// The event as it came: its name, and its arguments as JSON text.
///
/// The arguments can be sent on unchanged: `socket.emit("copy", &event.args)`.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{Event, SocketRef};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on_fallback(async |socket: SocketRef, event: Event| {
///         socket.broadcast().emit(&event.name, &event.args);
///     })
///     .open();
/// ```
#[derive(Clone, Debug)]
pub struct Event {
    /// The name.
    pub name: ByteString,
    /// The arguments.
    pub args: Args,
}

impl Event {
    /// An event; `data` becomes the arguments: a tuple is several, `()` is none, anything else is one.
    ///
    /// # Errors
    /// The protocol keeps the name for itself, or the data has no JSON form.
    pub fn new<T: Serialize + ?Sized>(name: impl Into<ByteString>, data: &T) -> Result<Self, EncodeError> {
        let name = name.into();
        if socketio_proto::is_reserved(&name) {
            return Err(EncodeError::ReservedEvent(name.to_string()));
        }
        Ok(Self { name, args: Args::new(data)? })
    }
}

impl Extract<EventContext> for Event {
    fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
        Ok(Self { name: context.name().clone(), args: context.args().clone() })
    }
}

/// The binary attachments of the event, in order and without a copy.
///
/// Use [`Data`] with a type that holds [`bytes::Bytes`] to find them at their place.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::Bin;
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on("upload", async |Bin(files): Bin| println!("{} bytes", files.iter().map(|file| file.len()).sum::<usize>()))
///     .open();
/// ```
#[derive(Clone, Debug)]
pub struct Bin(pub Vec<Bytes>);

impl Extract<EventContext> for Bin {
    fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
        Ok(Self(context.args().attachments().to_vec()))
    }
}

impl Extract<EventContext> for Ack {
    fn extract(context: &mut EventContext) -> Result<Self, ExtractError> {
        Ok(context.take_ack())
    }
}

/// The credentials that the client sent with its CONNECT, an object; none read as `{}`.
///
/// A client whose credentials do not fit is refused; see [`TryAuth`].
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use serde_json::Value;
/// use socketio::{Auth, Refusal};
///
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .middleware(async |Auth(auth): Auth<Value>| match auth["token"].as_str() {
///         Some("secret") => Ok(()),
///         _ => Err(Refusal::new("wrong token")),
///     })
///     .open();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Auth<T>(pub T);

impl<T: DeserializeOwned> Extract<ConnectContext> for Auth<T> {
    fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
        auth(context).map(Self).map_err(ExtractError::Auth)
    }
}

/// As [`Auth`], for a handler that wants to decide itself.
///
/// ```
/// # use socketio::{Config, SocketIo};
/// use socketio::{SocketRef, TryAuth};
///
/// # #[derive(serde::Deserialize)]
/// # struct User { name: String }
/// # let io = SocketIo::new(Config::default());
/// io.ns("/", async |socket: SocketRef, TryAuth(user): TryAuth<User>| {
///     let name = user.map_or_else(|_| "guest".to_owned(), |user| user.name);
///     socket.emit("welcome", &name);
/// });
/// ```
#[derive(Debug)]
pub struct TryAuth<T>(pub Result<T, serde_json::Error>);

impl<T: DeserializeOwned> Extract<ConnectContext> for TryAuth<T> {
    fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
        Ok(Self(auth(context)))
    }
}

fn auth<'a, T: Deserialize<'a>>(context: &'a ConnectContext) -> Result<T, serde_json::Error> {
    serde_json::from_str(context.auth().unwrap_or("{}"))
}

impl Extract<ConnectContext> for Handshake {
    fn extract(context: &mut ConnectContext) -> Result<Self, ExtractError> {
        Ok(context.handshake().clone())
    }
}

impl Extract<DisconnectContext> for DisconnectReason {
    fn extract(context: &mut DisconnectContext) -> Result<Self, ExtractError> {
        Ok(context.reason())
    }
}
