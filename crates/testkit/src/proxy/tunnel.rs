//! A connection that becomes a WebSocket.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy, sink, split};

use super::{
    Proxy, Upgrade,
    http::{Body, send, whole},
    stream::Connection,
};

/// Passes the request on; if the server agrees, everything that follows passes as it is.
pub(super) async fn open(
    proxy: &Proxy,
    connection: &Connection,
    mut request: Request<Incoming>,
    fault: Upgrade,
) -> io::Result<Response<Body>> {
    let client = hyper::upgrade::on(&mut request);
    let mut response = send(proxy, request.map(|_| Full::new(Bytes::new()))).await?.await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response.map(|body| body.map_err(io::Error::other).boxed()));
    }
    let server = hyper::upgrade::on(&mut response);
    connection.becomes_websocket(proxy);
    let proxy = proxy.clone();
    tokio::spawn(async move {
        let (client, server) = tokio::try_join!(client, server).map_err(io::Error::other)?;
        let (client_read, client_write) = split(TokioIo::new(client));
        let (server_read, server_write) = split(TokioIo::new(server));
        tokio::select! {
            ended = up(fault, client_read, server_write) => ended,
            ended = down(&proxy, fault, server_read, client_write) => ended,
        }
    });
    Ok(response.map(|_| whole(Bytes::new())))
}

async fn up(
    fault: Upgrade,
    mut client: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    if fault == Upgrade::Mute {
        copy(&mut client, &mut sink()).await?;
    } else {
        copy(&mut client, &mut server).await?;
    }
    server.shutdown().await
}

async fn down(
    proxy: &Proxy,
    fault: Upgrade,
    mut server: impl AsyncRead + Unpin,
    mut client: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    match fault {
        Upgrade::Mute | Upgrade::MuteDown => {
            copy(&mut server, &mut sink()).await?;
            // A mute connection does not say either that it is over.
            std::future::pending().await
        }
        Upgrade::DropFirst => {
            let rest = drop_frame(&mut server).await?;
            proxy.count(|stats| stats.dropped_frames += 1);
            client.write_all(&rest).await?;
        }
        _ => {}
    }
    copy(&mut server, &mut client).await?;
    client.shutdown().await
}

/// Reads a whole frame; gives what came behind it.
async fn drop_frame(from: &mut (impl AsyncRead + Unpin)) -> io::Result<BytesMut> {
    let mut bytes = BytesMut::new();
    loop {
        if let Some(len) = frame_len(&bytes).filter(|len| bytes.len() >= *len) {
            bytes.advance(len);
            return Ok(bytes);
        }
        if from.read_buf(&mut bytes).await? == 0 {
            return Ok(BytesMut::new());
        }
    }
}

/// Length of the frame that these bytes begin, which a server has not masked.
fn frame_len(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? & 0x7F {
        126 => Some(4 + usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?.checked_add(10),
        short => Some(2 + usize::from(short)),
    }
}
