use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use engineio_proto::{
    Message, Prepared,
    frame::{CloseCode, Decoder, FrameError, Opcode, WebSocketEvent, masked_frame},
    session::CarrierId,
};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use crate::{TransportError, net::Stream};

/// A WebSocket of the connection. All of its state is here, so that a future that polls it can be dropped.
pub(super) struct WebSocket {
    pub(super) carrier: CarrierId,
    stream: Stream,
    decoder: Decoder,
    /// Frames that the stream has not taken.
    queue: VecDeque<Bytes>,
    queued_bytes: usize,
    /// What has been decoded and not been given out.
    inbox: VecDeque<WebSocketInput>,
    /// Whether the session knows that nothing can be written.
    blocked: bool,
    unflushed: bool,
    closing: bool,
}

/// What a WebSocket has to say.
#[derive(Debug)]
pub(super) enum WebSocketInput {
    /// Writing is held up, or goes on.
    Blocked(bool),
    /// The end, which nothing follows.
    Ended(TransportError),
    /// A part of a message, whose end is missing.
    Heard,
    Message(Message),
}

impl WebSocket {
    /// `early` are bytes that came right behind the handshake.
    pub(super) fn new(carrier: CarrierId, stream: Stream, early: &[u8], max_message: usize) -> Self {
        let mut websocket = Self {
            carrier,
            stream,
            decoder: Decoder::client(max_message),
            queue: VecDeque::new(),
            queued_bytes: 0,
            inbox: VecDeque::new(),
            blocked: false,
            unflushed: false,
            closing: false,
        };
        websocket.decode(early);
        websocket
    }

    pub(super) fn send(&mut self, packet: &Prepared) {
        let opcode = if packet.is_binary() { Opcode::Binary } else { Opcode::Text };
        self.push(opcode, packet.payload());
    }

    /// Queues the CLOSE frame, after which nothing is sent.
    pub(super) fn close(&mut self, code: Option<CloseCode>) {
        let payload = code.map(|code| code.get().to_be_bytes());
        self.push(Opcode::Close, payload.as_ref().map_or(&[], |bytes| bytes.as_slice()));
        self.closing = true;
    }

    /// Writes and reads as much as possible, until there is something to say.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<WebSocketInput> {
        loop {
            match self.poll_write(cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(WebSocketInput::Ended(error.into())),
                Poll::Ready(Ok(())) if self.blocked => return Poll::Ready(self.set_blocked(false)),
                Poll::Pending if !self.blocked => return Poll::Ready(self.set_blocked(true)),
                _ => {}
            }
            if let Some(input) = self.inbox.pop_front() {
                return Poll::Ready(input);
            }
            let mut scratch = [0; SCRATCH];
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Err(error) => return Poll::Ready(WebSocketInput::Ended(error.into())),
                Ok(()) if buffer.filled().is_empty() => {
                    return Poll::Ready(WebSocketInput::Ended(TransportError::Closed { code: None }));
                }
                Ok(()) => self.decode(buffer.filled()),
            }
        }
    }

    /// Says goodbye: writes what is queued, then waits for the server to close, as closing while its bytes are unread
    /// would reset the connection and destroy what was sent.
    pub(super) async fn linger(mut self) -> io::Result<()> {
        std::future::poll_fn(|cx| self.poll_write(cx)).await?;
        std::future::poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await?;
        loop {
            let mut scratch = [0; 512];
            let mut buffer = ReadBuf::new(&mut scratch);
            std::future::poll_fn(|cx| Pin::new(&mut self.stream).poll_read(cx, &mut buffer)).await?;
            if buffer.filled().is_empty() {
                return Ok(());
            }
        }
    }

    fn set_blocked(&mut self, blocked: bool) -> WebSocketInput {
        self.blocked = blocked;
        WebSocketInput::Blocked(blocked)
    }

    fn push(&mut self, opcode: Opcode, payload: &[u8]) {
        if !self.closing {
            // The generator of the thread is cryptographic: no script or proxy can foresee the key.
            let frame = masked_frame(opcode, payload, rand::random());
            self.queued_bytes += frame.len();
            self.queue.push_back(frame);
        }
    }

    fn decode(&mut self, mut bytes: &[u8]) {
        loop {
            match self.decoder.decode(&mut bytes) {
                Ok(None) => {
                    if self.inbox.is_empty() && self.decoder.is_partial() {
                        self.inbox.push_back(WebSocketInput::Heard);
                    }
                    return;
                }
                Ok(Some(WebSocketEvent::Message(message))) => {
                    self.inbox.push_back(WebSocketInput::Message(message));
                }
                Ok(Some(WebSocketEvent::Ping(payload))) => self.push(Opcode::Pong, &payload),
                Ok(Some(WebSocketEvent::Pong(_))) => {}
                Ok(Some(WebSocketEvent::Close(code))) => {
                    self.close(code);
                    let code = code.map(CloseCode::get).or(Some(NO_STATUS));
                    return self.inbox.push_back(WebSocketInput::Ended(TransportError::Closed { code }));
                }
                Err(error) => return self.refuse(error),
            }
        }
    }

    fn refuse(&mut self, error: FrameError) {
        self.close(Some(error.close_code()));
        self.inbox.push_back(WebSocketInput::Ended(error.into()));
    }

    /// Ready when everything has been written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.queue.is_empty() {
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
            let filled =
                self.queue.iter().zip(&mut slices).map(|(frame, slice)| *slice = IoSlice::new(frame));
            let count = filled.count();
            let slices = slices.get(..count).unwrap_or_default();
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unflushed = true;
            self.advance(written);
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn advance(&mut self, mut written: usize) {
        self.queued_bytes -= written;
        while let Some(frame) = self.queue.front_mut() {
            if written < frame.len() {
                return frame.advance(written);
            }
            written -= frame.len();
            self.queue.pop_front();
        }
    }

    /// Whether the session should give nothing more until [`WebSocketInput::Blocked`] says so.
    pub(super) fn fills_up(&mut self) -> bool {
        self.blocked |= self.queued_bytes >= QUEUE_BYTES;
        self.blocked
    }

    /// Whether the CLOSE frame is sent, or about to be.
    pub(super) fn is_closing(&self) -> bool {
        self.closing
    }
}

impl std::fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebSocket").field("carrier", &self.carrier).finish_non_exhaustive()
    }
}

/// Read at once; on the stack, so that an idle connection keeps nothing.
const SCRATCH: usize = 16 * 1024;

/// Frames that go into one system call.
const MAX_SLICES: usize = 32;

/// Bytes of frames that are made before the stream has taken them.
const QUEUE_BYTES: usize = 64 * 1024;

/// What RFC 6455 §7.1.5 calls a CLOSE frame without a code.
const NO_STATUS: u16 = 1005;
