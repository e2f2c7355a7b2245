//! Events that are sent until they are acknowledged.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use socketio::{Ack, Data};
use socketio_client::{AckError, Client, Config, EmitError};

use crate::support::{Server, WAYS, client, config};

/// What a server has got, of which it acknowledges each value the third time only, and those below zero never.
type Got = Arc<Mutex<Vec<i32>>>;

fn forgetful(server: &Server) -> Got {
    let got = Got::default();
    let (log, seen) = (Arc::clone(&got), Arc::<Mutex<HashMap<i32, u32>>>::default());
    server
        .io
        .namespace("/forgetful")
        .on("value", async move |Data(value): Data<i32>, ack: Ack| {
            log.lock().push(value);
            let count = {
                let mut seen = seen.lock();
                let count = seen.entry(value).or_default();
                *count += 1;
                *count
            };
            if value >= 0 && count >= 3 {
                ack.send(&(value * 10));
            }
        })
        .open();
    got
}

/// Each was sent three times or, where an answer was late, more often, and none before the one before it was through.
fn in_order(got: &Got, expected: &[i32]) {
    let got = got.lock();
    let runs: Vec<_> = got.chunk_by(i32::eq).collect();
    assert!(runs.iter().all(|run| run.len() >= 3), "{got:?}");
    assert_eq!(runs.iter().map(|run| run[0]).collect::<Vec<_>>(), expected, "{got:?}");
}

fn persistent(server: &Server, way: &[socketio_client::Transport], retries: u32) -> Client {
    let ack_timeout = Duration::from_millis(100);
    client(server.address, Config { retries: Some(retries), ack_timeout, ..config(way) })
}

#[tokio::test]
async fn an_event_is_repeated_until_it_is_acknowledged_and_the_next_one_waits() {
    for way in WAYS {
        let server = Server::start().await;
        let got = forgetful(&server);
        let client = persistent(&server, way, 5);
        let socket = client.namespace("/forgetful").connect().unwrap();
        socket.emit("value", &1).unwrap();
        let second = socket.emit_with_ack::<i32>("value", &2);
        socket.emit("value", &3).unwrap();
        assert_eq!(second.await.unwrap(), 20);
        socket.flushed().await;
        in_order(&got, &[1, 2, 3]);
        assert_eq!(client.queued_bytes(), 0);
    }
}

#[tokio::test]
async fn an_event_that_is_never_acknowledged_is_given_up_and_the_next_one_follows() {
    let server = Server::start().await;
    let got = forgetful(&server);
    let client = persistent(&server, WAYS[0], 5);
    let socket = client.namespace("/forgetful").connect().unwrap();
    let never = socket.emit_with_ack::<i32>("value", &-1);
    let then = socket.emit_with_ack::<i32>("value", &7);
    assert!(matches!(never.await, Err(AckError::Timeout)));
    assert_eq!(then.await.unwrap(), 70);
    in_order(&got, &[-1, 7]);
    assert_eq!(got.lock().iter().filter(|value| **value == -1).count(), 1 + 5);
}

#[tokio::test]
async fn an_event_whose_connection_is_lost_is_sent_again_on_the_next_one() {
    let server = Server::start().await;
    let got = forgetful(&server);
    let ack_timeout = Duration::from_secs(600);
    let client = client(server.address, Config { retries: Some(5), ack_timeout, ..config(WAYS[0]) });
    let socket = client.namespace("/forgetful").connect().unwrap();
    let answer = socket.emit_with_ack::<i32>("value", &5);
    let mut server = server;
    for times in 1..=2 {
        // No time limit brings it about: only the loss of the connection does.
        while got.lock().len() < times {
            tokio::task::yield_now().await;
        }
        server = server.restart().await;
    }
    assert_eq!(answer.await.unwrap(), 50);
    assert_eq!(*got.lock(), [5, 5, 5]);
}

#[tokio::test]
async fn what_waits_is_bounded_volatile_events_do_not_and_nobody_waits_for_a_closed_client() {
    let server = Server::start().await;
    let got = forgetful(&server);
    let config = Config { retries: Some(9), max_queued_bytes: 10_000, ..config(WAYS[0]) };
    let client = client(server.address, config);
    let socket = client.namespace("/forgetful").connect().unwrap();
    socket.connected().await.unwrap();
    socket.emit("value", &-1).unwrap();
    while got.lock().is_empty() {
        tokio::task::yield_now().await;
    }
    while got.lock().last() != Some(&-2) {
        let _ = socket.volatile().emit("value", &-2);
        tokio::task::yield_now().await;
    }
    let taken = (0..1000).take_while(|_| socket.emit("value", &-3).is_ok()).count();
    assert!((1..=100).contains(&taken), "{taken}");
    assert!(matches!(socket.emit("value", &-3), Err(EmitError::Full { .. })));
    assert!(!got.lock().contains(&-3), "the first is not through");
    client.close().await;
    assert!(matches!(socket.emit("value", &-1), Err(EmitError::Closed | EmitError::Full { .. })));
    assert!(matches!(socket.emit_with_ack::<()>("value", &-1).await, Err(AckError::Emit(_))));
}
