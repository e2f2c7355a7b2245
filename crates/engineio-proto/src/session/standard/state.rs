use super::{polling::Polls, requests::Requests};
use crate::session::CarrierId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Client,
    Server,
}

/// Where the session is in its life.
#[derive(Debug)]
pub(super) enum State {
    /// Client: the opening request is under way.
    AwaitingOpen { carrier: Carrier },
    /// Messages flow.
    Open { carrier: Carrier, upgrade: UpgradeState },
    /// Over for the application; what was queued, then CLOSE, still travel.
    Draining { carrier: Carrier },
    /// Over.
    Closed,
}

/// What the packets travel on.
#[derive(Debug)]
pub(super) enum Carrier {
    /// Server: polls that the client sends.
    Polls(Polls),
    /// Client: requests to the server.
    Requests(Requests),
    /// Either: a WebSocket.
    WebSocket(CarrierId),
}

/// How far an upgrade to WebSocket has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpgradeState {
    /// None is under way.
    Idle,
    /// Client: the WebSocket is being opened.
    AwaitingConnect(CarrierId),
    /// Server: connected, and the client must say `2probe`.
    AwaitingProbe(CarrierId),
    /// Client: `2probe` is sent, and `3probe` must come back.
    AwaitingAnswer(CarrierId),
    /// Server: `3probe` is sent, and the client must say `5`.
    AwaitingUpgrade(CarrierId),
    /// Client: the WebSocket works; requests under way are let finish before `5` is sent.
    AwaitingPause(CarrierId),
}

impl State {
    pub(super) fn carrier(&self) -> Option<&Carrier> {
        match self {
            Self::AwaitingOpen { carrier } | Self::Open { carrier, .. } | Self::Draining { carrier } => {
                Some(carrier)
            }
            Self::Closed => None,
        }
    }

    pub(super) fn carrier_mut(&mut self) -> Option<&mut Carrier> {
        match self {
            Self::AwaitingOpen { carrier } | Self::Open { carrier, .. } | Self::Draining { carrier } => {
                Some(carrier)
            }
            Self::Closed => None,
        }
    }

    /// The WebSocket that carries the session.
    pub(super) fn websocket(&self) -> Option<CarrierId> {
        match self.carrier() {
            Some(Carrier::WebSocket(id)) => Some(*id),
            _ => None,
        }
    }

    /// The WebSocket on trial.
    pub(super) fn probe(&self) -> Option<CarrierId> {
        match self {
            Self::Open { upgrade, .. } => match upgrade {
                UpgradeState::Idle => None,
                UpgradeState::AwaitingConnect(id)
                | UpgradeState::AwaitingProbe(id)
                | UpgradeState::AwaitingAnswer(id)
                | UpgradeState::AwaitingUpgrade(id)
                | UpgradeState::AwaitingPause(id) => Some(*id),
            },
            _ => None,
        }
    }

    pub(super) fn upgrade(&self) -> UpgradeState {
        match self {
            Self::Open { upgrade, .. } => *upgrade,
            _ => UpgradeState::Idle,
        }
    }

    pub(super) fn set_upgrade(&mut self, next: UpgradeState) {
        if let Self::Open { upgrade, .. } = self {
            *upgrade = next;
        }
    }
}
