use std::time::Duration;

use serde_json::Value;
use socketio::{Auth, Config, DisconnectReason, Recovery, Refusal, SocketIo, SocketRef, State};
use tokio::{
    sync::mpsc::UnboundedSender,
    time::{advance, sleep},
};

use crate::support::{Client, log};

fn config(recovery: Recovery) -> Config {
    Config { recovery: Some(recovery), ..Config::default() }
}

fn server() -> SocketIo {
    SocketIo::new(config(Recovery::default()))
}

/// What a client keeps for its return.
#[derive(Clone, Debug, PartialEq)]
struct Ticket {
    sid: String,
    pid: String,
    offset: Option<String>,
}

impl Ticket {
    fn parse(connect: &str) -> Self {
        let fields: Value = serde_json::from_str(connect.strip_prefix('0').unwrap()).unwrap();
        let text = |name: &str| fields[name].as_str().unwrap().to_owned();
        // A client that wanted its session back and did not get it is told so; nobody is told anything else.
        let refused = fields.get("recovered").inspect(|recovered| assert_eq!(**recovered, false));
        assert_eq!(fields.as_object().unwrap().len(), 2 + usize::from(refused.is_some()));
        Self { sid: text("sid"), pid: text("pid"), offset: None }
    }

    fn connect(&self) -> String {
        let offset = self.offset.as_ref().map(|offset| format!(r#","offset":"{offset}""#));
        format!(r#"0{{"pid":"{}"{}}}"#, self.pid, offset.unwrap_or_default())
    }

    fn is_same_session(&self, other: &Self) -> bool {
        self.sid == other.sid && self.pid == other.pid
    }
}

async fn join(io: &SocketIo) -> (Client, Ticket) {
    let mut client = Client::open(io).await;
    client.send("0").await;
    let ticket = Ticket::parse(&client.next().await);
    (client, ticket)
}

/// Comes back and gives the names of the events that were missed, which precede the CONNECT.
async fn come_back(io: &SocketIo, ticket: &Ticket) -> (Client, Vec<String>, Ticket) {
    let mut client = Client::open(io).await;
    client.send(&ticket.connect()).await;
    let mut missed = Vec::new();
    loop {
        let packet = client.next().await;
        if packet.starts_with('0') {
            let new = Ticket { offset: ticket.offset.clone(), ..Ticket::parse(&packet) };
            assert!(!(packet.contains("recovered") && new.is_same_session(ticket)), "{packet}");
            return (client, missed, new);
        }
        missed.push(event(&packet).0);
    }
}

/// The name and the offset of an event.
fn event(packet: &str) -> (String, String) {
    let args: Vec<Value> = serde_json::from_str(packet.strip_prefix('2').unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert!(args.len() >= 2, "{packet}");
    (text(&args[0]), text(&args[args.len() - 1]))
}

fn only_socket(io: &SocketIo) -> SocketRef {
    let sockets = io.root().all().sockets();
    assert_eq!(sockets.len(), 1);
    sockets[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_client_without_any_event_gets_id_rooms_data_and_what_it_missed() {
    let io = server();
    io.ns("/", async |socket: SocketRef| {
        if !socket.recovered() {
            socket.join("mine");
            socket.insert(42_u32);
        }
    });
    let (client, ticket) = join(&io).await;
    let before = only_socket(&io);
    assert!(!before.recovered());
    io.emit("lost on the way", &());
    client.close().await;
    assert!(io.root().is_empty());
    io.emit("all", &1);
    io.to("mine").emit("mine", &"text");
    io.to("others").emit("others", &());
    io.except("mine").emit("not mine", &());
    io.within(ticket.sid.as_str()).emit("id", &());
    assert_eq!(before.emit("handle", &()).dropped(), 1);

    let (mut client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["lost on the way", "all", "mine", "id", "handle"]);
    assert!(back.is_same_session(&ticket));
    let after = only_socket(&io);
    assert!(after.recovered() && after != before && after.id() == before.id());
    assert_eq!(after.data::<u32>(), Some(42));
    assert_eq!(after.rooms().iter().map(|name| &**name).collect::<Vec<_>>(), ["mine"]);
    io.to("mine").emit("live", &());
    assert_eq!(event(&client.next().await).0, "live");
}

#[tokio::test(start_paused = true)]
async fn the_offset_tells_what_has_arrived_although_it_left_the_server() {
    let io = server();
    let (mut client, mut ticket) = join(&io).await;
    for name in ["a", "b", "c"] {
        io.emit(name, &());
    }
    let offsets =
        [client.next().await, client.next().await, client.next().await].map(|packet| event(&packet).1);
    ticket.offset = Some(offsets[0].clone());
    client.close().await;
    io.emit("d", &());
    let (client, missed, _) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["b", "c", "d"]);

    // The connection is lost again before anything of that arrived.
    client.close().await;
    io.emit("e", &());
    let (client, missed, _) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["b", "c", "d", "e"]);

    ticket.offset = Some(offsets[2].clone());
    client.close().await;
    let (_client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["d", "e"]);
    assert!(back.is_same_session(&ticket));
}

#[tokio::test(start_paused = true)]
async fn a_client_takes_its_session_from_a_connection_that_seems_alive() {
    let (sender, mut log) = log();
    let io = SocketIo::builder().config(config(Recovery::default())).state(sender).build();
    io.ns("/", async |socket: SocketRef, State(log): State<UnboundedSender<String>>| {
        socket.join("room");
        socket.on_disconnect(async move |reason: DisconnectReason| {
            log.send(reason.to_string()).unwrap();
        });
    });
    let (mut zombie, ticket) = join(&io).await;
    let old = only_socket(&io);
    io.to("room").emit("sent into the void", &());
    let (mut client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["sent into the void"]);
    assert!(back.is_same_session(&ticket));
    assert_eq!(log.recv().await.unwrap(), "superseded");
    assert!(only_socket(&io).recovered());
    zombie.closed().await;
    // A handle to the socket of the old connection does not move the new one, which has its id.
    old.leave("room");
    old.join("elsewhere");
    assert!(old.rooms().is_empty());
    assert_eq!(io.to("elsewhere").emit("a", &()).queued(), 0);

    // Nothing of the old connection comes to an end later and takes the new socket along.
    for _ in 0..5 {
        sleep(Duration::from_secs(20)).await;
        assert_eq!(io.to("room").emit("live", &()).queued(), 1);
        assert_eq!(event(&client.next().await).0, "live");
    }
    assert!(log.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_takeover_lets_the_other_namespaces_of_the_old_connection_be_claimed_too() {
    let io = server();
    io.namespace("/other").open();
    let (mut zombie, root) = join(&io).await;
    zombie.send("0/other,").await;
    let other = Ticket::parse(&zombie.next().await.replace("/other,", ""));
    let (mut client, _, back) = come_back(&io, &root).await;
    assert!(back.is_same_session(&root));
    io.of("/other").unwrap().emit("a", &());
    client.send(&other.connect().replacen('0', "0/other,", 1)).await;
    assert!(client.next().await.starts_with(r#"2/other,["a","#));
    assert!(Ticket::parse(&client.next().await.replace("/other,", "")).is_same_session(&other));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_client_is_recovered_although_the_log_has_moved_on() {
    let io = SocketIo::new(config(Recovery { max_log_bytes: 4096, ..Recovery::default() }));
    let (mut client, mut ticket) = join(&io).await;
    io.emit("first", &());
    ticket.offset = Some(event(&client.next().await).1);
    for _ in 0..60 {
        io.to("others").emit("busy", &"x".repeat(500));
        // Answers PINGs meanwhile.
        let _ = tokio::time::timeout(Duration::from_secs(10), client.next()).await;
    }
    client.close().await;
    io.emit("second", &());
    let (client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["second"]);
    assert!(back.is_same_session(&ticket));

    // What is dropped while the client is away may be its own.
    client.close().await;
    for _ in 0..10 {
        io.to("others").emit("busy", &"x".repeat(500));
    }
    let (_client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, Vec::<String>::new());
    assert!(back.sid != ticket.sid && back.pid != ticket.pid);
    assert!(!only_socket(&io).recovered());
}

#[tokio::test(start_paused = true)]
async fn what_a_client_did_not_get_and_the_log_lost_is_no_recovery() {
    let io = SocketIo::new(config(Recovery { max_log_bytes: 4096, ..Recovery::default() }));
    let (client, ticket) = join(&io).await;
    io.emit("never arrives", &());
    for _ in 0..10 {
        io.to("others").emit("busy", &"x".repeat(500));
    }
    client.close().await;
    let (_client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, Vec::<String>::new());
    assert!(!back.is_same_session(&ticket));
}

#[tokio::test(start_paused = true)]
async fn a_clobbered_offset_loses_nothing() {
    let io = server();
    let (mut client, mut ticket) = join(&io).await;
    io.emit("old", &());
    let (_, old) = event(&client.next().await);
    // A volatile event has the offset of the event before, and not the string that it ends with.
    let poll = tokio::spawn(async move { (client.next().await, client) });
    tokio::task::yield_now().await;
    assert_eq!(only_socket(&io).volatile().emit("v", &"hello").queued(), 1);
    let (packet, mut client) = poll.await.unwrap();
    assert_eq!(packet, format!(r#"2["v","hello","{old}"]"#));

    // A minute of life proves nothing about what was sent before.
    let _ = tokio::time::timeout(Duration::from_secs(60), client.next()).await;
    io.emit("fresh", &());
    client.close().await;
    io.emit("away", &());
    for offset in ["hello", "", &format!("{old}!")] {
        ticket.offset = Some(offset.to_owned());
        let (client, missed, back) = come_back(&io, &ticket).await;
        assert_eq!(missed, ["old", "fresh", "away"], "{offset}");
        assert!(back.is_same_session(&ticket));
        client.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_but_gets_nothing_misses_nothing() {
    // It is given up after 45 s, and may come back before and after that.
    for (knows_offset, sends, expected) in [
        (true, 4, &["held up"][..]),
        (false, 4, &["arrives", "held up"]),
        (true, 7, &["held up"]),
        (false, 7, &["arrives", "held up"]),
    ] {
        let io = server();
        let (mut client, mut ticket) = join(&io).await;
        io.emit("arrives", &());
        let (_, offset) = event(&client.next().await);
        ticket.offset = knows_offset.then_some(offset);
        io.emit("held up", &());
        // Its polls do not get through, and what it sends does.
        for _ in 0..sends {
            sleep(Duration::from_secs(10)).await;
            client.send(r#"2["alive"]"#).await;
        }
        assert_eq!(io.root().len(), usize::from(sends == 4));
        let (_client, missed, back) = come_back(&io, &ticket).await;
        assert_eq!(missed, expected);
        assert!(back.is_same_session(&ticket));
    }
}

#[tokio::test(start_paused = true)]
async fn rooms_of_later_do_not_tell_what_was_sent_before() {
    let io = server();
    let (mut client, mut ticket) = join(&io).await;
    let socket = only_socket(&io);
    socket.join("left");
    io.emit("start", &());
    ticket.offset = Some(event(&client.next().await).1);
    io.to("joined").emit("before it joined", &());
    io.to("left").emit("before it left", &());
    assert_eq!(event(&client.next().await).0, "before it left");
    socket.join("joined");
    socket.leave("left");
    // So many events, each of them apart, that it is forgotten which were for the socket.
    let mut last = String::new();
    for _ in 0..200 {
        io.to("others").emit("not for it", &());
        io.within(ticket.sid.as_str()).emit("for it", &());
        last = event(&client.next().await).1;
    }
    let early = Ticket { offset: ticket.offset.replace(last), ..ticket.clone() };
    client.close().await;
    io.to("joined").emit("away", &());
    let (client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed, ["away"]);
    assert!(back.is_same_session(&ticket));

    client.close().await;
    let (_client, missed, back) = come_back(&io, &early).await;
    assert_eq!(missed, Vec::<String>::new());
    assert!(!back.is_same_session(&early));
}

#[tokio::test(start_paused = true)]
async fn a_session_has_an_end() {
    let io = server();
    for (seconds, is_same) in [(119, true), (121, false)] {
        let (client, ticket) = join(&io).await;
        client.close().await;
        advance(Duration::from_secs(seconds)).await;
        let (client, _, back) = come_back(&io, &ticket).await;
        assert_eq!(back.is_same_session(&ticket), is_same, "{seconds}");
        // It cannot be claimed twice.
        let (_client, _, again) = come_back(&io, &ticket).await;
        assert_eq!(again.is_same_session(&ticket), is_same);
        client.close().await;
    }
}

#[tokio::test(start_paused = true)]
async fn those_longest_gone_make_room() {
    let io = SocketIo::new(config(Recovery { max_sessions: 1, ..Recovery::default() }));
    let (first, first_ticket) = join(&io).await;
    let (second, second_ticket) = join(&io).await;
    first.close().await;
    second.close().await;
    assert!(!come_back(&io, &first_ticket).await.2.is_same_session(&first_ticket));
    assert!(come_back(&io, &second_ticket).await.2.is_same_session(&second_ticket));
}

#[tokio::test(start_paused = true)]
async fn who_missed_more_than_may_be_queued_starts_anew() {
    let io = server();
    let (client, ticket) = join(&io).await;
    client.close().await;
    for _ in 0..6 {
        io.emit("large", &"x".repeat(100_000));
    }
    let (_client, missed, back) = come_back(&io, &ticket).await;
    assert_eq!(missed.len(), 0);
    assert!(!back.is_same_session(&ticket));
}

#[tokio::test(start_paused = true)]
async fn who_leaves_or_is_sent_away_has_no_session() {
    let io = server();
    let (client, ticket) = join(&io).await;
    client.send("1").await;
    assert!(!come_back(&io, &ticket).await.2.is_same_session(&ticket));

    let (mut client, ticket) = join(&io).await;
    io.within(ticket.sid.as_str()).disconnect_sockets(true);
    client.closed().await;
    assert!(!come_back(&io, &ticket).await.2.is_same_session(&ticket));

    let (mut client, ticket) = join(&io).await;
    client.send("nonsense").await;
    client.closed().await;
    assert!(!come_back(&io, &ticket).await.2.is_same_session(&ticket));
}

#[tokio::test(start_paused = true)]
async fn foreign_and_odd_requests_start_anew() {
    let io = server();
    io.namespace("/")
        .middleware(async |Auth(auth): Auth<Value>| {
            assert!(auth.get("pid").is_none_or(Value::is_null), "{auth}");
            Ok::<_, &str>(())
        })
        .open();
    // Whether the client wants a session back, and is told that it does not get it.
    let table = [
        (r#"{"pid":"xxxxxxxxxxxxxxxxxxxx","offset":"a"}"#, true),
        (r#"{"pid":"short"}"#, true),
        (r#"{"pid":"","offset":"1-0"}"#, true),
        (
            r#"{"pid":"much longer than any that this server gives","offset":"1764155000000-0","token":"a"}"#,
            true,
        ),
        (r#"{"pid":7,"offset":[]}"#, true),
        (r#"{"pid":"xxxxxxxxxxxxxxxxxxxx","offset":null}"#, true),
        (r#"{"pid":null}"#, false),
        (r#"{"offset":"a"}"#, false),
        (r#"{"token":"a"}"#, false),
    ];
    for (payload, is_told) in table {
        let mut client = Client::open(&io).await;
        client.send(&format!("0{payload}")).await;
        let answer = client.next().await;
        Ticket::parse(&answer);
        assert_eq!(answer.contains(r#""recovered":false"#), is_told, "{payload}: {answer}");
        assert!(!io.root().all().sockets().iter().any(SocketRef::recovered), "{payload}");
    }
    let stats = io.stats();
    assert_eq!((stats.recovered_sockets, stats.unrecovered_sockets), (0, 6));
}

#[tokio::test(start_paused = true)]
async fn middleware_is_asked_again_only_if_configured() {
    for (skip_middlewares, is_let_in) in [(true, true), (false, false)] {
        let io = SocketIo::new(config(Recovery { skip_middlewares, ..Recovery::default() }));
        io.namespace("/")
            .middleware(async |Auth(auth): Auth<Value>| {
                // The way back is no credential.
                assert!(auth.get("pid").is_none() && auth.get("offset").is_none());
                if auth["token"] == "once" { Ok(()) } else { Err(Refusal::new("no")) }
            })
            .open();
        let mut client = Client::open(&io).await;
        client.send(r#"0{"token":"once"}"#).await;
        let ticket = Ticket::parse(&client.next().await);
        client.close().await;
        let mut client = Client::open(&io).await;
        client.send(&ticket.connect()).await;
        let answer = client.next().await;
        assert_eq!(answer.starts_with('0'), is_let_in, "{answer}");
        assert_eq!(io.root().len(), usize::from(is_let_in));
    }
}

#[tokio::test(start_paused = true)]
async fn events_during_middleware_are_not_missed() {
    let (sender, mut log) = log();
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
    let recovery = Recovery { skip_middlewares: false, ..Recovery::default() };
    let io = SocketIo::builder()
        .config(config(recovery))
        .state(std::sync::Arc::clone(&gate))
        .state(sender)
        .build();
    type Gate = State<std::sync::Arc<tokio::sync::Semaphore>>;
    io.namespace("/")
        .middleware(async |State(gate): Gate, State(log): State<UnboundedSender<String>>| {
            log.send("asked".to_owned()).unwrap();
            gate.acquire().await.unwrap().forget();
            Ok::<_, Refusal>(())
        })
        .open();
    let (client, ticket) = join(&io).await;
    client.close().await;
    log.recv().await.unwrap();

    // The connection is lost while middleware decides: the session is still there.
    let client = Client::open(&io).await;
    client.send(&ticket.connect()).await;
    log.recv().await.unwrap();
    io.emit("a", &());
    client.close().await;

    let mut client = Client::open(&io).await;
    client.send(&ticket.connect()).await;
    log.recv().await.unwrap();
    io.emit("b", &());
    gate.add_permits(2);
    assert_eq!(event(&client.next().await).0, "a");
    assert_eq!(event(&client.next().await).0, "b");
    assert!(Ticket::parse(&client.next().await).is_same_session(&ticket));
}

#[tokio::test]
async fn offsets_arrive_in_order_whoever_emits() {
    let io = server();
    let (mut client, _) = join(&io).await;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..200).for_each(|_| drop(io.emit("a", &()))));
        }
    });
    let mut last = String::new();
    for _ in 0..800 {
        let (_, offset) = event(&client.next().await);
        // Base 64 in the order of its alphabet grows with length; the rest is compared by position.
        assert!(rank(&offset) > rank(&last), "{offset} after {last}");
        last = offset;
    }
}

/// Position of an offset of which only the last characters count.
fn rank(offset: &str) -> usize {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = offset.get(6..).unwrap_or_default();
    digits.chars().fold(0, |rank, digit| rank * 64 + ALPHABET.find(digit).unwrap())
}

#[tokio::test(start_paused = true)]
async fn attachments_are_recovered_with_their_event() {
    let io = server();
    let (client, ticket) = join(&io).await;
    client.close().await;
    io.emit("file", &bytes::Bytes::from_static(b"content"));
    let mut client = Client::open(&io).await;
    client.send(&ticket.connect()).await;
    assert!(client.next().await.starts_with(r#"51-["file",{"_placeholder":true,"num":0},""#));
    assert_eq!(client.next().await, "bytes:content");
    assert!(Ticket::parse(&client.next().await).is_same_session(&ticket));
}
