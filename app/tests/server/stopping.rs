//! A server that stops: who is there is served to the end, and nobody else is let in.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Listening, World, soon};

const POLLING: &str = "/socket.io/?EIO=4&transport=polling";

/// One request on a connection of its own, as a client behind a proxy makes it.
async fn ask(server: &Listening, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("the listener is open");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        server.address,
        server.token,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("the answer", stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn a_polling_client_hears_the_end_over_new_connections() {
    let world = World::new().await;
    let server = world.listen().await;
    let opened = ask(&server, "GET", POLLING, "").await;
    let open: Value = serde_json::from_str(body(&opened).strip_prefix('0').unwrap()).unwrap();
    let path = format!("{POLLING}&sid={}", open["sid"].as_str().unwrap());
    assert_eq!(body(&ask(&server, "POST", &path, "40").await), "ok");
    assert!(body(&ask(&server, "GET", &path, "").await).starts_with("40{"));

    server.begin_to_stop().await;
    for (method, path) in [("GET", POLLING), ("GET", "/ws"), ("POST", "/api/jobs")] {
        let refused = ask(&server, method, path, "").await.to_lowercase();
        assert!(refused.starts_with("http/1.1 503"), "{path}: {refused}");
        assert!(
            refused.contains("\r\nretry-after: ") && refused.contains("\"stopping\""),
            "{path}: {refused}"
        );
    }
    assert!(ask(&server, "GET", "/api/health/live", "").await.starts_with("HTTP/1.1 200"));
    loop {
        let answer = ask(&server, "GET", &path, "").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        if body(&answer).split('\u{1e}').any(|packet| packet == "1") {
            break;
        }
    }
    server.stop().await;
}
