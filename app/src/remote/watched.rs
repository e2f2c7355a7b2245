use serde::Deserialize;
use serde_json::{Value, json};
use socketio_client::{AckError, AdaptiveStatus, Client, Disconnect, Event, Events, Notice, Socket, Switch};
use tokio::sync::watch;

use super::RemoteError;
use crate::jobs::{Completion, ErrorEvent, EventBody, JobId, Progress, Rows};

/// The events of a job on a server elsewhere, each once and in order, whatever happens to connections.
#[derive(Debug)]
pub struct Watched {
    client: Client,
    socket: Socket,
    events: Events,
    adaptive: watch::Receiver<AdaptiveStatus>,
    switches: u64,
    /// Whether the connection is open and the events were not asked for on it.
    is_new: bool,
    job: JobId,
    /// The number of the last event that was told.
    seen: u64,
}

/// What is told of a job, and of the way to its server.
#[derive(Clone, Debug)]
pub enum Told {
    /// An event of the job.
    Event(EventBody),
    /// Another carrier carries the connection, which lost nothing.
    Switched(Switch),
    /// The connection is gone and will be opened again.
    Lost(Disconnect),
    /// It is open again; no event is missing.
    Back,
    /// It could not be opened, which is tried again.
    Failed(String),
}

/// The answer to a subscription.
#[derive(Deserialize)]
struct Reply {
    ok: bool,
    error: Option<Refused>,
}

#[derive(Deserialize)]
struct Refused {
    message: String,
}

/// What all events have.
#[derive(Deserialize)]
struct Numbered {
    job: JobId,
    seq: u64,
}

impl Watched {
    pub(super) fn new(client: Client, job: JobId, after: u64) -> Result<Self, RemoteError> {
        // A mute network is to be noticed within seconds, not with the next heartbeat.
        client.expect_events(true);
        let (socket, events) = client.namespace("/").stream()?;
        let adaptive = client.adaptive();
        Ok(Self { client, socket, events, adaptive, switches: 0, is_new: false, job, seen: after })
    }

    /// What comes next. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// If nothing more can come.
    pub async fn next(&mut self) -> Result<Told, RemoteError> {
        loop {
            // If the connection is lost before the answer comes, there is another one to ask on.
            if self.is_new {
                let is_answered = self.subscribe().await?;
                self.is_new = false;
                if is_answered {
                    return Ok(Told::Back);
                }
            }
            let notice = tokio::select! {
                biased;
                Ok(()) = self.adaptive.changed() => match self.switched() {
                    Some(switch) => return Ok(Told::Switched(switch)),
                    None => continue,
                },
                notice = self.events.next() => notice,
            };
            match notice {
                Some(Notice::Connected { .. }) => self.is_new = true,
                Some(Notice::Event(event)) => {
                    if let Some(body) = self.body(&event)? {
                        return Ok(Told::Event(body));
                    }
                }
                Some(Notice::Disconnected(reason)) if reason.will_reconnect => return Ok(Told::Lost(reason)),
                Some(Notice::Disconnected(reason)) => return Err(RemoteError::Ended(reason.to_string())),
                Some(Notice::ConnectFailed(error)) => return Ok(Told::Failed(error.to_string())),
                Some(Notice::Refused(refusal)) => return Err(RemoteError::Refused(refusal.to_string())),
                Some(_) => {}
                None => return Err(RemoteError::Ended("it is closed".to_owned())),
            }
        }
    }

    /// Whether the server has let us in.
    pub fn is_connected(&self) -> bool {
        self.socket.is_connected()
    }

    /// How the connection is carried.
    pub fn adaptive(&self) -> AdaptiveStatus {
        self.adaptive.borrow().clone()
    }

    /// Leaves the server.
    pub async fn close(self) {
        self.client.close().await;
    }

    /// A change of the carrier that was not told yet.
    fn switched(&mut self) -> Option<Switch> {
        let status = self.adaptive.borrow_and_update();
        if status.switches == self.switches {
            return None;
        }
        self.switches = status.switches;
        status.last_switch
    }

    /// Asks for the events after the last that was told; whether the server answered.
    async fn subscribe(&self) -> Result<bool, RemoteError> {
        let request = json!({ "job": self.job, "after": self.seen });
        loop {
            match self.socket.emit_with_ack::<Reply>("subscribe", &request).await {
                Ok(Reply { ok: true, .. }) => return Ok(true),
                Ok(Reply { error, .. }) => {
                    let reason = error.map(|error| error.message);
                    return Err(RemoteError::Refused(
                        reason.unwrap_or_else(|| "it gives no reason".to_owned()),
                    ));
                }
                Err(AckError::Timeout) if self.socket.is_connected() => {}
                Err(AckError::Timeout | AckError::Disconnected) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// An event of the job that was not told yet.
    fn body(&mut self, event: &Event) -> Result<Option<EventBody>, RemoteError> {
        let data: Value = event.data()?;
        let body = match &*event.name {
            "progress" => EventBody::Progress(Progress::deserialize(&data)?),
            "row" => EventBody::Row(Rows::deserialize(&data)?),
            "error" => EventBody::Error(ErrorEvent::deserialize(&data)?),
            "completion" => EventBody::Completion(Completion::deserialize(&data)?),
            _ => return Ok(None),
        };
        let Numbered { job, seq } = Numbered::deserialize(&data)?;
        if job != self.job || seq <= self.seen {
            return Ok(None);
        }
        self.seen = seq;
        Ok(Some(body))
    }
}
