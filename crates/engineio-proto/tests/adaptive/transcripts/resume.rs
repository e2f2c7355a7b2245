//! What another carrier begins with, and who has the session.

use engineio_proto::Tier;

use super::{
    Transcript, client,
    client::{
        ClientInput::{
            self, Answered, Closed, Failed, Handshake, HandshakeAnswered, Opened, Pass, Pong, Says, Sends,
        },
        Setting, run,
    },
    server,
    server::ServerInput as Server,
};

pub(super) fn all() -> Vec<Transcript> {
    let mut transcripts = resumptions();
    transcripts.extend(answers());
    transcripts.extend(races());
    transcripts.extend(ends());
    transcripts.extend(servers_resume());
    transcripts.extend(servers_refuse());
    transcripts.extend(servers_forget());
    transcripts
}

/// A WebSocket that is cut while two packets of each side are not acknowledged.
const CUT: [(u64, ClientInput<'static>); 7] = [
    (20, Opened(1)),
    (40, Says(1, "t3,0,1")),
    (40, Handshake(1)),
    (50, Sends(&["a", "b", "c"])),
    (60, Says(1, "a1")),
    (60, Says(1, "4x")),
    (70, Closed(1)),
];

/// The same for a client that has nothing but WebSockets.
fn again(name: &'static str, rest: &[(u64, ClientInput<'_>)]) -> Transcript {
    let setting = Setting { tiers: &[Tier::WebSocket], ..Setting::default() };
    run(name, &setting, &[&CUT, rest].concat())
}

fn elsewhere(name: &'static str, rest: &[(u64, ClientInput<'_>)]) -> Transcript {
    client(name, &[&CUT, rest].concat())
}

fn resumptions() -> Vec<Transcript> {
    vec![
        elsewhere(
            "client: what a WebSocket left behind is sent again on a long-poll",
            &[
                (90, Answered("a3\x1es2\x1e4x, again\x1e4y\x1e")),
                (100, Sends(&["d"])),
                (120, Answered("a4\x1es4\x1e4z\x1e")),
            ],
        ),
        elsewhere(
            "client: a request that failed is repeated on another tier",
            &[(90, Failed), (110, Answered("a3\x1e"))],
        ),
        elsewhere(
            "client: a WebSocket that works again is promoted, and repeats are dropped",
            &[
                (80, Opened(2)),
                (90, Answered("a3\x1es3\x1e4y\x1e")),
                (100, Pong(2)),
                (120, Says(2, "t5,3,3")),
                (120, Says(2, "4y, again")),
                (120, Says(2, "4z")),
                (130, Sends(&["d"])),
                (140, Answered("xstale\x1e")),
                (150, Says(2, "a4")),
            ],
        ),
        elsewhere(
            "client: a repeat shows that the count has not come, although a request had said it",
            &[
                (80, Opened(2)),
                (90, Answered("a3\x1es3\x1e4y\x1e")),
                (100, Pong(2)),
                (110, Answered("a3\x1es4\x1e4z\x1e")),
                (120, Says(2, "t5,3,4")),
                (120, Says(2, "4z, again")),
                (130, Answered("xstale\x1e")),
                (2200, Pass),
            ],
        ),
    ]
}

/// What the server answers to an attach record.
fn answers() -> Vec<Transcript> {
    let answered =
        |name, text: &'static str| again(name, &[(200, Opened(2)), (210, Says(2, text)), (220, Pass)]);
    vec![
        again(
            "client: another WebSocket begins with what is not acknowledged",
            &[
                (200, Opened(2)),
                (210, Says(2, "t4,1,3")),
                (210, Says(2, "4y")),
                (220, Says(2, "a3")),
                (230, Sends(&["d"])),
            ],
        ),
        again(
            "client: the answer acknowledges what had come before the cut",
            &[(200, Opened(2)), (210, Says(2, "t4,3,3")), (230, Sends(&["d"]))],
        ),
        again(
            "client: the answer may begin with packets that have come",
            &[
                (200, Opened(2)),
                (210, Says(2, "t4,3,1")),
                (210, Says(2, "4x, again")),
                (210, Says(2, "4x, again")),
                (210, Says(2, "4y")),
            ],
        ),
        answered("client: the answer to another epoch", "t3,1,3"),
        answered("client: the answer leaves a gap", "t4,1,4"),
        answered("client: the answer acknowledges what was not sent", "t4,4,3"),
        answered("client: packets before the answer", "4y"),
        again(
            "client: a second answer on one WebSocket",
            &[(200, Opened(2)), (210, Says(2, "t4,1,3")), (220, Says(2, "t4,1,3")), (230, Pass)],
        ),
    ]
}

fn races() -> Vec<Transcript> {
    vec![
        client(
            "client: the WebSocket that was raced has the session in the end",
            &[
                (140, Opened(1)),
                (160, HandshakeAnswered),
                (180, Says(1, "t3,0,2")),
                (185, Sends(&["a"])),
                (190, Says(1, "4x")),
                (200, Answered("xstale\x1e")),
                (210, Says(1, "a1")),
            ],
        ),
        client(
            "client: a WebSocket attached and is mute: the long-poll attaches with the next number",
            &[(40, Opened(1)), (270, Answered("xstale\x1e")), (290, HandshakeAnswered), (300, Sends(&["a"]))],
        ),
    ]
}

fn ends() -> Vec<Transcript> {
    let told = |name, text: &'static str| again(name, &[(200, Opened(2)), (210, Says(2, text))]);
    let short = Setting { expiry: 1000, ..Setting::default() };
    vec![
        told("client: the server does not know the session any more", "xgone"),
        told("client: too much waits for the client", "xslow"),
        told("client: the client broke the protocol", "xprotocol"),
        told("client: a reason of a later version ends the session", "xnewer"),
        told("client: xstale for the greatest epoch: somebody else has the session", "xstale"),
        elsewhere("client: the same on a long-poll", &[(90, Answered("xstale\x1e"))]),
        elsewhere("client: xgone on a long-poll", &[(90, Answered("xgone\x1e"))]),
        elsewhere("client: a reason of a later version on a long-poll", &[(90, Answered("xnewer\x1e"))]),
        run(
            "client: without a carrier the session expires",
            &short,
            &[&CUT[..], &[(1059, Pass), (1080, Pass)]].concat(),
        ),
    ]
}

/// A session on a WebSocket, with a packet of each side that is not acknowledged.
fn attached<'a>(rest: &[(u64, Server<'a>)]) -> Vec<(u64, Server<'a>)> {
    use Server::{Opened, Says, Sends};
    let opening = [
        (20, Opened(1)),
        (40, Says(1, "t3,0,1")),
        (60, Says(1, "a1")),
        (60, Says(1, "4a")),
        (60, Says(1, "4b")),
        (70, Sends(&["x", "y"])),
    ];
    [&opening, rest].concat()
}

fn servers_resume() -> Vec<Transcript> {
    use Server::{Closed, Opened, Request, Says, Sends};
    vec![
        server(
            "server: another WebSocket begins with what is not acknowledged",
            &attached(&[
                (80, Closed(1)),
                (90, Sends(&["z"])),
                (100, Opened(2)),
                (120, Says(2, "t4,2,1")),
                (120, Says(2, "4a, again")),
                (120, Says(2, "4b, again")),
                (120, Says(2, "4c")),
                (140, Says(2, "a4")),
            ]),
        ),
        server(
            "server: what was acknowledged meanwhile is not sent again, whatever the attach record says",
            &attached(&[(80, Says(1, "a3")), (90, Opened(2)), (100, Says(2, "t4,1,3"))]),
        ),
        server(
            "server: a long-poll attaches and is answered at once",
            &attached(&[
                (80, Closed(1)),
                (100, Request(1, "carrier=long-poll&epoch=4&ack=1&seq=1", "s2\x1e4b, again\x1e4c\x1e")),
                (110, Request(2, "carrier=long-poll&epoch=4&ack=1&seq=2", "a1\x1e")),
                (120, Request(3, "carrier=long-poll&epoch=4&ack=3&seq=3", "a3\x1e")),
                (130, Sends(&["z"])),
            ]),
        ),
        server(
            "server: a newer epoch takes over from a WebSocket that is open",
            &attached(&[
                (90, Opened(2)),
                (100, Says(2, "t4,3,3")),
                (110, Says(1, "4from the older one")),
                (120, Says(2, "4c")),
            ]),
        ),
        server(
            "server: a newer epoch takes over from a request that is held",
            &attached(&[
                (80, Request(1, "carrier=long-poll&epoch=4&ack=3&seq=1", "a3\x1e")),
                (90, Request(2, "carrier=long-poll&epoch=4&ack=3&seq=2", "a3\x1e")),
                (100, Opened(2)),
                (110, Says(2, "t5,3,3")),
            ]),
        ),
        server(
            "server: a WebSocket is asked before it attaches, which touches no session",
            &attached(&[
                (80, Opened(2)),
                (90, Says(2, "p7")),
                (100, Says(1, "4c")),
                (110, Says(2, "t4,3,4")),
            ]),
        ),
    ]
}

fn servers_refuse() -> Vec<Transcript> {
    use Server::{Opened, Pass, Request, Says};
    let late = |name, text: &'static str| {
        server(name, &attached(&[(80, Opened(2)), (90, Says(2, text)), (100, Says(1, "4c"))]))
    };
    vec![
        late("server: an older epoch of a WebSocket is stale", "t2,3,3"),
        late("server: the same epoch of another WebSocket is stale", "t3,3,3"),
        late("server: a packet before the attach record is no fault of the session", "4x"),
        late("server: an attach record that cannot be read neither", "t0,0,1"),
        late("server: an attach record with a gap is a fault of the client", "t4,3,4"),
        late("server: an attach record that acknowledges what was not sent too", "t4,4,3"),
        server("server: a second attach record on a WebSocket", &attached(&[(80, Says(1, "t4,3,3"))])),
        server(
            "server: requests of older epochs, and of another carrier with the same, are stale",
            &attached(&[
                (80, Request(1, "carrier=long-poll&epoch=3&ack=3&seq=1", "s3\x1e4not read\x1e")),
                (90, Request(2, "carrier=long-poll&epoch=4&ack=1&seq=2", "a1\x1e")),
                (100, Request(3, "carrier=periodic&epoch=4&ack=3&seq=3", "s3\x1e4not read\x1e")),
                (110, Request(4, "carrier=periodic&epoch=2&ack=9&seq=4", "not even looked at")),
            ]),
        ),
        server(
            "server: more than 4 WebSockets that have not attached",
            &attached(&[(80, Opened(2)), (81, Opened(3)), (82, Opened(4)), (83, Opened(5)), (84, Opened(6))]),
        ),
        server(
            "server: a WebSocket that does not attach",
            &attached(&[(80, Opened(2)), (10_079, Pass), (10_080, Pass)]),
        ),
    ]
}

fn servers_forget() -> Vec<Transcript> {
    use Server::{Closed, Opened, Pass, Request, Says};
    vec![
        server(
            "server: an attach just before the session expires",
            &attached(&[
                (80, Says(1, "a3")),
                (90, Closed(1)),
                (60_080, Opened(2)),
                (60_089, Says(2, "t4,3,3")),
            ]),
        ),
        server(
            "server: an attach after the session has expired",
            &attached(&[
                (80, Says(1, "a3")),
                (90, Closed(1)),
                (60_080, Opened(2)),
                (60_090, Pass),
                (60_100, Says(2, "t4,3,3")),
                (60_110, Opened(3)),
                (60_120, Request(1, "carrier=long-poll&epoch=4&ack=3&seq=1", "a3\x1e")),
            ]),
        ),
        server("server: nothing is acknowledged for too long", &attached(&[(60_069, Pass), (60_070, Pass)])),
    ]
}
