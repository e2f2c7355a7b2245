//! Modify, delete, export, populations and what surrounds them.

use std::path::Path;

use pingone_sim::{Options, Simulator, Simulator as PingOne};
use serde_json::{Value, json};

use crate::program::{Run, command, connected, run};

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) simulator: Simulator,
}

impl World {
    pub(crate) async fn new() -> Self {
        let options = Options { populations: vec!["Staff".into(), "Guests".into()], ..Options::default() };
        let simulator = Simulator::start(options).await.unwrap();
        Self { dir: tempfile::tempdir().unwrap(), simulator }
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(arguments, Some(&self.dir.path().join("data"))).await
    }

    pub(crate) async fn run_in(&self, arguments: &[&str], dir: Option<&Path>) -> Run {
        let mut command = command(arguments, dir);
        connected(&mut command, &self.simulator);
        run(command).await
    }

    pub(crate) async fn import(&self, csv: &str) {
        let file = self.file("people.csv", csv);
        let result = self.run(&["import", &file, "--json"]).await;
        assert_eq!(result.code, Some(0), "{result:?}");
    }
}

pub(crate) const PEOPLE: &str =
    "username,email,title,population\nada,ada@example.com,Dr,Staff\nbob,bob@example.com,,Guests\n";

#[tokio::test]
async fn users_are_modified_and_what_is_missing_fails() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let file = world.file("changes.csv", "username,title,dept\nada,-,x\nbob,,y\nnobody,,z\n");
    let dry = [
        "modify",
        &file,
        "--clear-marker",
        "-",
        "--map",
        "dept=nickname",
        "--save-mapping",
        "hr",
        "--dry-run",
        "--json",
    ];
    let planned = world.run(&dry).await;
    assert_eq!(planned.code, Some(1), "{planned:?}");
    assert_eq!((&planned.json()["updated"], &planned.json()["failed"]), (&json!(2), &json!(1)));
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Dr");
    let done = world.run(&["modify", &file, "--clear-marker", "-", "--use-mapping", "hr", "--json"]).await;
    assert_eq!((&done.json()["updated"], &done.json()["failed"]), (&json!(2), &json!(1)), "{done:?}");
    let ada = world.simulator.user("ada").unwrap();
    assert_eq!((ada.get("title"), &ada["nickname"]), (None, &json!("x")));
    let again = world.run(&["modify", &file, "--clear-marker", "-", "--use-mapping", "hr"]).await;
    assert!(again.stdout.contains("3 of 3 rows, 0 updated, 2 unchanged, 1 failed"), "{again:?}");
}

#[tokio::test]
async fn nobody_is_deleted_before_somebody_typed_it() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let unconfirmed = world.run(&["delete", "--population", "Staff"]).await;
    assert_eq!(unconfirmed.code, Some(2), "{unconfirmed:?}");
    assert!(unconfirmed.stderr.contains("--confirm \"delete 1 user of Staff\""), "{unconfirmed:?}");
    let told = world.run(&["delete", "--population", "Staff", "--json"]).await;
    let (code, told) = (told.code, told.json());
    assert_eq!((code, &told["error"]["code"], &told["deleted"]), (Some(2), &json!("unconfirmed"), &json!(1)));
    assert_eq!((&told["confirmation"], &told["dry_run"]), (&json!("delete 1 user of Staff"), &json!(true)));
    let rows = world.run(&["jobs", "rows", told["job"].as_str().unwrap()]).await;
    assert_eq!(rows.stdout, "row 1 ada: would be deleted\n", "{rows:?}");
    for wrong in ["yes", "delete 2 users of Staff"] {
        let refused = world.run(&["delete", "--population", "Staff", "--confirm", wrong, "--json"]).await;
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (Some(2), &json!("wrong_confirmation")));
    }
    assert_eq!(world.simulator.user_count(), 2);
    let nobody = world.run(&["delete", "--whole-environment", "--population", "Staff", "--json"]).await;
    assert_eq!((nobody.code, &nobody.json()["error"]["code"]), (Some(2), &json!("invalid_options")));
    let backup = world.path("backup.csv");
    let arguments = [
        "delete",
        "--population",
        "Staff",
        "--confirm",
        "delete 1 user of Staff",
        "--backup",
        &backup,
        "--json",
    ];
    let done = world.run(&arguments).await;
    assert_eq!((done.code, &done.json()["deleted"]), (Some(0), &json!(1)), "{done:?}");
    assert!(world.simulator.user("ada").is_none() && world.simulator.user("bob").is_some());
    let restored = world.run(&["import", &backup, "--json"]).await;
    assert_eq!(restored.json()["created"], 1, "{restored:?}");
    assert_eq!(world.simulator.user("ada").unwrap()["title"], "Dr");
}

#[tokio::test]
async fn a_variable_that_nobody_set_selects_nobody() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let file = world.file("more.csv", "username\nnew\n");
    let commands: [&[&str]; 5] = [
        &["delete", "--filter", "", "--confirm", "delete 2 users", "--json"],
        &["delete", "--population", " ", "--confirm", "delete 2 users of Staff", "--json"],
        &["export", "--filter", " ", "--json"],
        &["export", "--population", "", "--json"],
        &["import", &file, "--population", "", "--json"],
    ];
    for arguments in commands {
        let refused = world.run(arguments).await;
        assert_eq!(
            (refused.code, &refused.json()["error"]["code"]),
            (Some(2), &json!("invalid_options")),
            "{refused:?}"
        );
    }
    assert_eq!(world.simulator.user_count(), 2);
}

#[tokio::test]
async fn users_are_deleted_by_file_and_a_plan_can_wait() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let file = world.file("leavers.csv", "email\nADA@example.com\nbob@example.com\nwho@example.com\n");
    let plan = ["delete", &file, "--match-by", "email", "--protect", "bob", "--dry-run", "--json"];
    let plan = world.run(&plan).await.json();
    assert_eq!((&plan["deleted"], &plan["skipped"]), (&json!(1), &json!(2)), "{plan}");
    let (job, confirm) = (plan["job"].as_str().unwrap(), plan["confirmation"].as_str().unwrap());
    let done = world.run(&["delete", "--plan", job, "--confirm", confirm, "--json"]).await;
    assert_eq!((&done.json()["deleted"], &done.json()["skipped"]), (&json!(1), &json!(2)), "{done:?}");
    assert_eq!(world.simulator.user_count(), 1);
}

#[tokio::test]
async fn a_job_that_is_no_plan_is_not_taken_for_one() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let jobs = world.run(&["jobs", "list", "--json"]).await.json();
    let import = jobs[0]["id"].as_str().unwrap();
    let refused = world.run(&["delete", "--plan", import, "--confirm", "delete 2 users", "--json"]).await;
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (Some(2), &json!("no_plan")), "{refused:?}");
    assert_eq!(world.simulator.user_count(), 2);
}

#[tokio::test]
async fn a_mapping_that_cannot_be_saved_ends_no_import() {
    let world = World::new().await;
    let file = world.file("people.csv", "login\nada\n");
    // No file takes the place of a directory.
    std::fs::create_dir_all(world.dir.path().join("data/mappings/hr.json")).unwrap();
    let arguments = ["import", &file, "--map", "login=username", "--save-mapping", "hr"];
    let done = world.run(&arguments).await;
    assert_eq!((done.code, world.simulator.user_count()), (Some(0), 1), "{done:?}");
    assert!(done.stderr.contains("warning: the mapping \"hr\" was not saved"), "{done:?}");
}

#[tokio::test]
async fn a_population_goes_with_its_users() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let full = world.run_in(&["populations", "delete", "Guests", "--json"], None).await;
    assert_eq!(full.code, Some(2), "{full:?}");
    assert!(full.stderr.contains("users"), "{full:?}");
    let confirm = "delete 1 user of Guests";
    let arguments =
        ["delete", "--population", "Guests", "--delete-population", "--confirm", confirm, "--json"];
    assert_eq!(world.run(&arguments).await.code, Some(0));
    let names: Vec<_> = world.simulator.populations().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Staff"]);
}

#[tokio::test]
async fn populations_are_listed_created_renamed_and_made_the_default() {
    let world = World::new().await;
    let run = async |arguments: &[&str]| {
        let result = world.run_in(arguments, None).await;
        assert_eq!(result.code, Some(0), "{result:?}");
        result.json()
    };
    let created =
        run(&["populations", "create", "Partners", "--description", "from outside", "--json"]).await;
    assert_eq!((&created["name"], &created["description"]), (&json!("Partners"), &json!("from outside")));
    let id = created["id"].as_str().unwrap();
    run(&["populations", "rename", "Partners", "Allies", "--json"]).await;
    run(&["populations", "set-default", id, "--json"]).await;
    let list = run(&["populations", "list", "--json"]).await;
    let names: Vec<(&str, bool)> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["default"].as_bool().unwrap()))
        .collect();
    assert_eq!(names, [("Staff", false), ("Guests", false), ("Allies", true)]);
    run(&["populations", "set-default", "Staff", "--json"]).await;
    run(&["populations", "delete", "Allies", "--json"]).await;
    let taken = world.run_in(&["populations", "create", "Staff"], None).await;
    assert_eq!(taken.code, Some(2), "{taken:?}");
}

#[tokio::test]
async fn an_export_in_each_format_imports_again() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let other = World::new().await;
    for format in ["csv", "ndjson", "xlsx"] {
        let path = world.path(&format!("users.{format}"));
        let done = world.run(&["export", "-o", &path, "--format", format, "--json"]).await;
        assert_eq!((done.code, &done.json()["unchanged"]), (Some(0), &json!(2)), "{done:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let imported = other.run(&["import", &path, "--mode", "upsert", "--json"]).await;
        let expected = if format == "csv" { "created" } else { "unchanged" };
        assert_eq!(imported.json()[expected], 2, "{format}: {imported:?}");
    }
    let printed =
        world.run(&["export", "-o", "-", "--attributes", "username", "--filter", "title eq \"Dr\""]).await;
    assert_eq!(printed.stdout, "username,formula_guard\r\nada,\r\n", "{printed:?}");
}

#[tokio::test]
async fn generated_passwords_go_to_a_private_file() {
    let world = World::new().await;
    let (file, to) = (world.file("people.csv", PEOPLE), world.path("passwords.csv"));
    let done = world.run(&["import", &file, "--generate-passwords", &to, "--json"]).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let text = std::fs::read_to_string(&to).unwrap();
    let (name, password) = text.lines().nth(1).unwrap().split_once(',').unwrap();
    assert!(world.simulator.has_password(name, password), "{text}");
    let job = done.json()["job"].as_str().unwrap().to_owned();
    let again = world.run(&["jobs", "passwords", &job, "-o", &world.path("again.csv")]).await;
    assert_eq!(again.code, Some(2), "{again:?}");
}

#[tokio::test]
async fn rows_may_name_populations_that_do_not_exist_yet() {
    let world = World::new().await;
    let file = world.file("people.csv", "username,population\nada,New\nbob,New\neve,Other\n");
    let refused = world.run(&["import", &file, "--json"]).await;
    assert_eq!((refused.code, &refused.json()["failed"]), (Some(1), &json!(3)));
    let dry = world.run(&["import", &file, "--create-population", "--dry-run", "--json"]).await;
    assert_eq!(dry.json()["created"], 3, "{dry:?}");
    assert_eq!(world.simulator.populations().len(), 2, "a dry run creates no population");
    let done = world.run(&["import", &file, "--create-population", "--json"]).await;
    assert_eq!(done.json()["created"], 3, "{done:?}");
    let names: Vec<_> = world.simulator.populations().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Staff", "Guests", "New", "Other"]);
}

#[tokio::test]
async fn old_jobs_are_pruned_and_the_store_is_checked() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let kept = world.run(&["jobs", "prune", "--json"]).await;
    assert_eq!(kept.json(), json!([]));
    let gone = world.run(&["jobs", "prune", "--older-than", "0", "--json"]).await;
    assert_eq!(gone.json().as_array().unwrap().len(), 1, "{gone:?}");
    assert_eq!(world.run(&["jobs", "list", "--json"]).await.json(), json!([]));
    assert_eq!(std::fs::read_dir(world.dir.path().join("data/inputs")).unwrap().count(), 0);
    let checked = world.run(&["migrate", "--json"]).await;
    assert_eq!((checked.code, &checked.json()["intact"]), (Some(0), &json!(true)), "{checked:?}");
}

#[tokio::test]
async fn completions_and_manual_pages_name_every_command() {
    let world = World::new().await;
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = world.run_in(&["completions", shell], None).await;
        assert!(script.stdout.contains("whole-environment"), "{shell}: {script:?}");
    }
    let pages = world.path("man");
    assert_eq!(world.run_in(&["man", &pages], None).await.code, Some(0));
    let page = |name: &str| std::fs::read_to_string(Path::new(&pages).join(name)).unwrap();
    assert!(page("pingone-import.1").contains("modify"));
    assert!(page("pingone-import-jobs-prune.1").contains("older"));
}

#[tokio::test]
async fn the_connection_is_shown_without_its_secret() {
    let world = World::new().await;
    let list = world.run_in(&["connections", "list", "--json"], None).await;
    assert_eq!(list.json()[0]["environment"], world.simulator.environment.to_string());
    assert!(!list.stdout.contains(&world.simulator.client_secret));
    let test = world.run_in(&["connections", "test", "--json"], None).await;
    assert_eq!((test.code, &test.json()["works"]), (Some(0), &Value::Bool(true)));
    world.simulator.set_access(pingone_sim::Access::None);
    assert_eq!(world.run_in(&["connections", "test"], None).await.code, Some(3));
}

#[tokio::test]
async fn connections_have_names_in_the_file_of_settings() {
    let (here, there) = (World::new().await, World::new().await);
    let described = |name: &str, world: &World, secret: &str| {
        let PingOne { api_url, auth_url, environment, client_id, .. } = &world.simulator;
        format!(
            "[connections.{name}]\napi_url = '{api_url}'\nauth_url = '{auth_url}'\n\
             environment_id = '{environment}'\nclient_id = '{client_id}'\n{secret}\n"
        )
    };
    let secret = here.file("secret", &here.simulator.client_secret);
    let text = described("here", &here, &format!("client_secret_file = '{secret}'"))
        + &described("there", &there, "client_secret_env = 'SECRET_OF_THERE'");
    let (settings, data) = (here.file("settings.toml", &text), here.dir.path().join("data"));
    let with = async |arguments: &[&str], dir: Option<&Path>| {
        let mut command = command(&[arguments, &["--config", &settings]].concat(), dir);
        command.env("SECRET_OF_THERE", &there.simulator.client_secret);
        // What is said of the connection without a name counts for none with one.
        command.env("PINGONE_CLIENT_ID", "another").env("PINGONE_REGION", "EU");
        run(command).await
    };
    let file = here.file("people.csv", "username\nada\n");
    let imported = with(&["import", &file, "--connection", "there", "--json"], Some(&data)).await;
    assert_eq!(imported.code, Some(0), "{imported:?}");
    assert_eq!((here.simulator.user_count(), there.simulator.user_count()), (0, 1));
    let tested = with(&["connections", "test", "--connection", "here", "--json"], None).await;
    assert_eq!(
        (&tested.json()["name"], &tested.json()["works"]),
        (&json!("here"), &json!(true)),
        "{tested:?}"
    );
    let unknown = with(&["connections", "test", "--connection", "nowhere", "--json"], None).await;
    assert_eq!((unknown.code, &unknown.json()["error"]["code"]), (Some(2), &json!("unknown_connection")));
    assert!(unknown.stderr.contains("it has: here, there"), "{unknown:?}");
    let mut list = command(&["connections", "list", "--json", "--config", &settings], None);
    list.env("SECRET_OF_THERE", "hunter2");
    let list = run(list).await;
    let names: Vec<_> = list.json().as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, [json!("here"), json!("there")], "{list:?}");
    assert!(!list.stdout.contains("hunter2"));
    // Where settings are when nobody says where.
    if cfg!(target_os = "linux") {
        let default = here.dir.path().join("config/pingone-import");
        std::fs::create_dir_all(&default).unwrap();
        std::fs::copy(&settings, default.join("settings.toml")).unwrap();
        let mut test = command(&["connections", "test", "--connection", "here", "--json"], None);
        test.env("XDG_CONFIG_HOME", here.dir.path().join("config"));
        let test = run(test).await;
        assert_eq!((&test.json()["name"], &test.json()["works"]), (&json!("here"), &json!(true)), "{test:?}");
    }
    let unset = run(command(&["connections", "test", "--connection", "here"], None)).await;
    assert!(unset.stderr.contains("PINGONE_IMPORT_CONFIG"), "{unset:?}");
}

#[tokio::test]
async fn mappings_are_looked_after_from_the_command_line() {
    let world = World::new().await;
    assert_eq!(world.run(&["mappings", "list", "--json"]).await.json(), json!([]));
    let save = ["mappings", "save", "hr", "--map", "Who=username", "--map", "Shoe size=", "--json"];
    let saved = world.run(&save).await;
    assert_eq!(saved.json()["mapping"], json!({"Who": "username", "Shoe size": ""}), "{saved:?}");
    assert_eq!(world.run(&["mappings", "show", "hr"]).await.stdout, "hr: Shoe size=, Who=username\n");
    let file = world.file("people.csv", "who,shoe size\nada,41\n");
    let imported = world.run(&["import", &file, "--use-mapping", "hr", "--json"]).await;
    assert_eq!((imported.code, &imported.json()["created"]), (Some(0), &json!(1)), "{imported:?}");
    assert_eq!(world.run(&["mappings", "delete", "hr"]).await.code, Some(0));
    let gone = world.run(&["import", &file, "--use-mapping", "hr", "--json"]).await;
    assert_eq!(
        (gone.code, &gone.json()["error"]["code"]),
        (Some(2), &json!("mapping_not_found")),
        "{gone:?}"
    );
}

#[tokio::test]
async fn the_ending_of_a_name_says_what_is_written() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let json = world.path("users.json");
    let refused = world.run(&["export", "-o", &json, "--json"]).await;
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (Some(2), &json!("invalid_options")));
    assert!(refused.stderr.contains("--format"), "{refused:?}");
    let told = world.run(&["export", "-o", &json, "--format", "ndjson"]).await;
    assert_eq!(told.code, Some(0), "{told:?}");
    assert!(std::fs::read_to_string(&json).unwrap().starts_with('{'));

    let jobs = world.run(&["jobs", "list", "--json"]).await.json();
    let delete = ["delete", "--population", "Staff", "--confirm", "delete 1 user of Staff", "--backup"];
    let refused = world.run(&[&delete[..], &[&world.path("staff.json")]].concat()).await;
    assert!(
        refused.code == Some(2) && refused.stderr.contains("staff.json says something else"),
        "{refused:?}"
    );
    assert_eq!(world.run(&["jobs", "list", "--json"]).await.json(), jobs);
    let workbook = world.path("staff.xlsx");
    let done = world.run(&[&delete[..], &[&workbook]].concat()).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let restored = world.run(&["import", &workbook, "--json"]).await;
    assert_eq!((restored.code, &restored.json()["created"]), (Some(0), &json!(1)), "{restored:?}");
}

#[tokio::test]
async fn what_a_job_was_is_shown() {
    let world = World::new().await;
    world.import(PEOPLE).await;
    let job = world.run(&["jobs", "list", "--json"]).await.json()[0]["id"].as_str().unwrap().to_owned();
    let shown = world.run(&["jobs", "show", &job]).await.stdout;
    assert!(shown.starts_with("import of people.csv, population Staff; created 2"), "{shown}");
    assert!(shown.lines().next().unwrap().contains(", ended 2"), "{shown}");
    let file = world.file("misspelt.csv", "usrname\nada\n");
    let refused = world.run(&["import", &file]).await;
    assert!(refused.stderr.contains("did you mean \"usrname\"?"), "{refused:?}");
    assert!(refused.stderr.contains("--map \"usrname=username\""), "{refused:?}");
    let mapped = world.run(&["import", &file, "--map", "usrname=username", "--dry-run"]).await;
    assert_eq!(mapped.code, Some(0), "{mapped:?}");
}
