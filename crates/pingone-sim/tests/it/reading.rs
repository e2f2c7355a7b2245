use std::time::Duration;

use pingone_sim::{Assumptions, Options};
use serde_json::{Value, json};

use crate::peer::{Peer, complaint};

#[tokio::test]
async fn filters_find_what_they_say() {
    let peer = Peer::new(Options::default()).await;
    for (name, family, enabled) in [
        ("Ada", "Lovelace", true),
        ("bob", "Byron", true),
        ("carl", "O'Hara", false),
        ("dora \"D\"", "Lane", true),
    ] {
        let path = peer.user(json!({"username": name, "name": {"family": family}, "externalId": name})).await;
        peer.with("PUT", &format!("{path}/enabled"), json!({ "enabled": enabled })).await;
    }
    let table: [(&str, &[&str]); 14] = [
        (r#"username eq "ada""#, &["Ada"]),
        (r#"username EQ "ADA""#, &["Ada"]),
        (r#"name.family sw "l""#, &["Ada", "dora \"D\""]),
        (r#"name.family ew "ACE""#, &["Ada"]),
        (r#"name.family co "yr""#, &["bob"]),
        (r#"name.family eq "o'hara""#, &["carl"]),
        (r#"username eq "dora \"D\"""#, &["dora \"D\""]),
        ("enabled eq false", &["carl"]),
        (r#"name.family sw "l" and username sw "a""#, &["Ada"]),
        (r#"username eq "bob" or username eq "carl" and enabled eq true"#, &["bob"]),
        (r#"(username eq "bob" or username eq "carl") AND enabled eq false"#, &["carl"]),
        (r#"(username eq "a") OR (username eq "b")"#, &[]),
        (r#"title eq "x""#, &[]),
        (r#"externalId eq "bob""#, &["bob"]),
    ];
    for (filter, expected) in table {
        assert_eq!(peer.find(filter).await, expected, "{filter}");
    }
    for bad in [
        "username",
        "username ne \"a\"",
        "Username eq \"a\"",
        "identityProvider.id eq \"a\"",
        "username eq a",
    ] {
        let filter: String = url::form_urlencoded::byte_serialize(bad.as_bytes()).collect();
        let (status, error) = peer.get(&format!("/users?filter={filter}")).await;
        assert_eq!(
            (status, complaint(&error)),
            (400, json!(["INVALID_DATA", "INVALID_FILTER", "filter"])),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn letter_case_counts_in_filters_on_demand() {
    let assumptions = Assumptions { case_sensitive_filters: true, ..Assumptions::default() };
    let peer = Peer::new(Options { assumptions, ..Options::default() }).await;
    peer.user(json!({"username": "Ada"})).await;
    assert_eq!(peer.find(r#"username eq "ada""#).await, Vec::<String>::new());
    assert_eq!(peer.find(r#"username eq "Ada""#).await, ["Ada"]);
}

#[tokio::test]
async fn pages_may_be_short_and_still_have_a_next_one() {
    let peer = Peer::new(Options::default()).await;
    for n in 0..25 {
        peer.user(json!({"username": format!("user{n:02}")})).await;
    }
    let mut next = Some(format!("{}/users?limit=5", peer.base));
    let (mut sizes, mut names) = (Vec::new(), Vec::new());
    while let Some(url) = next {
        let page: Value =
            peer.http.get(url).bearer_auth(&peer.token).send().await.unwrap().json().await.unwrap();
        let users = page["_embedded"]["users"].as_array().unwrap();
        assert_eq!((page["size"].as_u64(), page["count"].as_u64()), (Some(users.len() as u64), Some(25)));
        sizes.push(users.len());
        names.extend(users.iter().map(|user| user["username"].as_str().unwrap().to_owned()));
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert_eq!(sizes, [5, 5, 3, 5, 5, 2]);
    assert_eq!(names, (0..25).map(|n| format!("user{n:02}")).collect::<Vec<_>>());
    for bad in ["limit=0", "limit=x", "cursor=x"] {
        let (status, error) = peer.get(&format!("/users?{bad}")).await;
        assert_eq!((status, &complaint(&error)[1]), (400, &json!("INVALID_PARAMETER")), "{bad}");
    }
}

#[tokio::test]
async fn a_cursor_keeps_its_place_while_users_come_and_go() {
    let peer = Peer::new(Options::default()).await;
    let mut paths = Vec::new();
    for n in 0..6 {
        paths.push(peer.user(json!({"username": format!("user{n}")})).await);
    }
    let (_, page) = peer.get("/users?limit=2").await;
    for path in [&paths[0], &paths[2]] {
        assert_eq!(peer.send("DELETE", path, None).await.status(), 204);
    }
    peer.user(json!({"username": "late"})).await;
    let names = peer.follow(page["_links"]["next"]["href"].as_str().map(str::to_owned)).await;
    assert_eq!(names, ["user3", "user4", "user5", "late"]);
}

#[tokio::test]
async fn searches_lag_behind_on_demand() {
    let lagging = Assumptions { search_lag: Duration::from_secs(3600), ..Assumptions::default() };
    let peer = Peer::new(Options { assumptions: lagging, ..Options::default() }).await;
    let path = peer.user(json!({"username": "ada"})).await;
    assert_eq!(peer.find(r#"username eq "ada""#).await, Vec::<String>::new(), "it is not found yet");
    assert_eq!(peer.get(&path).await.0, 200, "it is there all the same");
    let (status, error) = peer.import(json!({"username": "ada"})).await;
    assert_eq!((status, &complaint(&error)[1]), (400, &json!("UNIQUENESS_VIOLATION")));

    let peer = Peer::new(Options::default()).await;
    let path = peer.user(json!({"username": "ada"})).await;
    peer.send("DELETE", &path, None).await;
    assert_eq!(peer.find(r#"username sw "a""#).await, Vec::<String>::new());
    assert_eq!(peer.send("DELETE", &path, None).await.status(), 404);
}

#[tokio::test]
async fn deleted_users_linger_in_searches_on_demand() {
    let lag = Duration::from_millis(300);
    let lagging = Assumptions { search_lag: lag, ..Assumptions::default() };
    let peer = Peer::new(Options { assumptions: lagging, ..Options::default() }).await;
    let path = peer.user(json!({"username": "ada"})).await;
    while peer.find(r#"username eq "ada""#).await.is_empty() {
        tokio::task::yield_now().await;
    }
    peer.send("DELETE", &path, None).await;
    assert_eq!(peer.get(&path).await.0, 404);
    // However slow the machine is, it is gone in the end, and another of its name can come before.
    peer.user(json!({"username": "ada"})).await;
    while peer.find(r#"username eq "ada""#).await.len() != 1 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn populations_and_groups_are_found_by_filters_over_pages() {
    let peer = Peer::new(Options::default()).await;
    for name in ["Staff", "Stage", "Guests"] {
        peer.with("POST", "/populations", json!({"name": name})).await;
        peer.with("POST", "/groups", json!({"name": name, "externalId": name})).await;
    }
    for (list, filter) in
        [("populations", "name%20sw%20%22sta%22"), ("groups", "externalId%20sw%20%22Sta%22")]
    {
        let (_, first) = peer.get(&format!("/{list}?limit=1&filter={filter}")).await;
        assert_eq!((&first["count"], &first["_embedded"][list][0]["name"]), (&json!(2), &json!("Staff")));
        let next = first["_links"]["next"]["href"].as_str().unwrap().strip_prefix(&peer.base).unwrap();
        let (_, second) = peer.get(next).await;
        assert_eq!(second["_embedded"][list][0]["name"], "Stage");
        assert_eq!(second["_links"].get("next"), None);
        let (status, error) = peer.get(&format!("/{list}?filter=description%20eq%20%22x%22")).await;
        assert_eq!((status, &complaint(&error)[1]), (400, &json!("INVALID_FILTER")));
    }
}

#[tokio::test]
async fn a_client_that_asks_for_json_gets_that_and_all_others_hal() {
    let peer = Peer::new(Options::default()).await;
    for (accept, expected) in [
        ("*/*", "application/hal+json;charset=UTF-8"),
        ("application/hal+json, application/json", "application/hal+json;charset=UTF-8"),
        ("application/json", "application/json;charset=UTF-8"),
        ("text/html, application/json;q=0.9", "application/json;charset=UTF-8"),
    ] {
        let request = peer.http.get(&peer.base).bearer_auth(&peer.token).header("accept", accept);
        assert_eq!(request.send().await.unwrap().headers()["content-type"], expected, "{accept}");
    }
}
