use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use socketio::{Data, SocketRef};
use socketio_client::{Events, Hint, Socket, SwitchCause, Tier};
use testkit::proxy::{Faults, Flow, Kind, Requests, Upgrade, Way};
use tokio::sync::watch;

use super::{RACE_DELAY, World};

/// Numbered messages in each direction.
const MESSAGES: u64 = 10_000;

/// Messages that are under way in each direction.
const WINDOW: u64 = 400;

/// Changes of the carrier that must have happened by the end.
const SWITCHES: u64 = 50;

/// What has been reached so far.
struct Progress {
    /// Messages that the client has received.
    count: watch::Sender<u64>,
    /// Whether there were enough switches and messages.
    enough: AtomicBool,
}

impl Progress {
    fn count(&self) -> u64 {
        *self.count.borrow()
    }

    /// Waits until that many more messages have come.
    async fn by(&self, more: u64) {
        let goal = self.count() + more;
        self.count.subscribe().wait_for(|count| *count >= goal).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_each_way_survive_fifty_switches() {
    let seed = rand::random();
    println!("seed {seed}");
    let world = World::racing(Faults::default(), RACE_DELAY).await;
    let received = Arc::new(Mutex::new(Vec::new()));
    serve(&world, &received);
    let (socket, events) = world.client.namespace("/numbers").stream().unwrap();
    socket.connected().await.unwrap();
    let progress = Progress { count: watch::Sender::new(0), enough: AtomicBool::new(false) };
    let exchange = async {
        let started = Instant::now();
        let answers = exchange(&socket, events, &progress).await;
        (answers, started.elapsed())
    };
    let ((answers, took), mut blind) = tokio::join!(exchange, disturb(&world, seed, &progress));
    blind.sort_unstable();
    let numbers: Vec<u64> = (0..answers.len() as u64).collect();
    assert!(answers == numbers, "seed {seed}: the client has something else: {:?}", first_wrong(&answers));
    let received = received.lock().clone();
    assert!(received == numbers, "seed {seed}: the server has something else: {:?}", first_wrong(&received));
    let status = world.client.adaptive().borrow().clone();
    assert!(status.switches >= SWITCHES, "seed {seed}: {status:?}");
    assert!(answers.len() as u64 >= MESSAGES);
    let (median, longest) = (blind[blind.len() / 2], blind[blind.len() - 1]);
    println!(
        "{} messages each way, {} switches, {took:?}; blind after a failure: median {median:?}, at most {longest:?}",
        answers.len(),
        status.switches
    );
}

/// The server notes each number and sends one of its own.
fn serve(world: &World, received: &Arc<Mutex<Vec<u64>>>) {
    let received = Arc::clone(received);
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

/// Sends numbers until there were enough messages and switches.
async fn exchange(socket: &Socket, mut events: Events, progress: &Progress) -> Vec<u64> {
    let (mut sent, mut answers) = (0, Vec::new());
    loop {
        let enough = progress.enough.load(Ordering::Relaxed);
        while !enough && sent < answers.len() as u64 + WINDOW {
            socket.emit("number", &(sent, "x".repeat(sent as usize % 700))).unwrap();
            sent += 1;
        }
        if enough && answers.len() as u64 == sent {
            return answers;
        }
        let event = events.next_event().await.unwrap();
        let (number, _): (u64, String) = event.data().unwrap();
        answers.push(number);
        progress.count.send_replace(answers.len() as u64);
    }
}

/// Breaks the network again and again, and mends it; gives the times for which nothing carried the connection.
async fn disturb(world: &World, seed: u64, progress: &Progress) -> Vec<Duration> {
    let mut blind = Vec::new();
    let mut random = StdRng::seed_from_u64(seed);
    let refused = Faults { upgrade: Upgrade::Refuse(403), ..Faults::default() };
    loop {
        let before = world.client.adaptive().borrow().switches;
        if before >= SWITCHES && progress.count() >= MESSAGES {
            progress.enough.store(true, Ordering::Relaxed);
            return blind;
        }
        let chance = |share| Requests { page: share, lose: share, truncate: share, ..Requests::default() };
        match random.random_range(0..8) {
            // The WebSocket is cut, and comes back at once.
            0..4 => world.proxy.cut(Kind::WebSocket),
            4 => {
                world.proxy.set(refused.clone());
                world.proxy.cut(Kind::WebSocket);
            }
            5 => {
                let requests = Requests { duplicate: 0.3, reorder: 20, ..chance(0.02) };
                world.proxy.set(Faults { requests, ..refused.clone() });
                world.proxy.cut(Kind::WebSocket);
            }
            6 => {
                let requests = Requests { only: Some("long-poll".to_owned()), ..chance(1.0) };
                world.proxy.set(Faults { requests, ..refused.clone() });
                world.proxy.cut(Kind::WebSocket);
            }
            _ => {
                let after = random.random_range(100..100_000);
                let websocket = Flow { cut_after: Some(after), ..Flow::default() };
                world.proxy.set(Faults { websocket, ..Faults::default() });
            }
        }
        let switch = world.switched(before).await.last_switch.unwrap();
        blind.extend(matches!(switch.cause, SwitchCause::Failed(_)).then_some(switch.blind));
        progress.by(random.random_range(0..50)).await;
        if random.random_range(0..20) == 0 {
            world.proxy.change(|faults| faults.websocket.down = Way::Discard);
            progress.by(10).await;
        }
        world.proxy.set(Faults::default());
        world.client.hint(Hint::Changed);
        world.carried_by(Tier::WebSocket).await;
    }
}

fn first_wrong(numbers: &[u64]) -> Option<(usize, &u64)> {
    numbers.iter().enumerate().find(|(index, number)| *index as u64 != **number)
}
