//! What columns mean: shown before anything is sent, and saved for the next file.

use std::path::Path;

use serde_json::{Value, json};

use crate::kinds::World;

#[tokio::test]
async fn a_mapping_is_saved_once_its_file_was_accepted() {
    let world = World::new().await;
    let (wrong, right) = (
        world.file("wrong.csv", "username,dept,size\nada,x,1\n"),
        world.file("right.csv", "username,dept\nada,x\n"),
    );
    let saving = async |file: &str, name: &str| {
        world.run(&["import", file, "--map", "dept=title", "--save-mapping", name, "--json"]).await
    };
    let refused = saving(&wrong, "hr").await;
    assert_eq!(
        (refused.code, &refused.json()["error"]["code"]),
        (Some(2), &json!("unknown_column")),
        "{refused:?}"
    );
    let misnamed = saving(&right, "h/r").await;
    assert_eq!(misnamed.code, Some(2), "{misnamed:?}");
    assert_eq!(world.simulator.user_count(), 0, "a name that cannot be one is found out first");
    assert_eq!(world.run(&["mappings", "list", "--json"]).await.json(), json!([]));
    assert_eq!(saving(&right, "hr").await.code, Some(0));
    assert_eq!(world.run(&["mappings", "show", "hr"]).await.stdout, "hr: dept=title\n");
}

#[tokio::test]
async fn a_preview_shows_what_would_be_sent_and_sends_nothing() {
    let world = World::new().await;
    let text = "username,Dept,emial,password,enabled\nada,x,ada@example.com,Secret-1234,no\nbob,,b,,maybe\n";
    let file = world.file("people.csv", text);
    let shown = world.run(&["import", &file, "--map", "Dept=title", "--preview"]).await;
    assert_eq!(shown.code, Some(2), "a column that means nothing keeps the file from being used: {shown:?}");
    for part in [
        "2 rows, 1 would be sent, 1 wrong, 0 repeated",
        "  Dept      -> title  (x)\n",
        "  emial     means nothing; did you mean email?  (ada@example.com, b)\n",
        "  line 3, column 5 \"enabled\": INVALID_VALUE: ",
        "\"username\":\"ada\"",
        "  2  not sent\n",
    ] {
        assert!(shown.stdout.contains(part), "{part}: {}", shown.stdout);
    }
    let arguments = ["--map", "Dept=title", "--map", "emial=email", "--preview", "--json"];
    let preview = world.run(&[&["import", file.as_str()], &arguments[..]].concat()).await;
    let body = preview.json()["requests"][0]["body"].clone();
    assert_eq!(
        (&body["title"], &body["email"], &body["enabled"], &preview.json()["requests"][1]["body"]),
        (&json!("x"), &json!("ada@example.com"), &json!(false), &Value::Null),
        "{preview:?}"
    );
    assert!(!preview.stdout.contains("Secret-1234") && !shown.stdout.contains("Secret-1234"));
    let modify = world.run(&[&["modify", file.as_str()], &arguments[..]].concat()).await.json();
    assert_eq!(
        modify["requests"][0]["body"].get("username"),
        None,
        "a change does not set its key: {modify}"
    );
    assert_eq!((preview.code, world.simulator.user_count()), (Some(1), 0), "{preview:?}");
    assert_eq!(world.run(&["jobs", "list", "--json"]).await.json(), json!([]));
    assert_eq!(std::fs::read_dir(world.dir.path().join("data/inputs")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_modify_says_how_it_creates_whom_there_is_not() {
    let world = World::new().await;
    let (file, to) = (world.file("people.csv", "username,title\nada,Dr\n"), world.path("passwords.csv"));
    let options = ["--default-disabled", "--force-password-change", "--generate-passwords", &to, "--json"];
    let refused = world.run(&[&["modify", file.as_str()], &options[..]].concat()).await;
    assert!(refused.code == Some(2) && refused.stderr.contains("--create-missing"), "{refused:?}");
    let done = world.run(&[&["modify", file.as_str(), "--create-missing"], &options[..]].concat()).await;
    assert_eq!((done.code, &done.json()["created"]), (Some(0), &json!(1)), "{done:?}");
    assert_eq!(world.simulator.user("ada").unwrap()["enabled"], false);
    let text = std::fs::read_to_string(Path::new(&to)).unwrap();
    let (name, password) = text.lines().nth(1).unwrap().split_once(',').unwrap();
    assert!(world.simulator.has_password(name, password), "{text}");
}

#[tokio::test]
async fn a_file_that_names_nobody_is_shown_with_what_is_meant() {
    let world = World::new().await;
    let file = world.file("people.csv", "usrname,email\nada,ada@example.com\nbob,bob@example.com\n");
    let shown = world.run(&["import", &file, "--preview"]).await;
    assert_eq!(shown.code, Some(2), "{shown:?}");
    for part in [
        "2 rows, 0 would be sent, 2 wrong",
        "usrname  means nothing; did you mean username?",
        "email    -> email",
        "--map \"usrname=username\", or leave them out",
        "line 1: username_column_missing: ",
        "did you mean \"usrname\"? name the column username",
    ] {
        assert!(shown.stdout.contains(part), "{part} in {shown:?}");
    }
    let lenient = world.run(&["import", &file, "--preview", "--ignore-unknown-columns"]).await;
    assert_eq!(lenient.code, Some(2), "it names nobody all the same: {lenient:?}");
    let mapped = world.run(&["import", &file, "--preview", "--map", "usrname=username"]).await;
    assert_eq!(mapped.code, Some(0), "{mapped:?}");
    let hopeless = world.file("hopeless.csv", "email\nada@example.com\n");
    let refused = world.run(&["import", &hopeless, "--preview"]).await;
    assert!(refused.code == Some(2) && refused.stdout.is_empty(), "no column may be meant: {refused:?}");
    let keyed = world.file("ids.csv", "username,extrnalId\nada,1\n");
    let refused = world.run(&["modify", &keyed, "--match-by", "external-id"]).await;
    assert!(refused.stderr.contains("--map \"extrnalId=externalId\""), "{refused:?}");
}

#[tokio::test]
async fn a_preview_knows_what_a_job_warns_of_and_creates() {
    let world = World::new().await;
    let file = world.file("people.csv", "username,title,population\nada,Dr,Nowhere\nbob\n");
    let shown = world.run(&["import", &file, "--preview"]).await;
    assert!(shown.stdout.contains("warning: missing_cells: 1 of 2 rows has fewer values"), "{shown:?}");
    assert!(shown.stdout.contains("created with --create-population"), "{shown:?}");
    let creating = world.run(&["import", &file, "--preview", "--create-population"]).await;
    assert_eq!(creating.code, Some(0), "{creating:?}");
    assert!(!creating.stdout.contains("--create-population"), "{creating:?}");
    assert_eq!(world.run(&["import", &file, "--create-population"]).await.code, Some(0));
}
