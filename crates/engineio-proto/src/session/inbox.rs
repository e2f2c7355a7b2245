use super::{Event, fifo::Fifo};
use crate::{Message, Prepared};

/// Events that the application has not taken yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    queue: Fifo<Event>,
    bytes: usize,
}

impl Inbox {
    /// What the events take of memory, about.
    pub(super) fn cost(&self) -> usize {
        self.bytes + self.queue.len() * Prepared::OVERHEAD
    }

    pub(super) fn push_back(&mut self, event: Event) {
        self.bytes += len(&event);
        self.queue.push_back(event);
    }

    pub(super) fn pop_front(&mut self) -> Option<Event> {
        let event = self.queue.pop_front()?;
        self.bytes -= len(&event);
        Some(event)
    }
}

fn len(event: &Event) -> usize {
    match event {
        Event::Message(Message::Text(text)) => text.len(),
        Event::Message(Message::Binary(bytes)) => bytes.len(),
        _ => 0,
    }
}
