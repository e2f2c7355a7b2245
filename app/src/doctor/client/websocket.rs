//! A WebSocket that speaks text.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};
use tokio_util::task::AbortOnDropHandle;

use super::super::cause::Cause;
use super::super::failure::Failure;
use super::dial::{Purpose, dial};
use super::http::Http;
use super::target::Target;

/// A WebSocket that speaks text.
pub(in crate::doctor) struct WebSocket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    /// The extensions that the server agreed to.
    pub(in crate::doctor) extensions: Option<String>,
    heard: Instant,
    _connection: AbortOnDropHandle<()>,
}

impl WebSocket {
    pub(in crate::doctor) async fn open(target: &Target, path: &str) -> Result<Self, Failure> {
        Self::offering(target, path, None).await
    }

    /// As [`Self::open`], offering extensions.
    pub(in crate::doctor) async fn offering(
        target: &Target,
        path: &str,
        extensions: Option<&'static str>,
    ) -> Result<Self, Failure> {
        Http::over(dial(target, Purpose::WebSocket).await?, target).await?.upgrade(path, extensions).await
    }

    pub(super) async fn new(
        upgraded: Upgraded,
        extensions: Option<String>,
        connection: AbortOnDropHandle<()>,
    ) -> Self {
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        Self { stream, extensions, heard: Instant::now(), _connection: connection }
    }

    pub(in crate::doctor) async fn send(&mut self, text: &str) -> Result<(), Failure> {
        let sent = self.stream.send(Message::text(text)).await;
        sent.map_err(|error| Failure::from_transport("send frame", &error))
    }

    /// The next text message; pings are answered on the way.
    pub(in crate::doctor) async fn text(&mut self) -> Result<String, Failure> {
        loop {
            let message = self.stream.next().await;
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.heard = Instant::now();
                    return Ok(text.as_str().to_owned());
                }
                Some(Ok(Message::Close(frame))) => return Err(closed(frame.map(|frame| frame.code.into()))),
                Some(Ok(_)) => self.heard = Instant::now(),
                Some(Err(error)) => return Err(Failure::from_transport("read frame", &error)),
                None => return Err(closed(None)),
            }
        }
    }

    /// Since something last came.
    pub(in crate::doctor) fn silence(&self) -> Duration {
        self.heard.elapsed()
    }

    /// Says goodbye, without waiting for the answer.
    pub(in crate::doctor) async fn close(mut self) {
        // The result of the probe is known by now; a peer that is already gone changes nothing.
        let _ = self.stream.close(None).await;
    }
}

fn closed(code: Option<u16>) -> Failure {
    let code = code.map_or_else(|| "without a code".to_owned(), |code| format!("with code {code}"));
    Failure::new(Cause::ConnectionReset, format!("the WebSocket was closed {code}"))
}
