//! Rows of which PingOne did only a part.

use pingone_sim::Fault;

use super::kinds::PEOPLE;
use super::world::World;
use crate::jobs::{JobOptions, Kind, Mode};

#[tokio::test]
async fn what_was_changed_is_told_when_the_rest_fails() {
    let world = World::new().await;
    let csv = "username,title,population,enabled\nada,Dr,Guests,no\nbob,,Staff,\n";
    world.import(PEOPLE).await;
    world.simulator.fail_next(usize::MAX, Fault::Status(403), |request| {
        request.method == "PUT" && request.path.ends_with("/population")
    });
    let modify = JobOptions { kind: Kind::Modify, ..JobOptions::default() };
    let job = world.job(Some(csv), &modify).await.unwrap();
    assert_eq!(job.counts.failed, 2);
    let messages = world.ledger(job.id).await.into_iter().map(|row| row.message.unwrap());
    let [ada, bob] = <[String; 2]>::try_from(messages.collect::<Vec<_>>()).unwrap();
    assert!(ada.starts_with("the attributes changed, but the population did not: PingOne forbids"), "{ada}");
    assert!(ada.ends_with("; enabled was left as it is"), "{ada}");
    assert!(bob.starts_with("PingOne forbids") && !bob.contains("changed"), "{bob}");
    let user = world.simulator.user("ada").unwrap();
    assert_eq!((&user["title"], &user["enabled"]), (&"Dr".into(), &true.into()));
    world.simulator.clear_faults();
    assert_eq!(world.job(Some(csv), &modify).await.unwrap().counts.updated, 2, "the row may be repeated");
}

#[tokio::test]
async fn a_user_that_could_not_be_disabled_is_by_its_rejects_in_the_way_that_is_told() {
    let world = World::new().await;
    world.simulator.fail_next(1, Fault::Status(403), |request| request.path.ends_with("/enabled"));
    let job = world.import("username,enabled\nada,no\n").await;
    let message = world.ledger(job.id).await.remove(0).message.unwrap();
    assert!(message.ends_with("import its rejects with the mode upsert and \"no\" as enabled"), "{message}");
    assert_eq!(world.simulator.user("ada").unwrap()["enabled"], true);
    let mut rejects = Vec::new();
    world.jobs.rejects(job.id, &mut rejects).await.unwrap();
    let rejects = String::from_utf8(rejects).unwrap();
    let upsert = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
    assert_eq!(world.job(Some(&rejects), &upsert).await.unwrap().counts.updated, 1);
    assert_eq!(world.simulator.user("ada").unwrap()["enabled"], false);
}
