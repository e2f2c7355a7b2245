//! Jobs without a file, their files, and populations, over HTTP.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Service, World, users};

async fn ask(service: &Service, options: &Value) -> crate::support::http::Reply {
    service.call(Method::POST, "/api/jobs").json(options).send().await
}

#[tokio::test]
async fn an_export_needs_no_file_and_is_downloaded() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import(&users(3), &json!({})).await;
    service.finished(&id).await;
    service.get(&format!("/api/jobs/{id}/file")).await.problem(404, "no_output");
    let reply = ask(&service, &json!({"kind": "export", "format": "ndjson"})).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    let job = service.finished(&id).await;
    assert_eq!((&job["kind"], &job["total"], &job["unchanged"]), (&json!("export"), &json!(3), &json!(3)));
    let file = service.get(&format!("/api/jobs/{id}/file")).await;
    assert_eq!(file.header("content-type"), "application/x-ndjson");
    assert!(file.header("content-disposition").contains(job["output"].as_str().unwrap()));
    assert_eq!(file.text().lines().count(), 3);
}

#[tokio::test]
async fn a_delete_is_planned_and_confirmed_over_http() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import(&users(3), &json!({})).await;
    service.finished(&id).await;
    ask(&service, &json!({"kind": "delete", "whole_environment": true})).await.problem(422, "unconfirmed");
    ask(&service, &json!({"kind": "delete"})).await.problem(400, "file_part_missing");
    let both = json!({"kind": "delete", "whole_environment": true, "population": "Default", "dry_run": true});
    ask(&service, &both).await.problem(422, "invalid_options");
    let reply = ask(&service, &json!({"kind": "delete", "whole_environment": true, "dry_run": true})).await;
    let plan = reply.json()["id"].as_str().unwrap().to_owned();
    let job = service.finished(&plan).await;
    let confirm = job["confirmation"].as_str().unwrap();
    let carry = |confirm: &str| json!({"kind": "delete", "plan": plan, "confirm": confirm, "backup": true});
    ask(&service, &carry("delete everything")).await.problem(422, "wrong_confirmation");
    assert_eq!(world.user_count(), 3);
    let reply = ask(&service, &carry(confirm)).await;
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(service.finished(&id).await["deleted"], 3);
    assert_eq!(world.user_count(), 0);
    assert_eq!(service.get(&format!("/api/jobs/{id}/file")).await.text().lines().count(), 4);
    ask(&service, &json!({"kind": "delete", "plan": id, "confirm": "x"})).await.problem(409, "no_plan");
}

#[tokio::test]
async fn a_job_tells_what_was_asked_for() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import(&users(3), &json!({})).await;
    service.finished(&id).await;
    let many: Vec<_> = (0..1_000).map(|user| format!("somebody.{user:04}@example.com")).collect();
    let options = json!({"kind": "delete", "whole_environment": true, "protect": many, "dry_run": true, "backup": true});
    let reply = ask(&service, &options).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    service.finished(&id).await;
    let job = service.get(&format!("/api/jobs/{id}")).await.json();
    assert_eq!((&job["kind"], &job["options"]["backup"]), (&json!("delete"), &json!(true)));
    assert_eq!(job["options"]["protect"].as_array().map(Vec::len), Some(1_000));
    let listed = service.get("/api/jobs").await.json();
    assert!(listed[0]["options"].is_null(), "a list is short: {}", listed[0]);
}

#[tokio::test]
async fn attributes_are_those_that_an_export_takes() {
    let world = World::new().await;
    let service = world.service();
    let attributes = service.get("/api/attributes").await.json();
    let attributes = attributes.as_array().unwrap();
    let find = |path: &str| attributes.iter().find(|attribute| attribute["path"] == path).unwrap();
    assert_eq!(attributes[0]["path"], "username");
    assert_eq!(
        (&find("name.given")["importable"], &find("createdAt")["importable"]),
        (&json!(true), &json!(false))
    );
    let all: Vec<_> = attributes.iter().map(|attribute| attribute["path"].clone()).collect();
    let mut unique = all.clone();
    unique.sort_by_key(ToString::to_string);
    unique.dedup();
    assert_eq!(unique.len(), all.len(), "each once");
    let reply = ask(&service, &json!({"kind": "export", "attributes": all, "dry_run": true})).await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
}

#[tokio::test]
async fn a_blank_selector_selects_nobody() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import(&users(3), &json!({})).await;
    service.finished(&id).await;
    for kind in ["delete", "export"] {
        for blank in ["", " ", "\t\n"] {
            for selector in ["filter", "population"] {
                let mut options = json!({"kind": kind, "dry_run": kind == "delete"});
                options[selector] = json!(blank);
                ask(&service, &options).await.problem(422, "invalid_options");
            }
        }
    }
    assert_eq!(service.get("/api/jobs").await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn generated_passwords_are_fetched_once() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import("username\nada\n", &json!({"generate_passwords": true})).await;
    assert_eq!(service.finished(&id).await["has_passwords"], true);
    let path = format!("/api/jobs/{id}/passwords");
    let (parts, unread) = service.call(Method::POST, &path).stream().await;
    assert_eq!(parts.status, StatusCode::OK);
    drop(unread);
    assert_eq!(service.get(&format!("/api/jobs/{id}")).await.json()["has_passwords"], true);
    let reply = service.post(&path).await;
    assert_eq!((reply.status, reply.text().lines().count()), (StatusCode::OK, 2), "{}", reply.text());
    service.post(&path).await.problem(404, "no_output");
}

#[tokio::test]
async fn populations_are_created_changed_and_deleted() {
    let world = World::new().await;
    let service = world.service();
    let call = |method: Method, path: &str| service.call(method, path);
    let created = call(Method::POST, "/api/populations").json(&json!({"name": "Guests"})).send().await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let path = format!("/api/populations/{}", created.json()["id"].as_str().unwrap());
    let changed =
        call(Method::PATCH, &path).json(&json!({"name": "Visitors", "description": "x"})).send().await;
    assert_eq!((&changed.json()["name"], &changed.json()["description"]), (&json!("Visitors"), &json!("x")));
    let taken = call(Method::POST, "/api/populations").json(&json!({"name": "Visitors"})).send().await;
    taken.problem(422, "refused_by_pingone");
    let odd = call(Method::PATCH, &path).json(&json!({"users": []})).send().await;
    odd.problem(400, "invalid_body");
    call(Method::DELETE, "/api/populations/nonsense").send().await.problem(404, "population_not_found");
    assert_eq!(call(Method::DELETE, &path).send().await.status, StatusCode::NO_CONTENT);
    let left = service.get("/api/populations").await.json();
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dry_run_over_http_says_what_would_be_done_to_a_population() {
    let world = World::new().await;
    let service = world.service();
    let before = service.get("/api/populations").await.json();
    let default = format!("/api/populations/{}", before[0]["id"].as_str().unwrap());
    let call = async |method: Method, path: &str, body: Value| {
        service.call(method, &format!("{path}?dry_run=true")).json(&body).send().await
    };
    let create = call(Method::POST, "/api/populations", json!({"name": " Guests ", "default": true})).await;
    let guests =
        json!({"would": "create", "name": "Guests", "default": true, "no_longer_default": "Default"});
    assert_eq!((create.status, create.json()), (StatusCode::OK, guests));
    let taken = call(Method::POST, "/api/populations", json!({"name": "Default"})).await;
    taken.problem(422, "refused_by_pingone");
    let rename = call(Method::PATCH, &default, json!({"name": "All", "description": "x"})).await.json();
    let expected = json!({
        "would": "change", "id": before[0]["id"], "name": "All", "description": "x", "default": true,
    });
    assert_eq!(rename, expected);
    let same = call(Method::PATCH, &default, json!({"name": "Default", "default": true})).await.json();
    assert_eq!(same["would"], "nothing");
    call(Method::DELETE, &default, Value::Null).await.problem(422, "refused_by_pingone");
    let unknown = format!("/api/populations/{}", uuid::Uuid::nil());
    call(Method::DELETE, &unknown, Value::Null).await.problem(404, "population_not_found");
    call(Method::PATCH, &unknown, json!({"name": "x"})).await.problem(404, "population_not_found");
    assert_eq!(service.get("/api/populations").await.json(), before);

    let guests = service.call(Method::POST, "/api/populations").json(&json!({"name": "Guests"})).send().await;
    let guests = guests.json()["id"].clone();
    let path = format!("/api/populations/{}", guests.as_str().unwrap());
    let delete = call(Method::DELETE, &path, Value::Null).await;
    let expected = json!({"would": "delete", "id": guests, "name": "Guests", "default": false});
    assert_eq!((delete.status, delete.json()), (StatusCode::OK, expected));
    assert_eq!(service.get("/api/populations").await.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn mappings_are_saved_used_and_deleted_over_http() {
    let world = World::new().await;
    let service = world.service();
    let send =
        async |method: Method, path: &str, body: &Value| service.call(method, path).json(body).send().await;
    assert_eq!(service.get("/api/mappings").await.json(), json!([]));
    let mapping = json!({"Who": "username", "Dept": "title", "Shoe size": ""});
    let saved = send(Method::PUT, "/api/mappings/HR%20export", &mapping).await;
    let expected = json!({"name": "HR export", "mapping": mapping});
    assert_eq!((saved.status, saved.json()), (StatusCode::OK, expected.clone()));
    assert_eq!(service.get("/api/mappings").await.json(), json!([expected]));
    assert_eq!(service.get("/api/mappings/HR%20export").await.json(), expected);
    send(Method::PUT, "/api/mappings/a.b", &mapping).await.problem(422, "invalid_options");
    send(Method::PUT, "/api/mappings/x", &json!({"a": 1})).await.problem(400, "invalid_body");
    let csv = "who,dept,shoe size,nick\nada,Research,41,A\n";
    let options = json!({"saved_mapping": "HR export", "mapping": {"nick": "nickname", "DEPT": "type"}});
    let id = service.import(csv, &options).await;
    assert_eq!(service.finished(&id).await["created"], 1);
    let ada = world.simulator.user("ada").unwrap();
    assert_eq!((&ada["nickname"], &ada["type"]), (&json!("A"), &json!("Research")), "what is said now wins");
    let unknown = json!({"kind": "export", "saved_mapping": "HR export"});
    ask(&service, &unknown).await.problem(422, "invalid_options");
    assert_eq!(
        send(Method::DELETE, "/api/mappings/HR%20export", &json!({})).await.status,
        StatusCode::NO_CONTENT
    );
    service.get("/api/mappings/HR%20export").await.problem(404, "mapping_not_found");
    send(Method::DELETE, "/api/mappings/HR%20export", &json!({})).await.problem(404, "mapping_not_found");
}
