//! A WebSocket client that shows each message.

use axum::http::header::{AUTHORIZATION, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Listening, soon};

pub(crate) struct Client {
    stream: WebSocketStream<TcpStream>,
}

impl Listening {
    /// The headers of the one who is logged in.
    pub(crate) fn credentials(&self) -> HeaderMap {
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token)).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, bearer)])
    }

    pub(crate) async fn websocket(&self, path: &str) -> Client {
        self.try_websocket(path, self.credentials()).await.unwrap()
    }

    /// Opens a WebSocket, or gives the status that refused it.
    pub(crate) async fn try_websocket(&self, path: &str, headers: HeaderMap) -> Result<Client, StatusCode> {
        let tcp = TcpStream::connect(self.address).await.unwrap();
        self.handshake(path, headers, tcp).await
    }

    /// A client whose system takes in little that it has not read.
    pub(crate) async fn narrow_websocket(&self, path: &str) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 * 1024).unwrap();
        let tcp = socket.connect(self.address).await.unwrap();
        self.handshake(path, self.credentials(), tcp).await.unwrap()
    }

    async fn handshake(&self, path: &str, headers: HeaderMap, tcp: TcpStream) -> Result<Client, StatusCode> {
        let mut request: Request<()> = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        for (name, value) in &headers {
            request.headers_mut().insert(HeaderName::clone(name), value.clone());
        }
        match soon("the handshake", client_async(request, tcp)).await {
            Ok((stream, _)) => Ok(Client { stream }),
            Err(Error::Http(response)) => Err(response.status()),
            Err(error) => panic!("{error}"),
        }
    }
}

impl Client {
    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn send_json(&mut self, value: &Value) {
        self.send(&value.to_string()).await;
    }

    /// The next text message; `None` when the connection is closed.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            match soon("a message", self.stream.next()).await {
                Some(Ok(Message::Text(text))) => return Some(text.as_str().to_owned()),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The code that the connection is closed with, if nothing else comes before.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        match soon("the close", self.stream.next()).await {
            Some(Ok(Message::Close(frame))) => frame.map(|frame| frame.code.into()),
            _ => None,
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        serde_json::from_str(&self.next().await.expect("the connection was closed")).unwrap()
    }
}
