//! The client against a simulator over real HTTP.

use std::time::Duration;

use pingone::{Client, Config, Error, NewUser, RetryPolicy};
use pingone_sim::{Assumptions, Fault, FaultKind, Options, RequestInfo, RetryAfter, Simulator};
use serde_json::json;

async fn simulator(options: Options) -> (Simulator, Client) {
    let simulator = Simulator::start(options).await.unwrap();
    let client = Client::new(config(&simulator)).unwrap();
    (simulator, client)
}

/// Impatient, so that failures are told soon.
fn config(simulator: &Simulator) -> Config {
    let mut config = Config::new(
        simulator.api_url.parse().unwrap(),
        simulator.auth_url.parse().unwrap(),
        simulator.environment,
        simulator.client_id.clone(),
        simulator.client_secret.clone(),
    );
    config.rate_ceiling = f64::INFINITY;
    config.request_timeout = Duration::from_secs(2);
    let base = Duration::from_millis(1);
    config.retry = RetryPolicy { max_attempts: 4, base, cap: base, ..RetryPolicy::default() };
    config
}

fn ada(client_population: Option<uuid::Uuid>) -> NewUser {
    NewUser::new("ada", client_population).with("email", "ada@example.com").with("name.given", "Ada")
}

#[tokio::test]
async fn a_user_is_created_found_changed_and_deleted() {
    let (simulator, client) = simulator(Options::default()).await;
    let population = client.populations().await.unwrap()[0].id;
    let created = client.create_user(&ada(Some(population))).await.unwrap();
    assert_eq!(client.user_by_username("ADA").await.unwrap().map(|user| user.id), Some(created.id));
    client.set_enabled(created.id, false).await.unwrap();
    let changes = json!({ "name": { "family": "Lovelace" } });
    client.update_user(created.id, changes.as_object().unwrap()).await.unwrap();
    let read = client.user(created.id).await.unwrap();
    assert!(!read.enabled);
    assert_eq!(read.attribute("name.given").and_then(|v| v.as_str()), Some("Ada"));
    assert_eq!(read.attribute("name.family").and_then(|v| v.as_str()), Some("Lovelace"));
    client.delete_user(created.id).await.unwrap();
    client.delete_user(created.id).await.unwrap();
    assert!(client.user(created.id).await.unwrap_err().is_not_found());
    assert_eq!(simulator.user_count(), 0);
}

#[tokio::test]
async fn a_taken_name_is_told_in_the_words_of_pingone() {
    let (_simulator, client) = simulator(Options::default()).await;
    client.create_user(&ada(None)).await.unwrap();
    let error = client.create_user(&ada(None).with("name.given", "Other")).await.unwrap_err();
    assert!(error.is_uniqueness_violation());
    assert_eq!((error.code(), error.target()), ("UNIQUENESS_VIOLATION", Some("username")));
    assert!(error.correlation_id().is_some());
}

#[tokio::test]
async fn names_cannot_break_out_of_the_filter() {
    let (_simulator, client) = simulator(Options::default()).await;
    client.create_user(&ada(None)).await.unwrap();
    for hostile in
        [r#"x" or username sw ""#, r#"\" or username eq "ada"#, "a&filter=x", "żółć 🦀", "a+b@c%20"]
    {
        assert_eq!(client.user_by_username(hostile).await.unwrap(), None, "{hostile}");
        let user = NewUser::new(hostile, None);
        let created = client.create_user(&user).await.unwrap();
        let found = client.user_by_username(hostile).await.unwrap().unwrap();
        assert_eq!((found.id, found.username.as_str()), (created.id, hostile));
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_happens_once() {
    for fault in [Fault::LoseAnswer, Fault::StatusAfter(503), Fault::Status(500), Fault::Reset] {
        let (simulator, client) = simulator(Options::default()).await;
        simulator.fail_next(2, fault, |request| request.is_create());
        let created = client.create_user(&ada(None)).await.unwrap();
        assert_eq!(created.username, "ada");
        assert_eq!(simulator.user_count(), 1);
        assert_eq!(simulator.write_counts().get("ada"), Some(&1));
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_found_although_searches_lag() {
    let assumptions = Assumptions { search_lag: Duration::from_millis(50), ..Assumptions::default() };
    let simulator = Simulator::start(Options { assumptions, ..Options::default() }).await.unwrap();
    let mut patient = config(&simulator);
    (patient.retry.base, patient.retry.cap) = (Duration::from_millis(20), Duration::from_secs(1));
    let client = Client::new(patient).unwrap();
    simulator.fail_next(1, Fault::LoseAnswer, |request| request.is_create());
    let lifecycle = json!({ "status": "VERIFICATION_REQUIRED", "suppressVerificationCode": true });
    client.create_user(&ada(None).with("lifecycle", lifecycle)).await.unwrap();
    assert_eq!((simulator.user_count(), client.metrics().recovered), (1, 1));
}

#[tokio::test]
async fn every_user_is_created_once_whatever_goes_wrong() {
    let options = Options {
        faults: 0.3,
        fault_kinds: vec![
            FaultKind::Throttled,
            FaultKind::ThrottledUntil,
            FaultKind::ServerError,
            FaultKind::Reset,
            FaultKind::Hang,
            FaultKind::LostAnswer,
            FaultKind::Slow,
        ],
        hang: Duration::from_millis(20),
        slow: Duration::from_millis(20),
        ..Options::default()
    };
    let simulator = Simulator::start(options).await.unwrap();
    let mut config = config(&simulator);
    config.request_timeout = Duration::from_secs(20);
    (config.retry.max_attempts, config.max_concurrency) = (20, 8);
    let client = Client::new(config).unwrap();
    let names: Vec<String> = (0..200).map(|n| format!("user{n}")).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for name in names.clone() {
        let client = client.for_job();
        tasks.spawn(async move { client.create_user(&NewUser::new(name, None)).await });
    }
    // So far apart that no request meets both: only one new token is asked for in a row.
    for created in [50, 150] {
        simulator.wait_until(|stats| stats.created >= created).await;
        simulator.revoke_tokens();
    }
    while let Some(created) = tasks.join_next().await {
        created.unwrap().unwrap();
    }
    let writes = simulator.write_counts();
    assert!(names.iter().all(|name| writes.get(name) == Some(&1)), "{writes:?}");
    let metrics = client.metrics();
    assert!(metrics.recovered > 0 && metrics.throttled > 0 && metrics.tokens > 1, "{metrics:?}");
}

#[tokio::test]
async fn a_certificate_can_be_trusted_beside_the_platforms() {
    let simulator = Simulator::start(Options { tls: true, ..Options::default() }).await.unwrap();
    let mut trusting = config(&simulator);
    trusting.extra_roots = simulator.certificate.clone().into_iter().collect();
    Client::new(trusting).unwrap().create_user(&ada(None)).await.unwrap();
    let error = Client::new(config(&simulator)).unwrap().authenticate().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn requests_that_fail_in_between_are_repeated() {
    let (simulator, client) = simulator(Options::default()).await;
    client.create_user(&ada(None)).await.unwrap();
    for fault in [Fault::Status(503), Fault::Reset, Fault::Throttle(RetryAfter::Absent)] {
        simulator.fail_next(2, fault, |request| request.is_user_list());
        assert!(client.user_by_username("ada").await.unwrap().is_some());
    }
    simulator.fail_next(100, Fault::Status(500), |request| request.is_user_list());
    assert!(matches!(client.user_by_username("ada").await, Err(Error::Server(_))));
}

#[tokio::test]
async fn a_revoked_token_is_replaced_and_many_calls_share_one() {
    let (simulator, client) = simulator(Options::default()).await;
    let calls = (0..100).map(|n| {
        let client = client.clone();
        tokio::spawn(async move { client.create_user(&NewUser::new(format!("user{n}"), None)).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(client.metrics().tokens, 1);
    simulator.revoke_tokens();
    client.populations().await.unwrap();
    assert_eq!(client.metrics().tokens, 2);
    simulator.fail_next(1, Fault::Status(403), |_| true);
    assert!(matches!(client.populations().await, Err(Error::Forbidden(_))));
    assert_eq!(simulator.user_count(), 100);
}

#[tokio::test]
async fn whoever_waits_is_told_after_three_attempts_and_uses_the_same_token() {
    let (simulator, client) = simulator(Options::default()).await;
    client.populations().await.unwrap();
    let hasty = client.hasty();
    simulator.fail_next(usize::MAX, Fault::Status(500), |request| request.path.ends_with("/populations"));
    let before = client.metrics().requests;
    assert!(matches!(hasty.populations().await, Err(Error::Server(_))));
    let metrics = client.metrics();
    assert_eq!((metrics.requests - before, metrics.tokens), (3, 1));
}

#[tokio::test]
async fn whoever_gives_up_soon_decides_nothing_for_the_patient() {
    let (simulator, client) = simulator(Options::default()).await;
    let hasty = client.hasty();
    simulator.fail_next(3, Fault::Status(503), |request| request.is_token());
    let (told, waited) = tokio::join!(hasty.populations(), client.populations());
    assert!(matches!(told, Err(Error::Server(_))), "{told:?}");
    waited.unwrap();
}

#[tokio::test]
async fn whoever_waits_for_a_token_holds_no_place_meanwhile() {
    let (simulator, client) = simulator(Options::default()).await;
    let (asked, mut waits) = tokio::sync::watch::channel(0);
    simulator.fail_next(3, Fault::Status(503), move |request| {
        if request.is_token() {
            asked.send_modify(|asked| *asked += 1);
        }
        request.is_token()
    });
    let patient = tokio::spawn({
        let client = client.clone();
        async move { client.populations().await }
    });
    waits.wait_for(|asked| *asked >= 2).await.unwrap();
    assert_eq!(client.metrics().in_flight, 0);
    patient.await.unwrap().unwrap();
}

#[tokio::test]
async fn tokens_that_end_by_chance_are_replaced_and_refused_ones_are_told() {
    let (simulator, client) = simulator(Options::default()).await;
    let is_for_populations = |request: &RequestInfo<'_>| request.path.ends_with("/populations");
    simulator.fail_next(4, Fault::ExpireToken, is_for_populations);
    client.populations().await.unwrap();
    assert_eq!(client.metrics().tokens, 5);
    simulator.fail_next(usize::MAX, Fault::Status(401), |_| true);
    let error = client.populations().await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized(_)) && error.concerns_connection(), "{error:?}");
}

#[tokio::test]
async fn a_request_that_is_refused_alone_concerns_nobody_else() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
    let mut config = config(&simulator);
    // Long enough for a search in between.
    (config.retry.base, config.retry.cap) = (Duration::from_millis(40), Duration::from_millis(40));
    let client = Client::new(config).unwrap();
    simulator.fail_next(usize::MAX, Fault::Status(401), |request| request.path.ends_with("/populations"));
    let others = tokio::spawn({
        let client = client.clone();
        async move { while client.user_by_username("ada").await.is_ok() {} }
    });
    let error = client.populations().await.unwrap_err();
    others.abort();
    assert!(matches!(error, Error::Rejected(_)) && error.status() == Some(401), "{error:?}");
}

#[tokio::test]
async fn wrong_credentials_and_unreachable_hosts_are_told_apart() {
    let (simulator, _) = simulator(Options::default()).await;
    let mut wrong = config(&simulator);
    wrong.client_secret = pingone::Secret::new("wrong");
    let error = Client::new(wrong).unwrap().authenticate().await.unwrap_err();
    assert!(matches!(&error, Error::Unauthorized(refusal) if refusal.code == "invalid_client"), "{error:?}");
    assert!(error.concerns_connection() && error.correlation_id().is_some());

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut nobody = config(&simulator);
    nobody.auth_url = format!("http://{address}").parse().unwrap();
    let error = Client::new(nobody).unwrap().authenticate().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn the_path_of_tokens_names_the_workers_environment_and_none_at_a_custom_domain() {
    let simulator = Simulator::start(Options { record: true, ..Options::default() }).await.unwrap();
    let custom = Config { custom_auth_domain: true, ..config(&simulator) };
    Client::new(custom).unwrap().populations().await.unwrap();
    let owner = uuid::Uuid::from_u128(1);
    let foreign = Config { auth_environment: Some(owner), ..config(&simulator) };
    let error = Client::new(foreign).unwrap().populations().await.unwrap_err();
    assert!(error.concerns_connection(), "the simulator has one environment: {error:?}");
    let paths = simulator.exchanges().into_iter().map(|exchange| exchange.path);
    let paths: Vec<_> = paths.filter(|path| path.ends_with("/as/token")).collect();
    assert_eq!(paths, ["/as/token".to_owned(), format!("/{owner}/as/token")]);
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let (_simulator, client) = simulator(Options::default()).await;
    for n in 0..450 {
        client.create_user(&NewUser::new(format!("user{n}"), None)).await.unwrap();
    }
    let (mut pages, mut names) = (client.users(None), std::collections::HashSet::new());
    while let Some(page) = pages.next().await.unwrap() {
        names.extend(page.into_iter().map(|user| user.username));
    }
    assert_eq!(names.len(), 450);
}

#[tokio::test]
async fn populations_beyond_the_first_page_are_listed_and_found() {
    let names: Vec<String> = (0..520).map(|number| format!("Population {number:03}")).collect();
    let (_simulator, client) = simulator(Options { populations: names.clone(), ..Options::default() }).await;
    let found: Vec<String> =
        client.populations().await.unwrap().into_iter().map(|population| population.name).collect();
    assert_eq!(found, names, "three pages of at most 250");
    assert!(client.population_by_name("Population 519").await.unwrap().is_some());
}

#[tokio::test]
async fn the_schema_lists_what_an_import_may_set() {
    let (_simulator, client) = simulator(Options::default()).await;
    let paths = client.schema().await.unwrap().importable_paths();
    for path in ["username", "email", "name.given", "address.countryCode"] {
        assert!(paths.iter().any(|found| found == path), "{path} in {paths:?}");
    }
    assert!(client.schema().await.unwrap().validate(&ada(None)).is_empty());
    let population = client.create_population("Staff").await.unwrap();
    assert_eq!(client.create_user(&ada(Some(population.id))).await.unwrap().population, population.id);
}
