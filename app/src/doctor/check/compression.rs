//! Whether compression survives the way.

use std::io::Read as _;

use flate2::read::GzDecoder;
use hyper::Method;
use hyper::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

use super::super::cause::Cause;
use super::super::client::{Http, Target, WebSocket};
use super::super::failure::Failure;
use super::super::probe::exchange::opened;
use super::{Kind, Seen};

const OFFER: &str = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";

/// Asks for compressed answers and compressed frames.
pub(in crate::doctor) async fn compression(target: &Target, kind: Kind) -> Result<Seen, Failure> {
    let http = match kind {
        Kind::Tool => gzip(target).await?,
        Kind::SocketIo | Kind::Unknown => "",
    };
    let frames = match WebSocket::offering(target, &target.socket_io("websocket"), Some(OFFER)).await {
        Ok(mut socket) => {
            opened(&socket.text().await?)?;
            let agreed = socket.extensions.take();
            socket.close().await;
            match agreed {
                Some(agreed) => format!("the WebSocket agrees to {agreed}"),
                None => "the WebSocket declines it".to_owned(),
            }
        }
        Err(_) => "there is no WebSocket to try".to_owned(),
    };
    Ok(Seen::fine(format!("{http}{frames}")))
}

async fn gzip(target: &Target) -> Result<&'static str, Failure> {
    let ask = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
    let answer = Http::connect(target).await?.exchange_bytes(Method::GET, "api/openapi.json", ask).await?;
    let (headers, body) = answer;
    if headers.get("content-encoding").is_none_or(|encoding| encoding != "gzip") {
        return Ok("answers come uncompressed; ");
    }
    let mut text = String::new();
    match GzDecoder::new(&*body).read_to_string(&mut text) {
        Ok(_) => Ok("answers come with gzip; "),
        Err(error) => {
            let detail = format!("an answer with gzip cannot be decompressed: {error}");
            Err(Failure::new(Cause::UnexpectedAnswer, detail))
        }
    }
}
