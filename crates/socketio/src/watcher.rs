use serde::Serialize;

use crate::{Event, SocketRef};

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
        let outgoing = socket.outgoing();
        if outgoing.is_empty() {
            return;
        }
        if self.event.is_none() {
            // One that cannot be written is not sent either, which its sender is told.
            self.event = Event::new(self.name, self.data).ok();
        }
        if let Some(event) = &self.event {
            outgoing.iter().for_each(|watch| watch(socket, event));
        }
    }
}
