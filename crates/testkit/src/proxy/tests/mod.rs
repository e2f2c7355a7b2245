//! Each fault on in-memory streams in virtual time: a wait that cannot end costs nothing.

mod flows;
mod requests;
mod upgrades;

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use engineio_proto::frame::{Decoder, WebSocketEvent};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex},
    time::timeout,
};

use super::{BoxStream, Faults, Proxy};
use crate::raw::{self, WebSocket};

/// A proxy and what the server behind it has seen.
struct World {
    proxy: Proxy,
    seen: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new(faults: Faults) -> Self {
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&seen);
        let proxy = Proxy::new(1, move || {
            let (near, far) = duplex(64 * 1024);
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                let service = service_fn(|request| answer(request, Arc::clone(&log)));
                http1::Builder::new().serve_connection(TokioIo::new(far), service).with_upgrades().await
            });
            async move { Ok(Box::new(near) as BoxStream) }
        });
        proxy.set(faults);
        Self { proxy, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn connect(&self) -> DuplexStream {
        let (near, far) = duplex(64 * 1024);
        let proxy = self.proxy.clone();
        tokio::spawn(async move { proxy.serve(far).await });
        near
    }

    /// What comes back to the end of the stream.
    async fn get(&self, target: &str) -> io::Result<String> {
        let mut stream = self.connect();
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await?;
        Ok(reply)
    }

    async fn reply(&self, target: &str) -> raw::Reply {
        raw::parse(&self.get(target).await.unwrap()).unwrap()
    }

    async fn websocket(&self) -> io::Result<WebSocket<DuplexStream>> {
        WebSocket::open(self.connect(), "/ws").await
    }
}

/// Says what it was asked; a WebSocket says `first` and `second`, then what it is told.
async fn answer(
    mut request: Request<Incoming>,
    log: Arc<Mutex<Vec<String>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let name = request.uri().to_string();
    log.lock().unwrap().push(name.clone());
    if !request.headers().contains_key(header::UPGRADE) {
        let body = request.body_mut().collect().await.unwrap().to_bytes();
        return Ok(Response::new(Full::new(
            [format!("answer to {name} ").as_bytes(), &body].concat().into(),
        )));
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        for text in ["first", "second"] {
            let _ = stream.write_all(&frame(text)).await;
        }
        let mut decoder = Decoder::server(1000);
        let mut buffer = [0; 100];
        while let Ok(len @ 1..) = stream.read(&mut buffer).await {
            let mut bytes = &buffer[..len];
            while let Ok(Some(WebSocketEvent::Message(message))) = decoder.decode(&mut bytes) {
                let engineio_proto::Message::Text(text) = message else { return };
                log.lock().unwrap().push(text.to_string());
                let _ = stream.write_all(&frame(&text)).await;
            }
        }
        log.lock().unwrap().push("closed".to_owned());
    });
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    Ok(response)
}

fn frame(text: &str) -> Vec<u8> {
    // Shorter than 126 bytes.
    [&[0x81, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// Whether this never ends.
async fn hangs<T>(future: impl Future<Output = T>) -> bool {
    timeout(Duration::from_secs(3600), future).await.is_err()
}
