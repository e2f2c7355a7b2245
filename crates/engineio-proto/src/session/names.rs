/// A WebSocket, as the driver calls it; unique within the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CarrierId(pub u32);

/// A poll, as the driver calls it; unique within the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PollId(pub u32);

/// A request of an adaptive client; unique within the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub u64);

/// The transport with which a session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// HTTP long-polling.
    Polling,
    /// This WebSocket.
    WebSocket(CarrierId),
}
