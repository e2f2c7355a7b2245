use std::time::Duration;

use pingone::{
    Client, Config, Filter, NewPassword, NewPopulation, NewUser, PopulationChange, RetryPolicy, Secret,
    UserKey,
};
use pingone_sim::{Access, CustomAttribute, CustomType, Exchange, Fault, Options, RetryAfter, Simulator};
use serde_json::{Value, json};
use uuid::Uuid;

/// Does everything that the client can do, and much that PingOne refuses.
pub(crate) async fn everything() -> Vec<Exchange> {
    let mut badge = CustomAttribute::text("badge");
    (badge.kind, badge.unique) = (CustomType::Json, false);
    let mut number = CustomAttribute::text("number");
    (number.unique, number.pattern) = (true, Some("[0-9]+".into()));
    let options = Options { record: true, custom_attributes: vec![badge, number], ..Options::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let client = client(&simulator);
    let ids = users(&client).await;
    populations(&client, ids[0]).await;
    passwords(&client, ids[0]).await;
    groups(&simulator, &client, ids[0]).await;
    client.schema().await.unwrap();
    other_reads_and_writes(&simulator, ids[1]).await;
    refusals(&simulator, &client).await;
    for id in ids {
        client.delete_user(id).await.unwrap();
    }
    simulator.exchanges()
}

fn client(simulator: &Simulator) -> Client {
    let mut config = Config::new(
        simulator.api_url.parse().unwrap(),
        simulator.auth_url.parse().unwrap(),
        simulator.environment,
        simulator.client_id.clone(),
        simulator.client_secret.clone(),
    );
    let base = Duration::from_millis(1);
    config.retry = RetryPolicy { max_attempts: 2, base, cap: base, ..RetryPolicy::default() };
    config.rate_ceiling = f64::INFINITY;
    Client::new(config).unwrap()
}

async fn users(client: &Client) -> Vec<Uuid> {
    let mut full = NewUser::new("ada", None);
    full.attributes = json!({
        "email": "ada@example.com", "emailVerified": true, "externalId": "A-1", "nickname": "Ada",
        "name": {"given": "Ada", "middle": "King", "family": "Lovelace", "formatted": "Ada Lovelace",
                 "honorificPrefix": "Lady", "honorificSuffix": "FRS"},
        "title": "Countess", "type": "Author", "locale": "en-GB", "preferredLanguage": "en-gb, en;q=0.8",
        "timezone": "Europe/London", "primaryPhone": "+44 20 7946 0000", "mobilePhone": "+44 7700 900000",
        "address": {"streetAddress": "12 St James's Square\nLondon", "locality": "London", "region": "Kent",
                    "postalCode": "SW1Y 4JH", "countryCode": "GB"},
        "photo": {"href": "https://example.com/ada.png"}, "lifecycle": {"status": "ACCOUNT_OK"},
        "mfaEnabled": true, "badge": {"level": 1}, "number": "7",
    })
    .as_object()
    .unwrap()
    .clone();
    full.password = Some(NewPassword { value: Secret::new("2Federate!"), force_change: true });
    let ada = client.create_user(&full).await.unwrap();
    let bob = client.create_user(&NewUser::new("bob", None)).await.unwrap();
    for key in [
        UserKey::Id(ada.id),
        UserKey::Username("ada".into()),
        UserKey::Email("ada@example.com".into()),
        UserKey::ExternalId("A-1".into()),
    ] {
        assert_eq!(client.find_users(&key).await.unwrap().len(), 1, "{key:?}");
    }
    client.count_users(None).await.unwrap();
    let changes = json!({"title": null, "name": {"family": "Byron"}, "badge": {"level": null}});
    client.update_user(ada.id, changes.as_object().unwrap()).await.unwrap();
    client.set_enabled(ada.id, false).await.unwrap();
    vec![ada.id, bob.id]
}

async fn populations(client: &Client, user: Uuid) {
    let new = NewPopulation { description: Some("who works here".into()), ..NewPopulation::new("Staff") };
    client.populations().await.unwrap();
    let staff = client.add_population(&new).await.unwrap();
    client.set_population(user, staff.id).await.unwrap();
    client.users(Some(&Filter::population(staff.id))).next().await.unwrap();
    let change = PopulationChange { name: Some("Employees".into()), ..PopulationChange::default() };
    client.update_population(staff.id, &change).await.unwrap();
    client.delete_population(staff.id).await.unwrap_err();
    let empty = client.create_population("Empty").await.unwrap();
    client.delete_population(empty.id).await.unwrap();
}

async fn passwords(client: &Client, user: Uuid) {
    let password =
        NewPassword { value: Secret::new("{BCRYPT}$2a$10$N9qo8uLOickgx2ZMRZoMye"), force_change: false };
    client.set_password(user, &password).await.unwrap();
    client.set_password_bypassing_policy(user, &password).await.unwrap();
    client.reset_password(user, &Secret::new("once")).await.unwrap();
    client.force_password_change(user).await.unwrap();
    client.clear_password(user).await.unwrap();
    client.password(user).await.unwrap();
}

async fn groups(simulator: &Simulator, client: &Client, user: Uuid) {
    let group = simulator.add_group("Readers", None);
    client.groups().await.unwrap();
    client.add_to_group(user, group).await.unwrap();
    assert_eq!(client.groups_of(user).await.unwrap()[0].id, group);
    client.users(Some(&Filter::member_of(group))).next().await.unwrap();
    client.remove_from_group(user, group).await.unwrap();
    client.remove_from_group(user, group).await.unwrap();
}

async fn refusals(simulator: &Simulator, client: &Client) {
    let refused = [
        NewUser::new("ada", None),
        NewUser::new("", None),
        NewUser::new("x", Some(Uuid::nil())),
        NewUser::new("x", None).with("email", "no address"),
        NewUser::new("x", None).with("number", "seven"),
        NewUser::new("x", None).with("number", "7"),
    ];
    for user in refused {
        client.create_user(&user).await.unwrap_err();
    }
    client.user(Uuid::nil()).await.unwrap_err();
    for fault in
        [Fault::Status(500), Fault::Throttle(RetryAfter::Absent), Fault::Status(403), Fault::ExpireToken]
    {
        simulator.fail_next(1, fault, |request| request.is_user_list());
        let _ = client.count_users(None).await;
    }
    simulator.set_access(Access::ReadOnly);
    client.create_user(&NewUser::new("nobody", None)).await.unwrap_err();
    simulator.set_access(Access::Full);
    assert!(
        simulator.exchanges().iter().any(|exchange| exchange.response.contains(&json!("number").to_string()))
    );
    let is_error = |exchange: &Exchange| serde_json::from_str::<Value>(&exchange.response).is_ok();
    assert!(simulator.exchanges().iter().filter(|exchange| exchange.status >= 400).all(is_error));
}

/// What PingOne offers and the client has no use for.
async fn other_reads_and_writes(simulator: &Simulator, user: Uuid) {
    let http = reqwest::Client::new();
    let token = http
        .post(format!("{}/{}/as/token", simulator.auth_url, simulator.environment))
        .basic_auth(&simulator.client_id, Some(&simulator.client_secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let token: Value = token.send().await.unwrap().json().await.unwrap();
    let base = format!("{}/environments/{}", simulator.api_url, simulator.environment);
    let send = async |method: &str, path: &str, body: Option<Value>| -> Value {
        let mut request = http.request(method.parse().unwrap(), format!("{base}{path}"));
        request = request.bearer_auth(token["access_token"].as_str().unwrap());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default()
    };
    send("GET", "", None).await;
    send("GET", &format!("/users/{user}/enabled"), None).await;
    send("GET", &format!("/users/{user}/population"), None).await;
    send("PUT", &format!("/users/{user}"), Some(json!({"username": "bob", "email": "bob@example.com"})))
        .await;
    let group = send("POST", "/groups", Some(json!({"name": "Writers"}))).await;
    let group = group["id"].as_str().unwrap();
    send("GET", &format!("/groups/{group}"), None).await;
    send("POST", &format!("/users/{user}/memberOfGroups"), Some(json!({ "id": group }))).await;
    send("GET", &format!("/users/{user}/memberOfGroups/{group}"), None).await;
    send("GET", &format!("/users/{user}?include=memberOfGroupNames"), None).await;
    send("DELETE", &format!("/groups/{group}"), None).await;
    let schemas = send("GET", "/schemas", None).await;
    let schema = schemas["_embedded"]["schemas"][0]["id"].as_str().unwrap();
    send("GET", &format!("/schemas/{schema}"), None).await;
    let attributes = send("GET", &format!("/schemas/{schema}/attributes"), None).await;
    let attribute = attributes["_embedded"]["attributes"][0]["id"].as_str().unwrap();
    send("GET", &format!("/schemas/{schema}/attributes/{attribute}"), None).await;
}
