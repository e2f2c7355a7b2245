//! The files, compiled into the server.

use std::{
    io::Write as _,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

include!(concat!(env!("OUT_DIR"), "/client.rs"));

use super::plain;

/// The answer to a request for a file of the client; `None` if it was not there when the server was built.
pub(super) fn answer(name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
    let index = FILES.iter().position(|(file, _)| *file == name)?;
    if method != Method::GET && method != Method::HEAD {
        return Some(plain(StatusCode::METHOD_NOT_ALLOWED, ""));
    }
    let mut response = Response::new(Bytes::new());
    let response_headers = response.headers_mut();
    response_headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0"));
    response_headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response_headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let tag = format!("\"{VERSION}\"");
    response_headers.extend(HeaderValue::try_from(&tag).map(|tag| (header::ETAG, tag)));
    if is_current(headers, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Some(response);
    }
    let content_type = if name.ends_with(".map") { "application/json" } else { "application/javascript" };
    let content_type = format!("{content_type}; charset=utf-8");
    response_headers.extend(HeaderValue::try_from(content_type).map(|value| (header::CONTENT_TYPE, value)));
    if engineio::accepts_gzip(headers)
        && let Some(compressed) = compressed(index)
    {
        response_headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        *response.body_mut() = compressed;
    } else {
        *response.body_mut() = Bytes::from_static(FILES[index].1);
    }
    Some(response)
}

fn is_current(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(','));
    tags.any(|known| matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag)
}

/// The file in gzip, made once.
fn compressed(index: usize) -> Option<Bytes> {
    static COMPRESSED: Mutex<Vec<(usize, Bytes)>> = Mutex::new(Vec::new());
    // The list is whole at any time.
    let mut known = COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bytes)) = known.iter().find(|(file, _)| *file == index) {
        return Some(bytes.clone());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(FILES[index].1).ok()?;
    let bytes = Bytes::from(encoder.finish().ok()?);
    known.push((index, bytes.clone()));
    Some(bytes)
}

/// What to do about a file that is not there.
pub(super) const ADVICE: &str = "This server was built without the JavaScript client. \
    Install the npm package socket.io, let SOCKETIO_CLIENT_DIST name its folder client-dist, and build again.\n";
