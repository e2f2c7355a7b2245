//! Every endpoint of the REST API, used well and badly.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::http::part;
use crate::support::{Service, World, soon, users};

const NO_JOB: &str = "018f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_file_becomes_a_job_and_its_rows_are_accounted_for() {
    let world = World::new().await;
    let service = world.service();
    let csv = format!("{}user1,again@example.com,A,B\nbad,not-an-address,A,B\n", users(3));
    let reply = service.call(Method::POST, "/api/jobs").upload("users.csv", &csv, None).send().await;
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.header("location"), format!("/api/jobs/{id}"));

    let job = service.finished(&id).await;
    let counts = |key: &str| job[key].as_u64().unwrap();
    assert_eq!(
        (&job["status"], &job["file"], &job["simulator"]),
        (&json!("completed"), &json!("users.csv"), &json!(true))
    );
    assert_eq!((counts("total"), counts("processed"), counts("created")), (5, 5, 3));
    assert_eq!((counts("skipped"), counts("failed")), (1, 1));
    let mut listed = job.clone();
    listed.as_object_mut().unwrap().remove("options");
    assert_eq!(
        service.get("/api/jobs").await.json(),
        json!([listed]),
        "a list leaves out what was asked for"
    );

    let rows = service.get(&format!("/api/jobs/{id}/rows")).await.json();
    assert_eq!((rows["rows"].as_array().unwrap().len(), &rows["next"]), (5, &Value::Null));
    let failed = service.get(&format!("/api/jobs/{id}/rows?outcome=failed")).await.json();
    assert_eq!((&failed["rows"][0]["key"], &failed["rows"][0]["target"]), (&json!("bad"), &json!("email")));
    let first = service.get(&format!("/api/jobs/{id}/rows?limit=2")).await.json();
    let next = first["next"].as_u64().unwrap();
    let rest = service.get(&format!("/api/jobs/{id}/rows?after={next}&limit=10")).await.json();
    assert_eq!(rest["rows"].as_array().unwrap().len(), 3);

    let result = service.get(&format!("/api/jobs/{id}/result")).await.json();
    assert_eq!((&result["job"], &result["processed"], &result["failed"]), (&json!(id), &json!(5), &json!(1)));
}

#[tokio::test]
async fn rejected_rows_are_mended_and_imported_again() {
    let world = World::new().await;
    let service = world.service();
    let id = service.import("username,email\nada,ada@example.com\nbob,wrong\n", &json!({})).await;
    service.finished(&id).await;
    let rejects = service.get(&format!("/api/jobs/{id}/rejects.csv")).await;
    assert_eq!(rejects.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(rejects.header("content-disposition"), "attachment; filename=\"users-rejects.csv\"");
    let text = rejects.text();
    assert!(
        text.contains("error_code,error_message") && text.contains("bob") && !text.contains("ada"),
        "{text}"
    );
    let mended = service.import(&text.replace("wrong", "bob@example.com"), &json!({})).await;
    assert_eq!(service.finished(&mended).await["created"], 1);

    let retry = service.post(&format!("/api/jobs/{id}/retry")).await;
    assert_eq!(retry.status, StatusCode::CREATED);
    let retry = retry.json()["id"].as_str().unwrap().to_owned();
    let job = service.finished(&retry).await;
    assert_eq!((&job["retry_of"], &job["total"], &job["failed"]), (&json!(id), &json!(1), &json!(1)));
    service.post(&format!("/api/jobs/{mended}/retry")).await.problem(409, "nothing_to_retry");
}

#[tokio::test]
async fn the_same_key_gives_the_same_job() {
    let world = World::new().await;
    let service = world.service();
    let create = async |key: &str| {
        let call = service.call(Method::POST, "/api/jobs").header("idempotency-key", key);
        let reply = call.upload("users.csv", &users(2), None).send().await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["id"].as_str().unwrap().to_owned()
    };
    let (first, again, other) = (create("one").await, create("one").await, create("two").await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    let (a, b) = tokio::join!(create("three"), create("three"));
    assert_eq!(a, b);
    assert_eq!(service.get("/api/jobs").await.json().as_array().unwrap().len(), 3);
    let call = service.call(Method::POST, "/api/jobs").header("idempotency-key", "one");
    call.upload("users.csv", &users(3), None).send().await.problem(422, "idempotency_key_reused");
    for key in ["", &"k".repeat(256)] {
        let call = service.call(Method::POST, "/api/jobs").header("idempotency-key", key);
        call.upload("users.csv", &users(1), None).send().await.problem(400, "invalid_idempotency_key");
    }
}

#[tokio::test]
async fn jobs_are_listed_newest_first_in_pages() {
    let world = World::new().await;
    let service = world.service();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = service.import(&users(1), &json!({"dry_run": true})).await;
        service.finished(&id).await;
        ids.insert(0, id);
    }
    let listed = async |query: &str| -> Vec<String> {
        let jobs = service.get(&format!("/api/jobs{query}")).await.json();
        jobs.as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("").await, ids);
    assert_eq!(listed("?limit=0").await, ids[..1]);
    assert_eq!(listed("?limit=4000000000").await, ids);
    assert_eq!(listed(&format!("?limit=2&before={}", ids[0])).await, ids[1..]);
    for query in ["?limit=-1", "?limit=x", "?before=x", "?limit=99999999999"] {
        service.get(&format!("/api/jobs{query}")).await.problem(400, "invalid_query");
    }
}

#[tokio::test]
async fn a_job_is_paused_resumed_and_cancelled() {
    let world = World::slow().await;
    let service = world.service();
    let id = service.import(&users(400), &json!({})).await;
    let control = async |verb: &str| service.post(&format!("/api/jobs/{id}/{verb}")).await;
    let mut newest = world.jobs.watch(id.parse().unwrap()).await.unwrap();
    soon("rows", newest.wait_for(|seq| *seq > 2)).await.unwrap();
    service.get(&format!("/api/jobs/{id}/result")).await.problem(409, "job_not_finished");
    assert_eq!(control("pause").await.json()["status"], "paused");
    let standing = service.get(&format!("/api/jobs/{id}")).await.json();
    assert!(standing["processed"].as_u64().unwrap() < 400);
    assert_eq!(control("resume").await.status, StatusCode::OK);
    control("resume").await.problem(409, "job_conflict");
    assert_eq!(control("cancel").await.status, StatusCode::OK);
    let end = service.finished(&id).await;
    assert_eq!(end["status"], "cancelled");
    assert_eq!(service.get(&format!("/api/jobs/{id}/result")).await.json()["status"], "cancelled");
    for verb in ["pause", "resume", "cancel"] {
        control(verb).await.problem(409, "job_conflict");
    }
}

#[tokio::test]
async fn a_preview_keeps_nothing() {
    let world = World::new().await;
    let service = world.service();
    let csv = "username,E-Mail,shoe size\nada,ada@example.com,38\n,bob@example.com,44\nADA,x@example.com,1\n";
    let preview = async |options: &Value| {
        let call = service.call(Method::POST, "/api/preview").upload("users.csv", csv, Some(options));
        call.send().await
    };
    let seen = preview(&json!({"ignore_unknown_columns": true})).await.json();
    assert_eq!((&seen["total"], &seen["valid"]), (&json!(3), &json!(1)), "{seen}");
    assert_eq!((&seen["invalid"], &seen["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(seen["columns"][1]["attribute"], "email");
    assert_eq!(service.get("/api/jobs").await.json(), json!([]));
    let problem = preview(&json!({"population": "Nowhere"})).await;
    problem.problem(422, "unknown_population");
}

#[tokio::test]
async fn a_file_of_protected_users_is_read_in_any_encoding_and_without_quotes() {
    let world = World::new().await;
    let service = world.service();
    let read = async |text: &str| {
        service.call(Method::POST, "/api/protected").upload("names.txt", text, None).send().await
    };
    let names = read("\u{feff}\"\u{d6}d\u{f6}n\"\r\nbob\r\n").await.json();
    assert_eq!(names, json!({"names": ["\u{d6}d\u{f6}n", "bob"]}));
    read("").await.problem(422, "invalid_options");
    read(" \n\"\"\n").await.problem(422, "invalid_options");
    read("PK\u{3}\u{4}").await.problem(422, "file_not_text");
    read(&"x\n".repeat(300_000)).await.problem(413, "file_too_big");
    assert_eq!(service.get("/api/jobs").await.json(), json!([]));
}

#[tokio::test]
async fn files_that_cannot_be_imported_say_where_and_why() {
    let world = World::new().await;
    let service = world.service();
    let create =
        async |csv: &str| service.call(Method::POST, "/api/jobs").upload("users.csv", csv, None).send().await;
    create("").await.problem(422, "file_empty");
    create("username,email\n").await.problem(422, "file_without_rows");
    create("email\nx@example.com\n").await.problem(422, "username_column_missing");
    let reply = create("username,shoe size\nada,38\n").await;
    let detail = reply.problem(422, "unknown_column");
    assert!(detail.contains("shoe size"), "{detail}");
    assert_eq!((&reply.json()["line"], &reply.json()["column"]), (&json!(1), &json!(2)));
    assert_eq!(service.get("/api/jobs").await.json(), json!([]), "nothing became a job");
}

#[tokio::test]
async fn broken_uploads_are_refused() {
    let world = World::new().await;
    let service = world.service();
    for path in ["/api/jobs", "/api/preview"] {
        let call = || service.call(Method::POST, path);
        call().send().await.problem(400, "invalid_multipart");
        call().json(&json!({})).send().await.problem(400, "file_part_missing");
        let typed = || call().header("content-type", "multipart/form-data; boundary=x");
        typed().body("nonsense").send().await.problem(400, "invalid_multipart");
        typed().body("--x\r\n").send().await.problem(400, "invalid_multipart");
        let file = part("name=\"file\"; filename=\"users.csv\"", &users(1));
        call().multipart("").send().await.problem(400, "file_part_missing");
        call().multipart(&part("name=\"options\"", "{}")).send().await.problem(400, "file_part_missing");
        call().multipart(&format!("{file}{file}")).send().await.problem(400, "unexpected_part");
        call().multipart(&part("name=\"other\"", "x")).send().await.problem(400, "unexpected_part");
        for options in
            ["", "x", "[]", "{\"kind\":\"no\"}", "{\"unknown\":1}", &format!("\"{}\"", "x".repeat(20_000))]
        {
            let body = format!("{file}{}", part("name=\"options\"", options));
            call().multipart(&body).send().await.problem(400, "invalid_options");
        }
    }
    assert_eq!(service.get("/api/jobs").await.json(), json!([]));
    assert_eq!(world.kept_files(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_file_that_is_too_big_is_refused() {
    let world = World::with_upload_limit(1_000).await;
    let service = world.service();
    let call = service.call(Method::POST, "/api/jobs").upload("users.csv", &users(1_000), None);
    call.send().await.problem(413, "file_too_big");
    assert_eq!(world.kept_files(), 0);
}

#[tokio::test]
async fn jobs_that_do_not_exist_are_not_found() {
    let world = World::new().await;
    let service = world.service();
    for id in [NO_JOB, "x", "%2e%2e", "%00", "1%27%20OR%201=1"] {
        for path in ["", "/events", "/rows", "/rejects.csv", "/result"] {
            service.get(&format!("/api/jobs/{id}{path}")).await.problem(404, "job_not_found");
        }
        for verb in ["pause", "resume", "cancel", "retry"] {
            service.post(&format!("/api/jobs/{id}/{verb}")).await.problem(404, "job_not_found");
        }
    }
    service.get("/api/nothing").await.problem(404, "not_found");
    service.get("/api").await.problem(404, "not_found");
    let reply = service.call(Method::DELETE, &format!("/api/jobs/{NO_JOB}")).send().await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_environment_is_shown() {
    let world = World::new().await;
    let service = world.service();
    let connection = service.get("/api/connection").await.json();
    assert_eq!((&connection["simulator"], &connection["region"]), (&json!(true), &Value::Null));
    let host = connection["api_host"].as_str().unwrap();
    assert!(host.strip_prefix("127.0.0.1:").is_some_and(|port| port.parse::<u16>().is_ok()), "{host}");
    let populations = service.get("/api/populations").await.json();
    assert_eq!((&populations[0]["name"], &populations[0]["default"]), (&json!("Default"), &json!(true)));
    assert!(populations[0]["id"].is_string());
}

#[tokio::test]
async fn without_a_connection_jobs_are_only_looked_at() {
    let world = World::unconnected().await;
    let service = world.service();
    service.get("/api/connection").await.problem(409, "not_connected");
    service.get("/api/populations").await.problem(409, "not_connected");
    let call = service.call(Method::POST, "/api/jobs").upload("users.csv", &users(1), None);
    call.send().await.problem(409, "not_connected");
    assert_eq!(service.get("/api/jobs").await.json(), json!([]));
}

#[tokio::test]
async fn metrics_follow_what_happens() {
    let world = World::new().await;
    let service = world.service();
    let before = sample(&service, "pingone_import_rows_total{outcome=\"created\"}").await;
    let id = service.import(&users(7), &json!({})).await;
    service.finished(&id).await;
    // The recorder is the process's own, and other tests run beside this one.
    assert!(sample(&service, "pingone_import_rows_total{outcome=\"created\"}").await >= before + 7.0);
    assert!(sample(&service, "pingone_import_pingone_requests_total").await >= 7.0);
    let text = service.get("/metrics").await.text();
    for name in [
        "pingone_import_connections{tier=\"websocket\"}",
        "pingone_import_unfinished_jobs{status=\"running\"}",
    ] {
        assert!(text.contains(name), "{name} is missing:\n{text}");
    }
    assert!(!text.contains("user1") && !text.contains(&service.token));
}

#[tokio::test]
async fn metrics_tell_of_the_adaptive_transport_and_of_refusals() {
    let world = World::new().await;
    let server = world.listen().await;
    let service = Service::new(server.app.clone());
    let adaptive = "/socket.io/?EIO=4&transport=adaptive&carrier";
    let mut sockets = Vec::new();
    for key in ["a", "b", "c", "d"].map(|letter| letter.repeat(22)) {
        let mut socket = server.websocket(&format!("{adaptive}=websocket&key={key}")).await;
        socket.send("t3,0,1").await;
        assert_eq!(socket.next().await.as_deref(), Some("t3,0,1"));
        sockets.push(socket);
    }
    // The self-test, which may run now, has two at most.
    assert!(server.app.realtime.websockets() >= sockets.len(), "they count against the limit of connections");
    let unknown = "/socket.io/?EIO=4&transport=pigeon";
    assert_eq!(service.get(unknown).await.status, StatusCode::BAD_REQUEST);
    // Gauges are the process's own, and other tests that run beside this one write them too.
    soon("the adaptive sessions", async {
        while sample(&service, "pingone_import_connections{tier=\"adaptive_websocket\"}").await < 4.0 {}
    })
    .await;
    let refused = "pingone_import_engineio_refusals_total{reason=\"unknown_transport\"}";
    assert!(sample(&service, refused).await >= 1.0);
}

async fn sample(service: &Service, name: &str) -> f64 {
    let text = service.get("/metrics").await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}
