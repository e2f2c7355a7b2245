use std::collections::VecDeque;

use engineio_proto::Transport;

use crate::TransportError;

/// The transports of one attempt to connect, in turn.
#[derive(Debug)]
pub(super) struct Ladder {
    pub(super) current: Transport,
    rest: VecDeque<Transport>,
    failed: Vec<(Transport, TransportError)>,
}

impl Ladder {
    /// `None` if there are no transports. The one that worked last goes first: if that is polling, a WebSocket is
    /// still tried, by the upgrade.
    pub(super) fn new(transports: &[Transport], last_good: Option<Transport>) -> Option<Self> {
        let first = last_good.filter(|transport| transports.contains(transport));
        let others = transports.iter().copied().filter(|transport| Some(*transport) != first);
        let mut rest: VecDeque<_> = first.into_iter().chain(others).collect();
        Some(Self { current: rest.pop_front()?, rest, failed: Vec::new() })
    }

    /// The current transport failed: goes on with the next one.
    ///
    /// # Errors
    /// There is none left; these have failed.
    pub(super) fn next(mut self, error: TransportError) -> Result<Self, Vec<(Transport, TransportError)>> {
        self.failed.push((self.current, error));
        match self.rest.pop_front() {
            Some(next) => Ok(Self { current: next, ..self }),
            None => Err(self.failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use Transport::{Polling, WebSocket};

    use super::*;

    fn order(transports: &[Transport], last_good: Option<Transport>) -> Vec<Transport> {
        let mut tried = Vec::new();
        let mut ladder = Ladder::new(transports, last_good);
        while let Some(current) = ladder {
            tried.push(current.current);
            ladder = current.next(TransportError::Timeout).ok();
        }
        tried
    }

    #[test]
    fn the_one_that_worked_goes_first() {
        assert_eq!(order(&[WebSocket, Polling], None), [WebSocket, Polling]);
        assert_eq!(order(&[WebSocket, Polling], Some(Polling)), [Polling, WebSocket]);
        assert_eq!(order(&[Polling], Some(WebSocket)), [Polling]);
        assert_eq!(order(&[], Some(WebSocket)), []);
    }

    #[test]
    fn the_error_names_all_that_failed() {
        let ladder = Ladder::new(&[WebSocket, Polling], None).unwrap();
        let ladder = ladder.next(TransportError::Timeout).unwrap();
        let failed = ladder.next(TransportError::Protocol).unwrap_err();
        let names: Vec<_> = failed.iter().map(|(transport, _)| *transport).collect();
        assert_eq!(names, [WebSocket, Polling]);
    }
}
