use std::collections::HashSet;

use socketio::{Broadcast, Config, Emitted, SocketIo, SocketRef};

use crate::support::Client;

/// Clients `a` to `e`, of which the first three are in room `abc`, and so on.
struct Room {
    io: SocketIo,
    sockets: Vec<SocketRef>,
    clients: Vec<Client>,
}

const ROOMS: &[(&str, &str)] = &[("abc", "abc"), ("bcd", "bcd"), ("none", ""), ("e", "e")];

async fn room() -> Room {
    let io = SocketIo::new(Config::default());
    let mut room = Room { io, sockets: Vec::new(), clients: Vec::new() };
    for name in "abcde".chars() {
        room.clients.push(Client::join(&room.io).await);
        let sockets = room.io.root().all().sockets();
        let socket = sockets.into_iter().find(|socket| !room.sockets.contains(socket)).unwrap();
        for (room, members) in ROOMS {
            if members.contains(name) {
                socket.join(*room);
            }
        }
        room.sockets.push(socket);
    }
    room
}

impl Room {
    /// Emits, and then checks that exactly the clients in `expected` got one copy each.
    async fn check(&mut self, what: &str, emit: impl FnOnce(&Self) -> Emitted, expected: &str) {
        let emitted = emit(self);
        assert_eq!(emitted.queued(), expected.len(), "{what}");
        self.io.emit("end", &());
        for (name, client) in "abcde".chars().zip(&mut self.clients) {
            let mut copies = 0;
            while client.next().await != r#"2["end"]"# {
                copies += 1;
            }
            assert_eq!(copies, usize::from(expected.contains(name)), "{what}: {name}");
        }
    }
}

#[tokio::test]
async fn operators_choose_sockets() {
    type Choose = fn(&Room) -> Broadcast;
    let mut room = room().await;
    for (what, choose, expected) in [
        ("to one room", (|room| room.io.to("abc")) as Choose, "abc"),
        ("to two rooms, one copy each", |room| room.io.to(["abc", "bcd"]), "abcd"),
        ("to twice", |room| room.io.to("abc").to("e"), "abce"),
        ("within", |room| room.io.within("abc"), "abc"),
        ("to a room without members", |room| room.io.to("none"), ""),
        ("to no rooms", |room| room.io.to(Vec::<String>::new()), "abcde"),
        ("except", |room| room.io.except("abc"), "de"),
        ("to and except", |room| room.io.to("abc").except("bcd"), "a"),
        ("except two rooms", |room| room.io.except(["abc", "e"]), "d"),
        ("to an id", |room| room.io.to(room.sockets[1].id()), "b"),
        ("to an id and its room", |room| room.io.to(room.sockets[1].id()).to("abc"), "abc"),
        ("except an id", |room| room.io.to("abc").except(room.sockets[1].id()), "ac"),
        ("to an unknown id", |room| room.io.to("xxxxxxxxxxxxxxxxxxxx"), ""),
        ("socket to", |room| room.sockets[0].to("abc"), "bc"),
        ("socket within", |room| room.sockets[0].within("abc"), "abc"),
        ("socket except", |room| room.sockets[0].except("bcd"), "e"),
        ("socket broadcast", |room| room.sockets[0].broadcast(), "bcde"),
        ("namespace", |room| room.io.of("/").unwrap().to("abc"), "abc"),
    ] {
        room.check(what, |room| choose(room).emit("a", &1), expected).await;
    }
}

#[tokio::test]
async fn operators_leave_their_origin_as_it_was() {
    let mut room = room().await;
    let abc = room.io.to("abc");
    let _more = abc.clone().to("e").except("bcd").volatile();
    room.check("abc", |_| abc.emit("a", &()), "abc").await;
}

#[tokio::test]
async fn membership_changes_at_once() {
    let mut room = room().await;
    room.sockets[0].leave("abc");
    room.sockets[0].join(["bcd", "new"]);
    room.sockets[0].join("new");
    room.check("left", |room| room.io.to("abc").emit("a", &()), "bc").await;
    room.check("joined", |room| room.io.to("bcd").emit("a", &()), "abcd").await;
    room.check("joined twice", |room| room.io.to("new").emit("a", &()), "a").await;
    assert_eq!(room.sockets[0].rooms().iter().map(|name| &**name).collect::<Vec<_>>(), ["bcd", "new"]);

    room.io.to("abc").sockets_leave("bcd");
    room.io.to("abc").sockets_join(["x", "y"]);
    room.check("left together", |room| room.io.to("bcd").emit("a", &()), "ad").await;
    room.check("joined together", |room| room.io.to("x").emit("a", &()), "bc").await;

    room.clients[1].send("1").await;
    assert_eq!(room.io.to("abc").sockets(), [room.sockets[2].clone()]);
    assert_eq!(room.io.to("y").sockets(), [room.sockets[2].clone()]);
    // A socket that is gone joins nothing.
    room.sockets[1].join("ghost");
    assert!(room.io.to("ghost").sockets().is_empty());
    let mut names: Vec<_> = room.io.of("/").unwrap().rooms();
    names.sort();
    assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["abc", "bcd", "e", "new", "x", "y"]);
}

#[tokio::test]
async fn sockets_may_move_while_others_are_chosen() {
    let room = room().await;
    let (io, sockets) = (&room.io, &room.sockets);
    std::thread::scope(|scope| {
        for (worker, socket) in sockets.iter().enumerate() {
            scope.spawn(move || {
                for step in 0..500 {
                    socket.join(format!("{}", (worker + step) % 7));
                    socket.leave(format!("{}", (worker + step + 3) % 7));
                }
                socket.leave(socket.rooms());
            });
        }
        scope.spawn(move || {
            for _ in 0..500 {
                let found = io.to(["0", "1", "2", "3"]).except("4").sockets();
                let ids: HashSet<_> = found.iter().map(SocketRef::id).collect();
                assert_eq!(ids.len(), found.len());
            }
        });
    });
    assert!(io.root().rooms().is_empty());
    assert_eq!(io.root().len(), sockets.len());
}

#[tokio::test]
async fn namespaces_do_not_share_rooms() {
    let io = SocketIo::new(Config::default());
    for path in ["/", "/other"] {
        io.ns(path, async |socket: SocketRef| socket.join("room"));
    }
    let mut client = Client::join(&io).await;
    client.send("0/other,").await;
    assert!(client.next().await.starts_with("0/other,"));
    assert_eq!(io.to("room").emit("a", &()).queued(), 1);
    assert_eq!(io.of("/other").unwrap().to("room").emit("b", &()).queued(), 1);
    assert_eq!(client.next().await, r#"2["a"]"#);
    assert_eq!(client.next().await, r#"2/other,["b"]"#);
    // Leaving one namespace leaves the other alone.
    client.send("1").await;
    assert_eq!(io.of("/other").unwrap().to("room").emit("c", &()).queued(), 1);
    assert_eq!(io.to("room").emit("c", &()).queued(), 0);
}

#[tokio::test]
async fn a_volatile_event_is_dropped_for_a_client_that_does_not_poll() {
    let io = SocketIo::new(Config::default());
    let mut client = Client::join(&io).await;
    let socket = io.root().all().sockets().remove(0);
    assert_eq!(socket.volatile().emit("a", &()).dropped(), 1);
    assert_eq!(io.volatile().emit("a", &()).dropped(), 1);
    assert_eq!(io.emit("b", &()).queued(), 1);
    assert_eq!(client.next().await, r#"2["b"]"#);
}
