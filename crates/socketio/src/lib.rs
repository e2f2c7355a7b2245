#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod ack;
pub use ack::{Ack, AckError, AckFuture};

mod answers;
pub use answers::{Answers, AnswersFuture};

mod broadcast;
pub use broadcast::{Broadcast, RoomNames};

mod check;

mod bundle;

mod clock;

mod cluster;
pub use cluster::{
    Adapter, Gathered, Gathering, Local, Message, RemoteSocket, Request, Response, Responses, Selection,
    ServerAck, ServerSideContext,
};

mod config;
pub use config::{Config, Parsers};

mod connection;

mod context;
pub use context::{ConnectContext, Context, DisconnectContext, EventContext};

mod deadlines;

mod emit;
pub use emit::{Emitted, Emitter};

mod extract;
pub use extract::{Auth, Bin, Data, Event, Extension, Extract, ExtractError, State, TryAuth, TryData};

mod gateway;
pub use gateway::{Gateway, Session};

mod handler;
pub use handler::{Handler, Outcome, Verdict};

mod handshake;
pub use handshake::Handshake;

mod id;
pub use id::SocketId;

mod join;

mod legacy;

mod namespace;
pub use namespace::{Dynamic, Fixed, ListenerId, Namespace, NamespaceBuilder};

mod reason;
pub use reason::{DisconnectReason, Refusal};

mod recovery;
pub use recovery::Recovery;

mod rooms;

mod run;

mod server;
pub use server::{Builder, SocketIo};

mod shutdown;
pub use shutdown::{Shutdown, ShutdownReport};

mod socket;
pub use socket::SocketRef;

mod spaces;
pub use spaces::DynamicNamespace;

mod stats;
pub use stats::Stats;

mod watcher;

mod wire;

pub use engineio;
pub use socketio_proto::{self, Args, EncodeError};
