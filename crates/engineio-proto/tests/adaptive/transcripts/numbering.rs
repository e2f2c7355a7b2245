//! Which number a packet has, and what an acknowledgement means.

use engineio_proto::Tier;

use super::{
    Transcript, client,
    client::{
        ClientInput::{self, Answered, Closed, Handshake, HandshakeAnswered, Opened, Pass, Says, Sends},
        Setting, run,
    },
    server,
    server::ServerInput as Server,
};

/// An opening on a WebSocket: OPEN is packet 1.
const ON_WEBSOCKET: [(u64, ClientInput<'static>); 3] =
    [(20, Opened(1)), (40, Says(1, "t3,0,1")), (40, Handshake(1))];

/// An opening on a long-poll.
const ON_LONG_POLL: [(u64, ClientInput<'static>); 2] = [(20, Closed(1)), (40, HandshakeAnswered)];

pub(super) fn all() -> Vec<Transcript> {
    let mut transcripts = websockets();
    transcripts.extend(broken_websockets());
    transcripts.extend(http());
    transcripts.extend(servers_on_websockets());
    transcripts.extend(servers_on_http());
    transcripts
}

fn after<'a>(
    opening: &[(u64, ClientInput<'a>)],
    rest: &[(u64, ClientInput<'a>)],
) -> Vec<(u64, ClientInput<'a>)> {
    [opening, rest].concat()
}

fn websockets() -> Vec<Transcript> {
    let many: Vec<_> = (0..32).map(|n| (60 + n, Says(1, "4x"))).collect();
    let narrow = Setting { window: 10, ..Setting::default() };
    vec![
        client(
            "client: on a WebSocket the order implies the numbers",
            &after(
                &ON_WEBSOCKET,
                &[
                    (50, Sends(&["a", "b"])),
                    (60, Says(1, "a1")),
                    (70, Says(1, "a2")),
                    (80, Says(1, "4x")),
                    (90, Says(1, "4y")),
                    (2100, Pass),
                ],
            ),
        ),
        client(
            "client: nothing is sent before OPEN",
            &[
                (20, Opened(1)),
                (30, Sends(&["too early"])),
                (40, Says(1, "t3,0,1")),
                (40, Handshake(1)),
                (50, Sends(&["a"])),
            ],
        ),
        client("client: the count is told after 32 packets", &after(&ON_WEBSOCKET, &many)),
        client(
            "client: s jumps ahead to what has not come, and back to what has",
            &after(
                &ON_WEBSOCKET,
                &[
                    (50, Says(1, "s2")),
                    (50, Says(1, "4two")),
                    (60, Says(1, "s1")),
                    (60, Says(1, "4one, again")),
                    (60, Says(1, "4two, again")),
                    (60, Says(1, "4three")),
                    (2100, Pass),
                ],
            ),
        ),
        client(
            "client: an acknowledgement that is older than another says nothing",
            &after(
                &ON_WEBSOCKET,
                &[
                    (50, Sends(&["a", "b", "c"])),
                    (60, Says(1, "a2")),
                    (70, Says(1, "a1")),
                    (80, Says(1, "a0")),
                    (90, Says(1, "a3")),
                ],
            ),
        ),
        run(
            "client: no more bytes than the window are under way",
            &narrow,
            &after(
                &ON_WEBSOCKET,
                &[
                    (50, Sends(&["aaaa", "bbbb", "c", "longer than the window", "d"])),
                    (60, Says(1, "a1")),
                    (70, Says(1, "a3")),
                    (80, Says(1, "a4")),
                    (90, Says(1, "a5")),
                ],
            ),
        ),
    ]
}

/// The carrier has failed, and the session goes on where it was.
fn broken_websockets() -> Vec<Transcript> {
    let broken = |name, text: &'static str| {
        client(name, &after(&ON_WEBSOCKET, &[(50, Says(1, "4x")), (60, Sends(&["a"])), (70, Says(1, text))]))
    };
    vec![
        broken("client: what was not sent cannot be acknowledged on a WebSocket", "a2"),
        broken("client: the largest number was not sent either", "a9007199254740991"),
        broken("client: a number beyond the largest is none", "a9007199254740992"),
        broken("client: s leaves a gap on a WebSocket", "s4"),
        broken("client: s leaves the largest gap", "s9007199254740991"),
        broken("client: s0 is no number", "s0"),
        broken("client: h has no place on a WebSocket", "h250"),
        broken("client: an unknown record is none of its business", "z4"),
        broken("client: a packet that may not be sent", "3"),
        broken("client: a second OPEN", "0{}"),
        client(
            "client: a packet before the attach record",
            &[(20, Opened(1)), (30, Says(1, "4x")), (40, Pass)],
        ),
    ]
}

fn http() -> Vec<Transcript> {
    let broken = |name, body: &'static str| {
        client(name, &after(&ON_LONG_POLL, &[(50, Sends(&["a"])), (60, Answered(body))]))
    };
    let periodic = Setting { tiers: &[Tier::Periodic], ..Setting::default() };
    vec![
        client(
            "client: on a long-poll the numbers are written",
            &after(
                &ON_LONG_POLL,
                &[
                    (50, Sends(&["a", "b"])),
                    (60, Answered("a2\x1es2\x1e4x\x1e4y\x1e")),
                    (70, Sends(&["c"])),
                    (80, Answered("a3\x1es4\x1e4z\x1e")),
                ],
            ),
        ),
        client(
            "client: repeats in a body are dropped, and what follows them is taken",
            &after(
                &ON_LONG_POLL,
                &[
                    (50, Answered("a0\x1es2\x1e4x\x1e4y\x1e")),
                    (60, Answered("a0\x1es2\x1e4x, again\x1e4y, again\x1e4z\x1e")),
                    (70, Answered("a0\x1es1\x1e4never\x1e")),
                ],
            ),
        ),
        run(
            "client: periodic requests have numbers in both directions",
            &periodic,
            &[
                (20, HandshakeAnswered),
                (200, Sends(&["a"])),
                (210, Answered("a1\x1es2\x1e4x\x1e")),
                (500, Answered("a1\x1eh1000\x1e")),
                (1600, Pass),
                (1610, Answered("a1\x1es3\x1e4y\x1e")),
            ],
        ),
        broken("client: a gap in a body", "a1\x1es3\x1e4y\x1e"),
        broken("client: a packet without a number", "a1\x1e4x\x1e"),
        broken("client: what was not sent cannot be acknowledged in a body", "a2\x1e"),
        broken("client: a body that is not whole counts for nothing", "a1\x1es2\x1e4x\x1e4y"),
        broken("client: a body of a proxy", "<html>\x1e"),
        broken("client: a second s in a body", "a1\x1es2\x1e4x\x1es2\x1e4x, again\x1e"),
        broken("client: a second count in a body", "a1\x1ea1\x1e"),
        broken("client: an attach record in a body", "a1\x1et3,0,1\x1e"),
        broken("client: a packet in a body that may not be sent", "a1\x1es2\x1e6\x1e"),
        broken("client: a count that begins with 0", "a01\x1e"),
    ]
}

/// An attached WebSocket that was told OPEN.
fn attached<'a>(rest: &[(u64, Server<'a>)]) -> Vec<(u64, Server<'a>)> {
    let opening = [(20, Server::Opened(1)), (40, Server::Says(1, "t3,0,1")), (60, Server::Says(1, "a1"))];
    [&opening, rest].concat()
}

fn servers_on_websockets() -> Vec<Transcript> {
    use Server::{Pass, Says, Sends};
    let broken =
        |name, text: &'static str| server(name, &attached(&[(70, Says(1, "4x")), (80, Says(1, text))]));
    let many: Vec<_> = (0..32).map(|n| (70 + n, Says(1, "4x"))).collect();
    let long = "x".repeat(70);
    vec![
        server(
            "server: on a WebSocket the order implies the numbers",
            &attached(&[
                (70, Says(1, "4a")),
                (80, Says(1, "4b")),
                (300, Sends(&["x", "y"])),
                (320, Says(1, "a3")),
            ]),
        ),
        server("server: the count is told after 32 packets", &attached(&many)),
        server(
            "server: s goes back to what has come, which is dropped",
            &attached(&[
                (70, Says(1, "4a")),
                (80, Says(1, "s1")),
                (80, Says(1, "4a, again")),
                (80, Says(1, "4b")),
                (300, Pass),
            ]),
        ),
        server(
            "server: an acknowledgement that is older than another says nothing",
            &attached(&[(70, Sends(&["x"])), (80, Says(1, "a2")), (90, Says(1, "a0")), (100, Sends(&["y"]))]),
        ),
        server(
            "server: no more bytes than the window are under way",
            &attached(&[(70, Sends(&[&long, &long, "x"])), (80, Says(1, "a2")), (90, Says(1, "a4"))]),
        ),
        broken("server: what was not sent cannot be acknowledged", "a2"),
        broken("server: a number beyond the largest is none", "a9007199254740992"),
        broken("server: s leaves a gap", "s3"),
        broken("server: s0 is no number", "s0"),
        broken("server: h is not for clients to say", "h250"),
        broken("server: x is not for clients to say", "xstale"),
        broken("server: an unknown record is none of its business", "z4"),
        broken("server: a packet that may not be sent", "2"),
    ]
}

fn servers_on_http() -> Vec<Transcript> {
    use Server::{Request, Sends};
    let opened = (20, Request(1, "carrier=long-poll&epoch=2&ack=0&seq=1", "a0\x1e"));
    let broken = |name, body: &'static str| {
        server(name, &[opened, (40, Request(2, "carrier=long-poll&epoch=2&ack=1&seq=2&hold=0", body))])
    };
    let queried = |name, query: &'static str| server(name, &[opened, (40, Request(2, query, "a1\x1e"))]);
    vec![
        server(
            "server: on a long-poll the numbers are written",
            &[
                opened,
                (40, Request(2, "carrier=long-poll&epoch=2&ack=1&seq=2", "a1\x1e")),
                (50, Request(3, "carrier=long-poll&epoch=2&ack=1&seq=3&hold=0", "s1\x1e4a\x1e4b\x1e")),
                (60, Sends(&["x", "y"])),
                (80, Request(4, "carrier=long-poll&epoch=2&ack=1&seq=4", "a1\x1e")),
                (100, Request(5, "carrier=long-poll&epoch=2&ack=3&seq=5", "a3\x1e")),
                (110, Request(6, "carrier=long-poll&epoch=2&ack=3&seq=6&hold=0", "s1\x1e4a\x1e4b\x1e4c\x1e")),
                (110, Request(7, "carrier=long-poll&epoch=2&ack=3&seq=6&hold=0", "s1\x1e4a\x1e4b\x1e4c\x1e")),
            ],
        ),
        server(
            "server: the newest request wins by its number, not by its arrival",
            &[
                opened,
                (40, Request(2, "carrier=long-poll&epoch=2&ack=1&seq=3", "a1\x1e")),
                (50, Request(3, "carrier=long-poll&epoch=2&ack=1&seq=2", "s1\x1e4a\x1e")),
                (60, Sends(&["x"])),
            ],
        ),
        broken("server: a gap in a body", "s2\x1e4b\x1e"),
        broken("server: a packet without a number", "4a\x1e"),
        broken("server: a second s in a body", "s1\x1e4a\x1es2\x1e4b\x1e"),
        broken("server: an attach record in a body", "t3,0,1\x1e"),
        broken("server: a body that is not whole counts for nothing", "s1\x1e4a\x1e4b"),
        queried(
            "server: what was not sent cannot be acknowledged in a query",
            "carrier=long-poll&epoch=2&ack=2&seq=2&hold=0",
        ),
        queried(
            "server: a query with a number beyond the largest touches no session",
            "carrier=long-poll&epoch=2&ack=9007199254740992&seq=2&hold=0",
        ),
        queried(
            "server: a query with a number that begins with 0 touches no session",
            "carrier=long-poll&epoch=2&ack=01&seq=2&hold=0",
        ),
        queried(
            "server: the largest epoch and the largest request are numbers like others",
            "carrier=long-poll&epoch=9007199254740991&ack=1&seq=9007199254740991",
        ),
    ]
}
