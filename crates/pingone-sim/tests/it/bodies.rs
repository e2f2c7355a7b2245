//! Bodies to the letter: the order of keys is the documented one, and the texts are those of recorded answers.

use pingone_sim::Options;
use serde_json::{Value, json};

use crate::peer::Peer;

/// The body as text, with everything that differs between runs replaced.
fn text(peer: &Peer, body: &Value) -> String {
    let environment = peer.simulator.environment.to_string();
    let text = serde_json::to_string_pretty(body).unwrap();
    let text = text.replace(&peer.base, "{env}").replace(&environment, "{envID}");
    let time = regex::Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z").unwrap();
    time.replace_all(&text, "{time}").into_owned()
}

#[tokio::test]
async fn a_created_user() {
    let peer = Peer::new(Options::default()).await;
    let population = peer.simulator.populations()[0].0.to_string();
    let body = json!({"email": "ada@example.com", "population": {"id": population}, "username": "ada"});
    let (status, user) = peer.with("POST", "/users", body).await;
    assert_eq!(status, 201);
    let id = user["id"].as_str().unwrap();
    let written = text(&peer, &user).replace(id, "{userID}").replace(&population, "{popID}");
    let keys: Vec<&str> = user.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "_links",
        "id",
        "environment",
        "account",
        "createdAt",
        "email",
        "enabled",
        "identityProvider",
        "lifecycle",
        "mfaEnabled",
        "population",
        "updatedAt",
        "username",
        "verifyStatus",
    ];
    assert_eq!(keys, expected);
    insta::assert_snapshot!(written, @r#"
    {
      "_links": {
        "self": {
          "href": "{env}/users/{userID}"
        },
        "environment": {
          "href": "{env}"
        },
        "population": {
          "href": "{env}/populations/{popID}"
        },
        "devices": {
          "href": "{env}/users/{userID}/devices"
        },
        "roleAssignments": {
          "href": "{env}/users/{userID}/roleAssignments"
        },
        "password": {
          "href": "{env}/users/{userID}/password"
        },
        "password.reset": {
          "href": "{env}/users/{userID}/password"
        },
        "password.set": {
          "href": "{env}/users/{userID}/password"
        },
        "password.check": {
          "href": "{env}/users/{userID}/password"
        },
        "password.recover": {
          "href": "{env}/users/{userID}/password"
        },
        "linkedAccounts": {
          "href": "{env}/users/{userID}/linkedAccounts"
        },
        "account.sendVerificationCode": {
          "href": "{env}/users/{userID}"
        },
        "memberOfGroups": {
          "href": "{env}/users/{userID}/memberOfGroups"
        }
      },
      "id": "{userID}",
      "environment": {
        "id": "{envID}"
      },
      "account": {
        "canAuthenticate": true,
        "status": "OK"
      },
      "createdAt": "{time}",
      "email": "ada@example.com",
      "enabled": true,
      "identityProvider": {
        "type": "PING_ONE"
      },
      "lifecycle": {
        "status": "ACCOUNT_OK"
      },
      "mfaEnabled": false,
      "population": {
        "id": "{popID}"
      },
      "updatedAt": "{time}",
      "username": "ada",
      "verifyStatus": "NOT_INITIATED"
    }
    "#);
}

#[tokio::test]
async fn an_empty_list() {
    let peer = Peer::new(Options::default()).await;
    let response = peer.send("GET", "/users?limit=100&filter=username%20eq%20%22nobody%22", None).await;
    assert_eq!(response.headers()["content-type"], "application/hal+json;charset=UTF-8");
    let written = response.text().await.unwrap().replace(&peer.base, "{env}");
    insta::assert_snapshot!(written, @r#"
    {
      "_links" : {
        "self" : {
          "href" : "{env}/users?filter=username+eq+%22nobody%22&limit=100"
        }
      },
      "_embedded" : {
        "users" : [ ]
      },
      "count" : 0,
      "size" : 0
    }
    "#);
}

#[tokio::test]
async fn a_taken_username() {
    let peer = Peer::new(Options::default()).await;
    peer.user(json!({"username": "ada"})).await;
    let (status, error) = peer.import(json!({"username": "Ada"})).await;
    assert_eq!(status, 400);
    let written = text(&peer, &error).replace(error["id"].as_str().unwrap(), "{id}");
    insta::assert_snapshot!(written, @r#"
    {
      "id": "{id}",
      "code": "INVALID_DATA",
      "message": "The request could not be completed. One or more validation errors were in the request.",
      "details": [
        {
          "code": "UNIQUENESS_VIOLATION",
          "target": "username",
          "message": "is unique but a non-unique value is provided"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_bad_address_has_a_message_of_its_own() {
    let peer = Peer::new(Options::default()).await;
    let (status, error) = peer.import(json!({"username": "ada", "email": "ada"})).await;
    assert_eq!(status, 400);
    let written = text(&peer, &error).replace(error["id"].as_str().unwrap(), "{id}");
    insta::assert_snapshot!(written, @r#"
    {
      "id": "{id}",
      "code": "INVALID_DATA",
      "message": "Validation Error : [email must be a well-formed email address]",
      "details": [
        {
          "code": "INVALID_VALUE",
          "target": "email",
          "message": "must be a well-formed email address"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_population_and_the_state_of_a_password() {
    let peer = Peer::new(Options::default()).await;
    let body = json!({"name": "Staff", "description": "who works here"});
    let (status, population) = peer.with("POST", "/populations", body).await;
    assert_eq!(status, 201);
    let written = text(&peer, &population).replace(population["id"].as_str().unwrap(), "{popID}");
    let written = written.replace(population["theme"]["id"].as_str().unwrap(), "{themeID}");
    insta::assert_snapshot!(written, @r#"
    {
      "_links": {
        "self": {
          "href": "{env}/populations/{popID}"
        },
        "environment": {
          "href": "{env}"
        },
        "theme": {
          "href": "{env}/themes/{themeID}"
        }
      },
      "id": "{popID}",
      "environment": {
        "id": "{envID}"
      },
      "name": "Staff",
      "description": "who works here",
      "userCount": 0,
      "createdAt": "{time}",
      "updatedAt": "{time}",
      "preferredLanguage": "en",
      "theme": {
        "id": "{themeID}"
      },
      "default": false
    }
    "#);
    let path = peer.user(json!({"username": "ada", "password": {"value": "2Federate!"}})).await;
    let (_, password) = peer.get(&format!("{path}/password")).await;
    let policy = password["passwordPolicy"]["id"].as_str().unwrap();
    let written = text(&peer, &password).replace(&path, "/users/{userID}").replace(policy, "{policyID}");
    let written = written.replace(path.strip_prefix("/users/").unwrap(), "{userID}");
    insta::assert_snapshot!(written, @r#"
    {
      "_links": {
        "self": {
          "href": "{env}/users/{userID}/password"
        },
        "environment": {
          "href": "{env}"
        },
        "user": {
          "href": "{env}/users/{userID}"
        },
        "passwordPolicy": {
          "href": "{env}/passwordPolicies/{policyID}"
        },
        "password.check": {
          "href": "{env}/users/{userID}/password"
        },
        "password.reset": {
          "href": "{env}/users/{userID}/password"
        },
        "password.set": {
          "href": "{env}/users/{userID}/password"
        },
        "password.recover": {
          "href": "{env}/users/{userID}/password"
        }
      },
      "environment": {
        "id": "{envID}"
      },
      "user": {
        "id": "{userID}"
      },
      "passwordPolicy": {
        "id": "{policyID}"
      },
      "status": "OK",
      "lastChangedAt": "{time}"
    }
    "#);
}
