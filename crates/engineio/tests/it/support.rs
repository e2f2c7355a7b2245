//! A server that echoes.

use std::{net::SocketAddr, sync::Arc};

use engineio::{CloseReason, Config, Connection, EngineIo, Handler, Message, Refusal, Socket};
use parking_lot::Mutex;
use testkit::raw::{self, WebSocket};
use tokio::{net::TcpListener, sync::mpsc};

/// Sends every message back and tells the test how sessions end.
pub(crate) struct Echo {
    closed: mpsc::UnboundedSender<CloseReason>,
    sockets: Arc<Mutex<Vec<Socket>>>,
}

pub(crate) struct EchoConnection {
    socket: Socket,
    closed: mpsc::UnboundedSender<CloseReason>,
}

impl Handler for Echo {
    type Connection = EchoConnection;

    async fn allow(&self, request: &http::request::Parts) -> Result<(), Refusal> {
        match request.headers.contains_key("x-unwelcome") {
            true => Err(Refusal { message: "not \"you\"".to_owned() }),
            false => Ok(()),
        }
    }

    fn open(&self, socket: Socket, _: http::request::Parts) -> EchoConnection {
        self.sockets.lock().push(socket.clone());
        EchoConnection { socket, closed: self.closed.clone() }
    }
}

impl Connection for EchoConnection {
    fn message(&self, message: Message) {
        match &message {
            Message::Text(text) if &**text == "panic" => panic!("on request"),
            Message::Text(text) if &**text == "twice" => {
                let _ = self.socket.send(&"once".into());
                let _ = self.socket.send(&"again".into());
            }
            Message::Text(text) if &**text == "close" => self.socket.close(CloseReason::ForcedClose),
            _ => drop(self.socket.send(&message)),
        }
    }

    fn close(&self, reason: CloseReason) {
        self.closed.send(reason).unwrap();
    }
}

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    pub(crate) service: EngineIo<Echo>,
    pub(crate) closed: mpsc::UnboundedReceiver<CloseReason>,
    pub(crate) sockets: Arc<Mutex<Vec<Socket>>>,
}

pub(crate) async fn server(config: Config) -> Server {
    let (sender, closed) = mpsc::unbounded_channel();
    let sockets = Arc::default();
    let service = EngineIo::new(config, Echo { closed: sender, sockets: Arc::clone(&sockets) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(engineio::serve(listener, service.clone()));
    Server { addr, service, closed, sockets }
}

impl Server {
    /// Opens a polling session and gives the path of its requests.
    pub(crate) async fn open(&self) -> String {
        let reply = raw::get(self.addr, POLLING).await.unwrap();
        assert_eq!(reply.status, 200, "{reply:?}");
        let sid = reply.body.split('"').nth(3).unwrap();
        format!("{POLLING}&sid={sid}")
    }

    pub(crate) async fn websocket(&self) -> WebSocket {
        let mut websocket = WebSocket::connect(self.addr, WEBSOCKET).await.unwrap();
        assert!(websocket.text().await.unwrap().starts_with("0{"));
        websocket
    }
}

pub(crate) const POLLING: &str = "/engine.io/?EIO=4&transport=polling";
pub(crate) const WEBSOCKET: &str = "/engine.io/?EIO=4&transport=websocket";
