use std::sync::Arc;

use engineio_proto::{CloseReason, Delivery, Message, Prepared, Protocol, Sent, Sid, Transport};

use crate::connection::Link;

/// A handle to a session; clones are the same session.
#[derive(Clone, Debug)]
pub struct Socket(pub(crate) Arc<Link>);

impl Socket {
    /// The session's id. It is a secret: whoever knows it can read and write the session.
    pub fn id(&self) -> &Sid {
        &self.0.sid
    }

    /// Sends a message.
    pub fn send(&self, message: &Message) -> Sent {
        self.send_prepared(&[Prepared::new(message)], Delivery::Reliable)
    }

    /// Sends packets that are already encoded: all of them and adjacent, or none.
    ///
    /// Where nothing is queued they are written at once, without waking the connection's task.
    pub fn send_prepared(&self, packets: &[Prepared], delivery: Delivery) -> Sent {
        self.0.send(packets, delivery)
    }

    /// Ends the session after what is queued has been sent.
    pub fn close(&self, reason: CloseReason) {
        self.0.close(reason);
    }

    /// Whether messages can be sent.
    pub fn is_open(&self) -> bool {
        self.0.lock().session.is_open()
    }

    /// Bytes that wait because the client does not take them.
    pub fn queued_bytes(&self) -> usize {
        self.0.lock().session.queued_bytes()
    }

    /// The revision of the protocol that the client speaks.
    pub fn protocol(&self) -> Protocol {
        self.0.lock().session.protocol()
    }

    /// What carries the session at this moment.
    pub fn transport(&self) -> Transport {
        self.0.lock().session.transport()
    }
}
