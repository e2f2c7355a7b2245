//! Everything that can be done to a user or a population that exists.

use std::time::Duration;

use pingone::{
    Client, Config, Error, Filter, NewPassword, NewPopulation, NewUser, PopulationChange, RetryPolicy,
    Secret, User, UserKey,
};
use pingone_sim::{Assumptions, Fault, Options, Simulator};
use serde_json::{Map, Value, json};

async fn world(options: Options) -> (Simulator, Client) {
    let simulator = Simulator::start(options).await.unwrap();
    let mut config = Config::new(
        simulator.api_url.parse().unwrap(),
        simulator.auth_url.parse().unwrap(),
        simulator.environment,
        simulator.client_id.clone(),
        simulator.client_secret.clone(),
    );
    config.rate_ceiling = f64::INFINITY;
    let base = Duration::from_millis(1);
    config.retry = RetryPolicy { max_attempts: 4, base, cap: base, ..RetryPolicy::default() };
    let client = Client::new(config).unwrap();
    (simulator, client)
}

async fn created(client: &Client, username: &str, attributes: Value) -> User {
    let mut user = NewUser::new(username, None);
    user.attributes = object(attributes);
    client.create_user(&user).await.unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

#[tokio::test]
async fn users_are_found_by_each_key() {
    let (_simulator, client) = world(Options::default()).await;
    let ada = created(&client, "ada", json!({"email": "Post@example.com", "externalId": "A-1"})).await;
    let bob = created(&client, "bob", json!({"email": "post@example.com", "externalId": "a-1"})).await;
    let table = [
        (UserKey::Id(ada.id), vec![ada.id]),
        (UserKey::Id(uuid::Uuid::nil()), vec![]),
        (UserKey::Username("BOB".into()), vec![bob.id]),
        (UserKey::Username("bo".into()), vec![]),
        (UserKey::Email("POST@example.com".into()), vec![ada.id, bob.id]),
        (UserKey::ExternalId("A-1".into()), vec![ada.id]),
        (UserKey::ExternalId(r#"" or username sw ""#.into()), vec![]),
    ];
    for (key, expected) in table {
        let found: Vec<_> = client.find_users(&key).await.unwrap().iter().map(|user| user.id).collect();
        assert_eq!(found, expected, "{key:?}");
    }
    assert_eq!(client.count_users(None).await.unwrap(), Some(2));
    assert_eq!(client.count_users(Some(&Filter::username("bob"))).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_change_holds_only_what_differs_and_clears_on_demand() {
    let (_simulator, client) = world(Options::default()).await;
    let attributes = json!({
        "email": "ada@example.com", "title": "Countess", "name": {"given": "Ada", "family": "Byron"},
    });
    let ada = created(&client, "ada", attributes).await;
    let wanted = object(json!({
        "username": "ada.l", "email": "ada@example.com", "title": null,
        "name": {"given": "Ada", "family": "Lovelace"},
    }));
    let changes = ada.changes_to(&wanted);
    let expected = json!({"username": "ada.l", "title": null, "name": {"family": "Lovelace"}});
    assert_eq!(Value::Object(changes.clone()), expected);
    let changed = client.update_user(ada.id, &changes).await.unwrap();
    assert_eq!(changed.username, "ada.l");
    assert_eq!(changed.attribute("title"), None);
    assert_eq!(changed.attribute("name.given"), Some(&json!("Ada")));
    assert_eq!(changed.attribute("name.family"), Some(&json!("Lovelace")));
    assert!(changed.changes_to(&wanted).is_empty());
}

#[tokio::test]
async fn a_custom_attribute_of_json_becomes_what_is_wanted() {
    let mut badge = pingone_sim::CustomAttribute::text("badge");
    badge.kind = pingone_sim::CustomType::Json;
    let options = Options { custom_attributes: vec![badge], ..Options::default() };
    let (_simulator, client) = world(options).await;
    let ada =
        created(&client, "ada", json!({"badge": {"level": 1, "doors": ["a", "b"], "at": {"x": 1}}})).await;
    let wanted = object(json!({"badge": {"level": 1, "doors": ["b"], "at": {"y": 2}}}));
    let changed = client.update_user(ada.id, &ada.changes_to(&wanted)).await.unwrap();
    assert_eq!(changed.attributes.get("badge"), wanted.get("badge"));
}

#[tokio::test]
async fn whatever_a_user_has_beside_attributes_has_a_request_of_its_own() {
    let (simulator, client) = world(Options::default()).await;
    let ada = created(&client, "ada", json!({"email": "ada@example.com"})).await;
    let staff = client.create_population("Staff").await.unwrap();
    client.set_population(ada.id, staff.id).await.unwrap();
    client.set_enabled(ada.id, false).await.unwrap();
    client.set_mfa_enabled(ada.id, true).await.unwrap();
    let read = client.user(ada.id).await.unwrap();
    assert_eq!((read.population, read.enabled), (staff.id, false));
    assert_eq!(read.attribute("mfaEnabled"), Some(&json!(true)));
    assert_eq!(client.count_users(Some(&Filter::population(staff.id))).await.unwrap(), Some(1));
    let error = client.set_population(ada.id, uuid::Uuid::nil()).await.unwrap_err();
    assert!(matches!(error, Error::Rejected(_)), "{error:?}");
    assert_eq!(simulator.user("ada").unwrap()["population"]["id"], staff.id.to_string());
}

#[tokio::test]
async fn passwords_are_set_reset_cleared_and_refused() {
    let (simulator, client) = world(Options::default()).await;
    let ada = created(&client, "ada", json!({})).await;
    let status = async || client.password(ada.id).await.unwrap().status;
    assert_eq!(status().await, "NO_PASSWORD");
    let password = |value: &str, force_change| NewPassword { value: Secret::new(value), force_change };
    client.set_password(ada.id, &password("2Federate!", false)).await.unwrap();
    assert_eq!(status().await, "OK");
    assert!(simulator.has_password("ada", "2Federate!"));
    let weak = client.set_password(ada.id, &password("weak", false)).await.unwrap_err();
    assert_eq!((weak.code(), weak.target()), ("INVALID_VALUE", Some("password")));
    let requirements = &weak.refusal().unwrap().details[0].inner["unsatisfiedRequirements"];
    assert_eq!(*requirements, json!(["length", "minCharacters"]));
    client.set_password_bypassing_policy(ada.id, &password("weak", true)).await.unwrap();
    assert_eq!(status().await, "MUST_CHANGE_PASSWORD");
    client.set_password(ada.id, &password("{BCRYPT}$2a$10$N9qo8uLOickgx2ZMRZoMye", false)).await.unwrap();
    assert_eq!(status().await, "OK");
    client.force_password_change(ada.id).await.unwrap();
    assert_eq!(status().await, "MUST_CHANGE_PASSWORD");
    client.reset_password(ada.id, &Secret::new("once")).await.unwrap();
    assert!(simulator.has_password("ada", "once"));
    client.clear_password(ada.id).await.unwrap();
    assert_eq!(status().await, "NO_PASSWORD");
}

#[tokio::test]
async fn a_password_whose_answer_was_lost_is_not_refused_as_an_old_one() {
    let assumptions = Assumptions { password_history: true, ..Assumptions::default() };
    let (simulator, client) = world(Options { assumptions, ..Options::default() }).await;
    let ada = created(&client, "ada", json!({})).await;
    let password = NewPassword { value: Secret::new("2Federate!"), force_change: false };
    simulator.fail_next(1, Fault::LoseAnswer, |request| request.path.ends_with("/password"));
    client.set_password(ada.id, &password).await.unwrap();
    let again = client.set_password(ada.id, &password).await.unwrap_err();
    assert_eq!(again.target(), Some("password"), "a second call is another matter");
}

#[tokio::test]
async fn changes_whose_answer_is_lost_take_effect_once_or_again() {
    for fault in [Fault::LoseAnswer, Fault::StatusAfter(503), Fault::Reset] {
        let (simulator, client) = world(Options::default()).await;
        let ada = created(&client, "ada", json!({"title": "Countess"})).await;
        simulator.fail_next(1, fault.clone(), |request| request.method == "PATCH");
        simulator.fail_next(1, fault.clone(), |request| request.path.ends_with("/enabled"));
        simulator.fail_next(1, fault.clone(), |request| request.method == "DELETE");
        client.update_user(ada.id, &object(json!({"title": null, "username": "ada.l"}))).await.unwrap();
        client.set_enabled(ada.id, false).await.unwrap();
        let read = client.user(ada.id).await.unwrap();
        assert_eq!((read.attribute("title"), read.username.as_str(), read.enabled), (None, "ada.l", false));
        client.delete_user(ada.id).await.unwrap();
        assert_eq!(simulator.user_count(), 0);
    }
}

#[tokio::test]
async fn populations_are_created_renamed_made_default_and_deleted() {
    let (simulator, client) = world(Options::default()).await;
    let first = client.populations().await.unwrap().remove(0);
    assert!(first.default);
    let new = NewPopulation { description: Some("who works here".into()), ..NewPopulation::new("Staff") };
    simulator.fail_next(1, Fault::LoseAnswer, |request| request.method == "POST");
    let staff = client.add_population(&new).await.unwrap();
    assert_eq!(simulator.populations().len(), 2);
    let taken = client.create_population("Staff").await.unwrap_err();
    assert!(taken.is_uniqueness_violation());
    let taken = client.rename_population(staff.id, "Default").await.unwrap_err();
    assert_eq!((taken.code(), taken.target()), ("UNIQUENESS_VIOLATION", Some("name")));

    let renamed = client.rename_population(staff.id, "Employees").await.unwrap();
    assert_eq!(renamed.description.as_deref(), Some("who works here"));
    let cleared = PopulationChange { description: Some(String::new()), ..PopulationChange::default() };
    assert_eq!(client.update_population(staff.id, &cleared).await.unwrap().description, None);
    assert!(client.set_default_population(staff.id).await.unwrap().default);
    assert!(!client.population(first.id).await.unwrap().default);

    let ada = created(&client, "ada", json!({})).await;
    assert_eq!(ada.population, staff.id);
    assert!(client.delete_population(staff.id).await.unwrap_err().is_constraint_violation());
    client.delete_user(ada.id).await.unwrap();
    let is_default = client.delete_population(staff.id).await.unwrap_err();
    assert!(is_default.is_constraint_violation(), "{is_default}");
    client.set_default_population(first.id).await.unwrap();
    client.delete_population(staff.id).await.unwrap();
    client.delete_population(staff.id).await.unwrap();
    assert!(client.population(staff.id).await.unwrap_err().is_not_found());
    assert_eq!(client.population_by_name("Default").await.unwrap().map(|found| found.id), Some(first.id));
}
