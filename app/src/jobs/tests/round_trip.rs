//! What an export holds comes back as it was.

use pingone_sim::Options;
use serde_json::Value;

use super::kinds::export;
use super::world::World;
use crate::jobs::{Format, JobOptions, JobView, Mode};

/// Users whose texts would not survive if anybody took them for typed by hand.
const ODD: &str = r#"
{"username":"ada","title":"Dr ","nickname":" ","primaryPhone":"+49 30","externalId":"\u2400","type":"'=x"}
{"username":" eve","address":{"streetAddress":"two\nlines "},"lifecycle":{"status":"VERIFICATION_REQUIRED"},"enabled":false}
"#;

async fn with_file(world: &World, file: &[u8], options: &JobOptions) -> JobView {
    let created = world.jobs.create(world.incoming(file).await, options, None).await.unwrap();
    world.jobs.wait(created.id).await.unwrap()
}

#[tokio::test]
async fn an_export_in_every_format_is_the_same_users_again() {
    let world = World::new().await;
    let created = world.import(ODD).await;
    assert_eq!(created.counts.created, 2, "{:?}", world.ledger(created.id).await);
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Dr ");
    let whole = world.exported(&export()).await;
    for format in [Format::Csv, Format::Ndjson, Format::Xlsx] {
        let job = world.job(None, &JobOptions { format, ..export() }).await.unwrap();
        let file = std::fs::read(world.jobs.output(job.id).await.unwrap().path).unwrap();
        let upsert = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
        let same = with_file(&world, &file, &upsert).await;
        assert_eq!(same.counts.unchanged, 2, "{format:?}: {:?}", world.ledger(same.id).await);
        let other = World::with(Options { populations: vec!["Staff".into()], ..Options::default() }).await;
        let copied = with_file(&other, &file, &JobOptions::default()).await;
        assert_eq!(copied.counts.created, 2, "{format:?}: {:?}", other.ledger(copied.id).await);
        assert_eq!(other.exported(&export()).await, whole, "{format:?}");
    }
}

#[tokio::test]
async fn nobody_is_sent_a_code_because_of_an_import() {
    let world = World::with(Options { record: true, ..Options::default() }).await;
    assert_eq!(world.import(ODD).await.counts.created, 2);
    let creates = world.simulator.exchanges().into_iter();
    let creates = creates.filter(|exchange| exchange.method == "POST" && exchange.path.ends_with("/users"));
    let bodies: Vec<Value> = creates.map(|create| serde_json::from_str(&create.request).unwrap()).collect();
    let body = |username: &str| bodies.iter().find(|body| body["username"] == username).unwrap();
    assert_eq!(body(" eve")["lifecycle"]["suppressVerificationCode"], true);
    assert_eq!(body("ada").get("lifecycle"), None);
    assert!(world.exported(&export()).await.contains("VERIFICATION_REQUIRED"));
}
