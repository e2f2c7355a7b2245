//! Joins servers of one process by an adapter that passes on bytes only, as one over a network would.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use socketio::{
    Adapter, Args, Config, Event, Local, Message, NamespaceBuilder, RemoteSocket, Request, Response,
    Responses, Selection, SocketIo,
    socketio_proto::{Limits, Value, msgpack},
};

/// What the servers have in common.
#[derive(Clone, Default)]
pub(crate) struct Hub {
    nodes: Arc<Mutex<Vec<(usize, Local)>>>,
    rooms: Arc<Mutex<Vec<String>>>,
    servers: Arc<AtomicUsize>,
}

impl Hub {
    /// Another server of the cluster; `describe` completes its namespace `/`.
    pub(crate) fn server(&self, describe: impl FnOnce(NamespaceBuilder) -> NamespaceBuilder) -> SocketIo {
        let (hub, server) = (self.clone(), self.servers.fetch_add(1, Ordering::Relaxed));
        let builder = SocketIo::builder().config(Config::default());
        let io = builder.adapter(move |local| Bridge::connect(&hub, server, local)).build();
        describe(io.namespace("/")).open();
        io
    }

    /// The namespaces of all servers.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.nodes.lock().iter().map(|(_, local)| local.path().to_owned()).collect()
    }

    /// The rooms that came (`+`) and went (`-`), in order.
    pub(crate) fn rooms(&self) -> Vec<String> {
        std::mem::take(&mut *self.rooms.lock())
    }
}

struct Bridge {
    hub: Hub,
    server: usize,
    path: String,
}

impl Bridge {
    fn connect(hub: &Hub, server: usize, local: Local) -> Self {
        let path = local.path().to_owned();
        hub.nodes.lock().push((server, local));
        Self { hub: hub.clone(), server, path }
    }

    fn others(&self) -> Vec<Local> {
        let nodes = self.hub.nodes.lock();
        let others =
            nodes.iter().filter(|(server, local)| *server != self.server && local.path() == self.path);
        others.map(|(_, local)| local.clone()).collect()
    }
}

impl Adapter for Bridge {
    fn publish(&self, message: Message) {
        let bytes = msgpack::to_vec(&write(message)).unwrap().into();
        for other in self.others() {
            other.handle(read(msgpack::from_bytes(&bytes, Limits::default()).unwrap()));
        }
    }

    fn request(&self, request: Request, timeout: Duration, responses: Responses) {
        assert!(timeout > Duration::ZERO);
        let others = self.others();
        responses.expect(others.len());
        for other in others {
            let responses = responses.clone();
            other.answer(request.clone(), move |response| responses.send(passed_on(response)));
        }
    }

    fn room_opened(&self, room: &str) {
        self.hub.rooms.lock().push(format!("+{room}"));
    }

    fn room_closed(&self, room: &str) {
        self.hub.rooms.lock().push(format!("-{room}"));
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.hub.nodes.lock().retain(|(server, local)| *server != self.server || local.path() != self.path);
    }
}

/// The messages of the adapters for Node.js, in their numbers and fields.
#[derive(Deserialize, Serialize)]
struct Wire {
    r#type: u8,
    data: Data,
}

#[derive(Default, Deserialize, Serialize)]
struct Data {
    #[serde(default)]
    opts: Options,
    #[serde(default)]
    rooms: Vec<String>,
    #[serde(default)]
    close: bool,
    /// The name of an event and its arguments, bytes included.
    #[serde(default)]
    packet: Vec<Value>,
}

#[derive(Default, Deserialize, Serialize)]
struct Options {
    #[serde(flatten)]
    selection: Selection,
    volatile: bool,
    /// Absent is true, as on Node.js.
    compress: Option<bool>,
}

fn write(message: Message) -> Wire {
    let options = |selection, volatile| Options { selection, volatile, compress: None };
    let (r#type, data) = match message {
        Message::Broadcast { event, selection, volatile, compress } => {
            let opts = Options { compress: Some(compress), ..options(selection, volatile) };
            (3, Data { opts, packet: packet(&event), ..Data::default() })
        }
        Message::Join { selection, rooms } => {
            (4, Data { opts: options(selection, false), rooms, ..Data::default() })
        }
        Message::Leave { selection, rooms } => {
            (5, Data { opts: options(selection, false), rooms, ..Data::default() })
        }
        Message::Disconnect { selection, close } => {
            (6, Data { opts: options(selection, false), close, ..Data::default() })
        }
        Message::ServerSideEmit { event } => (9, Data { packet: packet(&event), ..Data::default() }),
        other => unreachable!("{other:?}"),
    };
    Wire { r#type, data }
}

fn read(Wire { r#type, data }: Wire) -> Message {
    let Data { opts: Options { selection, volatile, compress }, rooms, close, packet } = data;
    match r#type {
        3 => {
            let compress = compress.unwrap_or(true);
            Message::Broadcast { event: event(&packet), selection, volatile, compress }
        }
        4 => Message::Join { selection, rooms },
        5 => Message::Leave { selection, rooms },
        6 => Message::Disconnect { selection, close },
        9 => Message::ServerSideEmit { event: event(&packet) },
        other => unreachable!("{other}"),
    }
}

fn packet(event: &Event) -> Vec<Value> {
    let name = Value::String(event.name.to_string());
    std::iter::once(name).chain(event.args.values().unwrap()).collect()
}

fn event(packet: &[Value]) -> Event {
    let Some((Value::String(name), args)) = packet.split_first() else { unreachable!("{packet:?}") };
    Event { name: name.as_str().into(), args: Args::from_values(args).unwrap() }
}

/// The response after it has been bytes.
fn passed_on(response: Response) -> Response {
    match response {
        Response::Sockets(sockets) => {
            let bytes = msgpack::to_vec(&sockets).unwrap().into();
            Response::Sockets(msgpack::from_bytes::<Vec<RemoteSocket>>(&bytes, Limits::default()).unwrap())
        }
        Response::Ack(args) => {
            let bytes = msgpack::to_vec(&args.values().unwrap()).unwrap().into();
            let values: Vec<Value> = msgpack::from_bytes(&bytes, Limits::default()).unwrap();
            Response::Ack(Args::from_values(&values).unwrap())
        }
        other => other,
    }
}
