//! Socket.IO: `subscribe`, `unsubscribe` and `watch_health` in the main namespace.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use socketio::{Ack, Config, DisconnectReason, Extension, SocketIo, SocketRef, State, TryData};

use super::feed::Feeds;
use super::reader::Reader;
use super::refusal::Refusal;
use super::subscriptions::Subscriptions;
use crate::auth::{Principal, SessionEnd, Visit};
use crate::doctor::{Health, HealthReport};
use crate::jobs::{JobId, JobView};

/// Path of the endpoint, the default of every client.
pub const PATH: &str = "/socket.io/";

/// Bytes that may wait for one client before it is disconnected.
///
/// The largest event tells of 250 rows with long messages, and must fit beside what waits already.
const MAX_QUEUED: usize = 4 * 1024 * 1024;

/// A longer text than this is no nonce of a probe.
const MAX_NONCE: usize = 64;

/// What the handlers of events need.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) feeds: Feeds,
    /// Time between two requests of a client for which nothing goes on.
    pub(super) poll_period: Duration,
    health: Health,
}

/// A server with its handlers, and no client yet.
pub(super) fn server(feeds: Feeds, health: Health) -> SocketIo {
    let mut config = Config::default();
    PATH.clone_into(&mut config.engine.path);
    config.engine.max_queued_bytes = MAX_QUEUED;
    let poll_period = config.engine.adaptive.clone().unwrap_or_default().period;
    let shared = Shared { feeds, poll_period, health };
    let io = SocketIo::builder().config(config).keep_extension::<Visit>().state(shared).build();
    io.ns("/", connected);
    io
}

async fn connected(socket: SocketRef, Extension(visit): Extension<Visit>) {
    let subscriptions = Subscriptions::default();
    subscriptions.until(tokio::spawn(log_out(socket.clone(), visit.end)));
    socket.insert(subscriptions);
    socket.on("subscribe", subscribe);
    socket.on("unsubscribe", unsubscribe);
    socket.on("watch_health", watch_health);
    socket.on("probe", probe);
    socket.on_disconnect(disconnected);
}

/// Sends a client away whose session has ended; it does not come back by itself.
async fn log_out(socket: SocketRef, end: SessionEnd) {
    end.come().await;
    socket.emit("session_ended", &Refusal::session_ended());
    socket.disconnect(true);
}

#[derive(Debug, Deserialize)]
struct Subscribe {
    job: String,
    #[serde(default)]
    after: u64,
}

#[derive(Debug, Deserialize)]
struct Unsubscribe {
    job: String,
}

/// What an acknowledgement says.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Reply<'a> {
    Subscribed { ok: bool, job: &'a JobView, last_seq: u64 },
    Done { ok: bool },
    Health { ok: bool, health: &'a HealthReport },
    Refused { ok: bool, error: Refusal },
}

impl Reply<'_> {
    fn refused(error: Refusal) -> Self {
        Self::Refused { ok: false, error }
    }
}

async fn subscribe(
    socket: SocketRef,
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    TryData(request): TryData<Subscribe>,
    ack: Ack,
) {
    let mut ack = Some(ack);
    let mut answer = |reply: &Reply<'_>| {
        if let Some(ack) = ack.take() {
            ack.send(reply);
        }
    };
    let added = open(&shared, visit.principal, request).await.and_then(|(job, reader)| {
        let subscriptions = socket.data::<Subscriptions>().unwrap_or_default();
        let reply = Reply::Subscribed { ok: true, job: &job, last_seq: job.last_seq };
        subscriptions.add(&socket, &shared, reader, !job.status.is_final(), || answer(&reply))
    });
    if let Err(refusal) = added {
        answer(&Reply::refused(refusal));
    }
}

async fn open(
    shared: &Shared,
    principal: Principal,
    request: Result<Subscribe, serde_json::Error>,
) -> Result<(JobView, Reader), Refusal> {
    if principal == Principal::Probe {
        return Err(Refusal::forbidden());
    }
    let request = request.map_err(|error| Refusal::invalid_message(&error))?;
    let id: JobId = request.job.parse().map_err(|_| Refusal::no_such_job())?;
    let job = shared.feeds.jobs().job(id).await?;
    let reader = Reader::open(&shared.feeds, &job, request.after).await?;
    Ok((job, reader))
}

async fn unsubscribe(
    socket: SocketRef,
    State(shared): State<Shared>,
    TryData(request): TryData<Unsubscribe>,
    ack: Ack,
) {
    let id = request.map_err(|error| Refusal::invalid_message(&error));
    let id = id.and_then(|request| request.job.parse::<JobId>().map_err(|_| Refusal::no_such_job()));
    match id {
        Ok(id) => {
            if let Some(subscriptions) = socket.data::<Subscriptions>() {
                subscriptions.remove(&socket, &shared, id);
            }
            ack.send(&Reply::Done { ok: true });
        }
        Err(refusal) => drop(ack.send(&Reply::refused(refusal))),
    }
}

async fn watch_health(
    socket: SocketRef,
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    ack: Ack,
) {
    if visit.principal == Principal::Probe {
        ack.send(&Reply::refused(Refusal::forbidden()));
        return;
    }
    let mut changes = shared.health.changes();
    let report = shared.health.report().await;
    ack.send(&Reply::Health { ok: true, health: &report });
    let target = socket.clone();
    let watch = async move {
        while let Some(report) = changes.next().await {
            target.emit("health", &report);
        }
    };
    if let Some(subscriptions) = socket.data::<Subscriptions>() {
        subscriptions.watch_health(tokio::spawn(watch));
    }
}

/// Brings back what the self-test sent.
async fn probe(TryData(nonce): TryData<String>, ack: Ack) {
    if let Some(nonce) = nonce.ok().filter(|nonce| nonce.len() <= MAX_NONCE) {
        ack.send(&nonce);
    }
}

async fn disconnected(socket: SocketRef, reason: DisconnectReason) {
    tracing::debug!(socket = %socket.id(), %reason, "a client left");
    if let Some(subscriptions) = socket.data::<Subscriptions>() {
        subscriptions.clear();
    }
}
