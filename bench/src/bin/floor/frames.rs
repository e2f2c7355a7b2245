//! As much of WebSocket framing as the floor needs.

use std::io;

use tokio::net::TcpStream;

/// What has been read of a client, without a buffer while there is nothing.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    buffer: Vec<u8>,
    used: usize,
}

impl Frames {
    /// Reads what there is; `false` at the end.
    pub(crate) fn read_from(&mut self, stream: &TcpStream) -> io::Result<bool> {
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.buffer.is_empty() {
            self.buffer = Vec::new();
        }
        let mut scratch = [0; 16 * 1024];
        match stream.try_read(&mut scratch) {
            Ok(0) => Ok(false),
            Ok(len) => {
                self.buffer.extend_from_slice(&scratch[..len]);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// The payload of the next whole frame.
    pub(crate) fn next_text(&mut self) -> Option<&[u8]> {
        let bytes = self.buffer.get_mut(self.used..)?;
        let (start, len) = match (bytes.get(1)? & 0x7f, bytes.get(2..4)) {
            (126, Some(len)) => (4, usize::from(u16::from_be_bytes([len[0], len[1]]))),
            (126 | 127, _) => return None,
            (len, _) => (2, usize::from(len)),
        };
        let frame = bytes.get_mut(start..start + 4 + len)?;
        let (key, payload) = frame.split_at_mut(4);
        payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
        self.used += start + 4 + len;
        Some(payload)
    }
}

/// Appends a text frame of a server.
pub(crate) fn push(to: &mut Vec<u8>, parts: &[&[u8]]) {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    to.push(0x81);
    match (u8::try_from(len), u16::try_from(len)) {
        (Ok(len), _) if len < 126 => to.push(len),
        (_, Ok(len)) => {
            to.push(126);
            to.extend(len.to_be_bytes());
        }
        _ => {
            to.push(127);
            to.extend((len as u64).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| to.extend_from_slice(part));
}
