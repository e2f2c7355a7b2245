//! Cookies by which a load balancer finds the server of a session.

use std::sync::Arc;

use parking_lot::Mutex;
use socketio::SocketIo;
use socketio_client::{Config, Notice};

use crate::support::{STANDARD, Server, client, config};

#[tokio::test]
async fn a_cookie_that_the_server_sets_comes_with_later_requests_if_that_is_wanted() {
    for way in STANDARD {
        for wanted in [true, false] {
            let seen = Arc::<Mutex<Vec<Option<String>>>>::default();
            let log = Arc::clone(&seen);
            let mut server_config = socketio::Config::default();
            server_config.engine.cookie = Some(engineio::Cookie::default());
            let io = SocketIo::builder().config(server_config).allow_request(move |request| {
                let cookie = request.headers.get("cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
                log.lock().push(cookie);
                async { Ok::<_, String>(()) }
            });
            let server = Server::listen(io.build(), "127.0.0.1:0".parse().unwrap()).await;
            let client = client(server.address, Config { cookies: wanted, ..config(way) });
            let (socket, mut events) = client.namespace("/").stream().unwrap();
            socket.connected().await.unwrap();
            server.io.close();
            while !matches!(events.next().await.unwrap(), Notice::Disconnected(_)) {}
            socket.connected().await.unwrap();
            let seen = seen.lock();
            assert_eq!(seen[0], None);
            let second = seen[1].as_deref();
            assert_eq!(second.is_some_and(|cookie| cookie.starts_with("io=")), wanted, "{way:?} {second:?}");
        }
    }
}
