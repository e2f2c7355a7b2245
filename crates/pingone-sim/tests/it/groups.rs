use pingone_sim::Options;
use serde_json::json;

use crate::peer::{Peer, answer, complaint};

#[tokio::test]
async fn users_are_put_into_groups_found_by_them_and_leave_with_their_population() {
    let peer = Peer::new(Options { populations: vec!["A".into(), "B".into()], ..Options::default() }).await;
    let populations: Vec<String> =
        peer.simulator.populations().iter().map(|(id, _)| id.to_string()).collect();
    let group = |name: &str, population: Option<&str>| json!({"name": name, "population": population.map(|id| json!({"id": id}))});
    let (status, readers) = peer.with("POST", "/groups", group("Readers", None)).await;
    assert_eq!(status, 201);
    let (_, local) = peer.with("POST", "/groups", group("Readers", Some(&populations[0]))).await;
    let (status, error) = peer.with("POST", "/groups", group("Readers", None)).await;
    assert_eq!((status, complaint(&error)), (400, json!(["INVALID_DATA", "UNIQUENESS_VIOLATION", "name"])));

    let path = peer.user(json!({"username": "ada"})).await;
    let of = format!("{path}/memberOfGroups");
    for group in [&readers, &local] {
        let (status, membership) = peer.with("POST", &of, json!({"id": group["id"]})).await;
        assert_eq!(
            (status, &membership["type"], &membership["name"]),
            (201, &json!("DIRECT"), &json!("Readers"))
        );
    }
    assert_eq!(peer.get(&of).await.1["size"], 2);
    let id = local["id"].as_str().unwrap();
    assert_eq!(peer.find(&format!(r#"memberOfGroups[id eq "{id}"] and username sw "A""#)).await, ["ada"]);
    let (_, user) = peer.get(&format!("{path}?include=memberOfGroupNames,memberOfGroupIDs")).await;
    assert_eq!(user["memberOfGroupNames"], json!(["Readers", "Readers"]));
    assert_eq!(user["memberOfGroupIDs"], json!([readers["id"], local["id"]]));

    peer.with("PUT", &format!("{path}/population"), json!({"id": populations[1]})).await;
    assert_eq!(peer.get(&of).await.1["_embedded"]["groupMemberships"][0]["id"], readers["id"]);
    let (status, error) = peer.with("POST", &of, json!({"id": id})).await;
    assert_eq!((status, &complaint(&error)[1]), (400, &json!("CONSTRAINT_VIOLATION")));
    let one = format!("{of}/{}", readers["id"].as_str().unwrap());
    let nested = format!("/groups/{}/memberOfGroups", readers["id"].as_str().unwrap());
    assert_eq!(peer.get(&nested).await.1["size"], 0, "groups are in no groups");
    assert_eq!(peer.send("DELETE", &one, None).await.status(), 204);
    assert_eq!(answer(peer.send("DELETE", &one, None).await).await.0, 404);
}
