//! What is told before anything is sent.

use pingone_sim::{CustomAttribute, Options};

use super::kinds::{PEOPLE, delete};
use super::world::World;
use crate::jobs::{JobOptions, Kind, Mode, Outcome};

#[tokio::test]
async fn a_plan_says_of_itself_which_names_protect_nobody() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let protecting = |names: &[&str]| JobOptions {
        population: Some("Staff".to_owned()),
        protect: names.iter().map(|&name| name.to_owned()).collect(),
        ..delete()
    };
    let right = world.job(None, &protecting(&["EVE"])).await.unwrap();
    assert_eq!(right.warnings, []);
    let wrong = world.job(None, &protecting(&["eve", "adaa"])).await.unwrap();
    let details = world.jobs.details(wrong.id).await.unwrap().job.warnings;
    let [warning] = &details[..] else { panic!("{details:?}") };
    assert_eq!((warning.code.as_str(), warning.other_job), ("unknown_protected", None));
    assert!(warning.message.starts_with("no user has the username or id \"adaa\""), "{}", warning.message);
    let listed = world.jobs.list(1, None).await.unwrap().remove(0);
    assert_eq!((listed.id, &listed.warnings), (wrong.id, &details));
}

#[tokio::test]
async fn a_row_that_can_only_create_is_refused_without_what_every_user_must_have() {
    let upsert = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
    let modify = JobOptions { kind: Kind::Modify, create_missing: true, ..JobOptions::default() };
    for options in [upsert, modify] {
        let badge = CustomAttribute { required: true, ..CustomAttribute::text("badge") };
        let world = World::with(Options { custom_attributes: vec![badge], ..Options::default() }).await;
        world.import("username,badge\nada,1\n").await;
        let csv = "username,title,badge\nada,x,\nnew,x,\nother,x,3\n";
        for dry_run in [true, false] {
            let job = world.job(Some(csv), &JobOptions { dry_run, ..options.clone() }).await.unwrap();
            let expected = [
                ("ada", Outcome::Updated, None),
                ("new", Outcome::Failed, Some("REQUIRED_VALUE")),
                ("other", Outcome::Created, None),
            ];
            let expected =
                expected.map(|(key, outcome, code)| (key.to_owned(), outcome, code.map(str::to_owned)));
            assert_eq!(world.outcomes(job.id).await, expected);
            let row = world.ledger(job.id).await.remove(1);
            assert_eq!(
                (row.target.as_deref(), row.correlation_id),
                (Some("badge"), None),
                "PingOne refused nothing"
            );
            assert!(row.message.unwrap().contains("without badge"));
        }
    }
}
