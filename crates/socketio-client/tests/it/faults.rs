use std::time::Duration;

use engineio_proto::frame::accept_key;
use futures_util::{FutureExt as _, future::join};
use socketio_client::{By, Cause, Config, EmitError, JoinError, Notice, State, Status, Transport};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

use crate::support::{Fault, Proxy, STANDARD, Server, WAYS, client, config, next, reaches};

#[tokio::test]
async fn a_websocket_that_hangs_or_is_mute_costs_its_deadline_and_no_more() {
    let server = Server::start().await;
    for fault in [Fault::HangingWebSocket, Fault::MuteWebSocket] {
        let mut proxy = Proxy::start(server.address, fault).await;
        let transports = [Transport::WebSocket, Transport::Polling];
        let config = Config {
            // A server may hold a poll for 100 ms before it lets it go for an upgrade.
            transport_deadline: Duration::from_millis(400),
            close_timeout: Duration::from_millis(50),
            ..config(&transports)
        };
        let client = client(proxy.address, config);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        // One attempt is enough: the fallback is part of it.
        assert_eq!(next(&mut events).await, "connected false", "{fault:?}");
        assert_eq!(*client.status().borrow(), Status::Open(Transport::Polling));
        assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);

        // The upgrade met the same fault; the session goes on without.
        proxy.given_up.wait_for(|count| *count == 2).await.unwrap();
        assert_eq!(socket.emit_with_ack::<u8>("ack", &2).await.unwrap(), 2);

        // What worked is tried first the next time, and the network has been repaired meanwhile.
        proxy.fault.send_replace(Fault::None);
        server.io.close();
        reaches(&client, Status::Opening(Transport::Polling)).await;
        reaches(&client, Status::Open(Transport::WebSocket)).await;
    }
}

#[tokio::test]
async fn a_refused_websocket_falls_back_and_one_alone_is_an_error() {
    let mut config = socketio::Config::default();
    config.engine.websocket = false;
    let server = Server::with(config).await;
    let socket = server.client(&[Transport::WebSocket, Transport::Polling]);
    let socket = (socket.namespace("/").connect().unwrap(), socket);
    socket.0.connected().await.unwrap();

    let alone = Config { reconnection: None, transports: vec![Transport::WebSocket], ..Config::default() };
    let alone = client(server.address, alone);
    let refused = alone.namespace("/").connect().unwrap().connected().await.unwrap_err();
    assert!(matches!(refused, JoinError::Failed(_)));
    let JoinError::Failed(error) = refused else { return };
    assert!(error.to_string().contains("status 400: Transport unknown"), "{error}");
}

#[tokio::test]
async fn a_silent_network_is_noticed_by_the_missing_heartbeat() {
    let mut settings = socketio::Config::default();
    settings.engine.ping_interval = Duration::from_millis(50);
    settings.engine.ping_timeout = Duration::from_millis(100);
    let server = Server::with(settings).await;
    for way in STANDARD {
        let proxy = Proxy::start(server.address, Fault::None).await;
        let settings = Config { close_timeout: Duration::from_millis(50), ..config(way) };
        let client = client(proxy.address, settings);
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        socket.connected().await.unwrap();
        proxy.fault.send_replace(Fault::Stalled);
        let reason = loop {
            if let Notice::Disconnected(reason) = events.next().await.unwrap() {
                break reason;
            }
        };
        assert_eq!((reason.cause, reason.by()), (Cause::PingTimeout, By::Network), "{reason} {way:?}");
        assert!(reason.silence > Duration::ZERO, "{reason}");
        proxy.fault.send_replace(Fault::None);
        socket.connected().await.unwrap();
    }
}

#[tokio::test]
async fn a_slow_server_makes_emitting_fail_before_memory_grows_and_loses_nothing() {
    let server = Server::start().await;
    for way in WAYS {
        let proxy = Proxy::start(server.address, Fault::None).await;
        let client = client(proxy.address, config(way));
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        events.next_event().await.unwrap();
        if let [_, better] = way {
            reaches(&client, Status::Open(*better)).await;
        }
        proxy.fault.send_replace(Fault::Stalled);
        let text = "x".repeat(100_000);
        let mut taken = 0_u64;
        let full = loop {
            match socket.emit("echo", &(taken, &text)) {
                Ok(()) => taken += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(full, EmitError::Full { .. }), "{full}");
        assert!(socket.flushed().now_or_never().is_none());
        let echoed = async {
            for number in 0..taken {
                let event = events.next_event().await.unwrap();
                assert_eq!(event.data::<(u64, String)>().unwrap().0, number, "{way:?}");
            }
        };
        proxy.fault.send_replace(Fault::None);
        join(socket.flushed(), echoed).await;
        assert_eq!(client.queued_bytes(), 0);
    }
}

#[tokio::test]
async fn an_application_that_does_not_read_its_events_is_disconnected() {
    let server = Server::start().await;
    let client = client(server.address, Config { max_pending_events: 3, ..config(WAYS[0]) });
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    let mut state = socket.state();
    for number in 0..4 {
        socket.emit("echo", &number).unwrap();
    }
    let overflow =
        |state: &State| matches!(state, State::Disconnected(it) if it.cause == Cause::SlowConsumer);
    state.wait_for(overflow).await.unwrap();
    assert_eq!(next(&mut events).await, "connected false");
    assert!(next(&mut events).await.starts_with("auth"));
    assert_eq!(next(&mut events).await, r#"echo["0"]"#);
    assert_eq!(next(&mut events).await, "disconnected: slow consumer");
}

#[tokio::test]
async fn dropping_the_client_closes_everything() {
    let server = Server::start().await;
    for way in WAYS {
        let (log, mut logged) = tokio::sync::mpsc::unbounded_channel();
        server.io.namespace("/watched").on_connect(move |socket: socketio::SocketRef| {
            let log = log.clone();
            async move {
                socket.on_disconnect(move |reason: socketio::DisconnectReason| {
                    let _ = log.send(reason.to_string());
                    async {}
                });
            }
        });
        let client = server.client(way);
        let (socket, mut events) = client.namespace("/watched").stream().unwrap();
        socket.connected().await.unwrap();
        let status = client.status();
        drop(client);
        assert_eq!(logged.recv().await.unwrap(), "client namespace disconnect", "{way:?}");
        assert_eq!(next(&mut events).await, "connected false");
        assert_eq!(next(&mut events).await, "disconnected: io client disconnect");
        assert!(events.next().await.is_none());
        assert!(matches!(socket.connected().await, Err(JoinError::Closed)));
        assert!(matches!(socket.emit("a", &()), Err(EmitError::Closed)));
        assert_eq!(*status.borrow(), Status::Closed);
    }
}

/// Passes bytes on, as far as the network is said to.
pub(crate) async fn proxy(
    listener: TcpListener,
    server: std::net::SocketAddr,
    fault: watch::Receiver<Fault>,
    given_up: watch::Sender<usize>,
) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        let (fault, given_up) = (fault.clone(), given_up.clone());
        connections.spawn(async move {
            let far = TcpStream::connect(server).await?;
            pass(near, far, fault, &given_up).await
        });
    }
}

async fn pass(
    mut near: TcpStream,
    mut far: TcpStream,
    fault: watch::Receiver<Fault>,
    given_up: &watch::Sender<usize>,
) -> std::io::Result<()> {
    let mut head = vec![0; 4096];
    let len = near.read(&mut head).await?;
    let head = &head[..len];
    let text = String::from_utf8_lossy(head);
    let current = *fault.borrow();
    if text.contains("transport=websocket")
        && matches!(current, Fault::HangingWebSocket | Fault::MuteWebSocket)
    {
        if current == Fault::MuteWebSocket {
            let key = text.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
            let accept = accept_key(key.as_bytes());
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: {accept}\r\n\r\n"
            );
            near.write_all(answer.as_bytes()).await?;
        }
        // Until the client gives up.
        let ended = near.read_to_end(&mut Vec::new()).await;
        given_up.send_modify(|count| *count += 1);
        return ended.map(drop);
    }
    far.write_all(head).await?;
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let up = copy(near_read, far_write, fault.clone());
    let down = copy(far_read, near_write, fault);
    let (up, down) = join(up, down).await;
    up.and(down)
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut fault: watch::Receiver<Fault>,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let len = from.read(&mut buffer).await?;
        if fault.wait_for(|fault| *fault != Fault::Stalled).await.is_err() || len == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..len]).await?;
    }
}
