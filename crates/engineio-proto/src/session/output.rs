use bytes::Bytes;

use super::{
    CarrierId, PollId, RequestId,
    adaptive::ladder::{Cause, Tier},
};
use crate::{CloseReason, Handshake, Message, Prepared, frame::CloseCode};

/// What is known of the arrival of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The client has it all.
    Complete,
    /// Something waits, or may be under way.
    Pending,
    /// All of it was given to this WebSocket; the answer to a PING behind it would be the proof.
    Unknown(CarrierId),
    /// The session is over.
    Never,
}

/// What a carrier shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transmit {
    /// Client: the response to this request is of no interest any more.
    Abort {
        /// The request.
        request: RequestId,
    },
    /// Client: open a WebSocket, with the session's id in the query if there is one.
    Connect {
        /// Its name from now on.
        carrier: CarrierId,
    },
    /// Close this WebSocket.
    Disconnect {
        /// The WebSocket.
        carrier: CarrierId,
        /// With this code, or without any.
        code: Option<CloseCode>,
    },
    /// Client: start a poll.
    Get,
    /// Client: open a WebSocket with this query; only adaptive sessions do.
    Open {
        /// Its name from now on.
        carrier: CarrierId,
        /// The raw query string.
        query: String,
    },
    /// Client: post this payload.
    Post {
        /// The request's body.
        body: Bytes,
    },
    /// Client: make a POST request with this query; only adaptive sessions do.
    Request {
        /// Its name from now on.
        request: RequestId,
        /// The raw query string.
        query: String,
        /// The request's body.
        body: Bytes,
    },
    /// Server: answer this poll.
    Reply {
        /// The request that waits.
        poll: PollId,
        /// The response's body.
        body: Bytes,
    },
    /// Send this packet on this WebSocket.
    Send {
        /// The WebSocket.
        carrier: CarrierId,
        /// What to send.
        packet: Prepared,
    },
}

/// What the application learns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Client: another carrier carries the adaptive session.
    Carried {
        /// Its tier.
        tier: Tier,
        /// Why it is another one than before.
        cause: Cause,
    },
    /// The session is over; the last event.
    Closed(CloseReason),
    /// A message arrived.
    Message(Message),
    /// Client: the server has opened the session.
    Opened(Handshake),
    /// Client: this tier works here; an opening within [ten minutes] begins with it.
    ///
    /// [ten minutes]: super::adaptive::ladder::LadderConfig::remembered
    Remember(Tier),
    /// The session has moved from polling to WebSocket.
    Upgraded,
}

/// How a WebSocket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierEnd {
    /// By a CLOSE frame or an orderly end of the stream.
    Closed,
    /// By an error, or by bytes that broke the framing.
    Failed,
}
