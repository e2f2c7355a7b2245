#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod accept;
mod adaptive;

mod body;
pub use body::Body;

mod clock;

mod config;
pub use config::{Config, Cookie, Cors};

mod connection;
mod cork;

mod dispatch;

mod ended;

mod engine;
pub use engine::{AdaptiveCounts, Counts, EngineIo};

mod frame;
mod gather;

mod gzip;
pub use gzip::is_accepted as accepts_gzip;

mod handler;
pub use handler::{Connection, Handler, PeerAddr, Refusal};

mod io;

mod listen;
pub use listen::listen;

mod marks;

mod meters;
pub use meters::Stats;

mod polling;
mod respond;

mod serve;
pub use serve::{serve, serve_with};

mod service;

mod socket;
pub use socket::Socket;

mod switches;
pub use switches::{Switch, SwitchCause, Switches};

mod table;
mod timers;
mod websocket;

pub use engineio_proto::{
    AdaptiveConfig, CloseReason, Delivery, Message, Prepared, Protocol, Sent, Sid, TextBuilder, Tier, Tiers,
    Transport, session::adaptive::Status,
};
