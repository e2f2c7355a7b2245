//! What is measured is what the dashboard and the alerts look at.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Service, World, soon, users};

const DASHBOARD: &str = include_str!("../../../ops/grafana-dashboard.json");
const ALERTS: &str = include_str!("../../../ops/alerts.yml");
const GUIDE: &str = include_str!("../../../docs/operations.md");

/// Names of ours and those of the process, in a query or a text.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    words
        .filter(|word| word.starts_with("pingone_import_") || word.starts_with("process_"))
        .map(|word| word.trim_end_matches("_bucket").to_owned())
        .collect()
}

async fn exported() -> BTreeSet<String> {
    let world = World::new().await;
    let server = world.listen().await;
    let service = Service::new(server.app.clone());
    let job = service.import(&users(3), &json!({})).await;
    service.finished(&job).await;
    soon("the self-test", server.app.health.check()).await;
    soon("a measurement of the lag", async {
        loop {
            let text = service.get("/metrics").await.text();
            if text.contains("event_loop_lag_seconds_bucket") {
                return text
                    .lines()
                    .filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned()))
                    .collect();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

#[tokio::test]
async fn dashboard_alerts_and_guide_name_only_what_is_exported_and_the_guide_all_of_it() {
    let exported = exported().await;
    for (what, text) in [("the dashboard", DASHBOARD), ("an alert", ALERTS), ("the guide", GUIDE)] {
        let unknown: Vec<_> = names(text).difference(&exported).cloned().collect();
        assert!(unknown.is_empty(), "{what} names {unknown:?}, which is not exported");
    }
    let untold: Vec<_> = exported.difference(&names(GUIDE)).cloned().collect();
    assert!(untold.is_empty(), "docs/operations.md does not name {untold:?}");
    let unseen: Vec<_> = exported.difference(&names(DASHBOARD)).cloned().collect();
    assert!(unseen.is_empty(), "the dashboard does not show {unseen:?}");
}

#[test]
fn the_dashboard_is_one() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "ids are unique");
    assert!(panels.iter().all(|panel| panel["targets"][0]["expr"].is_string()));
}
