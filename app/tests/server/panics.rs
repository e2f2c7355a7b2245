//! A handler that panics costs its own connection, is counted, and is told without what it worked on.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Method, Request};
use http_body_util::BodyExt as _;
use pingone_import::logging::{Format, LogSettings, subscriber, tell_panic};
use serde_json::Value;
use socketio::{Config, Data, SocketIo, SocketRef};
use tower::ServiceExt as _;

const OPEN: &str = "/socket.io/?EIO=4&transport=polling";
const CANARY: &str = "canary@example.org";

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_panic_is_told_with_the_name_of_its_event_and_not_with_its_data() {
    let log = Log::default();
    let settings = LogSettings { filter: "trace".to_owned(), format: Format::Json };
    let writer = log.clone();
    // Everything here runs on one thread.
    let _logging = tracing::subscriber::set_default(subscriber(&settings, move || writer.clone(), false));
    std::panic::set_hook(Box::new(tell_panic));
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.on("save", async |Data(address): Data<String>| panic!("{address} is not as expected"));
    });
    let opened = ask(&io, Method::GET, OPEN, String::new()).await;
    let open: Value = serde_json::from_str(opened.strip_prefix('0').unwrap()).unwrap();
    let path = format!("{OPEN}&sid={}", open["sid"].as_str().unwrap());
    ask(&io, Method::POST, &path, "40".to_owned()).await;
    assert!(ask(&io, Method::GET, &path, String::new()).await.starts_with("40{"));
    ask(&io, Method::POST, &path, format!("42[\"save\",\"{CANARY}\"]")).await;
    // The default hook shows a test's own failure from here on.
    drop(std::panic::take_hook());

    assert_eq!((io.handler_panics(), io.stats().sockets), (1, 0));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().find(|line| line["message"] == "a handler panicked").expect(&log);
    assert_eq!((&told["handler"], &told["level"]), (&Value::from("save"), &Value::from("ERROR")));
    let placed = lines.iter().any(|line| line["place"].as_str().is_some_and(|it| it.contains("panics.rs")));
    assert!(placed && !log.contains(CANARY), "{log}");
}

async fn ask(io: &SocketIo, method: Method, path: &str, body: String) -> String {
    let request = Request::builder().method(method).uri(path).body(Body::from(body)).unwrap();
    let response = io.service().oneshot(request).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&body).into_owned()
}
