//! What clients took is given back when they are gone.
#![cfg(target_os = "linux")]

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::running::{PATIENCE, Serving};

/// Clients of a round; each has a WebSocket.
const CLIENTS: usize = 300;

/// Rounds after the first, in which memory is taken that the process keeps.
const ROUNDS: u64 = 4;

/// What a round may leave behind, in bytes: far below what a client that is kept would.
const SLACK: u64 = 1024 * 1024;

#[tokio::test]
async fn clients_that_are_gone_leave_no_memory_behind() {
    let dir = tempfile::tempdir().unwrap();
    let serve = Serving::start(&[], dir.path(), None).await;
    let session = serve.log_in().await;
    let mut after = Vec::new();
    for _ in 0..=ROUNDS {
        let clients = join_all((0..CLIENTS).map(|_| join(&serve, &session))).await;
        // The server's own probe of this carrier is one more while it lasts.
        while gauge(&serve, "pingone_import_connections{tier=\"websocket\"}").await != CLIENTS as u64 {}
        drop(clients);
        while gauge(&serve, "pingone_import_connections{tier=\"websocket\"}").await > 0 {}
        after.push(gauge(&serve, "process_resident_memory_bytes").await);
    }
    let (first, last) = (after[0], after[after.len() - 1]);
    assert!(last <= first + ROUNDS * SLACK, "resident bytes after each round: {after:?}");
}

/// A client of Socket.IO in the main namespace.
async fn join(serve: &Serving, session: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&serve.address).await.unwrap();
    let handshake = format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {session}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        serve.address
    );
    stream.write_all(handshake.as_bytes()).await.unwrap();
    // A masked text frame with CONNECT; a mask of zeros changes nothing.
    stream.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'4', b'0']).await.unwrap();
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"40{\"") {
        let read = timeout(PATIENCE, stream.read_buf(&mut seen)).await.unwrap().unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&seen));
    }
    stream
}

async fn gauge(serve: &Serving, series: &str) -> u64 {
    let text = serve.ask("GET", "/metrics", "", "").await;
    let value = text.lines().find_map(|line| line.strip_prefix(series));
    value.unwrap_or_else(|| panic!("no {series} in {text}")).trim().parse::<f64>().unwrap() as u64
}
