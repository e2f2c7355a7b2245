//! socketioxide on axum, for the load generator of bench/.

use axum::serve::ListenerExt as _;
use futures_util::StreamExt as _;
use serde_json::Value;
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, SocketRef},
};
use tokio::{net::TcpSocket, runtime::Builder};

async fn on_connect(socket: SocketRef) {
    socket.join("bench");
    socket.on("echo", async |Data::<Value>(data), ack: AckSender| {
        let _ = ack.send(&data);
    });
    // A type that can hold bytes: an attachment does not fit into a `serde_json::Value`.
    socket.on("broadcast", async |io: SocketIo, Data::<rmpv::Value>(data)| {
        let _ = io.to("bench").emit("msg", &data).await;
    });
    socket.on("broadcast-ack", async |io: SocketIo, Data::<Value>(data), ack: AckSender| {
        let Ok(answers) = io.to("bench").emit_with_ack::<_, Value>("msg", &data).await else { return };
        let answered = answers.filter(|(_, answer)| std::future::ready(answer.is_ok())).count().await;
        let _ = ack.send(&answered);
    });
    socket.on("join", async |socket: SocketRef, Data::<String>(room), ack: AckSender| {
        socket.join(room);
        let _ = ack.send(&());
    });
    socket.on("leave", async |socket: SocketRef, Data::<String>(room), ack: AckSender| {
        socket.leave(room);
        let _ = ack.send(&());
    });
    socket.on("room", async |io: SocketIo, Data::<(String, String)>((room, text))| {
        let _ = io.to(room).emit("msg", &text).await;
    });
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("the port is missing")?.parse()?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let (layer, io) = SocketIo::new_layer();
        io.ns("/", on_connect);
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(([127, 0, 0, 1], port).into())?;
        let listener = socket.listen(4096)?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        println!("listening on http://127.0.0.1:{port}");
        Ok(axum::serve(listener, axum::Router::new().layer(layer)).await?)
    })
}
