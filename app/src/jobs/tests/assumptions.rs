//! Whatever PingOne turns out to do where its documentation is silent, a job does its work.

use std::collections::BTreeSet;
use std::time::Duration;

use pingone_sim::{Assumptions, Fault, Options, RequestInfo};
use tokio::{task::JoinSet, time::timeout};

use super::kinds::{carrying_out, delete, export};
use super::world::World;
use crate::jobs::{JobOptions, Kind, Outcome};

/// However slow the machine is, nothing here takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Each of these is not as the simulator has it otherwise.
const ALTERNATIVES: [&str; 31] = [
    "rate-window=second",
    "rate-burst=2",
    "page-limit=1000",
    "short-page-every=1",
    "short-page-every=none",
    "list-count=false",
    "search-lag=100",
    "cursor=offset",
    "cursor=snapshot",
    "cursor-lifetime=60000",
    "throttle-message=no",
    "throttle-details=false",
    "retry-after=http-date",
    "retry-after=absent",
    "email-required=true",
    "empty-text=true",
    "duplicate-status=409",
    "invalid-filter-code=INVALID_REQUEST",
    "refuse-order=true",
    "case-sensitive-usernames=true",
    "case-sensitive-filters=true",
    "etags=true",
    "absent-delete-status=204",
    "put-keeps-parts=true",
    "password-policy=not-in-imports",
    "password-policy=never",
    "weak-password-target=password.value",
    "password-history=true",
    "delete-default-population=true",
    "unknown-environment-status=403",
    "page-limit=3",
];

#[tokio::test]
async fn jobs_do_their_work_under_every_assumption() {
    let defaults = serde_json::to_value(Assumptions::default()).unwrap();
    let tried: BTreeSet<&str> =
        ALTERNATIVES.iter().filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    let all: BTreeSet<&str> = defaults.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(tried, all);
    let mut runs: JoinSet<()> = ALTERNATIVES.into_iter().map(every_kind_of_job).collect();
    while let Some(run) = runs.join_next().await {
        run.unwrap();
    }
}

/// Imports, modifies, exports and deletes, with answers that are lost on the way and a limit where it matters.
async fn every_kind_of_job(alternative: &'static str) {
    let pairs = ["page-limit=7", "rate-burst=5", alternative];
    let assumptions = Assumptions::parse(pairs).unwrap();
    let is_limited = ["rate", "retry", "throttle"].iter().any(|name| alternative.starts_with(name));
    let options = Options {
        rate_limit: is_limited.then_some(50.0),
        populations: vec!["Staff".into(), "Guests".into()],
        assumptions,
        ..Options::default()
    };
    let world = World::with(options).await;
    lose_one(&world, |request| request.is_create());
    let file: String = (0..20)
        .map(|n| {
            format!(
                "user{n:02},user{n:02}@example.com,{},Guests,2Federate!{n}\n",
                if n % 3 == 0 { "no" } else { "yes" }
            )
        })
        .collect();
    let file = format!("username,email,enabled,population,password\n{file}");
    let job = world.job(Some(&file), &JobOptions::default()).await.unwrap();
    let outcomes = world.outcomes(job.id).await;
    assert_eq!(job.counts.created, 20, "{alternative}: {outcomes:?}");
    assert_eq!(world.simulator.user("user03").unwrap()["enabled"], false, "{alternative}");

    let again =
        world.job(Some("username,email\nuser00,x@example.com\n"), &JobOptions::default()).await.unwrap();
    let outcomes = world.outcomes(again.id).await;
    assert_eq!(outcomes[0].2.as_deref(), Some("UNIQUENESS_VIOLATION"), "{alternative}: {outcomes:?}");

    settled(&world, 20).await;
    lose_one(&world, |request| request.method == "PATCH");
    let changes: String = (0..20).map(|n| format!("user{n:02},Dr,Lovelace\n")).collect();
    let modify = JobOptions { kind: Kind::Modify, ..JobOptions::default() };
    let job = world.job(Some(&format!("username,title,family name\n{changes}")), &modify).await.unwrap();
    let outcomes = world.outcomes(job.id).await;
    assert_eq!((job.counts.updated, job.counts.failed), (20, 0), "{alternative}: {outcomes:?}");

    let guests = JobOptions { population: Some("Guests".into()), ..export() };
    let exported = world.exported(&guests).await;
    assert_eq!(
        exported.lines().filter(|line| line.contains("Lovelace")).count(),
        20,
        "{alternative}: {exported}"
    );

    lose_one(&world, |request| request.method == "DELETE");
    let plan = world.job(None, &JobOptions { population: Some("Guests".into()), ..delete() }).await.unwrap();
    let job = world.job(None, &carrying_out(&plan)).await.unwrap();
    let outcomes = world.outcomes(job.id).await;
    assert!(
        outcomes.iter().all(|(_, outcome, _)| *outcome == Outcome::Deleted),
        "{alternative}: {outcomes:?}"
    );
    assert_eq!((job.counts.deleted, world.simulator.user_count()), (20, 0), "{alternative}: {outcomes:?}");
}

fn lose_one(world: &World, is_it: impl Fn(&RequestInfo<'_>) -> bool + Send + Sync + 'static) {
    world.simulator.fail_next(1, Fault::LoseAnswer, is_it);
}

/// Waits until searches find as many users as there are.
async fn settled(world: &World, users: usize) {
    let all_found = async {
        while world.exported(&export()).await.lines().count() != users + 1 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, all_found).await.expect("searches find all users in the end");
}
