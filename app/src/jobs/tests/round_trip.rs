//! What an export holds comes back as it was.

use pingone_sim::Options;
use serde_json::Value;

use super::kinds::export;
use super::world::World;

/// Users whose texts would not survive if anybody took them for typed by hand.
const ODD: &str = r#"
{"username":"ada","title":"Dr ","nickname":" ","primaryPhone":"+49 30","externalId":"\u2400","type":"'=x"}
{"username":"eve","name":{"given":"two\nlines\t"},"lifecycle":{"status":"VERIFICATION_REQUIRED"},"enabled":false}
"#;

#[tokio::test]
async fn nobody_is_sent_a_code_because_of_an_import() {
    let world = World::with(Options { record: true, ..Options::default() }).await;
    assert_eq!(world.import(ODD).await.counts.created, 2);
    let creates = world.simulator.exchanges().into_iter();
    let creates = creates.filter(|exchange| exchange.method == "POST" && exchange.path.ends_with("/users"));
    let bodies: Vec<Value> = creates.map(|create| serde_json::from_str(&create.request).unwrap()).collect();
    let body = |username: &str| bodies.iter().find(|body| body["username"] == username).unwrap();
    assert_eq!(body("eve")["lifecycle"]["suppressVerificationCode"], true);
    assert_eq!(body("ada").get("lifecycle"), None);
    assert!(world.exported(&export()).await.contains("VERIFICATION_REQUIRED"));
}
