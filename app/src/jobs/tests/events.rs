//! The JSON of events and jobs, which others rely on.

use serde_json::{Value, json};

use super::world::World;

/// `value` with what differs from run to run replaced by its kind.
fn steady(value: impl serde::Serialize) -> Value {
    let mut value = serde_json::to_value(value).unwrap();
    for (key, field) in value.as_object_mut().unwrap() {
        match key.as_str() {
            "job" | "id" | "environment" => *field = json!("id"),
            "at" | "created_at" | "started_at" | "finished_at" => {
                assert!(field.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{field}");
                *field = json!("time");
            }
            "rate" | "seconds" => {
                assert!(field.is_number());
                *field = json!("number");
            }
            "remaining_seconds" => {
                assert!(field.is_number() || field.is_null());
                *field = json!("number or null");
            }
            "rows" => field[0]["user_id"] = json!("id"),
            _ => {}
        }
    }
    value
}

#[tokio::test]
async fn events_and_jobs_have_the_agreed_form() {
    let world = World::new().await;
    let job = world.import("username\nada\n").await;
    let events = world.jobs.events_after(job.id, 0, 100).await.unwrap();
    let of = |name: &str| steady(events.iter().find(|event| event.body.name() == name).unwrap());
    let counts =
        json!({"processed":1,"created":1,"updated":0,"unchanged":0,"deleted":0,"skipped":0,"failed":0});
    let with_counts = |mut value: Value| {
        value.as_object_mut().unwrap().extend(counts.as_object().unwrap().clone());
        value
    };
    let seq = |name: &str| events.iter().find(|event| event.body.name() == name).unwrap().seq;
    assert_eq!(
        of("row"),
        json!({"job":"id","seq":seq("row"),"at":"time","type":"row","rows":[{
            "row":1,"line":2,"key":"ada","outcome":"created","code":null,"message":null,"target":null,
            "correlation_id":null,"user_id":"id"
        }]})
    );
    assert_eq!(
        of("completion"),
        with_counts(json!({
            "job":"id","seq":job.last_seq,"at":"time","type":"completion","status":"completed","total":1,
            "seconds":"number"
        }))
    );
    let progress = of("progress");
    let keys: Vec<_> = progress.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "job",
        "seq",
        "at",
        "type",
        "status",
        "total",
        "processed",
        "created",
        "updated",
        "unchanged",
        "deleted",
        "skipped",
        "failed",
        "rate",
        "remaining_seconds",
        "seconds",
    ];
    assert_eq!(keys, expected);
    let mut view = steady(&job);
    view["population"]["id"] = json!("id");
    assert_eq!(
        view,
        with_counts(json!({
            "id":"id","kind":"import","mode":"create","status":"completed","dry_run":false,"file":"users.csv",
            "population":{"id":"id","name":"Staff"},"environment":"id","simulator":true,"total":1,"rate":"number",
            "remaining_seconds":"number or null","seconds":"number","last_seq":job.last_seq,"created_at":"time",
            "started_at":"time","finished_at":"time","error":null,"retry_of":null
        }))
    );
}
