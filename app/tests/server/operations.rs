//! What is measured is what the dashboard and the alerts look at.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
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

#[tokio::test]
async fn jobs_are_counted_by_kind_and_outcome() {
    let world = World::new().await;
    let service = world.service();
    let job = service.import(&users(3), &json!({})).await;
    service.finished(&job).await;
    let count = counted(&service, r#"pingone_import_jobs_total{kind="import",outcome="completed"}"#).await;
    assert!(count >= 1, "{count}");
    counted(&service, r#"pingone_import_jobs_total{kind="export",outcome="cancelled"}"#).await;
}

#[tokio::test]
async fn a_change_of_carrier_is_counted_by_where_from_where_to_and_why() {
    const PROMOTED: &str =
        r#"pingone_import_transport_switches_total{from="periodic",to="long_poll",cause="promoted"}"#;
    let world = World::new().await;
    let service = world.service();
    let before = counted(&service, PROMOTED).await;
    let carry = async |carrier: &str, name: &str, epoch: u32, ack: u32| {
        let path = format!(
            "/socket.io/?EIO=4&transport=adaptive&carrier={carrier}&{name}&epoch={epoch}&ack={ack}&seq={epoch}"
        );
        let reply = service.call(Method::POST, &path).body(format!("a{ack}\u{1e}")).send().await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.text()
    };
    let open = carry("periodic", "key=a-key-that-nobody-else-has", 1, 0).await;
    let sid = open.split("\"sid\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect(&open);
    carry("long-poll", &format!("sid={sid}"), 2, 1).await;
    assert_eq!(counted(&service, PROMOTED).await, before + 1);
}

#[tokio::test]
async fn what_goes_wrong_with_clients_is_counted_by_what_it_is() {
    let series = |reason: &str| format!("pingone_import_engineio_faults_total{{reason=\"{reason}\"}}");
    let world = World::new().await;
    let service = world.service();
    let reasons = [
        "too_large",
        "protocol_error",
        "ping_timeout",
        "slow_body",
        "lost",
        "held_back",
        "bad_packet",
        "unrecovered",
    ];
    for reason in reasons {
        counted(&service, &series(reason)).await;
        assert!(GUIDE.contains(&format!("`{reason}`")), "docs/operations.md does not say what {reason} is");
    }
    let before = counted(&service, &series("overlapping_poll")).await;
    let open = service.get("/socket.io/?EIO=4&transport=polling").await.text();
    let sid = open.split('"').nth(3).expect(&open);
    let path = format!("/socket.io/?EIO=4&transport=polling&sid={sid}");
    let refused = counted(&service, &series("refused_socket")).await;
    service.call(Method::POST, &path).body("40/nowhere,").send().await;
    assert_eq!(service.get(&path).await.text(), r#"44/nowhere,{"message":"Invalid namespace"}"#);
    assert_eq!(counted(&service, &series("refused_socket")).await, refused + 1);
    let (one, another) = (Box::pin(service.get(&path)), Box::pin(service.get(&path)));
    let (answered, _) = futures_util::future::select(one, another).await.factor_first();
    assert_eq!(answered.text(), "6");
    assert_eq!(counted(&service, &series("overlapping_poll")).await, before + 1);
}

async fn counted(service: &Service, series: &str) -> u64 {
    let text = service.get("/metrics").await.text();
    let value = text.lines().find_map(|line| line.strip_prefix(series));
    value.unwrap_or_else(|| panic!("no {series} in {text}")).trim().parse().unwrap()
}
