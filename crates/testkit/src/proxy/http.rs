//! The requests of a client.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::{
    body::{Frame, Incoming},
    client::conn::http1 as client,
    server::conn::http1 as server,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, time::sleep};

use super::{Proxy, Upgrade, stream::Connection, tunnel};

pub(super) type Body = BoxBody<Bytes, io::Error>;

/// Serves the requests of one connection.
pub(super) async fn serve(proxy: &Proxy, connection: &Arc<Connection>, stream: DuplexStream) {
    let service = service_fn(|request| {
        let (proxy, connection) = (proxy.clone(), Arc::clone(connection));
        async move { answer(&proxy, &connection, request).await }
    });
    // However it ends, the stream is closed, and the client sees that.
    let _ = server::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades().await;
}

async fn answer(
    proxy: &Proxy,
    connection: &Arc<Connection>,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    if request.headers().contains_key(header::UPGRADE) {
        let fault = proxy.0.faults.borrow().upgrade;
        if !matches!(fault, Upgrade::Pass | Upgrade::DropFirst) {
            proxy.count(|stats| stats.spoiled_upgrades += 1);
        }
        match fault {
            Upgrade::Refuse(status) => return Ok(page(status)),
            Upgrade::Hang => std::future::pending().await,
            Upgrade::Strip => {}
            fault => return tunnel::open(proxy, connection, request, fault).await,
        }
    }
    exchange(proxy, request).await
}

async fn exchange(proxy: &Proxy, request: Request<Incoming>) -> io::Result<Response<Body>> {
    proxy.count(|stats| stats.requests += 1);
    let mut faults = proxy.0.faults.borrow().requests.clone();
    let target = request.uri().to_string();
    if faults.only.as_ref().is_some_and(|only| !target.contains(only.as_str())) {
        faults = super::Requests::default();
    }
    let (mut head, body) = request.into_parts();
    for name in [header::CONNECTION, header::UPGRADE] {
        head.headers.remove(name);
    }
    let request = Request::from_parts(head, Full::new(collect(body).await?));
    if proxy.happens(faults.page) {
        proxy.count(|stats| stats.pages += 1);
        return Ok(page(faults.status));
    }
    if faults.reorder > 0 {
        sleep(Duration::from_millis(proxy.up_to(faults.reorder))).await;
    }
    if proxy.happens(faults.duplicate) {
        proxy.count(|stats| stats.duplicated += 1);
        let again = send(proxy, request.clone()).await?;
        tokio::spawn(again);
    }
    let response = send(proxy, request).await?.await?;
    let lost = proxy.happens(faults.lose);
    let truncated = proxy.happens(faults.truncate);
    let broken_off = proxy.happens(faults.break_off);
    if !(lost || truncated || broken_off || faults.hold > 0) {
        return Ok(response.map(|body| body.map_err(io::Error::other).boxed()));
    }
    let (head, body) = response.into_parts();
    let body = collect(body).await?;
    if faults.hold > 0 {
        sleep(Duration::from_millis(faults.hold)).await;
        proxy.count(|stats| stats.held += 1);
    }
    if lost {
        proxy.count(|stats| stats.lost += 1);
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let response = Response::from_parts(head, ());
    Ok(match body.len().checked_sub(1) {
        Some(last) if truncated || broken_off => {
            let at = usize::try_from(proxy.up_to(last as u64)).unwrap_or_default();
            spoil(proxy, response, &body, at, truncated)
        }
        _ => response.map(|()| whole(body)),
    })
}

/// Lets only the bytes before `at` pass.
fn spoil(proxy: &Proxy, response: Response<()>, body: &Bytes, at: usize, truncated: bool) -> Response<Body> {
    let part = body.slice(..at);
    if truncated {
        proxy.count(|stats| stats.truncated += 1);
        let mut response = response.map(|()| whole(part));
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(at));
        return response;
    }
    proxy.count(|stats| stats.broken_off += 1);
    let end = async {
        // What came before is written meanwhile.
        tokio::task::yield_now().await;
        Err(io::ErrorKind::ConnectionReset.into())
    };
    let parts = stream::iter([Ok(Frame::data(part))]).chain(stream::once(end));
    let mut response = response.map(|()| BoxBody::new(StreamBody::new(parts)));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    response
}

/// Sends a request to the server; the answer is another matter.
pub(super) async fn send(
    proxy: &Proxy,
    request: Request<Full<Bytes>>,
) -> io::Result<impl Future<Output = io::Result<Response<Incoming>>> + use<>> {
    let stream = (proxy.0.upstream)().await?;
    let (mut sender, connection) = client::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection.with_upgrades());
    Ok(async move { sender.send_request(request).await.map_err(io::Error::other) })
}

async fn collect(body: Incoming) -> io::Result<Bytes> {
    Ok(body.collect().await.map_err(io::Error::other)?.to_bytes())
}

pub(super) fn whole(body: Bytes) -> Body {
    Full::new(body).map_err(|never: Infallible| match never {}).boxed()
}

/// A page as proxies have them.
fn page(status: u16) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let text =
        format!("<html>\n<head><title>{status}</title></head>\n<body><h1>{status}</h1></body>\n</html>\n");
    let mut response = Response::new(whole(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let scheme = HeaderValue::from_static("Basic realm=\"proxy\"");
        response.headers_mut().insert(header::PROXY_AUTHENTICATE, scheme);
    }
    response
}
