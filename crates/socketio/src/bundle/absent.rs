//! Without the feature `client`, there are no files.

use bytes::Bytes;
use http::{HeaderMap, Method, Response};

pub(super) fn answer(_: &str, _: &Method, _: &HeaderMap) -> Option<Response<Bytes>> {
    None
}

/// What to do about that.
pub(super) const ADVICE: &str = "This server was built without the JavaScript client. \
    Build it with the feature client of the crate socketio, or take the client from the npm package socket.io-client.\n";
