//! Each fault that the proxy knows, by itself, while numbers travel both ways: none is lost, repeated or out of order, and
//! the application sees nothing of it.

use socketio_client::{Failure, Hint, SwitchCause, Tier};
use testkit::proxy::{Faults, Flow, Kind, Requests, Stats, Upgrade, Way};

use super::{RACE_DELAY, World, numbers::Numbers};

/// Numbers that must come while a fault lasts, and afterwards.
const SOME: u64 = 200;

/// Lets numbers travel while the network is broken, and mends it.
async fn survive(disturb: impl AsyncFnOnce(&World, &Numbers)) {
    let world = World::racing(Faults::default(), RACE_DELAY).await;
    world.client.expect_events(true);
    Numbers::travel(&world, async |numbers| {
        world.carried_by(Tier::WebSocket).await;
        numbers.by(SOME).await;
        disturb(&world, numbers).await;
        world.proxy.set(Faults::default());
        world.client.hint(Hint::Changed);
        world.carried_by(Tier::WebSocket).await;
        numbers.by(SOME).await;
    })
    .await;
}

fn refused() -> Faults {
    Faults { upgrade: Upgrade::Refuse(403), ..Faults::default() }
}

impl World {
    /// The WebSocket is cut, and this is what the next carriers find.
    async fn falls_to(&self, faults: Faults) {
        let before = self.client.adaptive().borrow().switches;
        self.proxy.set(faults);
        self.proxy.cut(Kind::WebSocket);
        self.switched(before).await;
    }

    /// The WebSocket fails, and no other is let in; gives how that was found out.
    async fn fails_by(&self, websocket: Flow) -> SwitchCause {
        let before = self.client.adaptive().borrow().switches;
        self.proxy.set(Faults { websocket, ..refused() });
        self.switched(before).await.last_switch.unwrap().cause
    }
}

/// Much may be under way, which has its time to be acknowledged; then it is the silence that is too long.
fn is_silence(cause: SwitchCause) -> bool {
    matches!(cause, SwitchCause::Failed(Failure::Silent | Failure::Unacknowledged))
}

/// A fault of requests while there are no WebSockets, until it has happened often enough.
async fn requests(requests: Requests, is_enough: impl Fn(&Stats) -> bool) {
    survive(async |world, numbers| {
        world.falls_to(Faults { requests, ..refused() }).await;
        world.proxy.reaches(is_enough).await;
        numbers.by(SOME).await;
    })
    .await;
}

#[tokio::test]
async fn responses_that_are_late() {
    requests(Requests { hold: 300, ..Requests::default() }, |stats| stats.held >= 10).await;
}

#[tokio::test]
async fn long_polls_whose_responses_are_too_late() {
    survive(async |world, numbers| {
        let only = Some("carrier=long-poll".to_owned());
        let requests = Requests { hold: 8000, only, ..Requests::default() };
        world.falls_to(Faults { requests, ..refused() }).await;
        world.carried_by(Tier::Periodic).await;
        numbers.by(SOME).await;
    })
    .await;
}

#[tokio::test]
async fn responses_that_are_lost() {
    requests(Requests { lose: 0.3, ..Requests::default() }, |stats| stats.lost >= 5).await;
}

#[tokio::test]
async fn bodies_that_are_cut_short() {
    requests(Requests { truncate: 0.3, ..Requests::default() }, |stats| stats.truncated >= 5).await;
}

#[tokio::test]
async fn bodies_that_are_broken_off() {
    requests(Requests { break_off: 0.3, ..Requests::default() }, |stats| stats.broken_off >= 5).await;
}

#[tokio::test]
async fn requests_that_are_repeated_and_overtake_each_other() {
    let repeated = Requests { duplicate: 0.5, reorder: 30, ..Requests::default() };
    requests(repeated, |stats| stats.duplicated >= 10).await;
}

#[tokio::test]
async fn pages_of_proxies_instead_of_answers() {
    for status in [407, 502, 503] {
        requests(Requests { page: 0.3, status, ..Requests::default() }, |stats| stats.pages >= 5).await;
    }
}

#[tokio::test]
async fn a_websocket_on_which_one_direction_does_not_pass() {
    let discard = Way::Discard;
    for flow in [Flow { up: discard, ..Flow::default() }, Flow { down: discard, ..Flow::default() }] {
        survive(async |world, numbers| {
            let cause = world.fails_by(flow).await;
            assert!(is_silence(cause), "{cause:?}");
            numbers.by(SOME).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_websocket_whose_bytes_come_when_it_is_given_up() {
    let stall = Way::Stall;
    for flow in [
        Flow { up: stall, ..Flow::default() },
        Flow { down: stall, ..Flow::default() },
        Flow { up: stall, down: stall, ..Flow::default() },
    ] {
        survive(async |world, numbers| {
            let cause = world.fails_by(flow).await;
            assert!(is_silence(cause), "{cause:?}");
            // What waits in the proxy comes now, while another carrier is the newest.
            world.proxy.set(refused());
            numbers.by(SOME).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_network_that_stands_still_and_goes_on() {
    for tier in [Tier::WebSocket, Tier::LongPoll] {
        survive(async |world, _| {
            if tier == Tier::LongPoll {
                world.falls_to(refused()).await;
            }
            let still = Flow { up: Way::Stall, down: Way::Stall, ..Flow::default() };
            world.proxy.change(|faults| (faults.websocket, faults.http) = (still.clone(), still));
            world.client.adaptive().wait_for(|status| status.tier.is_none()).await.unwrap();
        })
        .await;
    }
}

#[tokio::test]
async fn requests_that_never_arrive() {
    survive(async |world, _| {
        world.falls_to(refused()).await;
        world.proxy.change(|faults| faults.http.up = Way::Discard);
        world.client.adaptive().wait_for(|status| status.tier.is_none()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn connections_that_are_closed_because_they_are_idle() {
    for tier in [Tier::WebSocket, Tier::LongPoll] {
        survive(async |world, numbers| {
            // With a job to watch, nothing would ever be idle.
            world.client.expect_events(false);
            let idle = Flow { idle: Some(500), ..Flow::default() };
            if tier == Tier::LongPoll {
                world.falls_to(refused()).await;
            }
            numbers.send(false);
            world.proxy.change(|faults| (faults.websocket, faults.http) = (idle.clone(), idle));
            let before = world.client.adaptive().borrow().switches;
            world.proxy.reaches(|stats| stats.idled >= 1).await;
            world.switched(before).await;
            numbers.send(true);
            numbers.by(SOME).await;
        })
        .await;
    }
}

#[tokio::test]
async fn two_connections_at_a_time() {
    survive(async |world, numbers| {
        world.falls_to(Faults { connection_limit: Some(2), ..refused() }).await;
        world.proxy.reaches(|stats| stats.rejected >= 1).await;
        numbers.by(SOME).await;
    })
    .await;
}

#[tokio::test]
async fn one_connection_at_a_time() {
    survive(async |world, numbers| {
        world.falls_to(Faults { connection_limit: Some(1), ..refused() }).await;
        world.proxy.reaches(|stats| stats.rejected >= 1).await;
        numbers.by(SOME).await;
    })
    .await;
}

#[tokio::test]
async fn behind_a_proxy_that_allows_one_connection_the_session_settles_on_periodic_requests() {
    let world = World::racing(Faults { connection_limit: Some(1), ..refused() }, RACE_DELAY).await;
    world.client.expect_events(true);
    Numbers::travel(&world, async |numbers| {
        world.proxy.reaches(|stats| stats.rejected >= 1).await;
        // Within this time each tier is tried, and fails.
        numbers.by(10 * SOME).await;
        let before = world.client.adaptive().borrow().clone();
        numbers.by(20 * SOME).await;
        let after = world.client.adaptive().borrow().clone();
        assert_eq!((after.tier, after.switches), (Some(Tier::Periodic), before.switches));
    })
    .await;
}
