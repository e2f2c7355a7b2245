use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use socketio::{Ack, Auth, Data, Event, Recovery, Refusal, SocketIo, SocketRef};
use socketio_client::{Client, Config, Events, Notice, Reconnection, Status, Transport};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{AbortHandle, JoinSet},
};

pub(crate) const WAYS: [&[Transport]; 4] = [
    &[Transport::WebSocket],
    &[Transport::Polling],
    // Polling, and then the upgrade.
    &[Transport::Polling, Transport::WebSocket],
    &[Transport::Adaptive],
];

/// The ways that end with their only connection.
pub(crate) const STANDARD: [&[Transport]; 3] = [WAYS[0], WAYS[1], WAYS[2]];

/// A server in this process.
pub(crate) struct Server {
    pub(crate) io: SocketIo,
    pub(crate) address: SocketAddr,
    listener: AbortHandle,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(socketio::Config::default()).await
    }

    pub(crate) async fn with(config: socketio::Config) -> Self {
        Self::listen(SocketIo::new(config), "127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn recovering() -> Self {
        Self::with(socketio::Config { recovery: Some(Recovery::default()), ..Default::default() }).await
    }

    /// The same server, with its memory, at the same address again.
    pub(crate) async fn restart(self) -> Self {
        self.stop();
        Self::listen(self.io.clone(), self.address).await
    }

    /// Accepts no connection any more, and ends those that there are.
    pub(crate) fn stop(&self) {
        self.listener.abort();
        self.io.close();
    }

    pub(crate) async fn listen(io: SocketIo, address: SocketAddr) -> Self {
        open(&io, "/");
        open(&io, "/custom");
        io.namespace("/refused")
            .middleware(async |Auth(auth): Auth<serde_json::Value>| match auth["token"] == "right" {
                true => Ok(()),
                false => Err(Refusal::new("not authorised").with_data(auth)),
            })
            .open();
        // The port may still be held by what the listener before it accepted.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        let listener = loop {
            match socket.bind(address) {
                Ok(()) => break socket.listen(64).unwrap(),
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let address = listener.local_addr().unwrap();
        let listener = tokio::spawn(engineio::serve(listener, io.service())).abort_handle();
        Self { io, address, listener }
    }

    pub(crate) fn client(&self, transports: &[Transport]) -> Client {
        client(self.address, config(transports))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn open(io: &SocketIo, path: &str) {
    io.namespace(path)
        .on("echo", async |socket: SocketRef, event: Event| socket.emit("echo", &event.args))
        .on("ack", async |event: Event, ack: Ack| ack.send(&event.args))
        .on("silence", async || {})
        .on("ask", async |socket: SocketRef, Data(question): Data<Bytes>| {
            let answer = socket.emit_with_ack::<(String, Bytes)>("question", &question).await;
            socket.emit("answered", &answer.unwrap());
        })
        .on("kick", async |socket: SocketRef, Data(close): Data<bool>| socket.disconnect(close))
        .on_connect(async |socket: SocketRef, Auth(auth): Auth<serde_json::Value>| {
            if !socket.recovered() {
                socket.join("room");
                socket.emit("auth", &auth);
            }
        });
}

/// Reconnects quickly, as nobody else does.
pub(crate) fn config(transports: &[Transport]) -> Config {
    Config {
        transports: transports.to_vec(),
        reconnection: Some(Reconnection {
            delay: Duration::from_millis(10),
            max_delay: Duration::from_millis(50),
            ..Reconnection::default()
        }),
        ..Config::default()
    }
}

pub(crate) fn client(address: SocketAddr, config: Config) -> Client {
    Client::new(&format!("http://{address}"), config).unwrap()
}

/// Waits until the connection is where it should be.
pub(crate) async fn reaches(client: &Client, status: Status) {
    client.status().wait_for(|current| *current == status).await.unwrap();
}

/// What comes next, in a word.
pub(crate) async fn next(events: &mut Events) -> String {
    match events.next().await.expect("the client is open") {
        Notice::ConnectFailed(_) => "failed".to_owned(),
        Notice::Connected { recovered } => format!("connected {recovered}"),
        Notice::Disconnected(reason) => format!("disconnected: {}", reason.cause),
        Notice::EmitFailed(error) => format!("not sent: {error}"),
        Notice::Event(event) => format!("{}{:?}", event.name, event.args.iter().collect::<Vec<_>>()),
        Notice::Refused(refusal) => format!("refused: {refusal}"),
        _ => unreachable!("all notices are known"),
    }
}

/// What the network does to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// A WebSocket's request is never answered.
    HangingWebSocket,
    /// A WebSocket's request is answered and nothing follows.
    MuteWebSocket,
    /// Nothing passes in either direction until this changes.
    Stalled,
}

/// A proxy between a client and the server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    pub(crate) fault: watch::Sender<Fault>,
    /// WebSockets that a fault met and the client has given up.
    pub(crate) given_up: watch::Receiver<usize>,
    _task: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fault = watch::Sender::new(fault);
        let (counter, given_up) = watch::channel(0);
        let mut task = JoinSet::new();
        task.spawn(crate::faults::proxy(listener, server, fault.subscribe(), counter));
        Self { address, fault, given_up, _task: task }
    }
}
