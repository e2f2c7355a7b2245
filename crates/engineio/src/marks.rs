use std::collections::VecDeque;

use tokio::sync::oneshot;

/// Those who wait until the client has taken what was sent before them, oldest first.
///
/// On a WebSocket the answer to a PING tells. One is under way at a time, and its payload is the number of the newest
/// mark that it asks for.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    waiting: VecDeque<(u32, oneshot::Sender<()>)>,
    /// Numbers the marks.
    issued: u32,
    /// What the PING asks for that is under way.
    asked: Option<u32>,
}

impl Marks {
    pub(crate) fn push(&mut self, sender: oneshot::Sender<()>) {
        if self.waiting.len() == self.waiting.capacity() {
            // Rather than to grow; else each of many would look at all before it.
            self.waiting.retain(|(_, sender)| !sender.is_closed());
        }
        self.issued = self.issued.wrapping_add(1);
        self.waiting.push_back((self.issued, sender));
    }

    /// The payload of the PING that has to be sent now, if one has.
    pub(crate) fn ask(&mut self) -> Option<[u8; 4]> {
        if self.asked.is_some() || self.waiting.is_empty() {
            return None;
        }
        self.asked = Some(self.issued);
        Some(self.issued.to_be_bytes())
    }

    /// The client answered a PING; what it did not ask for is none of ours.
    pub(crate) fn answered(&mut self, payload: &[u8]) {
        let Some(asked) = self.asked.take_if(|asked| asked.to_be_bytes() == payload) else { return };
        // Marks that were set after the PING bear the numbers after its own.
        while let Some((_, sender)) =
            self.waiting.pop_front_if(|(number, _)| asked.wrapping_sub(*number) < HALF)
        {
            let _ = sender.send(());
        }
    }

    /// The client has taken everything.
    pub(crate) fn all(&mut self) {
        for (_, sender) in self.waiting.drain(..) {
            let _ = sender.send(());
        }
    }
}

/// A number is before another one if it is less than this behind it.
const HALF: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(marks: &mut Marks) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        marks.push(sender);
        receiver
    }

    #[test]
    fn an_answer_tells_of_the_marks_before_its_ping_and_of_no_others() {
        // Two before the numbers begin again.
        let mut marks = Marks { issued: u32::MAX - 2, ..Marks::default() };
        assert_eq!(marks.ask(), None, "nobody waits");
        let (mut first, mut second) = (mark(&mut marks), mark(&mut marks));
        let ping = marks.ask().unwrap();
        let mut third = mark(&mut marks);
        assert_eq!(marks.ask(), None, "one is under way");
        marks.answered(b"else");
        assert!(first.try_recv().is_err(), "this was not asked");
        marks.answered(&ping);
        assert!(first.try_recv().is_ok() && second.try_recv().is_ok() && third.try_recv().is_err());
        let ping = marks.ask().unwrap();
        assert_eq!(ping, [0; 4]);
        marks.answered(&ping);
        assert!(third.try_recv().is_ok());
    }

    #[test]
    fn who_waits_no_more_is_forgotten() {
        let mut marks = Marks::default();
        drop(mark(&mut marks));
        let room = marks.waiting.capacity();
        (0..100).for_each(|_| drop(mark(&mut marks)));
        assert_eq!(marks.waiting.capacity(), room);
    }
}
