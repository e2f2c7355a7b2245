//! A ticker whose clients miss nothing when their connection is lost.

use std::time::Duration;

use axum::Router;
use socketio::{Config, Recovery, Shutdown, SocketIo, SocketRef};
use tokio::{net::TcpListener, sync::oneshot, time::interval};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let io = server();
    tokio::spawn(tick(io.clone()));
    let listener = TcpListener::bind(examples::ADDRESS).await?;
    let router = router(&io);
    let (drained, shut_down) = oneshot::channel::<()>();
    tokio::spawn(async move {
        // Ctrl-C: clients are sent away one after the other; the listener ends after that.
        if tokio::signal::ctrl_c().await.is_ok() {
            io.shutdown(Shutdown::default()).await;
            drop(drained);
        }
    });
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = shut_down.await;
    });
    Ok(serving.await?)
}

fn server() -> SocketIo {
    let recovery = Recovery { max_disconnection_duration: Duration::from_secs(60), ..Recovery::default() };
    let io = SocketIo::new(Config { recovery: Some(recovery), ..Config::default() });
    io.ns("/", async |socket: SocketRef| {
        // One who came back is in the rooms already, and has been sent what was missed.
        if !socket.recovered() {
            socket.join("ticker");
        }
        socket.emit("welcome", &socket.recovered());
    });
    io
}

fn router(io: &SocketIo) -> Router {
    Router::new().route_service("/socket.io/", io.service())
}

async fn tick(io: SocketIo) {
    let mut seconds = interval(Duration::from_secs(1));
    for number in 0_u64.. {
        seconds.tick().await;
        io.to("ticker").emit("tick", &number);
    }
}

#[cfg(test)]
mod tests {
    use socketio::engineio::CloseReason;
    use socketio_client::{Client, Config, Notice, Reconnection};

    use super::*;

    #[tokio::test]
    async fn who_comes_back_gets_what_was_missed() {
        let io = server();
        let address = examples::start(router(&io)).await.unwrap();
        let reconnection = Some(Reconnection { delay: Duration::from_millis(10), ..Reconnection::default() });
        let config = Config { reconnection, ..Config::default() };
        let client = Client::new(&format!("http://{address}"), config).unwrap();
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        assert!(!events.next_event().await.unwrap().data::<bool>().unwrap());
        let id = socket.id();
        io.engine().close(CloseReason::TransportClose);
        for number in 0..10 {
            io.to("ticker").emit("tick", &number);
        }
        let (mut numbers, mut recovered) = (Vec::new(), false);
        loop {
            match events.next().await.unwrap() {
                Notice::Connected { recovered: is_recovered } => recovered = is_recovered,
                Notice::Event(event) if &*event.name == "tick" => numbers.push(event.data::<u64>().unwrap()),
                Notice::Event(welcome) => {
                    assert!(welcome.data::<bool>().unwrap());
                    break;
                }
                _ => {}
            }
        }
        assert!(recovered);
        assert_eq!(socket.id(), id);
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    }
}
