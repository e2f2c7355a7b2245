use std::pin::Pin;

use engineio_proto::{Delivery, Query, frame::masked_frame, session::Opening};
use parking_lot::Mutex;
use proptest::{collection::vec, prelude::*};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::*;
use crate::{Config, EngineIo, Handler, Socket};

/// A stream that takes so many bytes at a time, nothing for the moment where `None` stands, and in the end all.
struct Sink {
    takes: VecDeque<Option<usize>>,
    is_vectored: bool,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    /// Where the bytes lay that were offered first, for each write.
    addresses: Vec<usize>,
}

impl Sink {
    /// A WebSocket on such a stream, and what came out of it.
    fn websocket(takes: Vec<Option<usize>>, is_vectored: bool) -> (WebSocket, Arc<Mutex<Seen>>) {
        let (stream, seen) = Self::stream(takes, is_vectored);
        (WebSocket::new(CARRIER, stream, Waker::noop().clone()), seen)
    }

    fn stream(takes: Vec<Option<usize>>, is_vectored: bool) -> (Stream, Arc<Mutex<Seen>>) {
        let seen = Arc::<Mutex<Seen>>::default();
        let io = Io::other(Self { takes: takes.into(), is_vectored, seen: Arc::clone(&seen) });
        (Stream { io, deflate: None, max_payload: 1000 }, seen)
    }
}

impl AsyncWrite for Sink {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Some(most) = self.takes.pop_front().unwrap_or(Some(usize::MAX)) else { return Poll::Pending };
        let slices = if self.is_vectored { slices } else { &slices[..1] };
        let mut seen = self.seen.lock();
        seen.addresses.push(slices[0].as_ptr().addr());
        let before = seen.bytes.len();
        seen.bytes.extend(slices.iter().flat_map(|slice| slice.iter()).take(most));
        Poll::Ready(Ok(seen.bytes.len() - before))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Sink {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }
}

/// A frame to queue, by the length of what it carries.
#[derive(Clone, Copy, Debug)]
enum Queued {
    Bytes(usize),
    Packet(usize),
    Pong(usize),
}

impl Queued {
    /// Frames of each length that is treated in a way of its own, and of those beside it.
    fn any() -> impl Strategy<Value = Self> {
        let len = prop_oneof![8 => 0..200_usize, 3 => 480..520_usize, 1 => 1000..70_000_usize];
        prop_oneof![
            len.clone().prop_map(Self::Packet),
            len.prop_map(Self::Bytes),
            (0..=125_usize).prop_map(Self::Pong),
        ]
    }

    /// Each has bytes of its own, as far as there are different ones.
    fn frame(self, number: usize) -> Frame {
        let byte = b'a' + u8::try_from(number % 26).unwrap();
        match self {
            Self::Bytes(len) => Bytes::from(vec![byte; len + 1]).into(),
            Self::Packet(len) => Prepared::binary(&vec![byte; len]).into(),
            Self::Pong(len) => control_frame(Opcode::Pong, &vec![byte; len]).into(),
        }
    }
}

proptest! {
    #[test]
    fn a_stream_that_takes_parts_gets_every_byte_once(
        queued in vec(Queued::any(), 1..150),
        takes in vec(prop_oneof![4 => (1..2000_usize).prop_map(Some), 1 => Just(None)], 0..300),
        is_vectored: bool,
        writes_between in 1..20_usize,
    ) {
        let (mut websocket, seen) = Sink::websocket(takes, is_vectored);
        let mut expected = Vec::new();
        let mut cx = Context::from_waker(Waker::noop());
        for (number, queued) in queued.into_iter().enumerate() {
            expected.extend_from_slice(queued.frame(number).as_ref());
            websocket.push(queued.frame(number));
            if number % writes_between == 0 {
                websocket.write().unwrap();
                websocket.poll_unblock(&mut cx).unwrap();
            }
        }
        while !websocket.queue.is_empty() {
            websocket.write().unwrap();
            websocket.poll_unblock(&mut cx).unwrap();
        }
        prop_assert!(seen.lock().bytes == expected);
    }
}

#[test]
fn what_a_stream_takes_in_parts_is_copied_once() {
    for is_vectored in [false, true] {
        let (mut websocket, seen) = Sink::websocket(vec![Some(100); 300], is_vectored);
        (0..200).for_each(|number| _ = websocket.push(Queued::Packet(100).frame(number)));
        websocket.write().unwrap();
        let seen = seen.lock();
        assert_eq!((seen.bytes.len(), seen.addresses.len()), (20_400, 204));
        assert!(seen.addresses.is_sorted_by(|one, next| *next == one + 100), "it was gathered anew");
    }
}

struct Silent;

impl Handler for Silent {
    type Connection = Self;

    fn open(&self, _: Socket, _: http::request::Parts) -> Self {
        Self
    }
}

impl crate::Connection for Silent {
    fn message(&self, _: engineio_proto::Message) {}

    fn close(&self, _: engineio_proto::CloseReason) {}
}

#[tokio::test(start_paused = true)]
async fn a_ping_behind_a_full_queue_is_answered_in_its_turn_and_a_flood_of_them_is_not() {
    let engine = EngineIo::new(Config::default(), Silent);
    let query = Query::parse("EIO=4&transport=websocket").unwrap();
    let (request, ()) = http::Request::new(()).into_parts();
    // It takes OPEN, and nothing for a while.
    let (stream, seen) = Sink::stream(vec![Some(usize::MAX), None], true);
    let link =
        engine.open("a-session".parse().unwrap(), request, &query, Opening::WebSocket(CARRIER), |link| {
            link.lock().add_websocket(CARRIER, stream, Waker::noop().clone());
        });
    let open = std::mem::take(&mut seen.lock().bytes);
    assert!(open.starts_with(b"\x81"));
    let packets: Vec<_> = (0..300).map(|number: u32| Prepared::text(&number.to_string())).collect();
    let _ = link.send(&packets, Delivery::Reliable);
    assert_eq!(link.lock().websocket(CARRIER).unwrap().queue.len(), MAX_FRAMES);

    let pings: Vec<_> =
        (0..100_u8).flat_map(|number| masked_frame(Opcode::Ping, &[number], [1, 2, 3, 4])).collect();
    link.receive(CARRIER, &pings);
    assert_eq!(link.lock().websocket(CARRIER).unwrap().queue.len(), MAX_QUEUED_PONGS);
    assert!(seen.lock().bytes.is_empty());

    assert!(link.resume(CARRIER, &mut Context::from_waker(Waker::noop())).is_continue());
    let frames =
        |packets: &[Prepared]| packets.iter().flat_map(|packet| packet.frame().to_vec()).collect::<Vec<_>>();
    let mut expected = frames(&packets[..MAX_FRAMES]);
    let answered = u8::try_from(MAX_QUEUED_PONGS - MAX_FRAMES).unwrap();
    expected.extend((0..answered).flat_map(|number| control_frame(Opcode::Pong, &[number])));
    expected.extend(frames(&packets[MAX_FRAMES..]));
    assert!(seen.lock().bytes == expected);
    assert!(link.lock().websocket(CARRIER).unwrap().queue.is_empty());
}

const CARRIER: CarrierId = CarrierId(1);
