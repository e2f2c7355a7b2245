use std::{collections::HashMap, sync::Arc, time::Instant};

use bytes::Bytes;
use engineio_proto::{
    Session, SessionConfig, Transmit,
    session::{
        CarrierId, PollId,
        adaptive::{AdaptiveQuery, CarrierQuery, End, Key, Record, SessionName, body::BodyBuilder},
    },
};

use super::{ConnectionId, ExchangeId};

/// A server in virtual time, with as many sessions as keys.
#[derive(Debug)]
pub(super) struct Server {
    config: Arc<SessionConfig>,
    pub(super) sessions: Vec<Entry>,
    keys: HashMap<Key, usize>,
    issued: u32,
}

/// A session and what its carriers are on the network.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) session: Session,
    polls: HashMap<PollId, ExchangeId>,
    websockets: HashMap<CarrierId, ConnectionId>,
}

/// What the server does on the network.
#[derive(Debug)]
pub(super) enum Output {
    Reply(ExchangeId, Bytes),
    /// The request is refused with status 400.
    Refuse(ExchangeId),
    Send(ConnectionId, engineio_proto::Prepared),
    Disconnect(ConnectionId),
}

impl Server {
    pub(super) fn new(config: Arc<SessionConfig>) -> Self {
        Self { config, sessions: Vec::new(), keys: HashMap::new(), issued: 0 }
    }

    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        exchange: ExchangeId,
        query: &str,
        body: Bytes,
    ) -> Option<Output> {
        let query = AdaptiveQuery::parse(query).expect("a client keeps the rules");
        let CarrierQuery::Exchange(request) = query.carrier else { panic!("a request on a WebSocket") };
        let Some(index) = self.find(now, query.session, request.ack == 0) else {
            return Some(Output::Reply(exchange, gone()));
        };
        self.issued += 1;
        let poll = PollId(self.issued);
        let entry = &mut self.sessions[index];
        entry.polls.insert(poll, exchange);
        let result = entry.session.handle_request(now, poll, &request, body);
        result.is_err().then(|| {
            entry.polls.remove(&poll);
            Output::Refuse(exchange)
        })
    }

    /// The session that a WebSocket is for, and what it calls it; `None` if it does not exist.
    pub(super) fn handle_websocket(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        query: &str,
    ) -> Option<(usize, CarrierId)> {
        let query = AdaptiveQuery::parse(query).expect("a client keeps the rules");
        assert_eq!(query.carrier, CarrierQuery::WebSocket);
        let index = self.find(now, query.session, true)?;
        self.issued += 1;
        let carrier = CarrierId(self.issued);
        let entry = &mut self.sessions[index];
        entry.websockets.insert(carrier, connection);
        entry.session.handle_websocket(now, carrier).expect("an adaptive session takes any");
        Some((index, carrier))
    }

    pub(super) fn abort(&mut self, exchange: ExchangeId) {
        for entry in &mut self.sessions {
            let poll = entry.polls.iter().find(|(_, each)| **each == exchange).map(|(poll, _)| *poll);
            if let Some(poll) = poll {
                entry.polls.remove(&poll);
                entry.session.handle_poll_aborted(poll);
            }
        }
    }

    pub(super) fn poll_output(&mut self) -> Option<Output> {
        for entry in &mut self.sessions {
            while let Some(transmit) = entry.session.poll_transmit() {
                let output = match transmit {
                    Transmit::Reply { poll, body } => {
                        entry.polls.remove(&poll).map(|exchange| Output::Reply(exchange, body))
                    }
                    Transmit::Send { carrier, packet } => {
                        entry.websockets.get(&carrier).map(|connection| Output::Send(*connection, packet))
                    }
                    Transmit::Disconnect { carrier, .. } => {
                        entry.websockets.remove(&carrier).map(Output::Disconnect)
                    }
                    other => unreachable!("a server does not {other:?}"),
                };
                if output.is_some() {
                    return output;
                }
            }
        }
        None
    }

    /// Sessions that can still be found.
    pub(super) fn live(&self) -> usize {
        self.sessions.iter().filter(|entry| !entry.session.is_finished()).count()
    }

    fn find(&mut self, now: Instant, name: SessionName, opens: bool) -> Option<usize> {
        let index = match name {
            SessionName::Sid(sid) => self.sessions.iter().position(|entry| entry.session.id() == Some(&sid)),
            SessionName::Key(key) => {
                self.keys.get(&key).copied().filter(|index| self.is_live(*index)).or_else(|| {
                    opens.then(|| {
                        let sid = format!("session-{}", self.sessions.len()).parse().expect("a valid id");
                        let session = Session::adaptive_server(now, sid, Arc::clone(&self.config));
                        let (polls, websockets) = Default::default();
                        self.sessions.push(Entry { session, polls, websockets });
                        self.keys.insert(key, self.sessions.len() - 1);
                        self.sessions.len() - 1
                    })
                })
            }
        };
        index.filter(|index| self.is_live(*index))
    }

    fn is_live(&self, index: usize) -> bool {
        !self.sessions[index].session.is_finished()
    }
}

pub(super) fn gone() -> Bytes {
    BodyBuilder::default().record(Record::End(End::Gone)).finish()
}
