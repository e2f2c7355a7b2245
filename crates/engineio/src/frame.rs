use bytes::Bytes;
use engineio_proto::Prepared;

/// A frame that is to be written, as far as it has not been.
#[derive(Debug)]
pub(crate) struct Frame {
    content: Content,
    written: usize,
}

#[derive(Debug)]
enum Content {
    Packet(Prepared),
    Bytes(Bytes),
}

impl Frame {
    /// So many of its bytes have been written.
    pub(crate) fn advance(&mut self, written: usize) {
        self.written += written;
    }
}

impl From<Prepared> for Frame {
    fn from(packet: Prepared) -> Self {
        Self { content: Content::Packet(packet), written: 0 }
    }
}

impl From<Bytes> for Frame {
    fn from(bytes: Bytes) -> Self {
        Self { content: Content::Bytes(bytes), written: 0 }
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        let whole = match &self.content {
            Content::Packet(packet) => packet.frame(),
            Content::Bytes(bytes) => bytes,
        };
        whole.get(self.written..).unwrap_or_default()
    }
}
