use std::str::FromStr;

use super::{Fault, RetryAfter};

/// A kind of fault that a share of all requests can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// 429 with `Retry-After` in seconds.
    Throttled,
    /// 429 with `Retry-After` as a date.
    ThrottledUntil,
    /// 500, 502, 503 or 504.
    ServerError,
    /// The connection is reset without doing the work.
    Reset,
    /// No answer.
    Hang,
    /// The work is done, and the connection is reset instead of an answer.
    LostAnswer,
    /// The work is done, and the answer is 500, 502, 503 or 504 all the same.
    ServerErrorAfter,
    /// The work is done, and there is no answer.
    HangAfter,
    /// The answer comes late.
    Slow,
    /// 401, because the token is no longer good.
    ExpiredToken,
    /// 403.
    Forbidden,
    /// The page of a proxy instead of an answer, with status 200.
    Garbage,
}

impl FaultKind {
    /// Those that [`Options`](crate::Options) begins with.
    pub const DEFAULT: [Self; 5] =
        [Self::Throttled, Self::ServerError, Self::Reset, Self::Hang, Self::LostAnswer];

    /// The fault; where there are several, `bits` choose.
    pub(crate) fn fault(self, bits: u64) -> Fault {
        let server_error = [500, 502, 503, 504][(bits % 4) as usize];
        match self {
            Self::Throttled => Fault::Throttle(RetryAfter::Seconds(1)),
            Self::ThrottledUntil => Fault::Throttle(RetryAfter::HttpDate(1)),
            Self::ServerError => Fault::Status(server_error),
            Self::Reset => Fault::Reset,
            Self::Hang => Fault::Hang,
            Self::LostAnswer => Fault::LoseAnswer,
            Self::ServerErrorAfter => Fault::StatusAfter(server_error),
            Self::HangAfter => Fault::HangAfter,
            Self::Slow => Fault::Slow,
            Self::ExpiredToken => Fault::ExpireToken,
            Self::Forbidden => Fault::Status(403),
            Self::Garbage => Fault::Garbage(PAGE.into()),
        }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        kind.fault(0)
    }
}

/// Reads the name that the program's options have for a kind.
impl FromStr for FaultKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind);
        found.ok_or_else(|| format!("must be one of {}", NAMES.map(|(name, _)| name).join(", ")))
    }
}

const NAMES: [(&str, FaultKind); 12] = [
    ("429", FaultKind::Throttled),
    ("429-date", FaultKind::ThrottledUntil),
    ("5xx", FaultKind::ServerError),
    ("reset", FaultKind::Reset),
    ("hang", FaultKind::Hang),
    ("lost", FaultKind::LostAnswer),
    ("5xx-after", FaultKind::ServerErrorAfter),
    ("hang-after", FaultKind::HangAfter),
    ("slow", FaultKind::Slow),
    ("401", FaultKind::ExpiredToken),
    ("403", FaultKind::Forbidden),
    ("garbage", FaultKind::Garbage),
];

const PAGE: &str = "<html><body>The gateway is busy.</body></html>";
