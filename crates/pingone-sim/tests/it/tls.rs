use pingone_sim::{Fault, Options};
use serde_json::json;

use crate::peer::Peer;

#[tokio::test]
async fn whoever_trusts_the_certificate_is_served_and_nobody_else() {
    let peer = Peer::new(Options { tls: true, ..Options::default() }).await;
    assert!(peer.simulator.api_url.starts_with("https://127.0.0.1:"));
    let path = peer.user(json!({"username": "ada"})).await;
    let (_, user) = peer.get(&path).await;
    assert_eq!(user["_links"]["self"]["href"], format!("{}{path}", peer.base));
    let stranger = reqwest::Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(&peer.base).send().await.unwrap_err().is_connect());
    let named = peer.base.replace("127.0.0.1", "localhost");
    assert_eq!(peer.http.get(named).bearer_auth(&peer.token).send().await.unwrap().status(), 200);
    peer.simulator.fail_next(1, Fault::Reset, |_| true);
    assert!(peer.http.get(&peer.base).bearer_auth(&peer.token).send().await.is_err());
    assert_eq!(peer.get(&path).await.0, 200, "the next connection is as good as new");
}

#[tokio::test]
async fn the_certificate_is_for_further_names_on_demand() {
    let names = vec!["api.pingone.test".to_owned()];
    let peer = Peer::new(Options { tls: true, tls_names: names, ..Options::default() }).await;
    let certificate = peer.simulator.certificate.as_ref().unwrap();
    let certificate = reqwest::Certificate::from_pem(certificate.as_bytes()).unwrap();
    for (name, is_served) in [("api.pingone.test", true), ("auth.pingone.test", false)] {
        let client = reqwest::Client::builder().no_proxy().resolve(name, peer.simulator.address());
        let client = client.tls_certs_only([certificate.clone()]).build().unwrap();
        let url = peer.base.replace("127.0.0.1", name);
        let answer = client.get(url).bearer_auth(&peer.token).send().await;
        assert_eq!(answer.is_ok(), is_served, "{name}");
    }
}
