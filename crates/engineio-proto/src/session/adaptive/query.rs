use std::{fmt, str::FromStr, time::Duration};

use thiserror::Error;

use super::{ladder::Tier, record::number};
use crate::{RequestError, Sid, query::values};

/// What the query of a request to an adaptive session says, beside `EIO` and `transport`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdaptiveQuery {
    /// Which session is meant.
    pub session: SessionName,
    /// What the request is.
    pub carrier: CarrierQuery,
}

/// How a request names its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionName {
    /// By the key that the client chose, as long as it knows no id: such a request may open the session.
    Key(Key),
    /// By its id.
    Sid(Sid),
}

/// What a request of an adaptive session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CarrierQuery {
    /// A request of an HTTP carrier.
    Exchange(Exchange),
    /// The opening handshake of a WebSocket.
    WebSocket,
}

/// A request of an HTTP carrier, without its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// [`Tier::LongPoll`] or [`Tier::Periodic`].
    pub tier: Tier,
    /// The epoch of the carrier, from 1.
    pub epoch: u64,
    /// How many packets the client has received.
    pub ack: u64,
    /// The number of the request within the session, from 1.
    pub seq: u64,
    /// How long the server may hold a long-poll; zero for a request that only sends, `None` for as long as it likes.
    pub hold: Option<Duration>,
}

impl AdaptiveQuery {
    /// Reads a raw query string.
    ///
    /// # Errors
    /// [`RequestError::BadRequest`] if it breaks a rule of the protocol.
    pub fn parse(query: &str) -> Result<Self, RequestError> {
        Self::read(query).ok_or(RequestError::BadRequest)
    }

    fn read(query: &str) -> Option<Self> {
        let [sid, key, carrier, epoch, ack, seq, hold] =
            values(query, ["sid", "key", "carrier", "epoch", "ack", "seq", "hold"]);
        let session = match (sid, key) {
            (Some(sid), None) => SessionName::Sid(sid.parse().ok()?),
            (None, Some(key)) => SessionName::Key(key.parse().ok()?),
            _ => return None,
        };
        let tier = Tier::from_name(carrier?)?;
        if tier == Tier::WebSocket {
            return Some(Self { session, carrier: CarrierQuery::WebSocket });
        }
        let hold = match hold.filter(|_| tier == Tier::LongPoll) {
            None => None,
            Some(hold) => Some(Duration::from_millis(number(hold)?)),
        };
        let positive = |text| number(text).filter(|number| *number > 0);
        let (epoch, ack, seq) = (positive(epoch?)?, number(ack?)?, positive(seq?)?);
        let exchange = Exchange { tier, epoch, ack, seq, hold };
        Some(Self { session, carrier: CarrierQuery::Exchange(exchange) })
    }
}

/// The raw query string, with `EIO` and `transport`.
impl fmt::Display for AdaptiveQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EIO=4&transport=adaptive&carrier=")?;
        match &self.carrier {
            CarrierQuery::Exchange(exchange) => f.write_str(exchange.tier.name())?,
            CarrierQuery::WebSocket => f.write_str(Tier::WebSocket.name())?,
        }
        match &self.session {
            SessionName::Key(key) => write!(f, "&key={}", key.as_str())?,
            SessionName::Sid(sid) => write!(f, "&sid={sid}")?,
        }
        if let CarrierQuery::Exchange(Exchange { epoch, ack, seq, hold, .. }) = &self.carrier {
            write!(f, "&epoch={epoch}&ack={ack}&seq={seq}")?;
            if let Some(hold) = hold {
                write!(f, "&hold={}", hold.as_millis())?;
            }
        }
        Ok(())
    }
}

/// What a client names its session by until it knows the id.
///
/// Whoever knows it has the session, so it is a secret: `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Key(Box<str>);

impl Key {
    /// A key of these random bits.
    pub fn from_random(bits: u128) -> Self {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bits.to_be_bytes());
        Self(text.into())
    }

    /// As it travels in the query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(22..=64).contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(InvalidKey);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key is 22 to 64 characters of the URL-safe base64 alphabet, which is room for 128 random bits.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a key is 22 to 64 characters of A-Z, a-z, 0-9, '_' and '-'")]
pub struct InvalidKey;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdefghij-_";

    #[test]
    fn queries() {
        let exchange = |tier, hold| CarrierQuery::Exchange(Exchange { tier, epoch: 2, ack: 0, seq: 1, hold });
        let key = || SessionName::Key(KEY.parse().unwrap());
        let sid = || SessionName::Sid("abc".parse().unwrap());
        let table = [
            (format!("carrier=websocket&key={KEY}"), key(), CarrierQuery::WebSocket),
            ("carrier=websocket&sid=abc".to_owned(), sid(), CarrierQuery::WebSocket),
            (
                format!("carrier=long-poll&key={KEY}&epoch=2&ack=0&seq=1"),
                key(),
                exchange(Tier::LongPoll, None),
            ),
            (
                "carrier=long-poll&sid=abc&epoch=2&ack=0&seq=1&hold=0".to_owned(),
                sid(),
                exchange(Tier::LongPoll, Some(Duration::ZERO)),
            ),
            (
                "carrier=periodic&sid=abc&epoch=2&ack=0&seq=1".to_owned(),
                sid(),
                exchange(Tier::Periodic, None),
            ),
        ];
        for (text, session, carrier) in table {
            let query = AdaptiveQuery { session, carrier };
            assert_eq!(AdaptiveQuery::parse(&text), Ok(query.clone()), "{text}");
            assert_eq!(query.to_string(), format!("EIO=4&transport=adaptive&{text}"));
        }
    }

    #[test]
    fn a_query_that_breaks_a_rule_is_refused() {
        let long = "x".repeat(65);
        for text in [
            "",
            "carrier=websocket",
            "carrier=websocket&sid=a%20b",
            "carrier=websocket&key=short",
            &format!("carrier=websocket&key={long}"),
            &format!("carrier=websocket&key={KEY}&sid=abc"),
            "sid=abc&epoch=1&ack=0&seq=1",
            "carrier=pigeon&sid=abc&epoch=1&ack=0&seq=1",
            "carrier=long-poll&sid=abc",
            "carrier=long-poll&sid=abc&epoch=0&ack=0&seq=1",
            "carrier=long-poll&sid=abc&epoch=1&ack=0&seq=0",
            "carrier=long-poll&sid=abc&epoch=1&ack=-1&seq=1",
            "carrier=long-poll&sid=abc&epoch=1&ack=9007199254740992&seq=1",
            "carrier=long-poll&sid=abc&epoch=01&ack=0&seq=1",
            "carrier=long-poll&sid=abc&epoch=1&ack=0&seq=1&hold=x",
        ] {
            assert_eq!(AdaptiveQuery::parse(text), Err(RequestError::BadRequest), "{text}");
        }
    }

    #[test]
    fn a_key_has_room_for_its_bits() {
        let key = Key::from_random(u128::MAX);
        assert_eq!(key.as_str().parse(), Ok(key.clone()));
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
