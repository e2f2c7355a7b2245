use std::time::Duration;

use tokio::sync::oneshot;

use super::*;
use crate::{
    Cause, Config,
    command::{Answer, Shared},
    socket::Delivered,
};

/// A manager whose outputs are shown as text.
struct Bench {
    manager: Manager,
    shared: Arc<Shared>,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let (shared, _commands) = Shared::new(Config::default());
        Self { manager: Manager::new(Parser::Json, Limits::default()), shared, now: Instant::now() }
    }

    fn socket(&mut self, namespace: &'static str) -> Arc<Inner> {
        let auth = Box::new(|| Some(serde_json::json!({ "a": 1 })));
        let shared = Arc::clone(&self.shared);
        let inner = Inner::new(namespace.into(), shared, auth, crate::socket::Handlers::default(), None);
        self.manager.join(Arc::clone(&inner));
        inner
    }

    /// Everything that is to be sent.
    fn sent(&mut self) -> Vec<String> {
        let packets = std::iter::from_fn(|| self.manager.poll_transmit());
        packets.map(|frames| String::from_utf8(frames[0].payload()[1..].to_vec()).unwrap()).collect()
    }

    fn receive(&mut self, text: &str) {
        self.manager.handle_message(Message::from(text), || lost(false)).unwrap();
    }

    /// What the application is told.
    fn told(&mut self) -> Vec<String> {
        let notices = std::iter::from_fn(|| self.manager.poll_notice());
        let shown = notices.map(|(_, notice)| match notice {
            Notice::Connected { recovered } => format!("connected {recovered}"),
            Notice::Disconnected(reason) => format!("disconnected {}", reason.cause),
            Notice::Event(event) => event.name.to_string(),
            Notice::Refused(refusal) => format!("refused {refusal}"),
            Notice::ConnectFailed(_) => "failed".to_owned(),
            Notice::EmitFailed(error) => error.to_string(),
        });
        shown.collect()
    }

    fn emit(&mut self, inner: &Arc<Inner>, name: &str, ttl: u64) {
        let expires = self.now + Duration::from_secs(ttl);
        self.submit(inner, name, Kind::Buffered { expires, answer: None });
    }

    fn submit(&mut self, inner: &Arc<Inner>, name: &str, kind: Kind) -> Option<Volatile> {
        let id = match &kind {
            Kind::Buffered { answer, .. } | Kind::Volatile { answer } => answer.as_ref().map(|it| it.id),
            Kind::Answer => None,
        };
        let frames =
            crate::wire::encode(Parser::Json, |encoder| encoder.event(&inner.namespace, id, name, &()))
                .unwrap();
        let reservation = self.shared.budget.reserve(10);
        self.manager.emit(inner, Outgoing { frames, kind, reservation })
    }
}

fn lost(will_reconnect: bool) -> Disconnect {
    Disconnect { will_reconnect, ..Disconnect::new(Cause::TransportClose) }
}

fn wanted(id: u64) -> (Option<Pending>, oneshot::Receiver<Answer>) {
    let (sender, receiver) = oneshot::channel();
    (Some(Pending { id, sender }), receiver)
}

#[test]
fn what_is_emitted_before_waits_for_the_namespace_and_keeps_its_order() {
    let mut bench = Bench::new();
    let (root, admin) = (bench.socket("/"), bench.socket("/admin"));
    bench.emit(&root, "a", 60);
    bench.emit(&root, "b", 60);
    bench.emit(&admin, "c", 60);
    assert_eq!(bench.sent(), [""; 0]);
    bench.manager.handle_opened(1000);
    assert_eq!(bench.sent(), [r#"0{"a":1}"#, r#"0/admin,{"a":1}"#]);
    bench.receive(r#"0/admin,{"sid":"x"}"#);
    assert_eq!(bench.sent(), [r#"2/admin,["c"]"#]);
    bench.receive(r#"0{"sid":"y"}"#);
    assert_eq!(bench.sent(), [r#"2["a"]"#, r#"2["b"]"#]);
    assert_eq!(bench.told(), ["connected false", "connected false"]);
    assert_eq!(bench.shared.budget.used(), 0);
}

#[test]
fn a_socket_is_recovered_with_the_events_that_it_missed() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s","pid":"p"}"#);
    bench.receive(r#"2["n",1,"offset-1"]"#);
    bench.receive(r#"27["question","no offset"]"#);
    bench.manager.handle_lost(&lost(true));
    assert_eq!(bench.told(), ["connected false", "n", "question", "disconnected transport close"]);

    bench.manager.handle_opened(1000);
    assert_eq!(bench.sent(), [r#"0{"pid":"p","offset":"offset-1","a":1}"#]);
    bench.receive(r#"2["m",2,"offset-2"]"#);
    assert_eq!(bench.told(), [""; 0]);
    bench.receive(r#"0{"sid":"s","pid":"p"}"#);
    assert_eq!(bench.told(), ["connected true", "m"]);
    assert!(Socket(root).recovered());

    bench.manager.handle_lost(&lost(true));
    bench.manager.handle_opened(1000);
    assert_eq!(bench.sent(), [r#"0{"pid":"p","offset":"offset-2","a":1}"#]);
    bench.receive(r#"0{"sid":"t","pid":"q"}"#);
    bench.manager.handle_lost(&lost(true));
    bench.manager.handle_opened(1000);
    assert_eq!(bench.sent(), [r#"0{"pid":"q","a":1}"#]);
}

#[test]
fn events_that_waited_too_long_are_dropped_and_give_back_their_bytes() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    bench.emit(&root, "late", 10);
    bench.emit(&root, "early", 5);
    let start = bench.now;
    assert_eq!(bench.manager.poll_timeout(), Some(start + Duration::from_secs(5)));
    bench.manager.handle_timeout(start + Duration::from_secs(5));
    assert_eq!(bench.manager.poll_timeout(), Some(start + Duration::from_secs(10)));
    assert_eq!(bench.shared.budget.used(), 10);
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    assert_eq!(bench.sent(), [r#"2["late"]"#]);
    assert_eq!((bench.manager.poll_timeout(), bench.shared.budget.used()), (None, 0));
}

#[test]
fn an_event_whose_answer_nobody_waits_for_is_not_sent() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    let expires = bench.now + Duration::from_secs(5);
    let (answer, receiver) = wanted(0);
    bench.submit(&root, "given up", Kind::Buffered { expires, answer });
    let (answer, mut kept) = wanted(1);
    bench.submit(&root, "wanted", Kind::Buffered { expires, answer });
    drop(receiver);
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    assert_eq!(bench.sent(), [r#"21["wanted"]"#]);
    bench.receive(r#"31["yes"]"#);
    let Ok(Answer::Args(args)) = kept.try_recv() else { panic!("no answer") };
    assert_eq!(args.deserialize::<String>().unwrap(), "yes");
}

#[test]
fn a_connection_that_ends_before_the_server_lets_us_in_is_told() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    for _ in 0..2 {
        bench.manager.handle_opened(1000);
        bench.sent();
        bench.manager.handle_lost(&lost(true));
        assert_eq!(bench.told(), ["disconnected transport close"]);
        assert!(matches!(&*root.state.borrow(), State::Disconnected(reason) if reason.will_reconnect));
    }
    // Without a connection there is nothing to lose.
    bench.manager.handle_lost(&lost(true));
    assert_eq!(bench.told(), [""; 0]);
}

#[test]
fn what_turns_out_to_be_too_large_is_told_once() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    let expires = bench.now + Duration::from_secs(5);
    let (answer, mut receiver) = wanted(0);
    bench.submit(&root, &"x".repeat(2000), Kind::Buffered { expires, answer });
    bench.submit(&root, &"x".repeat(3000), Kind::Buffered { expires, answer: None });
    bench.emit(&root, "fits", 5);
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    assert_eq!(bench.sent(), [r#"2["fits"]"#]);
    let Ok(Answer::TooLarge { len, max: 1000 }) = receiver.try_recv() else { panic!("not told") };
    assert!(len > 2000);
    let told = "a message of 3006 bytes is above the 1000 that the server accepts";
    assert_eq!(bench.told(), ["connected false", told]);
}

#[test]
fn a_lost_connection_ends_the_wait_for_answers_and_drops_our_own() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    let expires = bench.now + Duration::from_secs(5);
    let (answer, mut receiver) = wanted(0);
    bench.submit(&root, "a", Kind::Buffered { expires, answer });
    bench.sent();
    bench.submit(&root, "stale", Kind::Answer);
    bench.manager.handle_lost(&lost(true));
    assert_eq!(receiver.try_recv().unwrap_err(), oneshot::error::TryRecvError::Closed);
    bench.manager.handle_opened(1000);
    assert_eq!(bench.sent().len(), 1);
    bench.receive(r#"0{"sid":"s"}"#);
    assert_eq!(bench.sent(), [""; 0]);
}

#[test]
fn volatile_events_leave_at_once_or_not_at_all() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    let (answer, mut receiver) = wanted(0);
    assert!(bench.submit(&root, "a", Kind::Volatile { answer }).is_none());
    assert!(matches!(receiver.try_recv(), Ok(Answer::Dropped)));
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    assert!(bench.submit(&root, "b", Kind::Volatile { answer: None }).is_some());
    bench.emit(&root, "before", 5);
    assert!(bench.submit(&root, "c", Kind::Volatile { answer: None }).is_none());
    assert_eq!(bench.sent(), [r#"2["before"]"#]);
}

#[test]
fn what_waits_is_sent_before_the_socket_leaves_and_it_may_come_back_at_once() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    bench.emit(&root, "last", 5);
    bench.manager.leave(&root, &lost(false));
    assert!(bench.manager.wants_connection());
    bench.manager.join(Arc::clone(&root));
    bench.receive(r#"2["ignored"]"#);
    assert_eq!(bench.sent(), [r#"2["last"]"#, "1", r#"0{"a":1}"#]);
    assert_eq!(bench.told(), ["connected false", "disconnected transport close"]);
    bench.manager.leave(&root, &lost(false));
    assert_eq!(bench.sent(), ["1"]);
    assert!(!bench.manager.wants_connection());
}

#[test]
fn a_refused_socket_and_one_that_is_sent_away_stay_out() {
    let mut bench = Bench::new();
    let (root, _admin) = (bench.socket("/"), bench.socket("/admin"));
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"4/admin,{"message":"no"}"#);
    bench.receive(r#"0{"sid":"s"}"#);
    bench.receive("1");
    assert_eq!(bench.told(), ["refused no", "connected false", "disconnected transport close"]);
    assert!(!bench.manager.wants_connection());
    bench.manager.join(root);
    assert_eq!(bench.sent(), [r#"0{"a":1}"#]);
}

#[test]
fn without_reconnection_a_loss_is_final() {
    let mut bench = Bench::new();
    let (root, _joining) = (bench.socket("/"), bench.socket("/joining"));
    bench.manager.handle_opened(1000);
    bench.sent();
    bench.receive(r#"0{"sid":"s"}"#);
    bench.manager.handle_lost(&lost(false));
    assert!(!bench.manager.wants_connection());
    let told = ["connected false", "disconnected transport close", "disconnected transport close"];
    assert_eq!(bench.told(), told);
    bench.manager.join(root);
    let error = ConnectError { endpoint: String::new(), attempts: Vec::new() };
    bench.manager.handle_connect_failed(&error, false);
    assert!(bench.manager.wants_connection());
    bench.manager.handle_connect_failed(&error, true);
    assert!(!bench.manager.wants_connection());
    assert_eq!(bench.told(), ["failed", "failed"]);
}

#[test]
fn what_makes_no_sense_ends_the_connection_and_an_oversized_event_does_not() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    bench.emit(&root, "much longer than the server takes", 5);
    bench.emit(&root, "short", 5);
    bench.manager.handle_opened(20);
    bench.sent();
    for violation in ["abc", r#"0{"pid":"without sid"}"#] {
        let message = Message::from(violation);
        assert!(bench.manager.handle_message(message, || lost(false)).is_err(), "{violation}");
    }
    bench.receive(r#"0{"sid":"s"}"#);
    assert_eq!(bench.sent(), [r#"2["short"]"#]);
}

#[test]
fn a_handler_takes_its_events_and_a_closed_socket_forgets_its_handlers() {
    let mut bench = Bench::new();
    let root = bench.socket("/");
    let held = Arc::clone(&root);
    root.handlers.lock().insert("a".into(), move |_event| {
        let held = Arc::clone(&held);
        async move { drop(held) }
    });
    let event = |name: &'static str| {
        let args = socketio_proto::Args::default();
        Notice::Event(crate::Event::new(Socket(Arc::clone(&root)), name.into(), args, None))
    };
    assert!(matches!(root.deliver(event("a")), Delivered::Run(_)));
    assert!(matches!(root.deliver(event("b")), Delivered::Done));
    root.close();
    assert!(matches!(root.deliver(event("a")), Delivered::Done));
    bench.manager = Manager::new(Parser::Json, Limits::default());
    assert_eq!(Arc::strong_count(&root), 1);
}
