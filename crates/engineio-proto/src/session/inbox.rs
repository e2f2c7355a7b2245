use super::{Event, dialect::Packets, fifo::Fifo};
use crate::{Message, Packet, Prepared};

/// Events that the application has not taken yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    queue: Fifo<Entry>,
    bytes: usize,
}

#[derive(Debug)]
enum Entry {
    Event(Event),
    Messages(Box<Messages>),
}

/// The messages of a payload that are still to be read from it, so that many small ones take no more than it does.
#[derive(Debug)]
struct Messages {
    packets: Packets,
    /// How many there are.
    left: usize,
    len: usize,
}

impl Inbox {
    /// What the events take of memory, about.
    pub(super) fn cost(&self) -> usize {
        self.bytes + self.queue.len() * Prepared::OVERHEAD
    }

    pub(super) fn push_back(&mut self, event: Event) {
        self.bytes += len(&event);
        self.queue.push_back(Entry::Event(event));
    }

    /// The first messages of a payload of so many bytes, which can be read; its other packets are passed over.
    pub(super) fn push_messages(&mut self, packets: Packets, count: usize, len: usize) {
        if count > 0 {
            self.bytes += len;
            self.queue.push_back(Entry::Messages(Box::new(Messages { packets, left: count, len })));
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<Event> {
        loop {
            match self.queue.pop_front()? {
                Entry::Event(event) => {
                    self.bytes -= len(&event);
                    return Some(event);
                }
                Entry::Messages(mut messages) => match messages.next() {
                    Some(message) => {
                        self.queue.push_front(Entry::Messages(messages));
                        return Some(Event::Message(message));
                    }
                    None => self.bytes -= messages.len,
                },
            }
        }
    }
}

impl Messages {
    fn next(&mut self) -> Option<Message> {
        self.left = self.left.checked_sub(1)?;
        self.packets.find_map(|packet| match packet {
            Ok(Packet::Message(message)) => Some(message),
            _ => None,
        })
    }
}

fn len(event: &Event) -> usize {
    match event {
        Event::Message(Message::Text(text)) => text.len(),
        Event::Message(Message::Binary(bytes)) => bytes.len(),
        _ => 0,
    }
}
