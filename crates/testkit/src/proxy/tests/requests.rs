use std::time::Duration;

use tokio::{io::AsyncWriteExt as _, time::Instant};

use super::World;
use crate::{
    proxy::{Faults, Requests},
    raw,
};

fn world(requests: Requests) -> World {
    World::new(Faults { requests, ..Faults::default() })
}

#[tokio::test(start_paused = true)]
async fn requests_pass_one_after_the_other_on_a_connection() {
    let world = world(Requests::default());
    let mut stream = world.connect();
    for (connection, body) in [("keep-alive", "one"), ("close", "two")] {
        let head = format!(
            "POST /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nContent-Length: 3\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).await.unwrap();
    }
    let mut replies = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut replies).await.unwrap();
    assert!(
        replies.contains("answer to /a?b=c one") && replies.ends_with("answer to /a?b=c two"),
        "{replies}"
    );
    assert_eq!(world.proxy.stats().requests, 2);
}

#[tokio::test(start_paused = true)]
async fn a_page_is_answered_and_the_server_sees_nothing() {
    for (status, line) in
        [(0, "502 Bad Gateway"), (503, "503 Service Unavailable"), (407, "407 Proxy Authentication Required")]
    {
        let world = world(Requests { page: 1.0, status, ..Requests::default() });
        let reply = world.reply("/").await;
        assert!(reply.head.contains(line) && reply.body.contains("<html>"), "{reply:?}");
        assert_eq!(reply.header("proxy-authenticate").is_some(), status == 407);
        assert!(world.seen().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_chance_is_a_share_and_the_seed_decides() {
    let world = world(Requests { page: 0.3, ..Requests::default() });
    let mut pages = Vec::new();
    for _ in 0..100 {
        pages.push(world.reply("/").await.status == 502);
    }
    let count = pages.iter().filter(|page| **page).count();
    assert!((15..45).contains(&count), "{count}");
    let again = self::world(Requests { page: 0.3, ..Requests::default() });
    for page in pages {
        assert_eq!(again.reply("/").await.status == 502, page);
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_is_lost_after_the_server_has_answered() {
    let world = world(Requests { lose: 1.0, ..Requests::default() });
    assert_eq!(world.get("/").await.unwrap(), "");
    assert_eq!((world.seen().len(), world.proxy.stats().lost), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_doubled() {
    let world = world(Requests { duplicate: 1.0, ..Requests::default() });
    assert_eq!(world.reply("/").await.body, "answer to / ");
    assert_eq!((world.seen().len(), world.proxy.stats().duplicated), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_body_is_cut_short_with_and_without_a_sign() {
    let whole = "answer to / ";
    let world = world(Requests { truncate: 1.0, ..Requests::default() });
    let reply = world.reply("/").await;
    assert!(reply.body.len() < whole.len() && whole.starts_with(&reply.body), "{reply:?}");
    assert_eq!(reply.header("content-length"), Some(reply.body.len().to_string().as_str()));

    let world = self::world(Requests { break_off: 1.0, ..Requests::default() });
    let reply = raw::parse(&world.get("/").await.unwrap()).unwrap();
    assert!(reply.body.len() < whole.len(), "{reply:?}");
    assert_eq!(reply.header("content-length"), Some("12"));
    assert_eq!(world.proxy.stats().broken_off, 1);
}

#[tokio::test(start_paused = true)]
async fn a_response_is_held_back() {
    let world = world(Requests { hold: 7000, ..Requests::default() });
    let start = Instant::now();
    assert_eq!(world.reply("/").await.status, 200);
    assert_eq!((start.elapsed().as_secs(), world.proxy.stats().held), (7, 1));
}

#[tokio::test(start_paused = true)]
async fn requests_overtake_each_other() {
    let world = world(Requests { reorder: 1000, ..Requests::default() });
    let targets: Vec<_> = (0..10).map(|n| format!("/{n}")).collect();
    futures_util::future::join_all(targets.iter().map(|target| world.get(target))).await;
    assert_ne!(world.seen(), targets);
    let mut seen = world.seen();
    seen.sort();
    assert_eq!(seen, targets);
    assert!(Instant::now().elapsed() < Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn faults_may_be_for_some_targets_only() {
    let world =
        world(Requests { page: 1.0, only: Some("carrier=long-poll".to_owned()), ..Requests::default() });
    assert_eq!(world.reply("/?carrier=long-poll&a=b").await.status, 502);
    assert_eq!(world.reply("/?carrier=periodic").await.status, 200);
}
