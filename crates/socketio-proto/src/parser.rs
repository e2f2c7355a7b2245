/// How packets are written: what the JavaScript packages call a parser. Both sides of a connection use the same.
///
/// <https://socket.io/docs/v4/custom-parser/>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Parser {
    /// JSON text, and a binary message for each attachment: `socket.io-parser`, the default everywhere.
    #[default]
    Json,
    /// One binary message for each packet: `socket.io-msgpack-parser`.
    MessagePack,
}
