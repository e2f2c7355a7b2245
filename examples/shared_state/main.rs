//! Socket.IO beside the routes of an axum application, with state that both share.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Json, Router, extract,
    routing::{get, post},
};
use serde_json::{Value, json};
use socketio::{Ack, Config, Data, SocketIo, SocketRef, State};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    examples::serve(router()).await
}

/// What the whole application has.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicI64>);

impl Counter {
    fn add(&self, difference: i64) -> i64 {
        self.0.fetch_add(difference, Ordering::Relaxed) + difference
    }
}

/// What the routes need; handlers of Socket.IO get the counter alone.
#[derive(Clone)]
struct App {
    counter: Counter,
    io: SocketIo,
}

fn router() -> Router {
    let counter = Counter::default();
    let io = SocketIo::builder().config(Config::default()).state(counter.clone()).build();
    io.namespace("/")
        .on("add", async |socket: SocketRef, State(counter): State<Counter>, Data(n): Data<i64>, ack: Ack| {
            let sum = counter.add(n);
            socket.broadcast().emit("counter", &sum);
            ack.send(&sum)
        })
        .on_connect(async |socket: SocketRef, State(counter): State<Counter>| {
            socket.emit("counter", &counter.add(0))
        });
    let service = io.service();
    Router::new()
        .route("/counter", get(read))
        .route("/counter/{difference}", post(add))
        .with_state(App { counter, io })
        .route_service("/socket.io/", service)
}

async fn read(extract::State(app): extract::State<App>) -> Json<Value> {
    let stats = app.io.stats();
    Json(json!({ "counter": app.counter.add(0), "sockets": stats.sockets }))
}

/// A plain HTTP request that everybody on a socket hears of.
async fn add(extract::State(app): extract::State<App>, extract::Path(n): extract::Path<i64>) -> Json<i64> {
    let sum = app.counter.add(n);
    app.io.emit("counter", &sum);
    Json(sum)
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use http_body_util::BodyExt as _;
    use socketio_client::{Client, Config};
    use tower::ServiceExt as _;

    use super::*;

    async fn request(router: &Router, method: &str, path: &str) -> Value {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    #[tokio::test]
    async fn requests_and_sockets_share_the_counter() {
        let router = router();
        let address = examples::start(router.clone()).await.unwrap();
        let client = Client::new(&format!("http://{address}"), Config::default()).unwrap();
        let (socket, mut events) = client.namespace("/").stream().unwrap();
        assert_eq!(events.next_event().await.unwrap().data::<i64>().unwrap(), 0);
        assert_eq!(request(&router, "POST", "/counter/5").await, 5);
        assert_eq!(events.next_event().await.unwrap().data::<i64>().unwrap(), 5);
        assert_eq!(socket.emit_with_ack::<i64>("add", &-7).await.unwrap(), -2);
        assert_eq!(request(&router, "GET", "/counter").await, json!({ "counter": -2, "sockets": 1 }));
    }
}
