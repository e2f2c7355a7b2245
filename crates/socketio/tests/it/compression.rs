use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Empty};
use socketio::{Config, Emitted, Recovery, SocketIo};
use tower::ServiceExt as _;

use crate::support::Client;

/// Polls as a client that accepts gzip, and tells whether the answer is.
async fn is_compressed(io: &SocketIo, client: &Client) -> bool {
    let request = Request::get(format!("/socket.io/?EIO=4&transport=polling&sid={}", client.session_id()))
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let response = io.service().oneshot(request).await.unwrap();
    let compressed = response.headers().contains_key(header::CONTENT_ENCODING);
    assert!(!response.into_body().collect().await.unwrap().to_bytes().is_empty());
    compressed
}

#[tokio::test]
async fn an_event_is_not_compressed_if_that_is_not_wanted() {
    for recovery in [None, Some(Recovery::default())] {
        let io = SocketIo::new(Config { recovery, ..Config::default() });
        let client = Client::join(&io).await;
        let socket = io.root().all().sockets().remove(0);
        let text = "again and ".repeat(500);
        let sent = |emitted: Emitted| assert_eq!(emitted.queued(), 1);
        let table: [(&dyn Fn(), bool); 6] = [
            (&|| sent(io.emit("a", &text)), true),
            (&|| sent(io.compress(false).emit("a", &text)), false),
            (&|| sent(io.compress(false).compress(true).emit("a", &text)), true),
            (&|| sent(socket.emit("a", &text)), true),
            (&|| sent(socket.compress(false).emit("a", &text)), false),
            // The answer holds both, and the length would tell of the one that must not be compressed.
            (&|| (sent(io.emit("a", &text)), sent(socket.compress(false).emit("a", &1))).1, false),
        ];
        for (index, (emit, expected)) in table.iter().enumerate() {
            emit();
            assert_eq!(is_compressed(&io, &client).await, *expected, "{index}");
        }
        drop(socket.compress(false).emit_with_ack::<()>("a", &text));
        assert!(!is_compressed(&io, &client).await);
        drop(io.compress(false).emit_with_ack::<()>("a", &text));
        assert!(!is_compressed(&io, &client).await);
    }
}
