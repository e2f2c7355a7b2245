use std::sync::atomic::{AtomicU64, Ordering};

use engineio_proto::{CloseReason, RequestError};

use crate::{Counts, Switch, Switches, switches::SwitchMeter};

/// What has happened since the server was made, and what is so now; for metrics.
///
/// ```
/// # fn example<H: engineio::Handler>(engine: &engineio::EngineIo<H>) {
/// let stats = engine.stats();
/// println!("engineio_slow_consumers_total {}", stats.slow_consumers);
/// println!("engineio_refused_total{{code=\"1\"}} {}", stats.refused[1]);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Open sessions.
    pub open: Counts,
    /// Requests that were refused, by the code that the client was told: 0 unknown transport, 1 unknown session,
    /// 2 wrong method, 3 bad request, 4 forbidden by the application, 5 unknown revision of the protocol.
    pub refused: [u64; 6],
    /// Bodies and messages above [`Config::max_payload`](crate::Config::max_payload).
    pub too_large: u64,
    /// Sessions and WebSockets that ended because the client broke the protocol.
    pub protocol_errors: u64,
    /// Sessions that ended because the client did not take what was sent to it.
    pub slow_consumers: u64,
    /// Sessions that ended because the client was not heard in time.
    pub ping_timeouts: u64,
    /// Requests whose body did not come in time.
    pub slow_bodies: u64,
    /// Connections that [`serve`](crate::serve()) closed because the headers of their first request did not
    /// come in time. Later it may also be that the client had nothing to ask for, which is not counted.
    pub slow_headers: u64,
    /// Sessions that ended because the client closed its connection, or the connection broke.
    pub lost: u64,
    /// Polls that came while another one of the same session was held, which was then answered with nothing.
    pub overlapping_polls: u64,
    /// Posts that came while the body of another one of the same session was still under way. Each is handled when it
    /// is complete, so that the order of what they carry is lost. One whose connection went silent counts as under
    /// way until its time is over.
    pub overlapping_posts: u64,
    /// How often a client had to wait, or its request was refused, since its handler was too far behind.
    pub held_back: u64,
    /// How often adaptive sessions went on with another carrier.
    pub switches: Switches,
    /// Bytes that wait for clients that do not take them.
    pub queued_bytes: usize,
}

/// Counters that only grow.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    refused: [AtomicU64; 6],
    too_large: AtomicU64,
    protocol_errors: AtomicU64,
    slow_consumers: AtomicU64,
    ping_timeouts: AtomicU64,
    slow_bodies: AtomicU64,
    slow_headers: AtomicU64,
    lost: AtomicU64,
    overlapping_polls: AtomicU64,
    overlapping_posts: AtomicU64,
    held_back: AtomicU64,
    switches: SwitchMeter,
}

impl Meters {
    pub(crate) fn refused(&self, error: RequestError) {
        if let Some(count) = self.refused.get(usize::from(error.code())) {
            add(count);
        }
    }

    pub(crate) fn too_large(&self) {
        add(&self.too_large);
    }

    pub(crate) fn protocol_error(&self) {
        add(&self.protocol_errors);
    }

    pub(crate) fn slow_body(&self) {
        add(&self.slow_bodies);
    }

    pub(crate) fn slow_headers(&self) {
        add(&self.slow_headers);
    }

    pub(crate) fn switched(&self, switch: Switch) {
        self.switches.add(switch);
    }

    pub(crate) fn overlapping_poll(&self) {
        add(&self.overlapping_polls);
    }

    pub(crate) fn overlapping_post(&self) {
        add(&self.overlapping_posts);
    }

    pub(crate) fn held_back(&self) {
        add(&self.held_back);
    }

    pub(crate) fn closed(&self, reason: CloseReason) {
        match reason {
            CloseReason::ParseError => add(&self.protocol_errors),
            CloseReason::SlowConsumer => add(&self.slow_consumers),
            CloseReason::PingTimeout => add(&self.ping_timeouts),
            CloseReason::TransportClose | CloseReason::TransportError => add(&self.lost),
            _ => {}
        }
    }

    pub(crate) fn stats(&self, open: Counts, queued_bytes: usize) -> Stats {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Stats {
            open,
            refused: self.refused.each_ref().map(read),
            too_large: read(&self.too_large),
            protocol_errors: read(&self.protocol_errors),
            slow_consumers: read(&self.slow_consumers),
            ping_timeouts: read(&self.ping_timeouts),
            slow_bodies: read(&self.slow_bodies),
            slow_headers: read(&self.slow_headers),
            lost: read(&self.lost),
            overlapping_polls: read(&self.overlapping_polls),
            overlapping_posts: read(&self.overlapping_posts),
            held_back: read(&self.held_back),
            switches: self.switches.read(),
            queued_bytes,
        }
    }
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}
