//! The server of the front page: rooms, an acknowledgement, a farewell.

use socketio::{Ack, Config, Data, DisconnectReason, SocketIo, SocketRef, engineio};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let io = SocketIo::new(Config::default());
    io.ns("/", async |socket: SocketRef| {
        socket.join("lobby");
        socket.on("say", async |socket: SocketRef, Data(text): Data<String>, ack: Ack| {
            socket.to("lobby").emit("said", &(socket.id(), text));
            ack.send(&"delivered")
        });
        socket.on_disconnect(async |socket: SocketRef, reason: DisconnectReason| {
            socket.to("lobby").emit("left", &(socket.id(), reason.to_string()));
        });
    });
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    engineio::serve(listener, io.service()).await
}
