//! The event log over plain HTTP: the cursor and server-sent events.

use std::time::Duration;

use crate::support::{Service, World, soon, users};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

#[tokio::test]
async fn the_cursor_gives_every_event_once_and_in_order() {
    let world = World::slow().await;
    let service = world.service();
    let job = service.import(&users(300), &json!({})).await;
    let mut after = 0;
    let mut seen = Vec::new();
    loop {
        let page = service.get(&format!("/api/jobs/{job}/events?after={after}&wait=25")).await.json();
        assert_eq!(page["job"], job);
        seen.extend(page["events"].as_array().unwrap().iter().cloned());
        after = page["last_seq"].as_u64().unwrap();
        if page["done"] == true {
            break;
        }
        assert!(
            !page["events"].as_array().unwrap().is_empty(),
            "a hold that ends early has something to tell"
        );
    }
    assert_complete(&seen, 0, 300);
    let job = service.finished(&job).await;
    assert_eq!((&job["last_seq"], &job["created"]), (&json!(after), &json!(300)));
}

#[tokio::test]
async fn a_page_begins_after_any_number() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(40), &json!({})).await;
    let last = service.finished(&job).await["last_seq"].as_u64().unwrap();
    for after in 0..=last + 2 {
        let page = service.get(&format!("/api/jobs/{job}/events?after={after}")).await.json();
        let seqs: Vec<u64> = page["events"].as_array().unwrap().iter().map(seq).collect();
        assert_eq!(seqs, (after + 1..=last).collect::<Vec<_>>());
        assert_eq!((&page["done"], &page["last_seq"]), (&json!(true), &json!(last)));
        assert_eq!(page["poll_after_ms"], 0);
    }
    // A wait for something that cannot come is not held.
    let page = service.get(&format!("/api/jobs/{job}/events?after={last}&wait=25")).await.json();
    assert_eq!(page["done"], true);
}

#[tokio::test]
async fn a_held_request_ends_when_the_server_stops() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(1_000), &json!({})).await;
    let paused = service.post(&format!("/api/jobs/{job}/pause")).await.json();
    let after = paused["last_seq"].as_u64().unwrap();
    let path = format!("/api/jobs/{job}/events?after={after}&wait=1000000");
    let held = service.get(&path);
    let stop = async {
        tokio::task::yield_now().await;
        service.app.shutdown.cancel();
    };
    let (reply, ()) = tokio::join!(held, stop);
    assert_eq!((reply.status, &reply.json()["done"]), (StatusCode::OK, &json!(false)));
}

#[tokio::test]
async fn hostile_queries_are_refused() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(1), &json!({})).await;
    service.finished(&job).await;
    for query in
        ["after=-1", "after=x", "wait=-1", "wait=NaN", "wait=x", "after=99999999999999999999999", "wait=-inf"]
    {
        service.get(&format!("/api/jobs/{job}/events?{query}")).await.problem(400, "invalid_query");
    }
    for query in ["wait=1e300", "wait=inf", &format!("after={}", u64::MAX), "unknown=1"] {
        let reply = service.get(&format!("/api/jobs/{job}/events?{query}")).await;
        assert!(
            reply.status == StatusCode::OK || reply.status == StatusCode::BAD_REQUEST,
            "{query}: {}",
            reply.text()
        );
    }
    for id in
        ["x", "..", "00000000-0000-0000-0000-000000000000", "%00", "018f0000-0000-7000-8000-000000000000"]
    {
        service.get(&format!("/api/jobs/{id}/events")).await.problem(404, "job_not_found");
    }
}

#[tokio::test]
async fn a_stream_gives_every_event_once_and_in_order_from_anywhere() {
    let world = World::slow().await;
    let service = world.service();
    let job = service.import(&users(300), &json!({})).await;
    let mut newest = service.app.jobs.watch(job.parse().unwrap()).await.unwrap();
    let mut streams = Vec::new();
    for point in 0..6_u64 {
        soon("progress", newest.wait_for(|seq| *seq > point)).await.unwrap();
        let after = rand::random_range(0..*newest.borrow());
        let stream = Stream::open(&service, &job, after).await;
        streams.push((after, tokio::spawn(stream.all())));
    }
    for (after, events) in streams {
        assert_complete(&soon("the stream", events).await.unwrap(), after, 300);
    }
}

#[tokio::test]
async fn a_stream_goes_on_after_the_last_event_id() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(40), &json!({})).await;
    let last = service.finished(&job).await["last_seq"].as_u64().unwrap();
    let path = format!("/api/jobs/{job}/events?after=0");
    let call = |id: u64| {
        let call = service.call(Method::GET, &path).header("accept", "text/event-stream");
        call.header("last-event-id", &id.to_string())
    };
    let (parts, body) = call(1).stream().await;
    assert_eq!(parts.headers["content-type"], "text/event-stream");
    assert_eq!(parts.headers["x-accel-buffering"], "no");
    assert!(parts.headers["cache-control"].to_str().unwrap().contains("no-store"));
    let events = Stream { body, buffer: String::new() }.all().await;
    assert_eq!(events.iter().map(seq).collect::<Vec<_>>(), (2..=last).collect::<Vec<_>>());
    // A browser that asks again at the end is told to stop asking.
    assert_eq!(call(last).send().await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_stream_ends_when_the_server_stops() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(1_000), &json!({})).await;
    let paused = service.post(&format!("/api/jobs/{job}/pause")).await.json();
    let stream = Stream::open(&service, &job, paused["last_seq"].as_u64().unwrap()).await;
    service.app.shutdown.cancel();
    assert_eq!(stream.all().await, Vec::<Value>::new());
}

#[tokio::test]
async fn the_newest_events_are_shared_and_bounded() {
    let world = World::slow().await;
    let service = world.service();
    let job = service.import(&users(100), &json!({})).await;
    let feed = service.app.feeds.feed(job.parse().unwrap()).await.unwrap();
    let same = service.app.feeds.feed(job.parse().unwrap()).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&feed, &same));
    let weak = std::sync::Arc::downgrade(&feed);
    drop((feed, same));
    assert!(weak.upgrade().is_none(), "a feed that nobody reads is gone");
    soon("the end", service.finished(&job)).await;
}

/// A stream of events that is being read.
struct Stream {
    body: Body,
    buffer: String,
}

impl Stream {
    async fn open(service: &Service, job: &str, after: u64) -> Self {
        let path = format!("/api/jobs/{job}/events?after={after}");
        let call = service.call(Method::GET, &path).header("accept", "text/html, text/event-stream;q=0.9");
        let (parts, body) = call.stream().await;
        assert_eq!(parts.status, StatusCode::OK);
        Self { body, buffer: String::new() }
    }

    /// All events until the stream ends; their names and ids agree with their data.
    async fn all(mut self) -> Vec<Value> {
        while let Some(frame) = soon("an event", self.body.frame()).await {
            self.buffer.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
        self.buffer.split("\n\n").filter(|block| block.contains("data: ")).map(decode).collect()
    }
}

fn decode(block: &str) -> Value {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let data: Value = serde_json::from_str(field("data: ")).unwrap();
    assert_eq!(field("id: "), data["seq"].to_string());
    assert_eq!(field("event: "), data["type"]);
    data
}

fn seq(event: &Value) -> u64 {
    event["seq"].as_u64().unwrap()
}

/// Every event after `after` exactly once, the completion last and only there, each row accounted for.
fn assert_complete(events: &[Value], after: u64, total: usize) {
    let seqs: Vec<u64> = events.iter().map(seq).collect();
    let last = *seqs.last().expect("there are events");
    assert_eq!(seqs, (after + 1..=last).collect::<Vec<_>>());
    let completions: Vec<&Value> = events.iter().filter(|event| event["type"] == "completion").collect();
    assert_eq!((completions.len(), &events.last().unwrap()["type"]), (1, &json!("completion")));
    assert_eq!(completions[0]["processed"], total);
    if after == 0 {
        let rows = events.iter().filter_map(|event| event["rows"].as_array()).map(Vec::len).sum::<usize>();
        assert_eq!(rows, total);
    }
}

#[test]
fn the_longest_hold_is_below_what_proxies_cut() {
    assert!(pingone_import::realtime::MAX_WAIT < Duration::from_secs(30));
}
