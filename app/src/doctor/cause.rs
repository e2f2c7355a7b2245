//! Why a tier does not work, in words that link to the troubleshooting guide.

use std::error::Error;
use std::fmt;
use std::io;

/// A reason that a probe can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// The connection was closed or reset in the middle of an exchange.
    ConnectionReset,
    /// The WebSocket opened and answers, but the server's first frame never came through.
    FirstFrameLost,
    /// An idle connection was closed by something on the way.
    IdleClosed,
    /// The WebSocket handshake succeeded and then nothing was carried.
    MuteAfterUpgrade,
    /// The server asked for a login.
    NotAuthorised,
    /// No listener is known yet, so nothing was probed.
    NotListening,
    /// The server refused the `Origin` of the request.
    OriginRefused,
    /// A held poll did not return when data was there for it.
    PollsBuffered,
    /// The probe itself failed.
    ProbeFailed,
    /// The session was unknown to the server that got the next request.
    SessionLost,
    /// A step got no answer before its deadline.
    TimedOut,
    /// The TLS handshake failed.
    Tls,
    /// Something other than this server answered.
    UnexpectedAnswer,
    /// No TCP connection could be made.
    Unreachable,
    /// Polling works, but a polling session could not be upgraded to a WebSocket.
    UpgradeFailed,
    /// The WebSocket handshake was answered with an ordinary response.
    UpgradeRefused,
    /// The server speaks another version of Engine.IO.
    VersionMismatch,
    /// The path is not served.
    WrongPath,
}

impl Cause {
    /// Every cause, for the test that each has a section in the guide.
    pub const ALL: [Self; 18] = [
        Self::ConnectionReset,
        Self::FirstFrameLost,
        Self::IdleClosed,
        Self::MuteAfterUpgrade,
        Self::NotAuthorised,
        Self::NotListening,
        Self::OriginRefused,
        Self::PollsBuffered,
        Self::ProbeFailed,
        Self::SessionLost,
        Self::TimedOut,
        Self::Tls,
        Self::UnexpectedAnswer,
        Self::Unreachable,
        Self::UpgradeFailed,
        Self::UpgradeRefused,
        Self::VersionMismatch,
        Self::WrongPath,
    ];

    /// A stable name for programs, in snake case.
    pub fn code(self) -> &'static str {
        match self {
            Self::ConnectionReset => "connection_reset",
            Self::FirstFrameLost => "first_frame_lost",
            Self::IdleClosed => "idle_closed",
            Self::MuteAfterUpgrade => "mute_after_upgrade",
            Self::NotAuthorised => "not_authorised",
            Self::NotListening => "not_listening",
            Self::OriginRefused => "origin_refused",
            Self::PollsBuffered => "polls_buffered",
            Self::ProbeFailed => "probe_failed",
            Self::SessionLost => "session_lost",
            Self::TimedOut => "timed_out",
            Self::Tls => "tls",
            Self::UnexpectedAnswer => "unexpected_answer",
            Self::Unreachable => "unreachable",
            Self::UpgradeFailed => "upgrade_failed",
            Self::UpgradeRefused => "upgrade_refused",
            Self::VersionMismatch => "version_mismatch",
            Self::WrongPath => "wrong_path",
        }
    }

    /// What the cause means, as one sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::ConnectionReset => "The connection was closed in the middle of an exchange.",
            Self::FirstFrameLost => "The WebSocket works, but the server's first frame was lost on the way.",
            Self::IdleClosed => "Something on the way closes idle connections.",
            Self::MuteAfterUpgrade => "The WebSocket opens, but carries no data.",
            Self::NotAuthorised => "The server asks for a login.",
            Self::NotListening => "The server does not listen yet.",
            Self::OriginRefused => "The server does not know the address that it is used under.",
            Self::PollsBuffered => "Something on the way holds back the answers to polls.",
            Self::ProbeFailed => "The self-test itself failed; this says nothing about the network.",
            Self::SessionLost => "The session was not found by the server that got the next request.",
            Self::TimedOut => "No answer came in time.",
            Self::Tls => "No secure connection could be made.",
            Self::UnexpectedAnswer => "Something other than this server answered.",
            Self::Unreachable => "No connection could be made.",
            Self::UpgradeFailed => "A polling session could not be upgraded to a WebSocket.",
            Self::UpgradeRefused => "The WebSocket handshake was refused.",
            Self::VersionMismatch => "The server speaks another version of the protocol.",
            Self::WrongPath => "The path is not served at this address.",
        }
    }

    /// The section of the troubleshooting guide, relative to the root of the repository.
    pub fn doc(self) -> String {
        format!("docs/troubleshooting.md#{}", self.code().replace('_', "-"))
    }
}

/// A step of a probe that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason, as far as the probe can tell.
    pub cause: Cause,
    /// What was seen, for people.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into() }
    }

    /// Names an error of the transport by looking through its sources for the operating system's reason.
    pub(super) fn from_transport(step: &str, error: &(dyn Error + 'static)) -> Self {
        Self::new(transport_cause(error), format!("{step}: {}", Chain(error)))
    }
}

fn transport_cause(error: &(dyn Error + 'static)) -> Cause {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>()
            && let Some(cause) = io_cause(io.kind())
        {
            return cause;
        }
        if let Some(hyper) = error.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return Cause::UnexpectedAnswer;
            }
            if hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled() {
                return Cause::ConnectionReset;
            }
        }
        next = error.source();
    }
    Cause::ConnectionReset
}

fn io_cause(kind: io::ErrorKind) -> Option<Cause> {
    match kind {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Cause::ConnectionReset),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::AddrNotAvailable => Some(Cause::Unreachable),
        io::ErrorKind::TimedOut => Some(Cause::TimedOut),
        _ => None,
    }
}

/// An error followed by its sources, on one line.
struct Chain<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_a_section_in_the_guide() {
        let guide = include_str!("../../../docs/troubleshooting.md");
        let anchors: Vec<String> = guide
            .lines()
            .filter_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")))
            .map(anchor)
            .collect();
        for cause in Cause::ALL {
            let doc = cause.doc();
            let (page, wanted) = doc.split_once('#').unwrap();
            assert_eq!(page, "docs/troubleshooting.md");
            assert!(anchors.iter().any(|anchor| anchor == wanted), "no section #{wanted} in the guide");
        }
    }

    #[test]
    fn a_reset_deep_in_the_sources_is_named() {
        let error = io::Error::other(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(Failure::from_transport("poll", &error).cause, Cause::ConnectionReset);
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Failure::from_transport("connect", &error).cause, Cause::Unreachable);
    }

    /// The anchor that Markdown renderers give a heading.
    fn anchor(heading: &str) -> String {
        heading
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
                _ => None,
            })
            .collect()
    }
}
