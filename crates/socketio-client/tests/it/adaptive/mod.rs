//! The adaptive transport through a proxy that breaks what passes.

mod faults;
mod numbers;
mod proof;

use std::time::Duration;

use socketio_client::{
    AdaptiveStatus, Client, Config, Failure, Hint, Notice, Status, SwitchCause, Tier, Transport,
};
use testkit::proxy::{FaultProxy, Faults, Flow, Kind, Requests, Upgrade, Way};

use crate::support::{Server, client, config, next, reaches};

/// A server, a proxy before it, and a client behind the proxy.
struct World {
    server: Server,
    proxy: FaultProxy,
    client: Client,
}

impl World {
    /// Nothing but a failure makes this client try the next tier.
    async fn start(faults: Faults) -> Self {
        Self::racing(faults, Duration::from_secs(60)).await
    }

    async fn racing(faults: Faults, race_delay: Duration) -> Self {
        let server = Server::start().await;
        let proxy = FaultProxy::start(server.address, 1).await.unwrap();
        proxy.set(faults);
        let config = Config { race_delay, ..config(&[Transport::Adaptive]) };
        let client = client(proxy.address, config);
        Self { server, proxy, client }
    }

    /// Waits until a carrier of this tier carries the connection.
    async fn carried_by(&self, tier: Tier) -> AdaptiveStatus {
        let mut status = self.client.adaptive();
        status.wait_for(|status| status.tier == Some(tier)).await.unwrap().clone()
    }

    /// Waits for the next switch after this many.
    async fn switched(&self, before: u64) -> AdaptiveStatus {
        let mut status = self.client.adaptive();
        status.wait_for(|status| status.switches > before && status.tier.is_some()).await.unwrap().clone()
    }
}

/// The default, for networks on which something hangs.
const RACE_DELAY: Duration = Duration::from_millis(250);

fn upgrade(upgrade: Upgrade) -> Faults {
    Faults { upgrade, ..Faults::default() }
}

/// Neither a WebSocket nor a long-poll.
fn periodic_only() -> Faults {
    let requests = Requests { only: Some("carrier=long-poll".to_owned()), page: 1.0, ..Requests::default() };
    Faults { requests, upgrade: Upgrade::Refuse(403), ..Faults::default() }
}

#[tokio::test]
async fn the_first_tier_that_works_opens_the_connection() {
    for (faults, tier) in [
        (Faults::default(), Tier::WebSocket),
        (upgrade(Upgrade::Refuse(403)), Tier::LongPoll),
        (upgrade(Upgrade::Strip), Tier::LongPoll),
        (upgrade(Upgrade::Hang), Tier::LongPoll),
        (upgrade(Upgrade::Mute), Tier::LongPoll),
        (upgrade(Upgrade::MuteDown), Tier::LongPoll),
        (upgrade(Upgrade::DropFirst), Tier::LongPoll),
        (periodic_only(), Tier::Periodic),
    ] {
        let world = World::racing(faults.clone(), RACE_DELAY).await;
        let socket = world.client.namespace("/").connect().unwrap();
        socket.connected().await.unwrap();
        assert_eq!(*world.client.status().borrow(), Status::Open(Transport::Adaptive));
        world.carried_by(tier).await;
        assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1, "{faults:?}");
        let status = world.client.adaptive().borrow().clone();
        assert!(status.round_trip.is_some(), "{faults:?}: {status:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_transport_is_spoken_to_as_usual() {
    let mut settings = socketio::Config::default();
    settings.engine.adaptive = None;
    let server = Server::with(settings).await;
    let client = client(server.address, Config { reconnection: None, ..Config::default() });
    let (socket, mut events) = client.namespace("/").stream().unwrap();
    assert_eq!(next(&mut events).await, "connected false");
    reaches(&client, Status::Open(Transport::WebSocket)).await;
    assert_eq!(client.adaptive().borrow().tier, None);
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_server_that_does_not_offer_the_first_tier_is_reached_on_the_next() {
    let mut settings = socketio::Config::default();
    settings.engine.adaptive.as_mut().unwrap().tiers = [Tier::LongPoll, Tier::Periodic].into_iter().collect();
    let server = Server::with(settings).await;
    let client = client(server.address, Config { reconnection: None, ..Config::default() });
    let socket = client.namespace("/").connect().unwrap();
    socket.connected().await.unwrap();
    assert_eq!(*client.status().borrow(), Status::Open(Transport::Adaptive));
    assert_eq!(client.adaptive().borrow().tier, Some(Tier::LongPoll));
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
}

#[tokio::test]
async fn a_cut_websocket_is_replaced_and_comes_back() {
    let world = World::start(Faults::default()).await;
    let (socket, mut events) = world.client.namespace("/").stream().unwrap();
    socket.connected().await.unwrap();
    world.carried_by(Tier::WebSocket).await;
    world.proxy.set(upgrade(Upgrade::Refuse(403)));
    world.proxy.cut(Kind::WebSocket);
    let switch = world.switched(0).await.last_switch.unwrap();
    assert_eq!((switch.from, switch.to), (Some(Tier::WebSocket), Tier::LongPoll));
    assert!(matches!(switch.cause, SwitchCause::Failed(Failure::Closed | Failure::Error)), "{switch:?}");
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
    world.proxy.set(Faults::default());
    world.client.hint(Hint::Changed);
    world.carried_by(Tier::WebSocket).await;
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
    world.client.close().await;
    // The application has seen nothing of it.
    for expected in ["connected false", "auth[\"{}\"]", "disconnected: io client disconnect"] {
        assert_eq!(next(&mut events).await, expected);
    }
}

#[tokio::test]
async fn a_websocket_that_goes_mute_is_noticed_while_events_are_expected() {
    let world = World::start(Faults::default()).await;
    let socket = world.client.namespace("/").connect().unwrap();
    socket.connected().await.unwrap();
    world.carried_by(Tier::WebSocket).await;
    world.client.expect_events(true);
    // Nothing is under way any more, so that only silence can tell.
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
    while world.client.adaptive().borrow().buffered_bytes > 0 {
        tokio::task::yield_now().await;
    }
    let mute = Flow { up: Way::Discard, down: Way::Discard, ..Flow::default() };
    world.proxy.set(Faults { websocket: mute, upgrade: Upgrade::Refuse(502), ..Faults::default() });
    let status = world.switched(0).await;
    let switch = status.last_switch.unwrap();
    assert_eq!((switch.to, switch.cause), (Tier::LongPoll, SwitchCause::Failed(Failure::Silent)));
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
}

#[tokio::test]
async fn packets_on_a_mute_websocket_are_sent_again_elsewhere() {
    let world = World::start(Faults::default()).await;
    let socket = world.client.namespace("/").connect().unwrap();
    socket.connected().await.unwrap();
    world.carried_by(Tier::WebSocket).await;
    world.proxy.change(|faults| {
        faults.websocket.down = Way::Discard;
        faults.upgrade = Upgrade::Refuse(502);
    });
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
    let switch = world.client.adaptive().borrow().last_switch.unwrap();
    assert_eq!((switch.to, switch.cause), (Tier::LongPoll, SwitchCause::Failed(Failure::Unacknowledged)));
}

#[tokio::test]
async fn another_network_brings_the_websocket_back() {
    let world = World::start(upgrade(Upgrade::Refuse(403))).await;
    let socket = world.client.namespace("/").connect().unwrap();
    socket.connected().await.unwrap();
    world.carried_by(Tier::LongPoll).await;
    world.proxy.set(Faults::default());
    world.client.hint(Hint::Changed);
    let switch = world.switched(0).await.last_switch.unwrap();
    assert_eq!(
        (switch.to, switch.cause, switch.blind),
        (Tier::WebSocket, SwitchCause::Better, Duration::ZERO)
    );
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
}

#[tokio::test]
async fn what_worked_is_tried_first_the_next_time() {
    let world = World::racing(upgrade(Upgrade::Refuse(403)), RACE_DELAY).await;
    let (socket, mut events) = world.client.namespace("/").stream().unwrap();
    socket.connected().await.unwrap();
    let mut status = world.client.adaptive();
    status.wait_for(|status| status.remembered == Some(Tier::LongPoll)).await.unwrap();
    world.proxy.set(Faults::default());
    world.server.io.close();
    while !matches!(events.next().await, Some(Notice::Disconnected(_))) {}
    assert_eq!(next(&mut events).await, "connected false");
    assert_eq!(socket.emit_with_ack::<u8>("ack", &1).await.unwrap(), 1);
    world.carried_by(Tier::WebSocket).await;
    // The long-poll was first, and the WebSocket came beside it.
    assert_eq!(world.client.adaptive().borrow().switches, 1);
}
