//! What an export holds comes back as it was.

use pingone::NewUser;
use pingone_sim::{CustomAttribute, CustomType, Options};
use serde_json::{Value, json};

use super::kinds::export;
use super::world::{World, connection};
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

/// Exports everybody of one environment and imports them into it, which changes nobody, and into another one; gives how
/// many they are.
async fn copy(world: &World, other: &World, format: Format) -> u64 {
    let job = world.job(None, &JobOptions { format, ..export() }).await.unwrap();
    let file = std::fs::read(world.jobs.output(job.id).await.unwrap().path).unwrap();
    let upsert = JobOptions { mode: Mode::Upsert, ..JobOptions::default() };
    let same = with_file(world, &file, &upsert).await;
    assert_eq!(same.counts.unchanged, same.total, "{format:?}: {:?}", world.ledger(same.id).await);
    let copied = with_file(other, &file, &JobOptions::default()).await;
    assert_eq!(copied.counts.created, copied.total, "{format:?}: {:?}", other.ledger(copied.id).await);
    copied.total
}

#[tokio::test]
async fn an_export_in_every_format_is_the_same_users_again() {
    let world = World::new().await;
    let created = world.import(ODD).await;
    assert_eq!(created.counts.created, 2, "{:?}", world.ledger(created.id).await);
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Dr ");
    let whole = world.exported(&export()).await;
    for format in [Format::Csv, Format::Ndjson, Format::Xlsx] {
        let other = World::with(Options { populations: vec!["Staff".into()], ..Options::default() }).await;
        assert_eq!(copy(&world, &other, format).await, 2, "{format:?}");
        assert_eq!(other.exported(&export()).await, whole, "{format:?}");
    }
}

/// An environment with attributes of each kind that a customer can add, two of which differ only in how they are
/// written.
fn with_custom_attributes() -> Options {
    let text = CustomAttribute::text;
    let json = |name| CustomAttribute { kind: CustomType::Json, ..text(name) };
    let several = |attribute| CustomAttribute { multi_valued: true, ..attribute };
    let custom_attributes = vec![
        text("costCentre"),
        text("cost_centre"),
        several(text("badges")),
        json("settings"),
        several(json("devices")),
    ];
    Options { populations: vec!["Staff".into()], custom_attributes, ..Options::default() }
}

/// Values that look like others as soon as they stand in a cell.
fn custom() -> Vec<Value> {
    let settings = [json!("plain"), json!("123"), json!(-123.5), json!(true), json!("null"), json!("[]")];
    let more = [
        json!({"a": [1, {"b": null}], "\u{2400}": "\"quoted\"\n"}),
        json!([]),
        json!("\u{2400}"),
        json!("=1 "),
    ];
    let users = settings.into_iter().chain(more).enumerate().map(|(index, settings)| {
        json!({
            "username": format!("user{index:02}"),
            "costCentre": " 042", "cost_centre": "[1]",
            "badges": ["gold", "=1, 2", " \"x\" ", "["], "devices": [{"os": "a,b"}, "text", 7],
            "settings": settings,
        })
    });
    users.collect()
}

#[tokio::test]
async fn custom_attributes_survive_every_format() {
    let world = World::with(with_custom_attributes()).await;
    let client = connection(&world.simulator, |_| {}).client;
    for user in custom() {
        let name = user["username"].as_str().unwrap();
        let attributes = user.as_object().unwrap().clone();
        client.create_user(&NewUser { attributes, ..NewUser::new(name, None) }).await.unwrap();
    }
    let whole = world.exported(&export()).await;
    for format in [Format::Csv, Format::Ndjson, Format::Xlsx] {
        let other = World::with(with_custom_attributes()).await;
        assert_eq!(copy(&world, &other, format).await, custom().len() as u64, "{format:?}");
        assert_eq!(other.exported(&export()).await, whole, "{format:?}");
        for user in custom() {
            let stored = other.simulator.user(user["username"].as_str().unwrap()).unwrap();
            for (name, value) in user.as_object().unwrap() {
                assert_eq!(stored.get(name), Some(value), "{format:?}: {name}");
            }
        }
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
