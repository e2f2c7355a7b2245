use std::fmt;

use crate::{DecodeError, Prepared, frame::CloseCode};

/// What the two sides of an adaptive session say about packets: a short text that is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// `a<count>`: the sender has received this many packets.
    Ack(u64),
    /// `t<epoch>,<ack>,<first>`: this WebSocket carries the session from now on.
    Attach(Attach),
    /// `x<reason>`: this carrier, or the session, is over.
    End(End),
    /// `l<bytes>`: the next packet has this many bytes, which take their time.
    Length(u64),
    /// `s<first>`: the packets that follow are numbered from this one.
    First(u64),
    /// `h<ms>`: the period of the `periodic` carrier in milliseconds.
    Period(u64),
    /// `p<id>`: are you there?
    Ping(u64),
    /// `o<id>`: the answer to it.
    Pong(u64),
}

/// What an attach record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attach {
    /// The number of the carrier, from 1.
    pub epoch: u64,
    /// How many packets its sender has received.
    pub ack: u64,
    /// The number of the next packet of its sender, from 1.
    pub first: u64,
}

/// Why the server ends a carrier or a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server does not know the session, or a reason that this side does not know.
    Gone,
    /// A packet is longer than `maxPayload`.
    Large,
    /// The client broke the protocol.
    Protocol,
    /// More waits for the client than the server keeps.
    Slow,
    /// A newer epoch carries the session, which goes on.
    Stale,
}

/// The largest number in a record or a query: what JavaScript counts exactly.
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

impl Record {
    /// Whether a text begins as records do; packets begin with a digit, or in a body with `b` or `e`.
    pub fn is_record(text: &str) -> bool {
        text.bytes()
            .next()
            .is_some_and(|letter| letter.is_ascii_lowercase() && !matches!(letter, b'b' | b'e'))
    }

    /// Reads a text for which [`is_record`](Self::is_record) holds; `None` if this revision does not know its letter.
    ///
    /// # Errors
    /// The letter is known, and what follows it does not fit.
    pub fn parse(text: &str) -> Result<Option<Self>, DecodeError> {
        let (letter, rest) = text.split_at_checked(1).ok_or(DecodeError::Record)?;
        let record = match letter {
            "a" => number(rest).map(Self::Ack),
            "t" => attach(rest).map(Self::Attach),
            "x" => Some(Self::End(End::from_name(rest))),
            "l" => number(rest).map(Self::Length),
            "s" => number(rest).filter(|first| *first > 0).map(Self::First),
            "h" => number(rest).map(Self::Period),
            "p" => number(rest).map(Self::Ping),
            "o" => number(rest).map(Self::Pong),
            _ => return Ok(None),
        };
        record.map(Some).ok_or(DecodeError::Record)
    }

    /// As one message of a WebSocket.
    pub fn prepare(self) -> Prepared {
        Prepared::raw_text(&self.to_string())
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ack(count) => write!(f, "a{count}"),
            Self::Attach(Attach { epoch, ack, first }) => write!(f, "t{epoch},{ack},{first}"),
            Self::End(end) => write!(f, "x{}", end.name()),
            Self::Length(bytes) => write!(f, "l{bytes}"),
            Self::First(first) => write!(f, "s{first}"),
            Self::Period(millis) => write!(f, "h{millis}"),
            Self::Ping(id) => write!(f, "p{id}"),
            Self::Pong(id) => write!(f, "o{id}"),
        }
    }
}

impl End {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Large => "large",
            Self::Protocol => "protocol",
            Self::Slow => "slow",
            Self::Stale => "stale",
        }
    }

    /// Whether the session is over, and not only its carrier.
    pub(super) const fn is_final(self) -> bool {
        !matches!(self, Self::Stale)
    }

    /// With which code a WebSocket is closed behind it.
    pub(super) const fn close_code(self) -> CloseCode {
        match self {
            Self::Stale => CloseCode::NORMAL,
            Self::Gone | Self::Large | Self::Protocol | Self::Slow => CloseCode::POLICY_VIOLATION,
        }
    }

    fn from_name(name: &str) -> Self {
        let known = [Self::Large, Self::Protocol, Self::Slow, Self::Stale];
        known.into_iter().find(|end| end.name() == name).unwrap_or(Self::Gone)
    }
}

/// A decimal number without sign and leading zeros, at most [`MAX_NUMBER`].
pub(super) fn number(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with(['0', '+']);
    text.parse().ok().filter(|number| canonical && *number <= MAX_NUMBER)
}

fn attach(text: &str) -> Option<Attach> {
    let mut fields = text.split(',').map(number);
    let (epoch, ack, first) = (fields.next()??, fields.next()??, fields.next()??);
    (fields.next().is_none() && epoch > 0 && first > 0).then_some(Attach { epoch, ack, first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let attach = |epoch, ack, first| Ok(Some(Record::Attach(Attach { epoch, ack, first })));
        let table: &[(&str, Result<Option<Record>, DecodeError>)] = &[
            ("a0", Ok(Some(Record::Ack(0)))),
            ("a9007199254740991", Ok(Some(Record::Ack(MAX_NUMBER)))),
            ("t3,0,1", attach(3, 0, 1)),
            ("t12,345,678", attach(12, 345, 678)),
            ("s7", Ok(Some(Record::First(7)))),
            ("h250", Ok(Some(Record::Period(250)))),
            ("p1", Ok(Some(Record::Ping(1)))),
            ("o1", Ok(Some(Record::Pong(1)))),
            ("xstale", Ok(Some(Record::End(End::Stale)))),
            ("xgone", Ok(Some(Record::End(End::Gone)))),
            ("xslow", Ok(Some(Record::End(End::Slow)))),
            ("xlarge", Ok(Some(Record::End(End::Large)))),
            ("xprotocol", Ok(Some(Record::End(End::Protocol)))),
        ];
        for (text, expected) in table {
            assert!(Record::is_record(text));
            assert_eq!(Record::parse(text), *expected, "{text}");
            assert_eq!(expected.unwrap().unwrap().to_string(), *text);
        }
        assert_eq!(
            Record::parse("xnewer"),
            Ok(Some(Record::End(End::Gone))),
            "an unknown reason ends the session"
        );
        for unknown in ["z", "z1,2,3", "q\u{1f600}"] {
            assert_eq!(Record::parse(unknown), Ok(None), "{unknown}");
        }
    }

    #[test]
    fn a_known_record_that_cannot_be_read_is_an_error() {
        for text in [
            "",
            "a",
            "a-1",
            "a+1",
            "a01",
            "a1.0",
            "a 1",
            "a9007199254740992",
            "a18446744073709551616",
            "t",
            "t1",
            "t1,2",
            "t1,2,3,4",
            "t0,0,1",
            "t1,0,0",
            "t1,,1",
            "s0",
            "s",
            "h",
            "p",
            "o1,2",
            "é",
        ] {
            assert_eq!(Record::parse(text), Err(DecodeError::Record), "{text}");
        }
    }

    #[test]
    fn packets_are_no_records() {
        for text in ["", "0{}", "1", "4a1", "bAQID", "eNGE=", "A1", "é"] {
            assert!(!Record::is_record(text), "{text}");
        }
    }
}
