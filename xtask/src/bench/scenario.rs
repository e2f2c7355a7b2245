use serde_json::Value;

use super::peer::Peer;

/// One row of the table. Neighbours with the same arguments share a measurement.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Further arguments of our server.
    pub(crate) server: &'static str,
    /// Arguments of the load generator.
    pub(crate) arguments: &'static str,
    /// The figure that is compared.
    pub(crate) figure: &'static str,
    pub(crate) unit: &'static str,
    /// Divides the figure, to arrive at the unit.
    pub(crate) scale: f64,
    pub(crate) who: Who,
    pub(crate) target: Target,
}

/// Who can take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// All, the floor too.
    All,
    /// Those that speak the whole protocol.
    Servers,
    /// Only we have it.
    Ours,
}

/// What we want to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    None,
    AtMost(f64),
    /// So many times the floor's figure.
    OverFloor(f64),
    /// So many times our own figure in this scenario.
    OverPlain(&'static str, f64),
}

impl Scenario {
    /// Whether one measurement gives the figures of both.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        self.server == other.server && self.arguments == other.arguments
    }

    /// The figure that is compared, of all that the load generator said.
    pub(crate) fn figure(&self, figures: &Value) -> Option<f64> {
        figures[self.figure].as_f64().map(|figure| figure / self.scale)
    }

    pub(crate) fn takes(&self, peer: Peer) -> bool {
        match self.who {
            // Merging makes a difference only where there is something to merge.
            Who::All => peer != Peer::FloorMerge || self.name.starts_with("broadcast"),
            Who::Servers => !peer.is_floor(),
            Who::Ours => peer == Peer::Ours,
        }
    }
}

const CPU: Scenario = Scenario {
    name: "",
    about: "",
    server: "",
    arguments: "",
    figure: "cpu_us",
    unit: "µs",
    scale: 1.0,
    who: Who::All,
    target: Target::None,
};

const MEMORY: Scenario = Scenario { unit: "KiB", scale: 1024.0, ..CPU };

const IDLE: &str = "idle --levels 1000,10000 --hold 25";

const MANY: Scenario = Scenario {
    server: "--workers 7",
    arguments: "many --levels 1000,50000,100000 --deliveries 500000",
    who: Who::Ours,
    ..CPU
};

pub(crate) const SCENARIOS: [Scenario; 27] = [
    Scenario {
        name: "idle-websocket-1k",
        about: "resident memory of an idle WebSocket, of 1,000",
        arguments: "idle --levels 1000",
        figure: "bytes_each_at_1000",
        ..MEMORY
    },
    Scenario {
        name: "idle-websocket-10k",
        about: "resident memory of an idle WebSocket, of 10,000",
        arguments: IDLE,
        figure: "bytes_each_at_10000",
        target: Target::AtMost(4.0),
        ..MEMORY
    },
    Scenario {
        name: "heartbeat",
        about: "processor time of a heartbeat, of 10,000 WebSockets",
        arguments: IDLE,
        figure: "hold_us_each",
        target: Target::AtMost(8.0),
        ..CPU
    },
    Scenario {
        name: "after-disconnect",
        about: "resident memory after 10,000 WebSockets have gone",
        arguments: IDLE,
        figure: "rss_after",
        unit: "MiB",
        scale: 1024.0 * 1024.0,
        ..CPU
    },
    Scenario {
        name: "idle-adaptive-10k",
        about: "resident memory of an idle adaptive session, of 10,000",
        arguments: "idle --transport adaptive --levels 1000,10000",
        figure: "bytes_each_at_10000",
        who: Who::Ours,
        ..MEMORY
    },
    Scenario {
        name: "idle-polling-1k",
        about: "resident memory of an idle long-poll, of 1,000",
        arguments: "idle --transport polling --levels 1000",
        figure: "bytes_each_at_1000",
        who: Who::Servers,
        target: Target::AtMost(8.0),
        ..MEMORY
    },
    // Right before what it is compared with, of which ours is the first to be measured.
    Scenario {
        name: "adaptive-w1",
        about: "as broadcast-w1, on the adaptive transport",
        arguments: "broadcast --window 1 --count 1500 --transport adaptive",
        who: Who::Ours,
        target: Target::OverPlain("broadcast-w1", 1.05),
        ..CPU
    },
    Scenario {
        name: "broadcast-w1",
        about: "a delivery of a broadcast to 1,000 with nothing to merge",
        arguments: "broadcast --window 1 --count 1500",
        target: Target::OverFloor(1.15),
        ..CPU
    },
    Scenario {
        name: "broadcast-w10",
        about: "a delivery with 10 broadcasts under way",
        arguments: "broadcast --window 10 --count 2000",
        target: Target::AtMost(0.5),
        ..CPU
    },
    Scenario {
        name: "broadcast-1KiB",
        about: "the same with 1 KiB",
        arguments: "broadcast --window 10 --count 1500 --size 1024",
        ..CPU
    },
    Scenario {
        name: "broadcast-binary",
        about: "the same with 128 bytes as an attachment",
        arguments: "broadcast --window 10 --count 1000 --binary",
        who: Who::Servers,
        ..CPU
    },
    Scenario {
        name: "broadcast-burst",
        about: "a delivery of 500 broadcasts at once",
        arguments: "broadcast --window 100000 --count 500",
        target: Target::AtMost(0.35),
        ..CPU
    },
    Scenario {
        name: "burst-memory",
        about: "resident memory after such a burst",
        arguments: "broadcast --window 100000 --count 500",
        figure: "rss_after",
        unit: "MiB",
        scale: 1024.0 * 1024.0,
        who: Who::Servers,
        ..CPU
    },
    Scenario {
        name: "rate-20",
        about: "a delivery at 20 broadcasts a second",
        arguments: "rate",
        target: Target::OverFloor(1.15),
        ..CPU
    },
    Scenario {
        name: "rate-20-p99",
        about: "99th percentile of the time from sending to receipt",
        arguments: "rate",
        figure: "p99_us",
        unit: "ms",
        scale: 1000.0,
        target: Target::OverFloor(1.15),
        ..CPU
    },
    Scenario {
        name: "adaptive-echo",
        about: "as echo, on the adaptive transport",
        arguments: "echo --transport adaptive",
        who: Who::Ours,
        target: Target::OverPlain("echo", 1.05),
        ..CPU
    },
    Scenario {
        name: "echo",
        about: "an event there and an acknowledgement back, 100 clients",
        arguments: "echo",
        target: Target::OverFloor(1.15),
        ..CPU
    },
    Scenario {
        name: "connect",
        about: "a WebSocket from nothing to the namespace",
        arguments: "connect --count 6000",
        target: Target::AtMost(30.0),
        ..CPU
    },
    Scenario {
        name: "upgrade",
        about: "polling first, then the upgrade to a WebSocket",
        arguments: "connect --way upgrade --count 4000 --at-once 200",
        who: Who::Servers,
        target: Target::AtMost(60.0),
        ..CPU
    },
    Scenario {
        name: "long-poll",
        about: "a delivery to a client on long-polling",
        arguments: "poll",
        who: Who::Servers,
        target: Target::AtMost(10.0),
        ..CPU
    },
    Scenario {
        name: "rooms",
        about: "join a room, send to it, leave it; 500 clients",
        arguments: "rooms",
        who: Who::Servers,
        ..CPU
    },
    Scenario {
        name: "acks",
        about: "a delivery and its acknowledgement, broadcasts to 1,000",
        arguments: "acks --count 200",
        who: Who::Servers,
        ..CPU
    },
    Scenario {
        name: "slow-consumers",
        about: "a delivery in a room where 10 of 1,000 do not read",
        arguments: "slow --window 10 --count 1500",
        who: Who::Servers,
        ..CPU
    },
    Scenario {
        name: "many-50k-memory",
        about: "resident memory with 50,000 WebSockets, on seven workers",
        figure: "rss_at_50000",
        unit: "MiB",
        scale: 1024.0 * 1024.0,
        ..MANY
    },
    Scenario {
        name: "many-100k-memory",
        about: "resident memory with 100,000 WebSockets, on seven workers",
        figure: "rss_at_100000",
        unit: "MiB",
        scale: 1024.0 * 1024.0,
        target: Target::AtMost(512.0),
        ..MANY
    },
    Scenario {
        name: "many-1k",
        about: "a delivery of a broadcast to 1,000, on seven workers",
        figure: "cpu_us_at_1000",
        ..MANY
    },
    Scenario {
        name: "many-100k",
        about: "a delivery of a broadcast to 100,000, on seven workers",
        figure: "cpu_us_at_100000",
        ..MANY
    },
];

/// What `--quick` runs.
pub(crate) const QUICK: [&str; 8] = [
    "idle-websocket-1k",
    "broadcast-w1",
    "broadcast-w10",
    "broadcast-burst",
    "echo",
    "connect",
    "upgrade",
    "long-poll",
];
