//! Numbers that travel in both directions while the network is broken, each side counting its own.

use std::sync::Arc;

use parking_lot::Mutex;
use socketio::{Data, SocketRef};
use socketio_client::{Events, Notice, Socket};
use tokio::sync::watch;

use super::World;

/// Messages that are under way in each direction.
const WINDOW: u64 = 400;

/// What the client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Sending,
    /// It sends nothing until told otherwise.
    Silent,
    /// It waits for what is under way.
    Ending,
}

/// How far the exchange of numbers with a client is.
pub(super) struct Numbers {
    /// What the server has received.
    received: Arc<Mutex<Vec<u64>>>,
    /// Numbers that the client has received.
    count: watch::Sender<u64>,
    phase: watch::Sender<Phase>,
}

impl Numbers {
    /// Lets numbers travel from before `disturb` until after it, and checks what has come; gives how many there were.
    pub(super) async fn travel<T>(world: &World, disturb: impl AsyncFnOnce(&Self) -> T) -> (u64, T) {
        let (received, phase) = (Arc::default(), watch::Sender::new(Phase::Sending));
        let numbers = Self { received, count: watch::Sender::new(0), phase };
        numbers.serve(world);
        let (socket, events) = world.client.namespace("/numbers").stream().unwrap();
        socket.connected().await.unwrap();
        let disturbed = async {
            let result = disturb(&numbers).await;
            numbers.phase.send_replace(Phase::Ending);
            result
        };
        let (answers, result) = tokio::join!(numbers.exchange(&socket, events), disturbed);
        for (side, numbers) in [("client", &answers), ("server", &*numbers.received.lock())] {
            let wrong = numbers.iter().enumerate().find(|(index, number)| *index as u64 != **number);
            assert_eq!(wrong, None, "the first wrong number at the {side}");
            assert_eq!(numbers.len(), answers.len(), "numbers at the {side}");
        }
        (answers.len() as u64, result)
    }

    /// How many have come to the client.
    pub(super) fn count(&self) -> u64 {
        *self.count.borrow()
    }

    /// Waits until that many more have come to the client.
    pub(super) async fn by(&self, more: u64) {
        let goal = self.count() + more;
        self.count.subscribe().wait_for(|count| *count >= goal).await.unwrap();
    }

    /// Lets the client send, or not; what is under way still arrives.
    pub(super) fn send(&self, sending: bool) {
        self.phase.send_replace(if sending { Phase::Sending } else { Phase::Silent });
    }

    /// The server notes each number and sends one of its own.
    fn serve(&self, world: &World) {
        let received = Arc::clone(&self.received);
        let number = move |socket: SocketRef, Data((number, _)): Data<(u64, String)>| {
            let received = Arc::clone(&received);
            async move {
                let mut received = received.lock();
                socket.emit("number", &(received.len(), "y".repeat(number as usize % 300)));
                received.push(number);
            }
        };
        world.server.io.namespace("/numbers").on("number", number).open();
    }

    /// Sends numbers until it is told that there were enough; the application must see nothing but numbers.
    async fn exchange(&self, socket: &Socket, mut events: Events) -> Vec<u64> {
        let (mut sent, mut answers) = (0, Vec::new());
        let mut phases = self.phase.subscribe();
        loop {
            let phase = *phases.borrow_and_update();
            while phase == Phase::Sending && sent < answers.len() as u64 + WINDOW {
                socket.emit("number", &(sent, "x".repeat(sent as usize % 700))).unwrap();
                sent += 1;
            }
            if phase == Phase::Ending && answers.len() as u64 == sent {
                return answers;
            }
            tokio::select! {
                notice = events.next() => match notice.unwrap() {
                    Notice::Event(event) => {
                        let (number, _): (u64, String) = event.data().unwrap();
                        answers.push(number);
                        self.count.send_replace(answers.len() as u64);
                    }
                    Notice::Connected { recovered: false } if answers.is_empty() => {}
                    other => panic!("behind {} numbers the application saw {other:?}", answers.len()),
                },
                _ = phases.changed() => {}
            }
        }
    }
}
