//! Peers that speak the wire format and nothing more, so that a test can say exactly what is sent.

use std::{collections::VecDeque, io, net::SocketAddr};

use bytes::{Bytes, BytesMut};
use engineio_proto::{
    Message,
    frame::{Decoder, Opcode, WebSocketEvent, masked_frame},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
};

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Status line and headers as received.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(':'));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// Sends a GET request.
///
/// # Errors
/// The connection failed.
pub async fn get(server: SocketAddr, target: &str) -> io::Result<Reply> {
    request(server, &format!("GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")).await
}

/// Sends a POST request with a text body.
///
/// # Errors
/// The connection failed.
pub async fn post(server: SocketAddr, target: &str, body: &str) -> io::Result<Reply> {
    let len = body.len();
    let head =
        format!("POST {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {len}\r\n\r\n");
    request(server, &(head + body)).await
}

/// Sends bytes and reads the answer to the end of the stream.
///
/// # Errors
/// The connection failed.
pub async fn request(server: SocketAddr, request: &str) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).await?;
    parse(&String::from_utf8_lossy(&reply)).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

pub(crate) fn parse(reply: &str) -> Option<Reply> {
    let (head, body) = reply.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Reply { status, head: head.to_owned(), body: body.to_owned() })
}

/// A WebSocket without any layer above.
#[derive(Debug)]
pub struct WebSocket<S = TcpStream> {
    stream: S,
    decoder: Decoder,
    events: VecDeque<WebSocketEvent>,
}

impl WebSocket {
    /// Opens a WebSocket over TCP.
    ///
    /// # Errors
    /// The connection failed; a refusal is an error that holds the status line.
    pub async fn connect(server: SocketAddr, target: &str) -> io::Result<Self> {
        Self::open(TcpStream::connect(server).await?, target).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Opens a WebSocket over a connected stream.
    ///
    /// # Errors
    /// The connection failed; a refusal is an error that holds the status line.
    pub async fn open(mut stream: S, target: &str) -> io::Result<Self> {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut head = BytesMut::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read(&mut byte).await? == 0 {
                break;
            }
            head.extend_from_slice(&byte);
        }
        if !head.starts_with(b"HTTP/1.1 101") {
            let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
            return Err(io::Error::other(line));
        }
        Ok(Self { stream, decoder: Decoder::client(usize::MAX), events: VecDeque::new() })
    }

    /// Sends text.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn send(&mut self, text: &str) -> io::Result<()> {
        self.send_frame(Opcode::Text, text.as_bytes()).await
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn send_frame(&mut self, opcode: Opcode, payload: &[u8]) -> io::Result<()> {
        self.stream.write_all(&masked_frame(opcode, payload, [1, 2, 3, 4])).await
    }

    /// Sends bytes that need not be a frame.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// What comes next; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<WebSocketEvent> {
        while self.events.is_empty() {
            let mut buffer = vec![0; 16 * 1024];
            let len = self.stream.read(&mut buffer).await.ok().filter(|len| *len > 0)?;
            let mut bytes = &buffer[..len];
            while let Ok(Some(event)) = self.decoder.decode(&mut bytes) {
                self.events.push_back(event);
            }
        }
        self.events.pop_front()
    }

    /// The next text; `None` if something else comes.
    pub async fn text(&mut self) -> Option<String> {
        match self.next().await? {
            WebSocketEvent::Message(Message::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    /// The next bytes; `None` if something else comes.
    pub async fn binary(&mut self) -> Option<Bytes> {
        match self.next().await? {
            WebSocketEvent::Message(Message::Binary(bytes)) => Some(bytes),
            _ => None,
        }
    }
}
