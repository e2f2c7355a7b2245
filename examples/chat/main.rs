//! A chat with a page.

use axum::{Router, response::Html, routing::get};
use serde::Serialize;
use socketio::{Ack, Auth, Config, Data, Refusal, SocketIo, SocketRef};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    examples::serve(router()).await
}

/// Who somebody is, kept with the socket.
#[derive(Clone)]
struct Name(String);

#[derive(Serialize)]
struct Line<'a> {
    from: &'a str,
    text: &'a str,
}

fn router() -> Router {
    let io = SocketIo::new(Config::default());
    io.namespace("/")
        // The first middleware that says no decides; the page shows its message.
        .middleware(async |socket: SocketRef, Auth(auth): Auth<serde_json::Value>| {
            match auth["name"].as_str().map(str::trim) {
                Some(name) if !name.is_empty() && name.len() <= 40 => {
                    socket.insert(Name(name.to_owned()));
                    Ok(())
                }
                _ => Err(Refusal::new("tell me your name")),
            }
        })
        .on("say", async |socket: SocketRef, Data(text): Data<String>, ack: Ack| {
            let Some(Name(from)) = socket.data() else { return };
            socket.broadcast().emit("said", &Line { from: &from, text: &text });
            ack.send(&"delivered");
        })
        // Whether somebody types is worth nothing later.
        .on("typing", async |socket: SocketRef| {
            let name = socket.data::<Name>().map(|name| name.0);
            socket.broadcast().volatile().emit("typing", &name)
        })
        .on_connect(async |socket: SocketRef| {
            let Some(Name(name)) = socket.data() else { return };
            socket.broadcast().emit("came", &name);
            socket.on_disconnect(async move |socket: SocketRef| socket.broadcast().emit("went", &name));
        });
    Router::new()
        .route("/", get(async || Html(include_str!("page.html"))))
        .route_service("/socket.io/", io.service())
        // The JavaScript client is below that path.
        .route_service("/socket.io/{*file}", io.service())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use socketio_client::{Client, Config, Events, JoinError, Socket};

    use super::*;

    async fn guest(address: std::net::SocketAddr, name: &str) -> (Client, Socket, Events) {
        let client = Client::new(&format!("http://{address}"), Config::default()).unwrap();
        let (socket, events) = client.namespace("/").auth(json!({ "name": name })).stream().unwrap();
        socket.connected().await.unwrap();
        (client, socket, events)
    }

    #[tokio::test]
    async fn what_one_says_the_others_hear() {
        let address = examples::start(router()).await.unwrap();
        let (_ann, _, mut ann_hears) = guest(address, "Ann").await;
        let (bob, bob_speaks, _) = guest(address, "Bob").await;
        assert_eq!(ann_hears.next_event().await.unwrap().data::<String>().unwrap(), "Bob");
        let answer: String = bob_speaks.emit_with_ack("say", &"hello").await.unwrap();
        assert_eq!(answer, "delivered");
        let said = ann_hears.next_event().await.unwrap();
        assert_eq!(
            (&*said.name, said.data::<Value>().unwrap()),
            ("said", json!({ "from": "Bob", "text": "hello" }))
        );
        bob.close().await;
        assert_eq!(&*ann_hears.next_event().await.unwrap().name, "went");
    }

    #[tokio::test]
    async fn nobody_is_nameless() {
        let address = examples::start(router()).await.unwrap();
        let client = Client::new(&format!("http://{address}"), Config::default()).unwrap();
        let socket = client.namespace("/").connect().unwrap();
        let Err(JoinError::Refused(refusal)) = socket.connected().await else { unreachable!("refused") };
        assert_eq!(refusal.message, "tell me your name");
    }

    #[tokio::test]
    async fn the_page_is_served() {
        use http_body_util::BodyExt as _;
        use tower::ServiceExt as _;

        let request = axum::http::Request::get("/").body(axum::body::Body::empty()).unwrap();
        let response = router().oneshot(request).await.unwrap();
        let page = response.into_body().collect().await.unwrap().to_bytes();
        assert!(str::from_utf8(&page).unwrap().contains("/socket.io/socket.io.min.js"));
    }
}
