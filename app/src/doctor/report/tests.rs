use std::time::Duration;

use super::super::probe::Carried;
use super::*;

fn carried() -> Carried {
    Carried { detail: "data both ways".to_owned(), upgrade: None, carriers: Vec::new() }
}

fn worked() -> Outcome {
    (Duration::from_millis(3), Ok(carried()))
}

fn failed(cause: Cause) -> Outcome {
    (Duration::from_millis(3), Err(Failure::new(cause, "seen")))
}

fn upgrade_failed() -> Outcome {
    let upgrade = Some(Err(Failure::new(Cause::UpgradeFailed, "no 3probe")));
    (Duration::ZERO, Ok(Carried { upgrade, ..carried() }))
}

fn outcomes(websocket: Outcome, polling: Outcome, direct: Outcome) -> Outcomes {
    let (websocket, polling, direct) = (Some(websocket), Some(polling), Some(direct));
    Outcomes { websocket, polling, direct, adaptive: None }
}

#[test]
fn trouble_on_the_way_to_a_server_that_works_is_degraded_at_most() {
    let mut findings = Findings::new(&outcomes(worked(), worked(), worked()));
    let refused = || failed(Cause::UpgradeRefused);
    let seen = Findings::new(&outcomes(refused(), refused(), refused()));
    assert_eq!(seen.status, Status::Critical);
    findings.add_public("https://import.example/", &seen);
    assert_eq!((findings.status, findings.causes.len()), (Status::Degraded, 3));
    assert_eq!(findings.causes[0].tier, "public websocket");
}

#[test]
fn the_status_follows_the_tiers() {
    let refused = || failed(Cause::UpgradeRefused);
    let cases = [
        (worked(), worked(), worked(), Status::Healthy, 0),
        (refused(), worked(), refused(), Status::Degraded, 2),
        (worked(), upgrade_failed(), worked(), Status::Degraded, 1),
        (worked(), worked(), refused(), Status::Degraded, 1),
        (refused(), refused(), worked(), Status::Degraded, 2),
        (refused(), refused(), refused(), Status::Critical, 3),
    ];
    for (websocket, polling, direct, status, causes) in cases {
        let findings = Findings::new(&outcomes(websocket, polling, direct));
        assert_eq!((findings.status, findings.causes.len()), (status, causes));
    }
}

#[test]
fn a_tier_that_the_server_does_not_have_does_not_count() {
    let findings = Findings::new(&outcomes(worked(), worked(), worked()));
    assert_eq!(findings.status, Status::Healthy);
    assert!(!findings.tiers.adaptive.ok && !findings.tiers.adaptive.supported);
}

#[test]
fn the_adaptive_transport_counts_like_any_tier() {
    let refused = || failed(Cause::SessionLost);
    let with = |standard: fn() -> Outcome, adaptive| {
        let others = outcomes(standard(), standard(), standard());
        Findings::new(&Outcomes { adaptive: Some(adaptive), ..others }).status
    };
    assert_eq!(with(worked, worked()), Status::Healthy);
    assert_eq!(with(worked, refused()), Status::Degraded);
    let none = || failed(Cause::UpgradeRefused);
    assert_eq!(with(none, worked()), Status::Degraded);
    assert_eq!(with(none, refused()), Status::Critical);
}

#[test]
fn a_carrier_that_does_not_work_is_a_trouble_of_its_own() {
    let carrier = |name, result| Carrier { name, took: Duration::from_millis(7), result };
    let refused = Err(Failure::new(Cause::UpgradeRefused, "answered with 400"));
    let carriers = vec![carrier("websocket", refused), carrier("long_poll", Ok("fine".to_owned()))];
    let adaptive = Some((Duration::from_millis(9), Ok(Carried { carriers, ..carried() })));
    let findings = Findings::new(&Outcomes { adaptive, ..outcomes(worked(), worked(), worked()) });
    assert_eq!((findings.status, findings.causes.len()), (Status::Degraded, 1));
    assert_eq!(findings.causes[0].tier, "adaptive websocket");
    let tier = &findings.tiers.adaptive;
    assert!(tier.ok && !tier.carriers["websocket"].ok && tier.carriers["long_poll"].ok);
    assert_eq!(tier.carriers["websocket"].ms, 7);
}
