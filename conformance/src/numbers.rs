//! A namespace in which each side sends numbers and counts those of the other, to find what is lost or repeated.

use std::sync::{Arc, Mutex, PoisonError};

use socketio::{Ack, Data, SocketIo, SocketRef};

/// What has come of the numbers of one client.
#[derive(Clone, Debug, Default)]
struct Received(Arc<Mutex<Count>>);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    received: u64,
    /// The first that was not the expected one, and the expected one.
    wrong: Option<(u64, u64)>,
}

impl Received {
    fn count(&self, change: impl FnOnce(&mut Count)) -> Count {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut count);
        *count
    }

    /// Notes a number, and gives the server's own.
    fn note(&self, number: u64) -> u64 {
        let count = self.count(|count| {
            if number != count.received {
                count.wrong.get_or_insert((number, count.received));
            }
            count.received += 1;
        });
        count.received - 1
    }
}

/// `number` of the client is answered by a `number` of the server, whatever the client's was.
///
/// `verdict` is acknowledged with how many have come, and the first wrong one beside the one that was due.
pub(crate) fn open(io: &SocketIo) {
    io.namespace("/numbers")
        .on("number", async |socket: SocketRef, Data((number, _)): Data<(u64, String)>| {
            let Some(received) = socket.data::<Received>() else { return };
            let own = received.note(number);
            socket.emit("number", &(own, "y".repeat((own % 300) as usize)));
        })
        .on("verdict", async |socket: SocketRef, ack: Ack| {
            let count = socket.data::<Received>().unwrap_or_default().count(|_| {});
            ack.send(&(count.received, count.wrong));
        })
        .on_connect(async |socket: SocketRef| {
            socket.insert(Received::default());
        });
}
