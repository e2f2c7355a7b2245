use std::fmt;

/// The public id of a socket: 20 random characters, 120 bits.
///
/// It is not the id of the Engine.IO session, which is a secret of its client.
/// It may be told to other clients, and it is the name of a room that holds this socket alone.
///
/// ```
/// # use socketio::{Config, Data, SocketIo, SocketRef};
/// # let io = SocketIo::new(Config::default());
/// io.namespace("/")
///     .on("whisper", async |socket: SocketRef, Data((to, text)): Data<(String, String)>| {
///         socket.to(to).emit("whisper", &(socket.id(), text));
///     })
///     .open();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId([u8; LEN]);

impl SocketId {
    pub(crate) fn random() -> Self {
        let mut bits: u128 = rand::random();
        Self(std::array::from_fn(|_| {
            let symbol = ALPHABET[(bits % 64) as usize];
            bits /= 64;
            symbol
        }))
    }

    /// The id that `text` may be, as far as its length tells.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().map(Self)
    }

    /// The id as the client knows it.
    pub fn as_str(&self) -> &str {
        // Both constructors take valid text only.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl AsRef<str> for SocketId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl serde::Serialize for SocketId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

const LEN: usize = 20;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_survive_their_text() {
        let id = SocketId::random();
        assert_ne!(id, SocketId::random());
        assert_eq!(id.as_str().len(), LEN);
        assert_eq!(SocketId::parse(id.as_str()), Some(id));
        assert_eq!(SocketId::parse("bench"), None);
    }
}
