//! Votes: rooms, credentials, and acknowledgements of one socket and of many.

use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use socketio::{Ack, Auth, Config, Data, Refusal, SocketIo, SocketRef, TryData};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    examples::serve(router()).await
}

#[derive(Deserialize)]
struct Credentials {
    token: String,
}

#[derive(Deserialize)]
struct Question {
    room: String,
    text: String,
    /// In milliseconds.
    timeout: u64,
}

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Votes {
    yes: usize,
    no: usize,
    silent: usize,
}

fn router() -> Router {
    let io = SocketIo::new(Config::default());
    io.namespace("/votes")
        .middleware(async |Auth(credentials): Auth<Credentials>| match &*credentials.token {
            "secret" => Ok(()),
            _ => Err(Refusal::new("wrong token").with_data(serde_json::json!({ "retry": false }))),
        })
        .on("join", async |socket: SocketRef, Data(room): Data<String>, ack: Ack| {
            socket.join(&room);
            ack.send(&socket.within(&room).sockets().len())
        })
        // `TryData` answers what does not fit; with `Data` the event would be dropped.
        .on("ask", async |socket: SocketRef, TryData(question): TryData<Question>, ack: Ack| match question {
            Ok(question) => ack.send(&ask(&socket, &question).await),
            Err(error) => ack.send(&serde_json::json!({ "error": error.to_string() })),
        })
        .on_connect(async |socket: SocketRef| {
            // The server can ask as well, and gets an error if nobody answers in time.
            let name = socket.timeout(Duration::from_secs(5)).emit_with_ack::<String>("name?", &()).await;
            socket.emit("welcome", &name.unwrap_or_else(|_| "stranger".to_owned()));
        });
    Router::new().route_service("/socket.io/", io.service())
}

/// One encoding for all; the answers come until the time is over.
async fn ask(asking: &SocketRef, question: &Question) -> Option<Votes> {
    let others = asking.to(&question.room).timeout(Duration::from_millis(question.timeout));
    let answers = others.emit_with_ack::<bool>("vote", &question.text).await.ok()?;
    let yes = answers.answered.iter().filter(|(_, agrees)| *agrees).count();
    Some(Votes { yes, no: answers.answered.len() - yes, silent: answers.failed.len() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use socketio_client::{Client, Config, Event, JoinError, Socket};

    use super::*;

    struct Voter {
        _client: Client,
        socket: Socket,
    }

    /// Somebody who votes like this, or says nothing.
    async fn voter(address: std::net::SocketAddr, vote: Option<bool>) -> Voter {
        let client = Client::new(&format!("http://{address}"), Config::default()).unwrap();
        let namespace = client.namespace("/votes").auth(json!({ "token": "secret" }));
        let (socket, mut events) = namespace
            .on("name?", async |event: Event| event.ack.send(&"Ann"))
            .on("vote", move |event: Event| async move {
                match vote {
                    Some(vote) => event.ack.send(&vote),
                    None => Ok(()),
                }
            })
            .stream()
            .unwrap();
        let welcome = events.next_event().await.unwrap();
        assert_eq!(welcome.data::<String>().unwrap(), "Ann");
        let members: usize = socket.emit_with_ack("join", &"jury").await.unwrap();
        assert!(members > 0);
        Voter { _client: client, socket }
    }

    #[tokio::test]
    async fn votes_are_counted() {
        let address = examples::start(router()).await.unwrap();
        let mut voters = Vec::new();
        for vote in [Some(true), Some(true), Some(false), None, Some(true)] {
            voters.push(voter(address, vote).await);
        }
        let question = json!({ "room": "jury", "text": "guilty?", "timeout": 500 });
        // Who asks does not vote.
        let votes: Votes = voters[0].socket.emit_with_ack("ask", &question).await.unwrap();
        assert_eq!(votes, Votes { yes: 2, no: 1, silent: 1 });
        let error: Value = voters[0].socket.emit_with_ack("ask", &"what?").await.unwrap();
        assert!(error["error"].as_str().unwrap().contains("expected struct Question"), "{error}");
    }

    #[tokio::test]
    async fn a_wrong_token_is_refused() {
        let address = examples::start(router()).await.unwrap();
        let client = Client::new(&format!("http://{address}"), Config::default()).unwrap();
        let socket = client.namespace("/votes").auth(json!({ "token": "guess" })).connect().unwrap();
        let Err(JoinError::Refused(refusal)) = socket.connected().await else { unreachable!("refused") };
        assert_eq!((&*refusal.message, refusal.data), ("wrong token", Some(json!({ "retry": false }))));
    }
}
