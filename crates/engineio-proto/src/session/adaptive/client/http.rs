use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::{
    Client, Phase,
    timing::{SHORT_HOLD, answer_time, transfer_time},
};
use crate::{
    Transmit,
    session::{
        CarrierId, RequestId,
        adaptive::{AdaptiveQuery, CarrierQuery, Exchange, Record, body::BodyBuilder, ladder::Tier},
    },
};

/// An HTTP carrier.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) id: CarrierId,
    pub(super) tier: Tier,
    pub(super) epoch: u64,
    /// A long-poll that has to show that the server can hold its requests.
    pub(super) trial: bool,
    /// Whether the server has answered with this epoch.
    pub(super) answered: bool,
    /// The server has a higher epoch; nothing is asked until the ladder has decided.
    pub(super) stale: bool,
    pub(super) requests: SmallVec<[Request; 2]>,
    /// The next request that polls follows so long after the answer that came then; of `periodic` at most the period,
    /// unless there is something to send.
    pub(super) wait: (Instant, Duration),
    /// `periodic`: when the last one was made.
    made: Option<Instant>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: RequestId,
    pub(super) epoch: u64,
    /// Whether it is the one that brings packets of the server.
    pub(super) polls: bool,
    pub(super) sends: bool,
    pub(super) made: Instant,
    /// How long the server may hold it.
    pub(super) hold: Duration,
    pub(super) deadline: Instant,
    /// When its answer began, as far as that was seen.
    pub(super) answered: Option<Instant>,
    /// Whether its time tells of the way rather than of its body.
    pub(super) is_short: bool,
}

impl Http {
    pub(super) fn new(id: CarrierId, tier: Tier, now: Instant) -> Self {
        Self {
            id,
            tier,
            epoch: 0,
            trial: false,
            answered: false,
            stale: false,
            requests: SmallVec::new(),
            wait: (now, Duration::ZERO),
            made: None,
        }
    }

    pub(super) fn attach(&mut self, epoch: u64, trial: bool) {
        self.epoch = epoch;
        self.trial = trial;
        self.answered = false;
        self.stale = false;
        self.wait.1 = Duration::ZERO;
        self.replace_poll();
    }

    /// Lets another request be made beside one that may be held for too long to notice that it is lost.
    pub(super) fn shorten_poll(&mut self) {
        if self.requests.iter().any(|request| request.polls && request.hold > SHORT_HOLD) {
            self.replace_poll();
        }
    }

    /// Lets another request be made beside the one that brings packets.
    fn replace_poll(&mut self) {
        for request in &mut self.requests {
            request.polls = false;
        }
    }

    pub(super) fn is_polling(&self) -> bool {
        self.requests.iter().any(|request| request.polls)
    }

    pub(super) fn is_sending(&self) -> bool {
        self.requests.iter().any(|request| request.sends)
    }
}

/// What a request is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Poll,
    Push,
}

impl Client {
    /// Makes the requests that are due.
    pub(super) fn make_requests(&mut self, now: Instant) {
        for index in 0..self.https.len() {
            while let Some(purpose) = self.purpose(now, index) {
                self.request(now, index, purpose);
            }
        }
    }

    /// When a request that polls is due.
    pub(super) fn next_request(&self) -> Option<Instant> {
        let idle = self.https.iter().filter(|http| http.epoch > 0 && !http.stale && !http.is_polling());
        idle.map(|http| self.due(http)).min()
    }

    /// One last request, whose answer nobody waits for: it acknowledges CLOSE.
    pub(super) fn say_goodbye(&mut self) {
        let Some(http) = self.https.iter().find(|http| !http.stale) else { return };
        let (tier, epoch) = (http.tier, http.epoch);
        let hold = (tier == Tier::LongPoll).then_some(Duration::ZERO);
        let (request, query) = self.query(tier, epoch, hold);
        let body = BodyBuilder::default().record(Record::Ack(self.incoming.received())).finish();
        self.transmits.push_back(Transmit::Request { request, query, body });
    }

    /// What the next request of a carrier is for; `None` if none is due.
    fn purpose(&self, now: Instant, index: usize) -> Option<Purpose> {
        let http = self.https.get(index).filter(|http| http.epoch > 0 && !http.stale)?;
        if !http.is_polling() && self.due(http) <= now {
            return Some(Purpose::Poll);
        }
        let pushes = http.tier == Tier::LongPoll && http.answered && self.may_send(http);
        pushes.then_some(Purpose::Push)
    }

    fn due(&self, http: &Http) -> Instant {
        let (since, wait) = http.wait;
        if http.tier != Tier::Periodic {
            return since + wait;
        }
        let due = since + wait.min(self.period());
        match http.made {
            Some(made) if http.answered && self.may_send(http) => due.min(self.now.max(made + MIN_PERIOD)),
            _ => due,
        }
    }

    /// Whether packets may go by a request of this carrier.
    fn may_send(&self, http: &Http) -> bool {
        self.sender == Some(http.id)
            && !self.outgoing.is_empty()
            && !http.is_sending()
            && !matches!(self.phase, Phase::Opening(_))
    }

    fn request(&mut self, now: Instant, index: usize, purpose: Purpose) {
        let Some(http) = self.https.get(index) else { return };
        let (carrier, tier, epoch, trial) = (http.id, http.tier, http.epoch, http.trial);
        // What attaches is answered at once, and only what polls for the first time may send as well.
        let attaches = !http.answered;
        let sends = self.may_send(http) && (purpose == Purpose::Push || attaches || tier == Tier::Periodic);
        let hold = match (tier, purpose) {
            (Tier::LongPoll, Purpose::Poll) => Some(self.hold(trial)),
            (Tier::LongPoll, Purpose::Push) => Some(Duration::ZERO),
            (Tier::Periodic | Tier::WebSocket, _) => None,
        };
        let mut body = BodyBuilder::default();
        let sends = sends && self.outgoing.write(&mut body, self.limits.max_payload) > 0;
        if !sends {
            body.push_record(Record::Ack(self.incoming.received()));
        }
        let body = body.finish();
        let body_len = body.len();
        let (id, query) = self.query(tier, epoch, hold);
        let hold = hold.filter(|_| !attaches).unwrap_or_default();
        let time = answer_time(&self.rtt, tier, hold, attaches, self.expecting.is_some());
        let deadline = now + time + transfer_time(body_len);
        self.transmits.push_back(Transmit::Request { request: id, query, body });
        if let Some(http) = self.https.iter_mut().find(|http| http.id == carrier) {
            let polls = purpose == Purpose::Poll;
            http.requests.push(Request {
                id,
                epoch,
                polls,
                sends,
                made: now,
                hold,
                deadline,
                answered: None,
                is_short: body_len <= MEASURED,
            });
            http.made = Some(now);
        }
        self.outgoing.note(now);
    }

    fn query(&mut self, tier: Tier, epoch: u64, hold: Option<Duration>) -> (RequestId, String) {
        self.seq += 1;
        let ack = self.incoming.tell();
        let exchange = Exchange { tier, epoch, ack, seq: self.seq, hold };
        let query = AdaptiveQuery { session: self.name(), carrier: CarrierQuery::Exchange(exchange) };
        (RequestId(self.seq), query.to_string())
    }

    /// The time between the requests of `periodic`.
    pub(super) fn period(&self) -> Duration {
        if self.expecting.is_some() { self.limits.period.min(SHORT_HOLD) } else { self.limits.period }
    }

    fn hold(&self, trial: bool) -> Duration {
        if self.expecting.is_some() || trial { SHORT_HOLD } else { self.config.poll_hold }
    }
}

/// The time of a request with a longer body says more about the transfer than about the way.
const MEASURED: usize = 4 * 1024;

/// The shortest time between two requests of `periodic`.
const MIN_PERIOD: Duration = Duration::from_millis(100);
