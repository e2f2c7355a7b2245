use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    io::{self, IoSlice},
    ops::ControlFlow,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use engineio_proto::{
    Prepared,
    frame::{CloseCode, Decoder, FrameError, Opcode, WebSocketEvent, close_frame, control_frame},
    session::{CarrierEnd, CarrierId},
};

use crate::{
    clock,
    connection::{Inner, Link},
    frame::Frame,
    gather::gather,
    io::Io,
    meters::Meters,
};

/// A WebSocket of a session.
#[derive(Debug)]
pub(crate) struct WebSocket {
    pub(crate) carrier: CarrierId,
    io: Io,
    decoder: Decoder,
    /// From how many bytes on a message is compressed, if that was negotiated.
    deflate: Option<usize>,
    /// Frames that the stream has not taken.
    queue: VecDeque<Frame>,
    /// The task that reads, to be woken when writing has to go on there.
    task: Waker,
    blocked: bool,
    closing: bool,
    /// Nothing more can come.
    ended: bool,
}

/// A connection that has become a WebSocket, and what was agreed on it.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) io: Io,
    pub(crate) deflate: Option<usize>,
    pub(crate) max_payload: usize,
}

impl WebSocket {
    pub(crate) fn new(carrier: CarrierId, stream: Stream, task: Waker) -> Self {
        let Stream { io, deflate, max_payload } = stream;
        Self {
            carrier,
            io,
            decoder: Decoder::server(max_payload).with_deflate(deflate.is_some()),
            deflate,
            queue: VecDeque::new(),
            task,
            blocked: false,
            closing: false,
            ended: false,
        }
    }

    pub(crate) fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Lets the WebSocket's own task look again.
    pub(crate) fn wake(&self) {
        self.task.wake_by_ref();
    }

    /// Queues a packet and says whether it is time to write.
    pub(crate) fn push_packet(&mut self, packet: Prepared) -> bool {
        self.push(match self.deflate {
            Some(from) if packet.len() >= from && packet.may_compress() => packet.compressed_frame().into(),
            _ => Frame::from(packet),
        })
    }

    /// Queues a frame and says whether it is time to write.
    pub(crate) fn push(&mut self, frame: impl Into<Frame>) -> bool {
        if !self.closing {
            self.enqueue(frame.into());
        }
        self.queue.len() >= MAX_FRAMES
    }

    fn enqueue(&mut self, frame: Frame) {
        if self.queue.capacity() == 0 {
            self.queue = SPARE.take();
        }
        self.queue.push_back(frame);
    }

    /// Queues the CLOSE frame, after which nothing is sent.
    pub(crate) fn close(&mut self, code: Option<CloseCode>) {
        if !self.closing {
            self.enqueue(close_frame(code).into());
            self.closing = true;
            self.task.wake_by_ref();
        }
    }

    /// Writes what is queued, as far as the stream takes it.
    pub(crate) fn write(&mut self) -> io::Result<()> {
        while !self.blocked && !self.queue.is_empty() {
            let (written, end) = self.poll_write();
            self.advance(written);
            match end {
                Poll::Pending => self.blocked = true,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => {
                    // What cannot be written must not be tried for ever.
                    self.queue.clear();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Writes as much as goes into one system call, and says how much of it the stream took.
    fn poll_write(&mut self) -> (usize, Poll<io::Result<()>>) {
        match self.queue.as_slices() {
            ([frame], []) => self.io.poll_write_all(&self.task, &mut [IoSlice::new(frame.as_ref())]),
            _ => SCRATCH.with_borrow_mut(|scratch| {
                let mut slices = gather(&self.queue, scratch);
                self.io.poll_write_all(&self.task, &mut slices)
            }),
        }
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(frame) = self.queue.front_mut() {
            let len = frame.as_ref().len();
            if written < len {
                return frame.advance(written);
            }
            written -= len;
            self.queue.pop_front();
        }
        SPARE.set(std::mem::take(&mut self.queue));
    }

    /// Resumes writing from the WebSocket's own task.
    fn poll_unblock(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.task.will_wake(cx.waker()) {
            self.task = cx.waker().clone();
        }
        if (self.blocked || self.io.is_unflushed()) && self.io.poll_writable(cx)?.is_ready() {
            self.blocked = false;
        }
        Ok(())
    }
}

/// Frames that are queued before they are written.
const MAX_FRAMES: usize = 256;

/// Frames behind which a PING is not answered any more: those of the packets, and some answers.
const MAX_QUEUED_PONGS: usize = MAX_FRAMES + 64;

/// How long a closed connection may take to say goodbye.
const LINGER: Duration = Duration::from_secs(2);

thread_local! {
    /// Where a worker reads into, and puts small frames together; a connection keeps only the part of a frame whose end
    /// is missing.
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; 64 * 1024].into());

    /// Room for a queue, which goes from one WebSocket to the next: none keeps it when its frames are written.
    static SPARE: Cell<VecDeque<Frame>> = const { Cell::new(VecDeque::new()) };
}

/// Serves a WebSocket until it is closed; `early` are bytes that came right behind the request.
pub(crate) async fn run(link: Arc<Link>, carrier: CarrierId, early: Bytes) {
    link.receive(carrier, &early);
    // Even without bytes it would keep the buffer that the request was read into.
    drop(early);
    poll_fn(|cx| link.poll_websocket(carrier, cx)).await;
    let websocket = link.lock().remove_websocket(carrier);
    drop(link);
    // After the end of what the client sends, dropping a TCP connection closes it as well.
    if let Some(websocket) = websocket.filter(|websocket| !(websocket.ended && websocket.io.is_tcp())) {
        // Closing while bytes of the client are unread would reset the connection and destroy what was sent.
        let _ = tokio::time::timeout(LINGER, linger(websocket)).await;
    }
}

/// Says why a WebSocket is of no use, and closes it.
pub(crate) async fn refuse(stream: Stream, task: Waker, packet: &Prepared, code: CloseCode) {
    let mut websocket = WebSocket::new(CarrierId(0), stream, task);
    websocket.push_packet(packet.clone());
    websocket.close(Some(code));
    let _ = tokio::time::timeout(LINGER, linger(websocket)).await;
}

async fn linger(mut websocket: WebSocket) -> io::Result<()> {
    poll_fn(|cx| {
        websocket.poll_unblock(cx)?;
        websocket.write()?;
        if websocket.queue.is_empty() { Poll::Ready(Ok::<_, io::Error>(())) } else { Poll::Pending }
    })
    .await?;
    poll_fn(|cx| websocket.io.poll_shutdown(cx)).await?;
    // A buffer here would be part of every connection's task, which is made large enough for its end.
    let mut discard =
        |cx: &mut Context<'_>| SCRATCH.with_borrow_mut(|scratch| websocket.io.poll_read(cx, scratch));
    while poll_fn(&mut discard).await? > 0 {}
    Ok(())
}

impl Link {
    /// Reads and writes until nothing more can be done; ready when the WebSocket is to be closed.
    fn poll_websocket(self: &Arc<Self>, carrier: CarrierId, cx: &mut Context<'_>) -> Poll<()> {
        for _ in 0..READS_PER_WAKE {
            if self.resume(carrier, cx).is_break() {
                return Poll::Ready(());
            }
            let end = match ready!(SCRATCH.with_borrow_mut(|scratch| self.poll_read(carrier, scratch, cx))) {
                Ok(0) => Some(CarrierEnd::Closed),
                Ok(_) => None,
                Err(_) => Some(CarrierEnd::Failed),
            };
            match end {
                None => self.settle(self.lock()),
                Some(end) => self.lost(carrier, end),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Goes on with a blocked write; breaks when the WebSocket is to be closed.
    fn resume(self: &Arc<Self>, carrier: CarrierId, cx: &mut Context<'_>) -> ControlFlow<()> {
        let mut inner = self.lock();
        let Some(websocket) = inner.websocket(carrier).filter(|websocket| !websocket.closing) else {
            return ControlFlow::Break(());
        };
        let was_blocked = websocket.blocked;
        match websocket.poll_unblock(cx) {
            Err(_) => {
                drop(inner);
                self.lost(carrier, CarrierEnd::Failed);
                return ControlFlow::Break(());
            }
            Ok(()) if was_blocked && !websocket.blocked => {
                inner.session.handle_blocked(carrier, false);
                self.settle(inner);
            }
            Ok(()) => {}
        }
        ControlFlow::Continue(())
    }

    /// Reads once and feeds the session.
    fn poll_read(
        &self,
        carrier: CarrierId,
        scratch: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut inner = self.lock();
        if inner.is_behind(self.engine.config.max_queued_bytes) {
            inner.is_flooded = true;
            self.engine.meters.held_back();
            return Poll::Pending;
        }
        let Some(websocket) = inner.websocket(carrier) else {
            return Poll::Ready(Ok(0));
        };
        let len = ready!(websocket.io.poll_read(cx, scratch))?;
        inner.receive(&self.engine.meters, carrier, &scratch[..len]);
        Poll::Ready(Ok(len))
    }

    fn receive(self: &Arc<Self>, carrier: CarrierId, bytes: &[u8]) {
        let mut inner = self.lock();
        inner.receive(&self.engine.meters, carrier, bytes);
        self.settle(inner);
    }

    fn lost(self: &Arc<Self>, carrier: CarrierId, end: CarrierEnd) {
        let mut inner = self.lock();
        if let Some(websocket) = inner.websocket(carrier) {
            websocket.queue.clear();
            (websocket.closing, websocket.ended) = (true, true);
        }
        inner.session.handle_carrier_closed(clock::now(), carrier, end);
        self.settle(inner);
    }
}

impl Inner {
    /// Feeds bytes of the client into the session.
    fn receive(&mut self, meters: &Meters, carrier: CarrierId, mut bytes: &[u8]) {
        let now = clock::now();
        while let Some(websocket) = self.websocket(carrier).filter(|websocket| !websocket.closing) {
            match websocket.decoder.decode(&mut bytes) {
                Ok(None) => {
                    if websocket.decoder.is_partial() {
                        self.session.handle_heard(now, carrier);
                    }
                    break;
                }
                Ok(Some(WebSocketEvent::Message(message))) => {
                    self.session.handle_message(now, carrier, message)
                }
                // Who does not read does not make the answers pile up.
                Ok(Some(WebSocketEvent::Ping(_))) if websocket.queue.len() >= MAX_QUEUED_PONGS => {}
                Ok(Some(WebSocketEvent::Ping(payload))) => {
                    websocket.push(control_frame(Opcode::Pong, &payload));
                }
                Ok(Some(WebSocketEvent::Pong(payload))) => {
                    if let Some(marks) = &mut self.marks {
                        marks.answered(&payload);
                    }
                }
                Ok(Some(WebSocketEvent::Close(code))) => {
                    websocket.close(code);
                    self.session.handle_carrier_closed(now, carrier, CarrierEnd::Closed);
                }
                Err(error) => {
                    match error {
                        FrameError::TooBig => meters.too_large(),
                        _ => meters.protocol_error(),
                    }
                    // An adaptive session ends, with a word for it: on another carrier the message would come again.
                    if error == FrameError::TooBig && self.session.handle_too_large(carrier) {
                        return;
                    }
                    if let Some(websocket) = self.websocket(carrier) {
                        websocket.close(Some(error.close_code()));
                    }
                    self.session.handle_carrier_closed(now, carrier, CarrierEnd::Failed);
                }
            }
        }
    }
}

/// Reads after which a busy connection lets others run.
const READS_PER_WAKE: usize = 16;

#[cfg(test)]
#[path = "websocket_tests.rs"]
mod tests;
