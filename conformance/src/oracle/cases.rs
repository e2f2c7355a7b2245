use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, bail, ensure};
use bytes::Bytes;
use serde_json::{Value, json};
use socketio_client::{AckError, By, Cause, Event, JoinError, Notice, Status, Transport};

use super::node::{Node, expect, next};

/// What the client must be able to do with the reference server.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: for<'a> fn(&'a Node, &'a [Transport]) -> Running<'a>,
}

type Running<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

pub(super) const ALL: &[Case] = &[
    Case { name: "events", run: |node, way| Box::pin(events(node, way)) },
    Case { name: "acknowledgements", run: |node, way| Box::pin(acknowledgements(node, way)) },
    Case { name: "retries", run: |node, way| Box::pin(retries(node, way)) },
    Case { name: "binary", run: |node, way| Box::pin(binary(node, way)) },
    Case { name: "burst", run: |node, way| Box::pin(burst(node, way)) },
    Case { name: "heartbeat", run: |node, way| Box::pin(heartbeat(node, way)) },
    Case { name: "namespaces", run: |node, way| Box::pin(namespaces(node, way)) },
    Case { name: "refusal", run: |node, way| Box::pin(refusal(node, way)) },
    Case { name: "kick", run: |node, way| Box::pin(kick(node, way)) },
];

async fn events(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let (socket, mut events) = client.namespace("/").auth(json!({ "token": "€" })).stream()?;
    ensure!(expect::<Value>(&mut events, "auth").await? == json!({ "token": "€" }));
    socket.emit("echo", &(1, "zwei", json!({ "three": [null, true] })))?;
    let echoed: (u8, String, Value) = expect(&mut events, "echoed").await?;
    ensure!(echoed == (1, "zwei".to_owned(), json!({ "three": [null, true] })), "{echoed:?}");
    socket.emit("echo", &())?;
    let event = events.next_event().await;
    ensure!(event.is_some_and(|event| event.args.is_empty()));
    let large = "€".repeat(300_000);
    socket.emit("echo", &large)?;
    ensure!(expect::<String>(&mut events, "echoed").await? == large);
    if let [_, better] = way {
        client.status().wait_for(|status| *status == Status::Open(*better)).await?;
        socket.emit("echo", "after the upgrade")?;
        ensure!(expect::<String>(&mut events, "echoed").await? == "after the upgrade");
    }
    client.close().await;
    Ok(())
}

async fn acknowledgements(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let question = async |event: Event| {
        let number: u8 = event.data()?;
        Ok::<_, anyhow::Error>(event.ack.send(&(number + 1, "answered"))?)
    };
    let (socket, mut events) = client.namespace("/").on("question", question).stream()?;
    expect::<Value>(&mut events, "auth").await?;
    let answer: (u8, String) = socket.emit_with_ack("ack", &(1, "b")).await?;
    ensure!(answer == (1, "b".to_owned()));
    let many = (0..50_u32).map(|number| socket.emit_with_ack::<u32>("ack", &number));
    for (number, answer) in (0..).zip(many.collect::<Vec<_>>()) {
        ensure!(answer.await? == number);
    }
    socket.emit("ask", &6)?;
    let answered: (u8, String) = expect(&mut events, "answered").await?;
    ensure!(answered == (7, "answered".to_owned()));
    let patience = Duration::from_millis(20);
    let silent = socket.timeout(patience).emit_with_ack::<()>("no such event", &()).await;
    ensure!(matches!(silent, Err(AckError::Timeout)), "{silent:?}");
    Ok(())
}

/// Events that are repeated until they are acknowledged, and functions that see all events.
async fn retries(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client_with(way, |config| {
        config.retries = Some(9);
        config.ack_timeout = Duration::from_millis(100);
    })?;
    let seen = Arc::<AtomicUsize>::default();
    let (incoming, outgoing) = (Arc::clone(&seen), Arc::clone(&seen));
    let socket = client
        .namespace("/")
        .on_any(move |_| {
            incoming.fetch_add(1, Ordering::Relaxed);
        })
        .on_any_outgoing(move |_, _| {
            outgoing.fetch_add(1, Ordering::Relaxed);
        })
        .connect()?;
    socket.emit("forgetful", &1)?;
    let answer: Vec<(u8, u32)> = socket.emit_with_ack("forgetful", &2).await?;
    ensure!(matches!(answer[..], [(1, 3..), (2, 3..)]), "{answer:?}");
    ensure!(seen.load(Ordering::Relaxed) == 3, "`auth`, and what was emitted");
    Ok(())
}

async fn binary(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let question = async |event: Event| {
        let bytes: Bytes = event.data()?;
        Ok::<_, anyhow::Error>(event.ack.send(&(&bytes, bytes.len()))?)
    };
    let (socket, mut events) = client.namespace("/custom").on("question", question).stream()?;
    expect::<Value>(&mut events, "auth").await?;
    let (first, second) = (Bytes::from_static(&[0, 255]), Bytes::from(vec![7; 70_000]));
    socket.emit("echo", &("a", &first, &second))?;
    let echoed: (String, Bytes, Bytes) = expect(&mut events, "echoed").await?;
    ensure!(echoed == ("a".to_owned(), first.clone(), second.clone()));
    ensure!(socket.emit_with_ack::<(Bytes, u8)>("ack", &(&first, 1)).await? == (first, 1));
    socket.emit("ask", &second)?;
    ensure!(expect::<(Bytes, usize)>(&mut events, "answered").await? == (second, 70_000));
    Ok(())
}

/// Both directions at once, across an upgrade where there is one.
async fn burst(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let (socket, mut events) = client.namespace("/").stream()?;
    socket.emit("burst", &2000)?;
    (0..1000).try_for_each(|number| socket.emit("echo", &number))?;
    let (mut ticks, mut echoes) = (0, 0);
    while ticks < 2000 || echoes < 1000 {
        let Some(event) = events.next_event().await else { bail!("the client is closed") };
        let next = match &*event.name {
            "tick" => &mut ticks,
            "echoed" => &mut echoes,
            _ => continue,
        };
        let number: u32 = event.data()?;
        ensure!(number == *next, "{} {number} came instead of {next}", event.name);
        *next += 1;
    }
    Ok(())
}

async fn heartbeat(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let socket = client.namespace("/").connect()?;
    socket.connected().await?;
    if let [_, better] = way {
        client.status().wait_for(|status| *status == Status::Open(*better)).await?;
    }
    let id = socket.id();
    socket.emit_with_ack::<()>("heartbeats", &3).await?;
    ensure!(socket.id() == id && id.is_some());
    Ok(())
}

async fn namespaces(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let root = client.namespace("/").connect()?;
    let custom = client.namespace("/custom").connect()?;
    ensure!(root.emit_with_ack::<u8>("ack", &1).await? == 1);
    root.disconnect();
    ensure!(custom.emit_with_ack::<u8>("ack", &2).await? == 2);
    root.connect()?;
    ensure!(root.emit_with_ack::<u8>("ack", &3).await? == 3);
    ensure!(root.id() != custom.id());
    Ok(())
}

async fn refusal(node: &Node, way: &[Transport]) -> Result<()> {
    let client = node.client(way)?;
    let refused = client.namespace("/refused").auth(json!({ "token": "wrong" })).connect()?;
    let Err(JoinError::Refused(refusal)) = refused.connected().await else { bail!("not refused") };
    ensure!(refusal.message == "not authorised");
    ensure!(refusal.data == Some(json!({ "code": "wrong_token" })));
    let unknown = client.namespace("/unknown").connect()?;
    let Err(JoinError::Refused(refusal)) = unknown.connected().await else { bail!("not refused") };
    ensure!(refusal.message == "Invalid namespace");
    let client = node.client(way)?;
    client.namespace("/refused").auth(json!({ "token": "right" })).connect()?.connected().await?;
    Ok(())
}

async fn kick(node: &Node, way: &[Transport]) -> Result<()> {
    for close in [false, true] {
        let client = node.client(way)?;
        let (socket, mut events) = client.namespace("/").stream()?;
        socket.emit("kick", &close)?;
        let reason = loop {
            if let Notice::Disconnected(reason) = next(&mut events).await? {
                break reason;
            }
        };
        ensure!((reason.cause, reason.by()) == (Cause::ServerDisconnect, By::Server), "{reason}");
        client.status().wait_for(|status| *status == Status::Idle).await?;
        socket.connect()?;
        socket.connected().await?;
    }
    Ok(())
}
