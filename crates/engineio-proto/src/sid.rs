use std::{fmt, str::FromStr};

use thiserror::Error;

/// An Engine.IO session id.
///
/// Whoever knows it can read and write the session, so it is a secret: `Debug` shows only its first characters,
/// and it must never serve as the public id of a socket.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sid(Box<str>);

impl Sid {
    /// The id as it travels in the query and in the OPEN packet.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sid {
    type Err = InvalidSid;

    fn from_str(text: &str) -> Result<Self, InvalidSid> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if text.is_empty() || text.len() > MAX_LEN || !text.bytes().all(allowed) {
            return Err(InvalidSid);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({}…)", self.0.get(..4).unwrap_or_default())
    }
}

/// A session id is 1 to 64 characters of the URL-safe base64 alphabet.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a session id is 1 to 64 characters of A-Z, a-z, 0-9, '_' and '-'")]
pub struct InvalidSid;

const MAX_LEN: usize = 64;
