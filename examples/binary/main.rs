//! Files in pieces: bytes inside of other values, and an acknowledgement for each piece.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::Router;
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use socketio::{Ack, Config, Data, Parsers, SocketIo, SocketRef, State};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    examples::serve(router()).await
}

/// `Bytes` travel as they are; a `Vec<u8>` would be an array of numbers.
#[derive(Deserialize, Serialize)]
struct Piece {
    name: String,
    at: usize,
    body: Bytes,
}

#[derive(Clone, Default)]
struct Files(Arc<Mutex<HashMap<String, BytesMut>>>);

impl Files {
    /// Adds a piece and gives the length so far; a piece that does not follow the last one is not taken.
    fn append(&self, piece: &Piece) -> Result<usize, &'static str> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let file = files.entry(piece.name.clone()).or_default();
        if file.len() != piece.at || file.len() + piece.body.len() > MAX_FILE {
            return Err("out of place");
        }
        file.extend_from_slice(&piece.body);
        Ok(file.len())
    }

    fn read(&self, name: &str) -> Option<Bytes> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(name).map(|file| file.clone().freeze())
    }
}

fn router() -> Router {
    // Clients may speak JSON with attachments or MessagePack; handlers do not notice.
    let config = Config { parsers: Parsers::Both, ..Config::default() };
    let io = SocketIo::builder().config(config).state(Files::default()).build();
    io.namespace("/")
        .on("put", async |State(files): State<Files>, Data(piece): Data<Piece>, ack: Ack| {
            // An answer of two arguments, an error and a result, as Node's callbacks have it.
            match files.append(&piece) {
                Ok(len) => ack.send(&((), len)),
                Err(error) => ack.send(&(error, ())),
            }
        })
        .on("get", async |State(files): State<Files>, Data(name): Data<String>, ack: Ack| {
            ack.send(&files.read(&name))
        })
        .on("publish", async |socket: SocketRef, State(files): State<Files>, Data(name): Data<String>| {
            if let Some(body) = files.read(&name) {
                socket.broadcast().emit("file", &Piece { name, at: 0, body });
            }
        })
        .open();
    Router::new().route_service("/socket.io/", io.service())
}

const MAX_FILE: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use socketio_client::{Client, Config, Parser};

    use super::*;

    #[tokio::test]
    async fn a_file_goes_up_in_pieces_and_comes_down_whole() {
        let address = examples::start(router()).await.unwrap();
        let [sender, receiver] = [Parser::Json, Parser::MessagePack].map(|parser| {
            Client::new(&format!("http://{address}"), Config { parser, ..Config::default() }).unwrap()
        });
        let socket = sender.namespace("/").connect().unwrap();
        let (other, mut events) = receiver.namespace("/").stream().unwrap();
        other.connected().await.unwrap();
        let file: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        let mut at = 0;
        for body in file.chunks(64 * 1024) {
            let piece = Piece { name: "a".to_owned(), at, body: Bytes::copy_from_slice(body) };
            let (error, len): (Option<String>, usize) = socket.emit_with_ack("put", &piece).await.unwrap();
            at += body.len();
            assert_eq!((error, len), (None, at));
        }
        let again = Piece { name: "a".to_owned(), at: 0, body: Bytes::from_static(b"x") };
        let (error, _): (Option<String>, Option<usize>) = socket.emit_with_ack("put", &again).await.unwrap();
        assert_eq!(error.as_deref(), Some("out of place"));
        assert_eq!(other.emit_with_ack::<Bytes>("get", &"a").await.unwrap(), file);
        assert_eq!(other.emit_with_ack::<Option<Bytes>>("get", &"b").await.unwrap(), None);
        socket.emit("publish", &"a").unwrap();
        let published: Piece = events.next_event().await.unwrap().data().unwrap();
        assert_eq!(published.body, file);
    }
}
