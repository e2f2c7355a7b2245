//! A plain WebSocket echo on the same frame codec, for the Autobahn cases.

use std::{convert::Infallible, net::Ipv4Addr};

use anyhow::{Context, Result};
use bytes::Bytes;
use clap::Args;
use engineio_proto::{
    Message, Prepared,
    frame::{Decoder, Opcode, WebSocketEvent, accept_key, close_frame, control_frame, deflate},
};
use http_body_util::Empty;
use hyper::{
    Request, Response, StatusCode, body::Incoming, header, server::conn::http1, service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::server;

/// The largest message of the Autobahn cases is 16 MiB.
const MAX_MESSAGE: usize = 16 * 1024 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 9001)]
    port: u16,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .with_context(|| format!("cannot listen on 127.0.0.1:{}", options.port))?;
        server::announce(listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let connection = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(accept))
                .with_upgrades();
            tokio::spawn(connection);
        }
    })
}

async fn accept(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    let mut response = Response::new(Empty::new());
    let Some(key) = request.headers().get(header::SEC_WEBSOCKET_KEY).cloned() else {
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    let offers = request.headers().get_all(header::SEC_WEBSOCKET_EXTENSIONS).into_iter();
    let deflate = offers.filter_map(|offer| offer.to_str().ok()).any(deflate::accepts);
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            // A peer that resets its connection has ended its case.
            let _ = echo(TokioIo::new(upgraded), deflate).await;
        }
    });
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::UPGRADE, header::HeaderValue::from_static("websocket"));
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("Upgrade"));
    if let Ok(accept) = accept_key(key.as_bytes()).parse() {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    if deflate {
        headers.insert(header::SEC_WEBSOCKET_EXTENSIONS, header::HeaderValue::from_static(deflate::RESPONSE));
    }
    Ok(response)
}

async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin, deflate: bool) -> std::io::Result<()> {
    let mut decoder = Decoder::server(MAX_MESSAGE).with_deflate(deflate);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let len = stream.read(&mut buffer).await?;
        if len == 0 {
            return Ok(());
        }
        let mut bytes = &buffer[..len];
        loop {
            let (frame, last) = match decoder.decode(&mut bytes) {
                Ok(None) => break,
                Ok(Some(event)) => match answer(&event, deflate) {
                    Some(answer) => answer,
                    None => continue,
                },
                Err(error) => (close_frame(Some(error.close_code())), true),
            };
            stream.write_all(&frame).await?;
            if last {
                return stream.shutdown().await;
            }
        }
        stream.flush().await?;
    }
}

/// The frame that answers, and whether it is the last.
fn answer(event: &WebSocketEvent, deflate: bool) -> Option<(Bytes, bool)> {
    let frame = |packet: &Prepared| match deflate {
        true => packet.compressed_frame(),
        false => Bytes::copy_from_slice(packet.frame()),
    };
    match event {
        WebSocketEvent::Message(Message::Text(text)) => Some((frame(&Prepared::raw_text(text)), false)),
        WebSocketEvent::Message(Message::Binary(bytes)) => Some((frame(&Prepared::binary(bytes)), false)),
        WebSocketEvent::Ping(payload) => Some((control_frame(Opcode::Pong, payload), false)),
        WebSocketEvent::Pong(_) => None,
        WebSocketEvent::Close(code) => Some((close_frame(*code), true)),
    }
}
