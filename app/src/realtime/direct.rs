//! The plain WebSocket at `/ws`, for programs: JSON objects, one per text message.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use rand::RngExt as _;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::encoded::Encoded;
use super::feed::Feeds;
use super::outbox::{Outbox, outbox, write};
use super::reader::Reader;
use super::refusal::Refusal;
use crate::auth::{Principal, Visit};
use crate::jobs::{JobId, JobView};
use crate::metrics::{CONNECTIONS, Counted};

/// A client message is a small JSON object; a longer one ends the connection.
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Something is sent at least this often, so that nothing on the way takes the connection for dead.
const PING_INTERVAL: Duration = Duration::from_secs(25);

/// A client that was silent for this long after a ping is gone.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// The code of a close after a logout; those from 4000 are for applications, and this one resembles the status 401.
const LOGGED_OUT: u16 = 4401;

/// Jobs that one connection may watch at a time.
const MAX_SUBSCRIPTIONS: usize = 32;

/// Serves one connection until either side ends it.
pub async fn serve(socket: WebSocket, feeds: Feeds, visit: Visit, shutdown: CancellationToken) {
    let _open = Open::new();
    let _counted = Counted::new(CONNECTIONS, ("tier", "direct"));
    let (sink, stream) = socket.split();
    let (outbox, queue) = outbox();
    let writer = AbortOnDropHandle::new(tokio::spawn(write(sink, queue)));
    let mut connection =
        Connection { feeds, principal: visit.principal, outbox, subscriptions: HashMap::new() };
    let close = tokio::select! {
        close = connection.read(stream) => close,
        () = shutdown.cancelled() => {
            connection.say_last(Reply::Restarting { retry_after_ms: retry_after_ms() }.encode()).await;
            Some((close_code::RESTART, "the server is shutting down"))
        }
        () = visit.end.come() => {
            connection.say_last(session_ended()).await;
            Some((LOGGED_OUT, "session_ended"))
        }
    };
    connection.end(close).await;
    // The writer ends by itself when everything that was queued is out, but a dead client must not hold it.
    let _ = tokio::time::timeout(PING_TIMEOUT, writer).await;
}

/// How many of these there are in this process.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// How many plain WebSockets are open in this process.
pub fn open_direct() -> usize {
    OPEN.load(Ordering::Relaxed)
}

/// One more while it lives.
struct Open;

impl Open {
    fn new() -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// When a client of a server that stops should come back; different for each, so that they do not come at once.
pub(super) fn retry_after_ms() -> u64 {
    rand::rng().random_range(500..=5_000)
}

/// What a client may say.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Request {
    Subscribe {
        job: String,
        #[serde(default)]
        after: u64,
    },
    Unsubscribe {
        job: String,
    },
    Ping,
}

/// What the server says besides events.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Reply<'a> {
    Subscribed {
        job: JobId,
        snapshot: &'a JobView,
    },
    Unsubscribed {
        job: JobId,
    },
    Pong,
    /// The server stops; who comes back only after so many milliseconds does not come back with everybody else.
    Restarting {
        retry_after_ms: u64,
    },
    /// The session that the connection was opened with has ended.
    SessionEnded {
        code: &'a str,
        message: &'a str,
    },
    Problem {
        code: &'a str,
        message: &'a str,
        job: Option<&'a str>,
    },
}

impl Reply<'_> {
    fn encode(&self) -> Message {
        // Plain structs with string keys always encode.
        Message::text(serde_json::to_string(self).unwrap_or_default())
    }
}

struct Connection {
    feeds: Feeds,
    principal: Principal,
    outbox: Outbox,
    subscriptions: HashMap<JobId, AbortOnDropHandle<()>>,
}

impl Connection {
    /// Handles what the client says; returns why the server should close, if it should.
    async fn read(&mut self, mut stream: SplitStream<WebSocket>) -> Option<(u16, &'static str)> {
        let mut pings = interval_at(Instant::now() + PING_INTERVAL, PING_INTERVAL);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            tokio::select! {
                message = stream.next() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(Message::Text(text))) => self.handle(&text).await,
                        Some(Ok(Message::Binary(_))) => return Some((close_code::UNSUPPORTED, "send text")),
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                        // A broken connection ends here like an orderly one; its subscriptions go with it.
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    }
                }
                _ = pings.tick() => {
                    if heard.elapsed() > PING_INTERVAL + PING_TIMEOUT {
                        return Some((close_code::POLICY, "no answer to pings"));
                    }
                    // With a full queue the client has enough to read, and a ping would wait behind it.
                    self.outbox.try_send(Message::Ping(bytes::Bytes::new()));
                }
            }
        }
    }

    async fn handle(&mut self, text: &str) {
        let answer = match serde_json::from_str(text) {
            Ok(Request::Ping) => Some(Reply::Pong.encode()),
            Ok(Request::Subscribe { job, after }) => {
                self.subscribe(&job, after).await.err().map(|refusal| problem(&refusal, Some(&job)))
            }
            Ok(Request::Unsubscribe { job }) => Some(self.unsubscribe(&job)),
            Err(error) => Some(problem(&Refusal::invalid_message(&error), None)),
        };
        if let Some(answer) = answer {
            self.send(answer).await;
        }
    }

    async fn subscribe(&mut self, job: &str, after: u64) -> Result<(), Refusal> {
        if self.principal == Principal::Probe {
            return Err(Refusal::forbidden());
        }
        let id: JobId = job.parse().map_err(|_| Refusal::no_such_job())?;
        self.subscriptions.retain(|_, task| !task.is_finished());
        // A second subscription to a job replaces the first, so that no event comes twice.
        drop(self.subscriptions.remove(&id));
        if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            return Err(Refusal::too_many_subscriptions(MAX_SUBSCRIPTIONS));
        }
        let snapshot = self.feeds.jobs().job(id).await?;
        let reader = Reader::open(&self.feeds, &snapshot, after).await?;
        self.send(Reply::Subscribed { job: id, snapshot: &snapshot }.encode()).await;
        let task = tokio::spawn(forward(reader, self.outbox.clone()).in_current_span());
        self.subscriptions.insert(id, AbortOnDropHandle::new(task));
        Ok(())
    }

    fn unsubscribe(&mut self, job: &str) -> Message {
        let Ok(id) = job.parse::<JobId>() else { return problem(&Refusal::no_such_job(), Some(job)) };
        self.subscriptions.remove(&id);
        Reply::Unsubscribed { job: id }.encode()
    }

    async fn send(&self, message: Message) {
        // A closed queue means that the client is gone, which the reading side notices too.
        let _ = self.outbox.send(message).await;
    }

    /// Sends nothing after this but the close; a client that does not read is not waited for.
    async fn say_last(&mut self, message: Message) {
        self.subscriptions.clear();
        let _ = tokio::time::timeout(PING_TIMEOUT, self.outbox.send(message)).await;
    }

    async fn end(self, close: Option<(u16, &'static str)>) {
        drop(self.subscriptions);
        let frame = close.map(|(code, reason)| CloseFrame { code, reason: Utf8Bytes::from_static(reason) });
        let _ = tokio::time::timeout(PING_TIMEOUT, self.outbox.send(Message::Close(frame))).await;
    }
}

fn problem(refusal: &Refusal, job: Option<&str>) -> Message {
    Reply::Problem { code: refusal.code, message: &refusal.message, job }.encode()
}

fn session_ended() -> Message {
    let refusal = Refusal::session_ended();
    Reply::SessionEnded { code: refusal.code, message: &refusal.message }.encode()
}

/// Sends the events of one subscription; waits, and so reads no further, while the client is slow.
async fn forward(mut reader: Reader, outbox: Outbox) {
    loop {
        match reader.next().await {
            Ok(Some(events)) => {
                for event in events {
                    if outbox.send(encode(&event)).await.is_err() {
                        return;
                    }
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::error!(job = %reader.feed().job(), %error, "a subscription ends early");
                let refusal = Refusal::from(error);
                let _ = outbox.send(problem(&refusal, None)).await;
                return;
            }
        }
    }
}

fn encode(event: &Arc<Encoded>) -> Message {
    Message::text(event.json.get())
}
