use pingone_sim::{Access, Assumptions, CustomAttribute, CustomType, Options, PasswordPolicy};
use serde_json::{Value, json};

use crate::peer::{Peer, answer, complaint};

#[tokio::test]
async fn a_patch_merges_and_a_put_replaces() {
    let mut badge = CustomAttribute::text("badge");
    badge.kind = CustomType::Json;
    let peer = Peer::new(Options { custom_attributes: vec![badge], ..Options::default() }).await;
    let path = peer
        .user(json!({
            "username": "ada", "title": "Countess", "name": {"given": "Ada", "family": "Byron"},
            "badge": {"level": 1, "doors": ["a", "b"]},
        }))
        .await;
    let patch =
        json!({"name": {"family": "Lovelace"}, "title": null, "badge": {"doors": ["c"], "level": null}});
    let (status, user) = peer.with("PATCH", &path, patch).await;
    assert_eq!(status, 200);
    assert_eq!(user["name"], json!({"given": "Ada", "family": "Lovelace"}));
    assert_eq!((user.get("title"), &user["badge"]), (None, &json!({"doors": ["c"]})));
    assert_ne!(user["updatedAt"], Value::Null);
    // What has a resource of its own, what is unknown and what is written otherwise is ignored without a word.
    let ignored =
        json!({"enabled": false, "mfaEnabled": true, "population": {"id": "x"}, "Title": "x", "nix": 1});
    let (status, same) = peer.with("PATCH", &path, ignored).await;
    assert_eq!((status, &same["enabled"], &same["mfaEnabled"]), (200, &json!(true), &json!(false)));
    assert_eq!((same.get("Title"), same.get("nix"), &same["population"]), (None, None, &user["population"]));
    let (status, user) = peer.with("PUT", &path, json!({"username": "ada", "nickname": "A"})).await;
    assert_eq!((status, user.get("name"), &user["nickname"]), (200, None, &json!("A")));
    assert_eq!(peer.with("PUT", &path, json!({"nickname": "A"})).await.0, 400, "a username is required");
}

#[tokio::test]
async fn what_was_so_already_is_a_write_and_no_change() {
    let peer = Peer::new(Options::default()).await;
    let path = peer.user(json!({"username": "ada", "title": "Countess"})).await;
    let enabled = format!("{path}/enabled");
    let cases = [
        (&path, "PATCH", json!({"title": "Countess"}), (2, 1)),
        (&path, "PATCH", json!({"title": "Dr"}), (3, 2)),
        (&enabled, "PUT", json!({"enabled": true}), (4, 2)),
        (&enabled, "PUT", json!({"enabled": false}), (5, 3)),
        (&enabled, "PUT", json!({"enabled": false}), (6, 3)),
    ];
    for (path, method, body, expected) in cases {
        assert_eq!(peer.with(method, path, body).await.0, 200);
        let counts = (peer.simulator.write_counts()["ada"], peer.simulator.change_counts()["ada"]);
        assert_eq!(counts, expected, "{method} {path}");
    }
    assert_eq!(peer.send("DELETE", &path, None).await.status(), 204);
    assert_eq!((peer.simulator.write_counts()["ada"], peer.simulator.change_counts()["ada"]), (7, 4));
}

#[tokio::test]
async fn every_kind_of_mistake_is_refused_in_its_own_words() {
    let mut number = CustomAttribute::text("number");
    (number.unique, number.pattern) = (true, Some("[0-9]+".into()));
    let (mut badge, mut tags) = (CustomAttribute::text("badge"), CustomAttribute::text("tags"));
    (badge.kind, tags.multi_valued) = (CustomType::Json, true);
    let peer =
        Peer::new(Options { custom_attributes: vec![number, badge, tags], ..Options::default() }).await;
    let languages = "en-US, en-gb;q=0.8, *;q=0";
    peer.user(json!({
        "username": "ada", "number": "7", "tags": ["x", "y"], "locale": "es-419", "preferredLanguage": languages,
    }))
    .await;
    assert_eq!(peer.find(r#"tags eq "y""#).await, ["ada"]);
    let with = |name: &str, value: Value| json!({"username": "x", name: value});
    let table = [
        (json!({"username": "ADA"}), json!(["INVALID_DATA", "UNIQUENESS_VIOLATION", "username"])),
        (with("number", json!("7")), json!(["INVALID_DATA", "UNIQUENESS_VIOLATION", "number"])),
        (with("number", json!("seven")), json!(["INVALID_DATA", "INVALID_VALUE", "number"])),
        (json!({}), json!(["INVALID_DATA", "INVALID_VALUE", "username"])),
        (json!({"username": "x".repeat(129)}), json!(["INVALID_DATA", "SIZE_LIMIT_EXCEEDED", "username"])),
        (with("title", json!("x".repeat(257))), json!(["INVALID_DATA", "SIZE_LIMIT_EXCEEDED", "title"])),
        (with("title", json!("")), json!(["INVALID_DATA", "EMPTY_VALUE", "title"])),
        (with("title", json!(7)), json!(["INVALID_DATA", "INVALID_VALUE", "title"])),
        (with("name", json!({"family": "a,b"})), json!(["INVALID_DATA", "INVALID_VALUE", "name.family"])),
        (
            with("address", json!({"countryCode": "gb"})),
            json!(["INVALID_DATA", "INVALID_VALUE", "address.countryCode"]),
        ),
        (with("locale", json!("en_GB")), json!(["INVALID_DATA", "INVALID_VALUE", "locale"])),
        (
            with("preferredLanguage", json!("en;q=2")),
            json!(["INVALID_DATA", "INVALID_VALUE", "preferredLanguage"]),
        ),
        (
            with("badge", json!("x".repeat(16 * 1024))),
            json!(["INVALID_DATA", "SIZE_LIMIT_EXCEEDED", "badge"]),
        ),
        (with("tags", json!(vec!["x"; 1001])), json!(["INVALID_DATA", "SIZE_LIMIT_EXCEEDED", "tags"])),
        (with("tags", json!(["x", ""])), json!(["INVALID_DATA", "EMPTY_VALUE", "tags"])),
        (with("number", json!(["7"])), json!(["INVALID_DATA", "INVALID_VALUE", "number"])),
        (with("primaryPhone", json!("none")), json!(["INVALID_DATA", "INVALID_VALUE", "primaryPhone"])),
        (with("timezone", json!("UTC")), json!(["INVALID_DATA", "INVALID_VALUE", "timezone"])),
        (with("photo", json!({"href": "ftp://x"})), json!(["INVALID_DATA", "INVALID_VALUE", "photo.href"])),
        (with("population", json!({"id": "x"})), json!(["INVALID_DATA", "INVALID_VALUE", "population.id"])),
        (with("password", json!({"value": "weak"})), json!(["INVALID_DATA", "INVALID_VALUE", "password"])),
        (with("password", json!({})), json!(["INVALID_DATA", "REQUIRED_VALUE", "password.value"])),
    ];
    for (body, expected) in table {
        let (status, error) = peer.import(body.clone()).await;
        assert_eq!((status, complaint(&error)), (400, expected), "{body}");
    }
    assert_eq!(peer.simulator.user_count(), 1);
}

#[tokio::test]
async fn wrong_methods_media_types_and_bodies_are_told_apart() {
    let peer = Peer::new(Options::default()).await;
    let path = peer.user(json!({"username": "ada"})).await;
    let status = async |method: &str, path: &str, media_type: &str| {
        peer.send(method, path, Some((media_type, json!({"enabled": true})))).await.status().as_u16()
    };
    assert_eq!(status("PATCH", "/users", "application/json").await, 405);
    assert_eq!(status("DELETE", &format!("{path}/enabled"), "application/json").await, 405);
    assert_eq!(status("PATCH", "/populations/x", "application/json").await, 405);
    assert_eq!(status("POST", "/users", "application/vnd.pingone.import.users+json").await, 415);
    assert_eq!(status("PATCH", &path, "application/merge-patch+json").await, 415);
    assert_eq!(status("PUT", &format!("{path}/password"), "application/json").await, 415);
    assert_eq!(status("PUT", &format!("{path}/enabled"), "text/plain").await, 415);
    assert_eq!(status("GET", "/nothing", "application/json").await, 404);
    let request = peer.http.post(format!("{}/users", peer.base)).bearer_auth(&peer.token);
    let (status, error) =
        answer(request.header("content-type", "application/json").body("{").send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (400, &json!("INVALID_REQUEST")));
    let foreign = format!("{}/environments/{}/users", peer.simulator.api_url, uuid::Uuid::nil());
    let (status, error) = answer(peer.http.get(foreign).bearer_auth(&peer.token).send().await.unwrap()).await;
    assert_eq!((status, &error["code"]), (404, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn a_population_is_deleted_only_when_it_is_empty_and_not_the_default() {
    let peer =
        Peer::new(Options { populations: vec!["Default".into(), "Staff".into()], ..Options::default() })
            .await;
    let ids: Vec<String> = peer.simulator.populations().iter().map(|(id, _)| id.to_string()).collect();
    let path = peer.user(json!({"username": "ada", "population": {"id": ids[1]}})).await;
    let delete =
        async |id: &str| answer(peer.send("DELETE", &format!("/populations/{id}"), None).await).await;
    let (status, error) = delete(&ids[1]).await;
    assert_eq!((status, complaint(&error)), (400, json!(["INVALID_DATA", "CONSTRAINT_VIOLATION", null])));
    assert_eq!(delete(&ids[0]).await.0, 400, "the default population");
    let (status, moved) = peer.with("PUT", &format!("{path}/population"), json!({"id": ids[0]})).await;
    assert_eq!((status, &moved["id"]), (200, &json!(ids[0])));
    assert_eq!(delete(&ids[1]).await.0, 204);
    assert_eq!(delete(&ids[1]).await.0, 404);
    assert_eq!(peer.get(&format!("/populations/{}", ids[0])).await.1["userCount"], 1);
}

#[tokio::test]
async fn assumptions_can_be_turned_round() {
    let assumptions = Assumptions {
        email_required: true,
        empty_text: true,
        duplicate_status: 409,
        case_sensitive_usernames: true,
        password_policy: PasswordPolicy::Never,
        refuse_order: true,
        page_limit: 3,
        short_page_every: None,
        invalid_filter_code: "INVALID_REQUEST".into(),
        ..Assumptions::default()
    };
    let peer = Peer::new(Options { assumptions, ..Options::default() }).await;
    let (status, error) = peer.import(json!({"username": "ada"})).await;
    assert_eq!((status, complaint(&error)), (400, json!(["INVALID_DATA", "REQUIRED_VALUE", "email"])));
    let user =
        |name: &str| json!({"username": name, "email": "a@b.c", "title": "", "password": {"value": "weak"}});
    for name in ["ada", "Ada", "ADA", "aDA"] {
        peer.user(user(name)).await;
    }
    assert_eq!(peer.import(user("ada")).await.0, 409);
    assert_eq!(peer.get("/users?order=username").await.0, 400);
    assert_eq!(peer.get("/users?limit=100").await.1["size"], 3);
    assert_eq!(peer.get("/users?filter=x").await.1["code"], "INVALID_REQUEST");
}

#[tokio::test]
async fn rights_are_not_credentials() {
    let peer = Peer::new(Options::default()).await;
    peer.simulator.set_access(Access::ReadOnly);
    assert_eq!(peer.get("/users").await.0, 200);
    let (status, error) = peer.import(json!({"username": "ada"})).await;
    assert_eq!(
        (status, complaint(&error)),
        (403, json!(["ACCESS_FAILED", "INSUFFICIENT_PERMISSIONS", null]))
    );
    peer.simulator.revoke_tokens();
    let (status, error) = peer.get("/users").await;
    assert_eq!((status, complaint(&error)), (401, json!(["ACCESS_FAILED", "INVALID_TOKEN", null])));
}

#[tokio::test]
async fn an_account_is_locked_and_unlocked() {
    let peer = Peer::new(Options::default()).await;
    let path = peer.user(json!({"username": "ada"})).await;
    let post = async |kind: &str| {
        let media_type = format!("application/vnd.pingidentity.account.{kind}+json");
        answer(peer.send("POST", &path, Some((&media_type, json!({})))).await).await
    };
    let (status, user) = post("lock").await;
    assert_eq!((status, &user["account"]["status"]), (200, &json!("LOCKED")));
    assert_eq!(user["account"]["canAuthenticate"], false);
    assert_eq!(post("unlock").await.1["account"], json!({"canAuthenticate": true, "status": "OK"}));
    assert_eq!(post("erase").await.0, 415);
}

#[tokio::test]
async fn the_last_of_two_media_types_counts() {
    let peer = Peer::new(Options::default()).await;
    let path = peer.user(json!({"username": "ada"})).await;
    let request = peer.http.post(format!("{}{path}", peer.base)).bearer_auth(&peer.token);
    let request = request
        .header("content-type", "application/json")
        .header("content-type", "application/vnd.pingidentity.account.lock+json");
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_population_keeps_its_settings_until_a_put_leaves_them_out() {
    let peer = Peer::new(Options::default()).await;
    let (theme, policy) = (uuid::Uuid::new_v4().to_string(), uuid::Uuid::new_v4().to_string());
    let body = json!({
        "name": "Staff", "preferredLanguage": "de", "theme": {"id": theme}, "passwordPolicy": {"id": policy},
    });
    let (_, staff) = peer.with("POST", "/populations", body).await;
    let link = format!("{}/themes/{theme}", peer.base);
    assert_eq!((&staff["theme"]["id"], &staff["_links"]["theme"]["href"]), (&json!(theme), &json!(link)));
    assert_eq!((&staff["preferredLanguage"], &staff["passwordPolicy"]["id"]), (&json!("de"), &json!(policy)));
    let path = format!("/populations/{}", staff["id"].as_str().unwrap());
    let (_, staff) = peer.with("PUT", &path, json!({"name": "Staff"})).await;
    assert_eq!((&staff["preferredLanguage"], staff.get("passwordPolicy")), (&json!("en"), None));
}
