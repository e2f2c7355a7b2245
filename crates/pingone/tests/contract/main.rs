//! What the client sends and the simulator answers, held against PingOne's own API description.

mod description;
mod session;

use description::Description;
use pingone_sim::Exchange;

#[tokio::test]
async fn every_exchange_is_as_described() {
    let description = Description::load();
    let exchanges: Vec<Exchange> = session::everything().await;
    let mut seen = std::collections::BTreeSet::new();
    let mut problems = Vec::new();
    for exchange in exchanges.iter().filter(|exchange| !exchange.path.ends_with("/as/token")) {
        match description.check(exchange) {
            Ok(operation) => drop(seen.insert(operation)),
            Err(problem) => problems.push(format!("{} {}: {problem}", exchange.method, exchange.path)),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let missing: Vec<_> = description.operations().into_iter().filter(|name| !seen.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new(), "operations that the session does not use");
}

#[test]
fn the_check_finds_what_is_wrong() {
    let description = Description::load();
    let good = Exchange {
        method: "POST".into(),
        path: "/v1/environments/e/users".into(),
        query: None,
        content_type: Some("application/vnd.pingidentity.user.import+json".into()),
        request: r#"{"username":"ada"}"#.into(),
        status: 201,
        response: r#"{"username":"ada","id":"1"}"#.into(),
    };
    description.check(&good).unwrap();
    let table = [
        Exchange { method: "DELETE".into(), ..good.clone() },
        Exchange { path: "/v1/environments/e/userz".into(), ..good.clone() },
        Exchange { query: Some("force=1".into()), ..good.clone() },
        Exchange { content_type: Some("text/plain".into()), ..good.clone() },
        Exchange { request: r#"{"username":5}"#.into(), ..good.clone() },
        Exchange { request: r#"{"username":"ada","name":{"family":"a,b"}}"#.into(), ..good.clone() },
        Exchange { status: 299, ..good.clone() },
        Exchange { response: r#"{"username":"ada","id":1}"#.into(), ..good.clone() },
        Exchange { response: "{".into(), ..good },
    ];
    for bad in table {
        assert!(description.check(&bad).is_err(), "{bad:?}");
    }
}
