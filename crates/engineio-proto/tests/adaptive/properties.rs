//! Arbitrary bytes, and arbitrary sequences of what can happen to each side.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use engineio_proto::{
    Delivery, Event, Message, Prepared, Session, SessionConfig, Tier, Transmit,
    session::{
        CarrierEnd, CarrierId, PollId, RequestId,
        adaptive::{
            AdaptiveQuery, Attach, CarrierQuery, End, Exchange, Key, MAX_NUMBER, Record, SessionName,
            body::{self, BodyBuilder, Chunk},
            ladder::{Failure, Hint, LadderConfig},
        },
    },
};
use proptest::prelude::*;

fn record() -> impl Strategy<Value = Record> {
    let number = || prop_oneof![0..10_u64, Just(MAX_NUMBER), 0..=MAX_NUMBER];
    let positive = || prop_oneof![1..10_u64, Just(MAX_NUMBER), 1..=MAX_NUMBER];
    let ends = [End::Gone, End::Large, End::Protocol, End::Slow, End::Stale];
    prop_oneof![
        number().prop_map(Record::Ack),
        (positive(), number(), positive()).prop_map(|(epoch, ack, first)| Record::Attach(Attach {
            epoch,
            ack,
            first
        })),
        proptest::sample::select(ends.to_vec()).prop_map(Record::End),
        positive().prop_map(Record::First),
        number().prop_map(Record::Length),
        number().prop_map(Record::Period),
        number().prop_map(Record::Ping),
        number().prop_map(Record::Pong),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        "[a-z\u{1e}\u{20ac}]{0,20}".prop_map(|text| Message::from(text.as_str())),
        proptest::collection::vec(any::<u8>(), 0..50).prop_map(|bytes| Message::Binary(bytes.into())),
    ]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let hold = prop_oneof![Just(None), Just(Some(0)), (0..30_000_u64).prop_map(Some)];
    (any::<bool>(), 1..6_u64, 0..6_u64, 1..8_u64, hold).prop_map(|(held, epoch, ack, seq, hold)| {
        let tier = if held { Tier::LongPoll } else { Tier::Periodic };
        Exchange { tier, epoch, ack, seq, hold: hold.filter(|_| held).map(Duration::from_millis) }
    })
}

/// A body that may be right, or nearly.
fn plausible_body() -> impl Strategy<Value = Bytes> {
    let chunk = prop_oneof![
        (1..5_u64).prop_map(|first| format!("s{first}")),
        (0..5_u64).prop_map(|count| format!("a{count}")),
        "4[a-z]{0,5}",
        Just("bAQID".to_owned()),
        Just("eNAAe".to_owned()),
        Just("1".to_owned()),
        record().prop_map(|record| record.to_string()),
        Just(r#"0{"sid":"x","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":99,"adaptive":{"window":9,"expiry":9000,"carriers":["websocket"],"period":9}}"#.to_owned()),
        "[a-z0-9]{0,4}",
    ];
    let whole = proptest::collection::vec(chunk, 0..5).prop_map(|chunks| {
        let chunks: String = chunks.into_iter().map(|chunk| chunk + "\x1e").collect();
        Bytes::from(chunks)
    });
    prop_oneof![9 => whole, 1 => proptest::collection::vec(any::<u8>(), 0..20).prop_map(Bytes::from)]
}

/// A message on a WebSocket that may be right, or nearly.
fn plausible_message() -> impl Strategy<Value = Message> {
    let attach =
        (1..6_u64, 0..4_u64, 1..4_u64).prop_map(|(epoch, ack, first)| format!("t{epoch},{ack},{first}"));
    let text = prop_oneof![
        3 => attach,
        2 => "4[a-z]{0,5}",
        1 => (0..5_u64).prop_map(|count| format!("a{count}")),
        1 => (1..3_u64).prop_map(|id| format!("p{id}")),
        1 => (1..3_u64).prop_map(|id| format!("o{id}")),
        1 => (1..5_u64).prop_map(|first| format!("s{first}")),
        1 => record().prop_map(|record| record.to_string()),
        1 => Just("1".to_owned()),
        1 => "\\PC{0,3}",
    ];
    prop_oneof![9 => text.prop_map(|text| Message::from(text.as_str())), 1 => message()]
}

proptest! {
    #[test]
    fn a_record_is_read_as_it_was_written(record in record()) {
        let text = record.to_string();
        prop_assert!(Record::is_record(&text));
        prop_assert_eq!(Record::parse(&text), Ok(Some(record)));
    }

    #[test]
    fn what_is_read_as_a_record_is_written_the_same(text in "[a-z][0-9,]{0,20}|\\PC{0,8}|x[a-z]{0,8}") {
        if let Ok(Some(record)) = Record::parse(&text)
            && !matches!(record, Record::End(_))
        {
            prop_assert_eq!(record.to_string(), text);
        }
    }

    #[test]
    fn a_body_is_read_as_it_was_written(record in record(), messages in proptest::collection::vec(message(), 0..8)) {
        let mut builder = BodyBuilder::default().record(record);
        messages.iter().for_each(|message| builder.push_packet(&Prepared::new(message)));
        let decoded: Result<Vec<_>, _> = body::decode(builder.finish()).unwrap().collect();
        let mut chunks = decoded.unwrap().into_iter();
        prop_assert_eq!(chunks.next(), Some(Chunk::Record(record)));
        let received: Vec<_> = chunks.map(|chunk| match chunk {
            Chunk::Packet(engineio_proto::Packet::Message(message), len) => {
                assert_eq!(len, Prepared::new(&message).len());
                message
            }
            other => panic!("{other:?}"),
        }).collect();
        prop_assert_eq!(received, messages);
    }

    #[test]
    fn a_body_that_is_cut_is_a_failure_or_fewer_packets(
        messages in proptest::collection::vec(message(), 1..5),
        cut: proptest::sample::Index,
    ) {
        let mut builder = BodyBuilder::default().record(Record::First(1));
        messages.iter().for_each(|message| builder.push_packet(&Prepared::new(message)));
        let whole = builder.finish();
        let all: Vec<_> = body::decode(whole.clone()).unwrap().collect();
        let part = whole.slice(..cut.index(whole.len()));
        if let Ok(chunks) = body::decode(part) {
            let chunks: Vec<_> = chunks.collect();
            prop_assert!(chunks.len() < all.len());
            prop_assert_eq!(&all[..chunks.len()], &chunks[..]);
        }
    }

    #[test]
    fn no_bytes_and_no_query_make_a_decoder_panic(bytes: Vec<u8>, query in "\\PC{0,60}|(&(sid|key|epoch|ack|seq|hold|carrier)=[a-z0-9-]{0,25}){0,8}") {
        if let Ok(chunks) = body::decode(Bytes::from(bytes)) {
            chunks.for_each(drop);
        }
        let _ = AdaptiveQuery::parse(&query);
    }

    #[test]
    fn a_query_is_read_as_it_was_written(exchange in exchange(), bits: u128, by_key: bool) {
        let key = Key::from_random(bits);
        let session = if by_key {
            SessionName::Key(key)
        } else {
            SessionName::Sid(key.as_str().parse().unwrap())
        };
        for carrier in [CarrierQuery::Exchange(exchange), CarrierQuery::WebSocket] {
            let query = AdaptiveQuery { session: session.clone(), carrier };
            prop_assert_eq!(AdaptiveQuery::parse(&query.to_string()), Ok(query));
        }
    }
}

#[derive(Clone, Debug)]
enum ServerOperation {
    Abort(u8),
    Blocked(u8, bool),
    Close,
    Closed(u8),
    Heard(u8),
    Message(u8, Message),
    Pass(u64),
    Request(Exchange, Bytes),
    Send(u8),
    TooLarge(u8),
    WebSocket,
}

fn server_operation() -> impl Strategy<Value = ServerOperation> {
    use ServerOperation as Op;
    prop_oneof![
        1 => any::<u8>().prop_map(Op::Abort),
        1 => any::<(u8, bool)>().prop_map(|(carrier, blocked)| Op::Blocked(carrier, blocked)),
        1 => Just(Op::Close),
        2 => any::<u8>().prop_map(Op::Closed),
        2 => any::<u8>().prop_map(Op::Heard),
        12 => (any::<u8>(), plausible_message()).prop_map(|(carrier, message)| Op::Message(carrier, message)),
        4 => (0..20_000_u64).prop_map(Op::Pass),
        12 => (exchange(), plausible_body()).prop_map(|(exchange, body)| Op::Request(exchange, body)),
        6 => any::<u8>().prop_map(Op::Send),
        1 => any::<u8>().prop_map(Op::TooLarge),
        5 => Just(Op::WebSocket),
    ]
}

fn config() -> SessionConfig {
    let mut config = SessionConfig::default();
    config.adaptive.window = 300;
    config.max_payload = 100;
    config.max_queued_bytes = 1000;
    config
}

/// What must hold of one side, whatever the other does.
struct Observer {
    session: Session,
    now: Instant,
    /// Requests that were not answered.
    open: HashSet<PollId>,
    is_over: bool,
}

impl Observer {
    fn observe(&mut self) {
        let mut outputs = 0;
        while let Some(transmit) = self.session.poll_transmit() {
            outputs += 1;
            assert!(outputs < 1000, "it does not stop to transmit");
            if let Transmit::Reply { poll, body } = transmit {
                assert!(self.open.remove(&poll), "a request that waits is answered once");
                assert_eq!(body.last(), Some(&0x1e), "an answer is whole");
            }
        }
        while let Some(event) = self.session.poll_event() {
            assert!(!self.is_over, "nothing is told behind the end");
            self.is_over = matches!(event, Event::Closed(_));
        }
        assert_eq!(self.is_over, !self.session.is_open() && self.has_opened());
        let status = self.session.adaptive_status().unwrap();
        assert!(status.unacknowledged_bytes <= 300, "the window holds");
        assert!(status.waiting_bytes <= 1000 + 256, "the budget holds");
    }

    fn has_opened(&self) -> bool {
        self.is_over || self.session.is_open()
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        let mut turns = 0;
        while let Some(at) = self.session.poll_timeout().filter(|at| *at <= end) {
            turns = if at > self.now { 0 } else { turns + 1 };
            assert!(turns < 100, "time does not stand still");
            self.now = self.now.max(at);
            self.session.handle_timeout(self.now);
            self.observe();
        }
        self.now = end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_client_makes_the_server_break_its_promises(operations in proptest::collection::vec(server_operation(), 1..60)) {
        use ServerOperation as Op;
        let now = Instant::now();
        let session = Session::adaptive_server(now, "session".parse().unwrap(), Arc::new(config()));
        let mut server = Observer { session, now, open: HashSet::new(), is_over: false };
        let mut issued = 0_u32;
        for operation in operations {
            let now = server.now;
            let existing = |index: u8| CarrierId(u32::from(index) % (issued + 1));
            match operation {
                Op::Abort(index) => {
                    let poll = PollId(existing(index).0);
                    server.session.handle_poll_aborted(poll);
                    server.open.remove(&poll);
                }
                Op::Blocked(index, blocked) => server.session.handle_blocked(existing(index), blocked),
                Op::Close => server.session.close(now, engineio_proto::CloseReason::ForcedClose),
                Op::Closed(index) => server.session.handle_carrier_closed(now, existing(index), CarrierEnd::Closed),
                Op::Heard(index) => server.session.handle_heard(now, existing(index)),
                Op::Message(index, message) => server.session.handle_message(now, existing(index), message),
                Op::Pass(millis) => server.pass(Duration::from_millis(millis)),
                Op::Request(exchange, body) => {
                    issued += 1;
                    let poll = PollId(issued);
                    if server.session.handle_request(now, poll, &exchange, body).is_ok() {
                        server.open.insert(poll);
                    }
                }
                Op::Send(len) => {
                    let packet = Prepared::binary(&vec![0; usize::from(len)]);
                    let _ = server.session.send(&[packet], Delivery::Reliable);
                }
                Op::TooLarge(index) => {
                    let _ = server.session.handle_too_large(existing(index));
                }
                Op::WebSocket => {
                    issued += 1;
                    server.session.handle_websocket(now, CarrierId(issued)).unwrap();
                }
            }
            server.observe();
        }
        // Nothing comes any more.
        server.pass(Duration::from_secs(300));
        prop_assert!(server.session.is_finished() && server.session.poll_timeout().is_none());
        prop_assert!(server.open.is_empty(), "every request was answered: {:?}", server.open);
    }

    #[test]
    fn no_server_makes_the_client_break_its_promises(operations in proptest::collection::vec(client_operation(), 1..60)) {
        use ClientOperation as Op;
        let now = Instant::now();
        let session = Session::adaptive_client(now, Arc::new(config()), Key::from_random(1), LadderConfig::default());
        let mut client = Observer { session, now, open: HashSet::new(), is_over: false };
        for operation in operations {
            let now = client.now;
            match operation {
                Op::Close => client.session.close(now, engineio_proto::CloseReason::ForcedClose),
                Op::Closed(carrier) => client.session.handle_carrier_closed(now, carrier, CarrierEnd::Failed),
                Op::Expect(expecting) => client.session.expect_events(now, expecting),
                Op::Failed(request, failure) => client.session.handle_response_failed(now, request, failure),
                Op::Heard(carrier) => client.session.handle_heard(now, carrier),
                Op::Part(request) => client.session.handle_response_part(now, request),
                Op::Hint(hint) => client.session.handle_hint(now, hint),
                Op::Message(carrier, message) => client.session.handle_message(now, carrier, message),
                Op::Opened(carrier) => client.session.handle_websocket_open(now, carrier),
                Op::Pass(millis) => client.pass(Duration::from_millis(millis)),
                Op::Response(request, body) => client.session.handle_response(now, request, body),
                Op::Send(len) => {
                    let packet = Prepared::binary(&vec![0; usize::from(len)]);
                    let _ = client.session.send(&[packet], Delivery::Reliable);
                }
            }
            client.observe();
        }
        client.pass(Duration::from_secs(300));
        prop_assert!(client.session.is_finished() && client.session.poll_timeout().is_none());
    }
}

#[derive(Clone, Debug)]
enum ClientOperation {
    Close,
    Closed(CarrierId),
    Expect(bool),
    Failed(RequestId, Failure),
    Heard(CarrierId),
    Hint(Hint),
    Message(CarrierId, Message),
    Opened(CarrierId),
    Pass(u64),
    Part(RequestId),
    Response(RequestId, Bytes),
    Send(u8),
}

fn client_operation() -> impl Strategy<Value = ClientOperation> {
    use ClientOperation as Op;
    let carrier = || (1..8_u32).prop_map(CarrierId);
    let request = || (1..12_u64).prop_map(RequestId);
    let failure = proptest::sample::select(Failure::ALL.to_vec());
    // The beginning of what a server says, so that more of what follows is reached.
    let open = r#"0{"sid":"x","upgrades":[],"pingInterval":9000,"pingTimeout":9000,"maxPayload":99,"adaptive":{"window":300,"expiry":60000,"carriers":["websocket","long-poll","periodic"],"period":900}}"#;
    let opening = Bytes::from(format!("a0\x1es1\x1e{open}\x1e"));
    let opened = Message::from(open);
    prop_oneof![
        1 => Just(Op::Close),
        3 => carrier().prop_map(Op::Closed),
        1 => any::<bool>().prop_map(Op::Expect),
        2 => (request(), failure).prop_map(|(request, failure)| Op::Failed(request, failure)),
        2 => carrier().prop_map(Op::Heard),
        2 => request().prop_map(Op::Part),
        1 => proptest::sample::select(vec![Hint::Changed, Hint::Offline]).prop_map(Op::Hint),
        10 => (carrier(), plausible_message()).prop_map(|(carrier, message)| Op::Message(carrier, message)),
        2 => carrier().prop_map(move |carrier| Op::Message(carrier, opened.clone())),
        5 => carrier().prop_map(Op::Opened),
        6 => (0..3000_u64).prop_map(Op::Pass),
        6 => (request(), plausible_body()).prop_map(|(request, body)| Op::Response(request, body)),
        4 => request().prop_map(move |request| Op::Response(request, opening.clone())),
        6 => any::<u8>().prop_map(Op::Send),
    ]
}
