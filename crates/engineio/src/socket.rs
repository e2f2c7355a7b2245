use std::{sync::Arc, time::Duration};

use engineio_proto::{
    CloseReason, Delivery, Message, Prepared, Protocol, Sent, Sid, Tier, Transport, session::adaptive::Status,
};

use crate::connection::Link;

/// A handle to a session; clones are the same session.
///
/// ```
/// use engineio::{Delivery, Prepared, Sent, Socket};
///
/// /// Sends one packet to all who are not behind; all of them share its bytes.
/// fn broadcast(sockets: &[Socket], text: &str) -> usize {
///     let packet = [Prepared::text(text)];
///     let sent = sockets.iter().map(|socket| socket.send_prepared(&packet, Delivery::Volatile));
///     sent.filter(|sent| *sent == Sent::Queued).count()
/// }
/// ```
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

    /// Waits until the client has taken what was sent to it so far; `false` if the session ends before that.
    ///
    /// On a WebSocket a PING is sent behind it, which every client answers by itself. With other transports it is the
    /// first moment at which nothing is under way, which under a steady stream of packets may take a while.
    ///
    /// ```
    /// # async fn example(socket: engineio::Socket) {
    /// let _ = socket.send(&"the last word".into());
    /// if socket.delivered().await {
    ///     println!("it has arrived");
    /// }
    /// # }
    /// ```
    pub fn delivered(&self) -> impl Future<Output = bool> + Send + use<> {
        let delivered = self.0.delivered();
        async move { delivered.await.is_ok() }
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

    /// What carries an adaptive session at this moment; `None` between two carriers, and for other sessions.
    pub fn tier(&self) -> Option<Tier> {
        self.0.lock().session.tier()
    }

    /// How an adaptive session is doing; `None` for other sessions.
    pub fn adaptive_status(&self) -> Option<Status> {
        self.0.lock().session.adaptive_status()
    }

    /// Asks an adaptive client for this time between two requests, if it is on the `periodic` carrier; the client
    /// learns it with its next request. A shorter one shows events sooner and costs more requests.
    pub fn set_poll_period(&self, period: Duration) {
        self.0.lock().session.set_poll_period(period);
    }
}
