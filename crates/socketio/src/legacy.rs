//! Clients of Socket.IO 2, where they differ from later ones.
//!
//! They are in `/` from the beginning, CONNECT has no payload, credentials stand in a query behind the name of the
//! namespace, and a refusal is the message itself or the data of the error.
//!
//! <https://github.com/socketio/socket.io-protocol/tree/v4>

use std::{borrow::Cow, sync::Arc};

use bytestring::ByteString;
use serde_json::{Map, Value};
use socketio_proto::EncodeError;

use crate::{
    Refusal,
    connection::Connection,
    handshake,
    wire::{self, Frames},
};

impl Connection {
    /// The client wants to join a namespace; one that it is in already it may name again.
    pub(crate) fn connect_legacy(self: &Arc<Self>, namespace: &str) {
        let (path, auth) = credentials(namespace);
        if !self.has_slot(path) {
            self.connect(path, auth);
        }
    }
}

/// What is sent to a client that may not join.
pub(crate) fn refusal(namespace: &str, refusal: &Refusal) -> Result<Frames, EncodeError> {
    wire::encode(|encoder| match refusal.data() {
        Some(data) => encoder.connect_error(namespace, data),
        None => encoder.connect_error(namespace, refusal.message()),
    })
}

/// The path of a namespace, and its query as the payload that a later client would have sent.
fn credentials(namespace: &str) -> (&str, Option<ByteString>) {
    let Some((path, query)) = namespace.split_once('?') else { return (namespace, None) };
    let auth: Map<String, Value> = handshake::pairs(query)
        .map(|(name, value)| (Cow::into_owned(name), Value::String(Cow::into_owned(value))))
        .collect();
    (path, Some(Value::Object(auth).to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_what_credentials_are() {
        let table = [
            ("/", "/", None),
            ("/admin", "/admin", None),
            ("/admin?token=a%20b&x", "/admin", Some(r#"{"token":"a b","x":""}"#)),
            ("/admin?", "/admin", Some("{}")),
        ];
        for (namespace, path, auth) in table {
            let (found, payload) = credentials(namespace);
            assert_eq!((found, payload.as_deref()), (path, auth), "{namespace}");
        }
    }
}
