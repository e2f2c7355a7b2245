//! Socket.IO as the JavaScript client's own tests want it, with connection state recovery.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use socketio::{
    Ack, Auth, Builder, Config, Data, Event, Handshake, Parsers, Recovery, Refusal, SocketIo, SocketRef,
};

use crate::server;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 3210)]
    port: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    server::run(options.port, 2, || {
        let io = builder().build();
        root(&io);
        io.namespace("/foo").on("getId", id).open();
        for path in ["/timeout_socket", "/valid", "/asd"] {
            io.namespace(path).open();
        }
        io.ns("/abc", async |socket: SocketRef, Auth(auth): Auth<Value>| {
            socket.emit("handshake", &handshake(socket.handshake(), &auth));
        });
        io.namespace("/no").middleware(async || refused("Auth failed (custom namespace)")).open();
        io.service()
    })
}

fn builder() -> Builder {
    let mut config = Config { parsers: Parsers::Both, ..Config::default() };
    config.engine.ping_interval = Duration::from_secs(2);
    config.recovery = Some(Recovery::default());
    SocketIo::builder().config(config).allow_request(|_| async {
        // Some of the tests depend on a server that is not too quick.
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok::<_, String>(())
    })
}

fn root(io: &SocketIo) {
    let root = io.namespace("/").middleware(async |handshake: Handshake| {
        if handshake.query("fail").is_some() { refused("Auth failed (main namespace)") } else { Ok(()) }
    });
    binary(root)
        .on("hi", async |socket: SocketRef| socket.emit("hi", &()))
        .on("echo", async |event: Event, ack: Ack| ack.send(&event.args))
        .on("ack", async |socket: SocketRef| {
            #[derive(Deserialize)]
            struct Answer {
                test: bool,
            }
            if let Ok((5, Answer { test: true })) = socket.emit_with_ack::<(u8, Answer)>("ack", &()).await {
                socket.emit("got it", &());
            }
        })
        .on("getAckDate", async |ack: Ack| ack.send(&now()))
        .on("getDate", async |socket: SocketRef| socket.emit("takeDate", &now()))
        .on("getDateObj", async |socket: SocketRef| socket.emit("takeDateObj", &json!({ "date": now() })))
        .on("getUtf8", async |socket: SocketRef| {
            for text in TEXTS {
                socket.emit("takeUtf8", text);
            }
        })
        .on("false", async |socket: SocketRef| socket.emit("false", &false))
        .on("getHandshake", async |socket: SocketRef, ack: Ack| {
            ack.send(&handshake(socket.handshake(), &Value::Null));
        })
        .on("getId", id)
        // For our own cases: whether a socket with this id is here.
        .on("isHere", async |socket: SocketRef, Data(id): Data<String>, ack: Ack| {
            ack.send(&!socket.within(id).sockets().is_empty());
        })
        .open();
}

/// Bytes there and back. An event with arguments of another shape is not answered, which fails its test.
fn binary(namespace: socketio::NamespaceBuilder) -> socketio::NamespaceBuilder {
    #[derive(Deserialize)]
    struct Mixed {
        hello: String,
        message: Bytes,
        goodbye: String,
    }

    impl Mixed {
        fn is_right(&self) -> bool {
            self.hello == "lol" && !self.message.is_empty() && self.goodbye == "gotcha"
        }
    }

    async fn answer(socket: SocketRef, event: Event, Data(mixed): Data<Mixed>) {
        if mixed.is_right() {
            socket.emit(&format!("{}-ack", event.name), &());
        }
    }

    /// The name of the event that came before counts, since order is what is tested.
    #[derive(Clone)]
    struct Last(String);

    async fn remember(socket: SocketRef, event: Event) {
        socket.insert(Last(event.name.to_string()));
    }

    async fn in_order(socket: SocketRef, event: Event, Data(_): Data<Bytes>) {
        let (expected, answer) = match &*event.name {
            "abuff2" => ("abuff1", "abuff2-ack"),
            _ => ("blob2", "blob3-ack"),
        };
        if socket.data::<Last>().is_some_and(|last| last.0 == expected) {
            socket.emit(answer, &());
        }
    }

    namespace
        .on("doge", async |socket: SocketRef| socket.emit("doge", &Bytes::from_static(BYTES)))
        .on("getbin", async |socket: SocketRef| socket.emit("takebin", &Bytes::from_static(BYTES)))
        .on("buffa", async |socket: SocketRef, Data(_): Data<Bytes>| socket.emit("buffack", &()))
        .on("blob", async |socket: SocketRef, Data(_): Data<Bytes>| socket.emit("back", &()))
        .on("jsonbuff", answer)
        .on("jsonblob", answer)
        .on("abuff1", remember)
        .on("abuff2", in_order)
        .on("blob1", remember)
        .on("blob2", remember)
        .on("blob3", in_order)
}

async fn id(socket: SocketRef, ack: Ack) {
    ack.send(&socket.id());
}

fn refused(message: &'static str) -> Result<(), Refusal> {
    Err(Refusal::new(message))
}

/// The opening request in the fields that the reference implementation shows to its users.
fn handshake(handshake: &Handshake, auth: &Value) -> Value {
    let text = |bytes: &[u8]| Value::from(String::from_utf8_lossy(bytes));
    let headers: Map<_, _> =
        handshake.headers().map(|(name, value)| (name.to_owned(), text(value))).collect();
    let query: Map<_, _> =
        handshake.queries().map(|(name, value)| (name.into_owned(), Value::from(value))).collect();
    let issued = Timestamp::try_from(handshake.issued()).unwrap_or_default();
    json!({
        "headers": headers,
        "query": query,
        "auth": auth,
        "time": issued.to_string(),
        "issued": issued.as_millisecond(),
        "address": handshake.peer().map(|peer| peer.ip().to_string()),
        "xdomain": handshake.header("origin").is_some(),
        "secure": false,
        "url": handshake.uri(),
    })
}

fn now() -> String {
    Timestamp::now().to_string()
}

const BYTES: &[u8] = b"asdfasdf";

/// Two, three and no more than two bytes for each character, and a dash in between.
const TEXTS: [&str; 5] = ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"];
