//! A step that failed, and what the system's errors say about why.

use std::error::Error;
use std::fmt;
use std::io;

use super::cause::Cause;

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

    /// The same trouble, under another name.
    pub(super) fn renamed(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.cause.meaning(), self.detail)
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
pub(super) struct Chain<'a>(pub(super) &'a (dyn Error + 'static));

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
    fn a_reset_deep_in_the_sources_is_named() {
        let error = io::Error::other(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(Failure::from_transport("poll", &error).cause, Cause::ConnectionReset);
        let error = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(Failure::from_transport("connect", &error).cause, Cause::Unreachable);
    }
}
