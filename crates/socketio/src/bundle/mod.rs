//! The JavaScript client, as the reference implementation serves it.
//!
//! <https://socket.io/docs/v4/client-installation/#standalone-build>

#[cfg_attr(feature = "client", path = "built_in.rs")]
#[cfg_attr(not(feature = "client"), path = "absent.rs")]
mod files;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

/// The answer to a request for a file of the client; `None` if the name is not one of them.
pub(crate) fn answer(name: &str, method: &Method, headers: &HeaderMap) -> Option<Response<Bytes>> {
    let known = name.strip_suffix(".map").unwrap_or(name);
    NAMES.contains(&known).then(|| {
        // Who asks for it would look for the mistake in the path.
        files::answer(name, method, headers).unwrap_or_else(|| plain(StatusCode::NOT_FOUND, files::ADVICE))
    })
}

fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

const NAMES: [&str; 4] =
    ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];
