use serde::Serialize;
use socketio_proto::{Content, Decoder, Limits, Packet};

use crate::{Event, SocketRef, wire};

/// Shows an event that is being sent to those sockets whose applications asked for it.
///
/// That happens before it is sent and without a lock, as the application may emit in turn.
pub(crate) struct Watcher<'a, T: ?Sized> {
    name: &'a str,
    data: &'a T,
    /// As the client will see it, made for the first who wants it.
    event: Option<Event>,
}

impl<'a, T: Serialize + ?Sized> Watcher<'a, T> {
    pub(crate) fn new(name: &'a str, data: &'a T) -> Self {
        Self { name, data, event: None }
    }

    pub(crate) fn show(&mut self, socket: &SocketRef) {
        let Some(outgoing) = socket.outgoing() else { return };
        if self.event.is_none() {
            self.event = read(self.name, self.data);
        }
        if let Some(event) = &self.event {
            outgoing(socket, event);
        }
    }
}

/// The event as it arrives; `None` if it cannot be written, which its sender is told.
fn read<T: Serialize + ?Sized>(name: &str, data: &T) -> Option<Event> {
    let take = |encoded: socketio_proto::Encoded<'_>| {
        let mut decoder = Decoder::new(Limits { max_attachments: usize::MAX, ..Limits::default() });
        let mut packet = decoder.push_text(encoded.text.into()).ok()?;
        for attachment in encoded.attachments {
            packet = decoder.push_binary(attachment.clone()).ok()?;
        }
        packet
    };
    match wire::encode_with(|encoder| encoder.event("/", None, name, data), take).ok()?? {
        Packet { content: Content::Event { name, args, .. }, .. } => Some(Event { name, args }),
        _ => None,
    }
}
