//! Each setting of what is not known of PingOne, beside its default, which the other tests have.

use std::time::Duration;

use pingone_sim::{Assumptions, CursorKind, Options, PasswordPolicy};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::peer::{Peer, answer, complaint};

async fn with(assumptions: Assumptions) -> Peer {
    Peer::new(Options { assumptions, ..Options::default() }).await
}

/// Reads a page, deletes one of its users and one of the next page, creates another, and reads the rest.
async fn interrupted(cursor: CursorKind) -> Vec<String> {
    let peer = with(Assumptions { cursor, short_page_every: None, ..Assumptions::default() }).await;
    let mut paths = Vec::new();
    for n in 0..6 {
        paths.push(peer.user(json!({"username": format!("user{n}"), "title": "x"})).await);
    }
    let (_, page) = peer.get("/users?limit=2&filter=title%20eq%20%22x%22").await;
    for path in [&paths[0], &paths[2]] {
        assert_eq!(peer.send("DELETE", path, None).await.status(), 204);
    }
    peer.user(json!({"username": "late", "title": "x"})).await;
    let next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    peer.follow(next).await
}

#[tokio::test]
async fn a_cursor_is_a_place_a_number_or_a_moment() {
    assert_eq!(interrupted(CursorKind::Place).await, ["user3", "user4", "user5", "late"]);
    assert_eq!(interrupted(CursorKind::Offset).await, ["user4", "user5", "late"], "user3 has moved up");
    assert_eq!(interrupted(CursorKind::Snapshot).await, ["user3", "user4", "user5"]);
}

#[tokio::test]
async fn a_cursor_may_end() {
    let peer = with(Assumptions { cursor_lifetime: Some(Duration::ZERO), ..Assumptions::default() }).await;
    for name in ["ada", "bob"] {
        peer.user(json!({"username": name})).await;
    }
    let (_, page) = peer.get("/users?limit=1").await;
    let next = page["_links"]["next"]["href"].as_str().unwrap();
    let (status, error) = peer.get(next.strip_prefix(&peer.base).unwrap()).await;
    assert_eq!((status, complaint(&error)), (400, json!(["INVALID_DATA", "INVALID_PARAMETER", "cursor"])));
}

#[tokio::test]
async fn a_list_tells_how_many_there_are_or_not() {
    let filtered = "/users?limit=1&filter=username%20sw%20%22a%22";
    for list_count in [true, false] {
        let peer = with(Assumptions { list_count, ..Assumptions::default() }).await;
        for name in ["ada", "abe", "bob"] {
            peer.user(json!({"username": name})).await;
        }
        let counts =
            [peer.get("/users?limit=1").await.1["count"].take(), peer.get(filtered).await.1["count"].take()];
        assert_eq!(counts, if list_count { [json!(3), json!(2)] } else { [Value::Null, Value::Null] });
    }
}

#[tokio::test]
async fn a_change_may_depend_on_an_etag() {
    for etags in [false, true] {
        let peer = with(Assumptions { etags, ..Assumptions::default() }).await;
        let path = peer.user(json!({"username": "ada"})).await;
        let first = peer.send("GET", &path, None).await.headers().get("etag").cloned();
        assert_eq!(first.is_some(), etags);
        assert_eq!(peer.with("PATCH", &path, json!({"title": "x"})).await.0, 200, "without a condition");
        let stale = first.unwrap_or_else(|| "\"1\"".parse().unwrap());
        for method in ["PATCH", "PUT", "DELETE"] {
            let mut headers = HeaderMap::new();
            headers.insert("if-match", stale.clone());
            let status = peer.conditional(method, &path, headers).await;
            assert_eq!(status == 412, etags, "{method}: {status}");
        }
        let mut headers = HeaderMap::new();
        let path = peer.user(json!({"username": "bob"})).await;
        headers.extend(
            peer.send("GET", &path, None)
                .await
                .headers_mut()
                .remove("etag")
                .map(|tag| ("if-match".parse::<reqwest::header::HeaderName>().unwrap(), tag)),
        );
        assert_eq!(peer.conditional("PATCH", &path, headers).await, 200, "what was seen is still there");
    }
}

#[tokio::test]
async fn the_second_delete_of_a_user_finds_nothing_or_says_nothing() {
    for absent_delete_status in [404, 204] {
        let peer = with(Assumptions { absent_delete_status, ..Assumptions::default() }).await;
        let path = peer.user(json!({"username": "ada"})).await;
        let mut statuses = Vec::new();
        for _ in 0..2 {
            statuses.push(peer.send("DELETE", &path, None).await.status().as_u16());
        }
        assert_eq!(statuses, [204, absent_delete_status]);
        assert_eq!(peer.simulator.stats().deleted, 1);
    }
}

#[tokio::test]
async fn a_put_clears_the_parts_that_it_does_not_name_or_keeps_them() {
    for put_keeps_parts in [false, true] {
        let peer = with(Assumptions { put_keeps_parts, ..Assumptions::default() }).await;
        let name = json!({"given": "Ada", "family": "Byron"});
        let address = json!({"locality": "London", "countryCode": "GB"});
        let path = peer.user(json!({"username": "ada", "name": name, "address": address})).await;
        let body = json!({"username": "ada", "name": {"family": "Lovelace"}});
        let (status, user) = peer.with("PUT", &path, body).await;
        let given = if put_keeps_parts { json!("Ada") } else { Value::Null };
        assert_eq!(
            (status, &user["name"]["family"], &user["name"]["given"]),
            (200, &json!("Lovelace"), &given)
        );
        assert_eq!(user.get("address"), None, "an attribute that is not named is cleared all the same");
    }
}

#[tokio::test]
async fn a_weak_password_of_an_import_is_refused_or_not() {
    let import = json!({"username": "ada", "password": {"value": "weak"}});
    let set = ("application/vnd.pingidentity.password.set+json", json!({"value": "feeble"}));
    for (password_policy, imported, is_set) in [
        (PasswordPolicy::Always, 400, 400),
        (PasswordPolicy::NotInImports, 201, 400),
        (PasswordPolicy::Never, 201, 200),
    ] {
        let weak_password_target = "password.value".to_owned();
        let assumptions = Assumptions { password_policy, weak_password_target, ..Assumptions::default() };
        let peer = with(assumptions).await;
        let (status, error) = peer.import(import.clone()).await;
        assert_eq!(status, imported, "{password_policy:?}");
        if status == 400 {
            assert_eq!(complaint(&error), json!(["INVALID_DATA", "INVALID_VALUE", "password.value"]));
            assert!(error["details"][0]["innerError"]["unsatisfiedRequirements"].is_array());
        }
        let path = peer.user(json!({"username": "bob"})).await;
        let (status, _) =
            answer(peer.send("PUT", &format!("{path}/password"), Some(set.clone())).await).await;
        assert_eq!(status, is_set, "{password_policy:?}");
    }
}

#[tokio::test]
async fn an_environment_that_is_not_there_is_not_found_or_forbidden() {
    for (unknown_environment_status, code) in [(404, "NOT_FOUND"), (403, "ACCESS_FAILED")] {
        let peer = with(Assumptions { unknown_environment_status, ..Assumptions::default() }).await;
        let foreign = format!("{}/environments/{}/users", peer.simulator.api_url, uuid::Uuid::nil());
        let (status, error) =
            answer(peer.http.get(foreign).bearer_auth(&peer.token).send().await.unwrap()).await;
        assert_eq!((status, &error["code"]), (unknown_environment_status, &json!(code)));
    }
}

#[tokio::test]
async fn a_429_may_have_a_text_and_no_details() {
    let assumptions = Assumptions {
        throttle_message: "Slow down".into(),
        throttle_details: false,
        rate_burst: Some(1.0),
        ..Assumptions::default()
    };
    let peer = Peer::new(Options { rate_limit: Some(0.001), assumptions, ..Options::default() }).await;
    peer.user(json!({"username": "ada"})).await;
    let (status, error) = peer.import(json!({"username": "bob"})).await;
    assert_eq!((status, &error["message"], error.get("details")), (429, &json!("Slow down"), None));
}
