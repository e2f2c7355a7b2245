#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod adaptive;
pub use adaptive::{AdaptiveStatus, Switch};

mod backoff;
pub use backoff::{Backoff, Reconnection};

mod budget;

mod client;
pub use client::{Client, Status};

mod command;

mod config;
pub use config::Config;

mod driver;

mod error;
pub use error::{
    AckError, ConfigError, ConnectError, EmitError, JoinError, NamespaceError, Refusal, TransportError,
};

mod manager;

mod net;

mod reason;
pub use reason::{By, Cause, Disconnect};

mod socket;
pub use socket::{
    Ack, AckFuture, Emitter, Event, Events, ListenerId, NamespaceBuilder, Notice, Outcome, Socket, State,
};

mod wire;

pub use engineio_proto::{
    Transport,
    frame::FrameError,
    session::adaptive::ladder::{Cause as SwitchCause, Failure, Hint, Tier},
};
pub use socketio_proto::{Args, EncodeError, Parser};
