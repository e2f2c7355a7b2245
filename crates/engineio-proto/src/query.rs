use memchr::memchr;

use crate::{RequestError, Sid};

/// How packets travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// The carriers of [`session::adaptive`](crate::session::adaptive), one after the other.
    Adaptive,
    /// HTTP long-polling.
    Polling,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// The name in the query and in `upgrades`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Polling => "polling",
            Self::WebSocket => "websocket",
        }
    }
}

/// The revision of the protocol, `EIO` in the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Revision 3: Socket.IO 1 and 2.
    V3,
    /// Revision 4: Socket.IO 3 and later.
    V4,
}

/// What the query of an Engine.IO request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The revision that the client speaks.
    pub protocol: Protocol,
    /// The transport of this request.
    pub transport: Transport,
    /// The session, or `None` in the request that opens one.
    pub sid: Option<Sid>,
    /// Whether the client takes no binary data, `b64` in the query; it has a meaning in revision 3 only.
    pub base64: bool,
}

impl Query {
    /// Reads `EIO`, `transport` and `sid` from a raw query string; other parameters are the application's.
    ///
    /// # Errors
    /// The first of these that applies, in the order of the reference implementation: an unknown transport,
    /// an id that no session can have, an unsupported revision.
    pub fn parse(query: &str) -> Result<Self, RequestError> {
        let [transport, sid, protocol, base64] = values(query, ["transport", "sid", "EIO", "b64"]);
        let transport = match transport {
            Some("polling") => Transport::Polling,
            Some("websocket") => Transport::WebSocket,
            Some("adaptive") => Transport::Adaptive,
            _ => return Err(RequestError::TransportUnknown),
        };
        let sid = match sid {
            None | Some("") => None,
            // It may be a key instead; `AdaptiveQuery` reads both.
            Some(_) if transport == Transport::Adaptive => None,
            Some(sid) => Some(sid.parse().map_err(|_| RequestError::UnknownSession)?),
        };
        let protocol = match protocol {
            Some("3") => Protocol::V3,
            Some("4") => Protocol::V4,
            _ => return Err(RequestError::UnsupportedProtocolVersion),
        };
        let base64 = base64.is_some_and(|value| !value.is_empty());
        Ok(Self { protocol, transport, sid, base64 })
    }
}

/// The first value of each name. None of the protocol's own values contains a character that needs escaping.
pub(crate) fn values<'q, const N: usize>(query: &'q str, names: [&str; N]) -> [Option<&'q str>; N] {
    let mut values = [None; N];
    let mut rest = query;
    while !rest.is_empty() {
        let (pair, others) = cut(rest, b'&').unwrap_or((rest, ""));
        rest = others;
        if let Some((key, value)) = cut(pair, b'=')
            && let Some((_, slot)) = names.iter().zip(&mut values).find(|(name, _)| **name == key)
        {
            slot.get_or_insert(value);
        }
    }
    values
}

/// As `str::split_once`, whose searcher costs more than the search in a text as short as these.
fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let index = memchr(at, text.as_bytes())?;
    Some((text.get(..index)?, text.get(index + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_names_transport_session_and_revision() {
        type Parsed = Result<(Transport, Option<&'static str>), RequestError>;
        let table: &[(&str, Parsed)] = &[
            ("EIO=4&transport=polling", Ok((Transport::Polling, None))),
            ("transport=websocket&EIO=4&sid=ab_-9&t=x", Ok((Transport::WebSocket, Some("ab_-9")))),
            ("&&EIO&EIO=4&EIO=5&=&é=é&transport=polling&transport=x&sid", Ok((Transport::Polling, None))),
            ("EIO=4&transport=polling&sid=", Ok((Transport::Polling, None))),
            ("EIO=4&transport=adaptive&sid=%20", Ok((Transport::Adaptive, None))),
            ("", Err(RequestError::TransportUnknown)),
            ("EIO=4", Err(RequestError::TransportUnknown)),
            ("EIO=4&transport=abc", Err(RequestError::TransportUnknown)),
            ("transport=polling", Err(RequestError::UnsupportedProtocolVersion)),
            ("EIO=abc&transport=polling", Err(RequestError::UnsupportedProtocolVersion)),
            ("EIO=3&transport=polling&b64=1", Ok((Transport::Polling, None))),
            ("EIO=2&transport=polling", Err(RequestError::UnsupportedProtocolVersion)),
            ("EIO=4&transport=polling&sid=%20", Err(RequestError::UnknownSession)),
        ];
        for (query, expected) in table {
            let found = Query::parse(query);
            let found = found.as_ref().map(|q| (q.transport, q.sid.as_ref().map(Sid::as_str)));
            assert_eq!(found.map_err(|error| *error), *expected, "{query}");
        }
    }
}
