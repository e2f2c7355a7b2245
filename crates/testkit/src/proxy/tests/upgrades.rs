use super::{World, hangs};
use crate::proxy::{Faults, Upgrade};

fn world(upgrade: Upgrade) -> World {
    World::new(Faults { upgrade, ..Faults::default() })
}

#[tokio::test(start_paused = true)]
async fn a_websocket_passes() {
    let world = world(Upgrade::Pass);
    let mut websocket = world.websocket().await.unwrap();
    websocket.send("hello").await.unwrap();
    for text in ["first", "second", "hello"] {
        assert_eq!(websocket.text().await.unwrap(), text);
    }
    drop(websocket);
    world.proxy.reaches(|stats| stats.open == 0 && stats.open_websockets == 0).await;
    assert_eq!(world.proxy.stats().websockets, 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_and_a_stripped_upgrade_are_answered_with_pages() {
    for (upgrade, expected) in [(Upgrade::Refuse(403), "403 Forbidden"), (Upgrade::Strip, "200 OK")] {
        let world = world(upgrade);
        let error = world.websocket().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert_eq!(world.seen().len(), usize::from(upgrade == Upgrade::Strip));
        assert_eq!(world.proxy.stats().spoiled_upgrades, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_upgrade_is_never_answered() {
    let world = world(Upgrade::Hang);
    assert!(hangs(world.websocket()).await);
    assert!(world.seen().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_mute_websocket_opens_and_says_nothing() {
    for (upgrade, heard) in [(Upgrade::Mute, false), (Upgrade::MuteDown, true)] {
        let world = world(upgrade);
        let mut websocket = world.websocket().await.unwrap();
        websocket.send("hello").await.unwrap();
        assert!(hangs(websocket.next()).await, "{upgrade:?}");
        assert_eq!(world.seen().contains(&"hello".to_owned()), heard, "{upgrade:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_is_swallowed() {
    let world = world(Upgrade::DropFirst);
    let mut websocket = world.websocket().await.unwrap();
    websocket.send("hello").await.unwrap();
    assert_eq!(websocket.text().await.unwrap(), "second");
    assert_eq!(websocket.text().await.unwrap(), "hello");
    assert_eq!(world.proxy.stats().dropped_frames, 1);
}
