//! A session on a WebSocket.

use std::{
    io,
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{connect, http::read_head};
use crate::server::Server;

/// How a session travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// The standard transport.
    #[default]
    Websocket,
    /// The adaptive transport on a WebSocket.
    Adaptive,
}

/// A WebSocket with what has been read of it and not yet used.
#[derive(Debug)]
pub(crate) struct WebSocket {
    stream: TcpStream,
    buffer: Vec<u8>,
    used: usize,
    /// Frames that are still to be written.
    outgoing: Vec<u8>,
    /// On the adaptive transport: packets received, and how many of them the server knows of.
    counts: Option<Counts>,
    /// Whether a count is among those frames that goes along with nothing, as only a receiver's does.
    is_answering: bool,
}

#[derive(Debug)]
struct Counts {
    received: u64,
    told: u64,
    /// Of the packets that were not told.
    bytes: usize,
    /// When the count was told last.
    since: Instant,
}

/// One frame of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame<'a> {
    opcode: u8,
    pub(crate) payload: &'a [u8],
}

impl WebSocket {
    /// Opens a WebSocket with this query.
    pub(crate) async fn open(server: Server, index: usize, query: &str) -> Result<Self> {
        let mut stream = connect(server, index).await?;
        let request = format!(
            "GET /socket.io/?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = Vec::new();
        let head = read_head(&mut stream, &mut buffer).await?;
        ensure!(head.starts_with("HTTP/1.1 101"), "the server refused a WebSocket: {head}");
        Ok(Self { stream, buffer, used: 0, outgoing: Vec::new(), counts: None, is_answering: false })
    }

    /// Opens a session and joins the default namespace.
    pub(crate) async fn join(server: Server, index: usize, kind: Kind) -> Result<Self> {
        let mut this = match kind {
            Kind::Websocket => Self::open(server, index, "EIO=4&transport=websocket").await?,
            Kind::Adaptive => {
                let query = format!("EIO=4&transport=adaptive&carrier=websocket&key={index:022}");
                let mut this = Self::open(server, index, &query).await?;
                this.send_text("t1,0,1").await?;
                let attach = this.next_text().await?;
                ensure!(attach.starts_with(b"t1,"), "the attach was not answered");
                this.counts = Some(Counts { received: 0, told: 0, bytes: 0, since: Instant::now() });
                this
            }
        };
        let open = this.next_text().await?;
        ensure!(open.starts_with(b"0{"), "no OPEN packet");
        this.send_text("40").await?;
        let joined = this.next_text().await?;
        ensure!(joined.starts_with(b"40"), "no answer to CONNECT");
        this.shrink();
        Ok(this)
    }

    pub(crate) async fn send_text(&mut self, text: &str) -> Result<()> {
        self.tell(TELL_PACKETS / 8, TELL_BYTES / 2);
        push_masked(&mut self.outgoing, TEXT, text.as_bytes());
        self.flush().await
    }

    /// A text message and its one binary attachment.
    pub(crate) async fn send_with_attachment(&mut self, text: &str, attachment: &[u8]) -> Result<()> {
        self.tell(TELL_PACKETS / 8, TELL_BYTES / 2);
        push_masked(&mut self.outgoing, TEXT, text.as_bytes());
        push_masked(&mut self.outgoing, BINARY, attachment);
        self.flush().await
    }

    /// The next text message, answering heartbeats on the way.
    pub(crate) async fn next_text(&mut self) -> Result<Vec<u8>> {
        loop {
            let adaptive = self.counts.is_some();
            if let Some(frame) = self.buffered()? {
                if frame.is_text() && frame.payload == b"2" {
                    push_masked(&mut self.outgoing, TEXT, b"3");
                    self.flush().await?;
                    continue;
                }
                // The records of the adaptive transport begin with a letter, packets with a digit.
                let is_packet = frame.payload.first().is_none_or(u8::is_ascii_digit);
                if frame.is_text() && (is_packet || !adaptive) {
                    let text = frame.payload.to_vec();
                    self.tell(TELL_PACKETS, TELL_BYTES);
                    return Ok(text);
                }
            } else {
                self.fill().await?;
            }
        }
    }

    /// Waits for bytes, then gives each whole message that has come to `each`. Heartbeats are answered.
    ///
    /// Nothing is lost when the caller stops waiting.
    pub(crate) async fn receive(&mut self, mut each: impl FnMut(Frame<'_>)) -> Result<()> {
        self.flush().await?;
        self.fill().await?;
        let mut pings = 0;
        while let Some(frame) = self.buffered()? {
            if frame.is_text() && frame.payload == b"2" {
                pings += 1;
            } else {
                each(frame);
            }
        }
        for _ in 0..pings {
            push_masked(&mut self.outgoing, TEXT, b"3");
        }
        self.is_answering |= self.tell(TELL_PACKETS, TELL_BYTES);
        if self.used == self.buffer.len() {
            self.buffer.clear();
            self.used = 0;
        }
        self.flush().await
    }

    /// Gives back the buffer, so that many idle connections fit.
    pub(crate) fn shrink(&mut self) {
        self.buffer.drain(..self.used);
        self.used = 0;
        self.buffer.shrink_to_fit();
    }

    /// Writes what waits. What a caller that stops waiting leaves is written by the next call.
    async fn flush(&mut self) -> Result<()> {
        while !self.outgoing.is_empty() {
            match self.stream.try_write(&self.outgoing) {
                Ok(written) => drop(self.outgoing.drain(..written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error.into()),
            }
        }
        if std::mem::take(&mut self.is_answering) {
            stay_a_receiver(&self.stream)?;
        }
        Ok(())
    }

    /// Tells the count when it is due, as the protocol of the adaptive transport has it: after so many packets, or so
    /// many bytes of them, which are fewer where a packet follows. Whether it was.
    fn tell(&mut self, packets: u64, bytes: usize) -> bool {
        if let Some(counts) = &mut self.counts
            && counts.received > counts.told
            && (counts.received - counts.told >= packets
                || counts.bytes >= bytes
                || counts.since.elapsed() >= TELL_AFTER)
        {
            (counts.told, counts.bytes, counts.since) = (counts.received, 0, Instant::now());
            push_masked(&mut self.outgoing, TEXT, format!("a{}", counts.received).as_bytes());
            return true;
        }
        false
    }

    async fn fill(&mut self) -> Result<()> {
        self.buffer.drain(..self.used);
        self.used = 0;
        loop {
            // Waiting first, and reserving then, keeps idle connections small.
            self.stream.readable().await?;
            self.buffer.reserve(READ);
            match self.stream.try_read_buf(&mut self.buffer) {
                Ok(0) => bail!("the server closed the connection"),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The next whole frame that has been read.
    fn buffered(&mut self) -> Result<Option<Frame<'_>>> {
        let bytes = self.buffer.get(self.used..).unwrap_or_default();
        let Some((opcode, start, end)) = measure(bytes)? else { return Ok(None) };
        ensure!(opcode != CLOSE, "the server closed the WebSocket");
        let is_packet = bytes.get(start).is_some_and(|first| opcode == BINARY || first.is_ascii_digit());
        if let Some(counts) = &mut self.counts
            && is_packet
        {
            counts.received += 1;
            counts.bytes += end - start;
        }
        let start = self.used + start;
        self.used += end;
        Ok(Some(Frame { opcode, payload: &self.buffer[start..self.used] }))
    }
}

/// Keeps the kernel acknowledging what comes as soon as it is read, which it does for who only receives.
///
/// For who also sends it delays the acknowledgement, with a timer that over loopback runs on the server's processor: it
/// would be booked on a server whose clients tell their counts, and on no other.
#[cfg(target_os = "linux")]
fn stay_a_receiver(stream: &TcpStream) -> io::Result<()> {
    stream.set_quickack(true)
}

#[cfg(not(target_os = "linux"))]
fn stay_a_receiver(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

impl Frame<'_> {
    pub(crate) fn is_text(self) -> bool {
        self.opcode == TEXT
    }
}

/// Opcode, start and end of the payload of the first frame, if it is there as a whole.
fn measure(bytes: &[u8]) -> Result<Option<(u8, usize, usize)>> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    ensure!(first & 0xf0 == 0x80 && second & 0x80 == 0, "a frame that no server should send: {first:#x}");
    let (start, len) = match second {
        126 => match *bytes {
            [_, _, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
            _ => return Ok(None),
        },
        127 => match bytes.get(2..10).and_then(|len| len.try_into().ok()) {
            Some(len) => (10, usize::try_from(u64::from_be_bytes(len))?),
            None => return Ok(None),
        },
        len => (2, usize::from(len)),
    };
    Ok((bytes.len() >= start + len).then_some((first & 0xf, start, start + len)))
}

/// Appends a frame of a client; the key protects nobody on loopback.
fn push_masked(to: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    to.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(len), _) if len < 126 => to.push(0x80 | len),
        (_, Ok(len)) => {
            to.push(0x80 | 126);
            to.extend(len.to_be_bytes());
        }
        _ => {
            to.push(0x80 | 127);
            to.extend((payload.len() as u64).to_be_bytes());
        }
    }
    to.extend(KEY);
    to.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
}

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// Packets, their bytes, and the time after which the received count is told.
const TELL_PACKETS: u64 = 128;
const TELL_BYTES: usize = 32 * 1024;
const TELL_AFTER: Duration = Duration::from_secs(2);

/// Read at once.
const READ: usize = 16 * 1024;
