use std::{collections::HashSet, time::Duration};

use http::StatusCode;
use socketio::{Config, DisconnectReason, Shutdown, SocketIo, SocketRef};
use tokio::time::Instant;

use crate::support::{Client, log};

const CLIENTS: usize = 20;

/// A server that logs when sockets go and why.
fn server(log: tokio::sync::mpsc::UnboundedSender<String>) -> SocketIo {
    let io = SocketIo::new(Config::default());
    let start = Instant::now();
    io.ns("/", async move |socket: SocketRef| {
        socket.on_disconnect(async move |reason: DisconnectReason| {
            log.send(format!("{} {reason}", start.elapsed().as_millis())).map_err(|_| "nobody listens")
        });
    });
    io
}

#[tokio::test(start_paused = true)]
async fn clients_are_sent_away_one_after_the_other() {
    let (sender, mut log) = log();
    let io = server(sender);
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::join(&io).await);
    }
    let lonely = Client::open(&io).await;
    let begin = Instant::now();
    let shutdown = Shutdown { spread: Duration::from_secs(10), ..Shutdown::default() };
    let leaving =
        clients.into_iter().map(|mut client| tokio::spawn(async move { client.closed().await.len() }));
    let leaving: Vec<_> = leaving.collect();
    let report = io.shutdown(shutdown).await;
    assert_eq!(report.closed, CLIENTS);
    for client in leaving {
        assert_eq!(client.await.unwrap(), 0);
    }
    let mut moments = HashSet::new();
    for _ in 0..CLIENTS {
        let line = log.recv().await.unwrap();
        let (moment, reason) = line.split_once(' ').unwrap();
        assert_eq!(reason, "server shutting down");
        moments.insert(moment.parse::<u64>().unwrap());
    }
    assert!(moments.len() > CLIENTS / 2, "{moments:?}");
    assert!(begin.elapsed() <= Duration::from_secs(15));
    // Nobody is let in any more, and who joined no namespace is gone too.
    let (status, body) = Client::refused(&io).await;
    assert_eq!((status, body.contains("shutting down")), (StatusCode::FORBIDDEN, true));
    drop(lonely);
    assert_eq!(io.stats().sockets, 0);
}

#[tokio::test(start_paused = true)]
async fn clients_may_be_told_beforehand() {
    let (sender, _log) = log();
    let io = server(sender);
    let mut client = Client::join(&io).await;
    let shutdown = Shutdown { notice: Some("going".into()), ..Shutdown::default() };
    let closing = tokio::spawn({
        let io = io.clone();
        async move { io.shutdown(shutdown).await }
    });
    let notice = client.next().await;
    let closes_in = notice.strip_prefix(r#"2["going",{"closesIn":"#).and_then(|rest| rest.strip_suffix("}]"));
    assert!(closes_in.unwrap().parse::<u64>().unwrap() <= 5000, "{notice}");
    assert!(client.closed().await.is_empty());
    let report = closing.await.unwrap();
    assert_eq!((report.closed, report.remaining), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_between_two_polls_is_waited_for() {
    let (sender, _log) = log();
    let io = server(sender);
    let mut client = Client::join(&io).await;
    io.emit("last", "words");
    let closing = tokio::spawn({
        let io = io.clone();
        let shutdown = Shutdown { spread: Duration::ZERO, ..Shutdown::default() };
        async move { io.shutdown(shutdown).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!closing.is_finished());
    assert_eq!(client.closed().await, [r#"2["last","words"]"#]);
    let report = closing.await.unwrap();
    assert_eq!((report.closed, report.remaining), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_polls_no_more_is_not_waited_for() {
    let (sender, _log) = log();
    let io = server(sender);
    let _mute = Client::join(&io).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let begin = Instant::now();
    let report = io.shutdown(Shutdown { spread: Duration::ZERO, ..Shutdown::default() }).await;
    assert_eq!((report.closed, report.remaining), (1, 1));
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_holds_up_nobody_for_ever() {
    let (sender, _log) = log();
    let io = server(sender);
    let _mute = Client::join(&io).await;
    let begin = Instant::now();
    io.shutdown(Shutdown::default()).await;
    assert!(begin.elapsed() <= Duration::from_secs(11));
}
