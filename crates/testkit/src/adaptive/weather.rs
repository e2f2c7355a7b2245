use std::time::Duration;

use crate::Rng;

/// What lies between the two ends of an adaptive session at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Time from one side to the other.
    pub latency: Duration,
    /// What comes on top of it at most, at random.
    pub jitter: Duration,
    /// Bytes per second, for each message and each body on its own; `None` for as many as there are.
    pub rate: Option<u32>,
    /// What happens to WebSockets.
    pub websocket: WebSocketWeather,
    /// What happens to requests.
    pub http: HttpWeather,
}

/// What happens to WebSockets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebSocketWeather {
    /// What becomes of the request for one.
    pub upgrade: Upgrade,
    /// The first frame behind the handshake is swallowed, in each direction.
    pub drops_first: bool,
    /// What the client sends does not arrive.
    pub mute_up: bool,
    /// What the server sends does not arrive.
    pub mute_down: bool,
    /// A connection is cut when it is this old.
    pub cut_after: Option<Duration>,
    /// A connection is cut when nothing was sent on it for so long.
    pub cut_idle: Option<Duration>,
}

/// What becomes of the request for a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Upgrade {
    /// It is made.
    #[default]
    Allowed,
    /// There is no answer.
    Hangs,
    /// It is refused.
    Refused,
}

/// What happens to requests; shares are in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HttpWeather {
    /// A proxy answers with a page of its own, and the server never sees the request.
    pub error_pages: u64,
    /// The request is lost; half of the clients learn of it.
    pub lost_requests: u64,
    /// The response is lost; half of the clients learn of it.
    pub lost_responses: u64,
    /// The request arrives twice, the second up to five seconds later.
    pub duplicates: u64,
    /// The request arrives up to five seconds late, so that others overtake it.
    pub late_requests: u64,
    /// The response arrives up to ten seconds late.
    pub late_responses: u64,
    /// The body of the response is cut short, without an error.
    pub cut_responses: u64,
    /// The body of the request is cut short, without an error.
    pub cut_requests: u64,
    /// A proxy sends the head of each response before the server does.
    pub early_heads: bool,
    /// What becomes of requests that are not answered at once.
    pub held: Held,
}

/// What becomes of requests that are not answered at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// They are answered when the server does.
    #[default]
    Allowed,
    /// A proxy answers for the server after this time.
    CutAfter(Duration),
    /// Their responses do not arrive.
    Swallowed,
}

impl Weather {
    /// Everything works; 20 ms each way.
    pub fn fair() -> Self {
        Self {
            latency: Duration::from_millis(20),
            jitter: Duration::ZERO,
            rate: None,
            websocket: WebSocketWeather::default(),
            http: HttpWeather::default(),
        }
    }

    /// WebSockets are refused.
    pub fn without_websockets() -> Self {
        let websocket = WebSocketWeather { upgrade: Upgrade::Refused, ..WebSocketWeather::default() };
        Self { websocket, ..Self::fair() }
    }

    /// WebSockets are refused, and requests must not be held.
    pub fn only_periodic() -> Self {
        let http = HttpWeather { held: Held::Swallowed, ..HttpWeather::default() };
        Self { http, ..Self::without_websockets() }
    }

    /// Nothing works.
    pub fn dead() -> Self {
        let websocket = WebSocketWeather {
            upgrade: Upgrade::Hangs,
            mute_up: true,
            mute_down: true,
            ..WebSocketWeather::default()
        };
        let http = HttpWeather { lost_requests: 100, lost_responses: 100, ..HttpWeather::default() };
        Self { websocket, http, ..Self::fair() }
    }

    /// Whether every request gets through and back that is answered at once, and a WebSocket does or is refused, so that
    /// there is a carrier for a session.
    pub fn carries(&self) -> bool {
        let Self { websocket, http, .. } = self;
        let harmless = WebSocketWeather { upgrade: websocket.upgrade, ..WebSocketWeather::default() };
        let HttpWeather { held, duplicates, early_heads, .. } = *http;
        let is_patient = match held {
            Held::CutAfter(time) => time > 2 * self.longest_way(),
            Held::Allowed | Held::Swallowed => true,
        };
        *websocket == harmless
            && is_patient
            && *http == HttpWeather { held, duplicates, early_heads, ..HttpWeather::default() }
    }

    /// The longest time from one side to the other.
    pub fn longest_way(&self) -> Duration {
        self.latency + self.jitter
    }

    /// Any mixture of faults.
    pub fn random(rng: &mut Rng) -> Self {
        if rng.percent(8) {
            return Self::dead();
        }
        let some = |rng: &mut Rng| if rng.percent(25) { rng.pick(&[5, 20, 50, 100]) } else { 0 };
        let held = match rng.within(0..10) {
            0 => Held::Swallowed,
            1 => Held::CutAfter(rng.millis(0..5000)),
            _ => Held::Allowed,
        };
        let http = HttpWeather {
            early_heads: rng.percent(10),
            error_pages: some(rng) / 2,
            lost_requests: some(rng) / 2,
            lost_responses: some(rng) / 2,
            duplicates: some(rng),
            late_requests: some(rng) / 2,
            late_responses: some(rng) / 2,
            cut_responses: some(rng) / 2,
            cut_requests: some(rng) / 2,
            held,
        };
        let websocket = WebSocketWeather {
            upgrade: rng.pick(&[
                Upgrade::Allowed,
                Upgrade::Allowed,
                Upgrade::Allowed,
                Upgrade::Refused,
                Upgrade::Hangs,
            ]),
            drops_first: rng.percent(10),
            mute_up: rng.percent(10),
            mute_down: rng.percent(10),
            cut_after: rng.percent(20).then(|| rng.millis(0..8000)),
            cut_idle: rng.percent(10).then(|| rng.millis(100..5000)),
        };
        let latency = rng.pick(&[1, 20, 20, 80, 150, 400]);
        let jitter = rng.pick(&[0, 0, 5, 50, 300]);
        Self {
            latency: Duration::from_millis(latency),
            jitter: Duration::from_millis(jitter),
            rate: rng.pick(&[None, None, None, None, None, Some(10_000)]),
            websocket,
            http,
        }
    }
}
