//! Populations that are only tried out.

use serde_json::{Value, json};

use crate::kinds::{PEOPLE, World};

/// Everything that PingOne has of populations.
async fn all(world: &World) -> Value {
    world.run_in(&["populations", "list", "--json"], None).await.json()
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    assert_eq!(world.run_in(&["populations", "create", "Empty"], None).await.code, Some(0));
    let before = all(&world).await;
    let cases: [(&[&str], Value, &str); 6] = [
        (&["create", "New", "--description", "x"], json!(["create", "New", false]), "would be created"),
        (&["rename", "Guests", "New"], json!(["rename", "New", false]), "\"Guests\" would be called \"New\""),
        (&["rename", "Guests", "Guests"], json!(["nothing", "Guests", false]), "has this name already"),
        (&["set-default", "Guests"], json!(["set_default", "Guests", true]), "and \"Staff\" no longer"),
        (&["set-default", "Staff"], json!(["nothing", "Staff", true]), "is the default already"),
        (&["delete", "Empty"], json!(["delete", "Empty", false]), "would be deleted"),
    ];
    for (words, expected, line) in cases {
        let words = [&["populations"], words, &["--dry-run"]].concat();
        let told = world.run_in(&words, None).await;
        assert!(told.code == Some(0) && told.stdout.contains(line), "{words:?}: {told:?}");
        let told = world.run_in(&[&words[..], &["--json"]].concat(), None).await.json();
        assert_eq!(json!([told["would"], told["name"], told["default"]]), expected, "{words:?}: {told}");
    }
    assert_eq!(all(&world).await, before);
}

#[tokio::test]
async fn a_dry_run_is_refused_where_the_change_would_be() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let before = all(&world).await;
    let cases: [(&[&str], &str); 7] = [
        (&["create", "Staff"], "is the name of population"),
        (&["create", " "], "needs a name"),
        (&["rename", "Guests", "Staff"], "is the name of population"),
        (&["rename", "Gests", "New"], "did you mean \"Guests\"?"),
        (&["set-default", "Nobody"], "has no population \"Nobody\""),
        (&["delete", "Guests"], "has users"),
        (&["delete", "Staff"], "is the default"),
    ];
    for (words, reason) in cases {
        let words = [&["populations"], words].concat();
        let dry = world.run_in(&[&words[..], &["--dry-run"]].concat(), None).await;
        assert!(dry.code == Some(2) && dry.stderr.contains(reason), "{words:?}: {dry:?}");
        // What the dry run says holds: PingOne does refuse it.
        let done = world.run_in(&words, None).await;
        assert_eq!(done.code, Some(2), "{words:?}: {done:?}");
    }
    assert_eq!(all(&world).await, before);
}

#[tokio::test]
async fn what_was_done_is_said() {
    let world = World::new().await;
    let run = async |words: &[&str]| world.run_in(&[&["populations"], words].concat(), None).await.stdout;
    let created = run(&["create", "New"]).await;
    assert!(created.starts_with("Population \"New\" was created, with the id "), "{created}");
    let renamed = run(&["rename", "New", "Newer"]).await;
    assert_eq!(renamed, "Population \"New\" is called \"Newer\" now.\n");
    let deleted = run(&["delete", "Newer"]).await;
    assert_eq!(deleted, "Population \"Newer\" was deleted; it had no users.\n");
    run(&["create", "Other"]).await;
    let told: Value = serde_json::from_str(&run(&["delete", "Other", "--json"]).await).unwrap();
    assert_eq!((&told["done"], &told["name"]), (&"delete".into(), &"Other".into()), "{told}");
    assert_eq!(run(&["set-default", "Guests"]).await, "Population \"Guests\" is the default now.\n");
    run(&["set-default", "Staff"]).await;
    world.import("username\nada\n").await;
    let listed = run(&["list"]).await;
    assert!(listed.lines().any(|line| line.ends_with("  Staff, default, 1 user")), "{listed}");
}
