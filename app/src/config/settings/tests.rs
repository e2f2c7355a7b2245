use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::{Settings, keys};
use crate::logging::Format;

const NOTHING: &[(&str, &str)] = &[];

fn file(text: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn without_anything_the_defaults_hold() {
    let settings = Settings::load(None, &NOTHING, &[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:4000");
    assert_eq!((settings.stop_within, settings.log.format), (Duration::from_secs(10), Format::Human));
    assert!(settings.connection.is_none() && settings.max_connections.is_none());
    assert_eq!(settings.prune_after, 90);
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let (_dir, path) = file(
        "[server]\nlisten = '127.0.0.1:1'\nmax_connections = 5\nstop_within = '3s'\n[store]\nprune_after = 0\n[log]\nformat = 'json'\n",
    );
    let variables: &[(&str, &str)] = &[
        ("PINGONE_IMPORT_LISTEN", "127.0.0.1:2"),
        ("PINGONE_IMPORT_MAX_CONNECTIONS", "6"),
        ("PINGONE_IMPORT_PRUNE_AFTER", "7"),
    ];
    let flags = [("server.listen", "127.0.0.1:3".to_owned())];
    let settings = Settings::load(Some(&path), &variables, &flags).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!((settings.max_connections, settings.prune_after), (Some(6), 7));
    assert_eq!((settings.stop_within, settings.log.format), (Duration::from_secs(3), Format::Json));
}

#[test]
fn every_mistake_is_told_at_once() {
    let (_dir, path) = file(
        "[server]\nlisten = 'here'\nmax_conections = 5\n[health]\ninterval = 'often'\n\
         [pingone]\nclient_secret = 'hunter2'\nregion = 'MARS'\nrate_limit = 'fast'\n",
    );
    let variables: &[(&str, &str)] = &[("PINGONE_IMPORT_LOG_FORMAT", "xml")];
    let flags = [("server.public_url", "ftp://x".to_owned())];
    let message = Settings::load(Some(&path), &variables, &flags).unwrap_err().to_string();
    let told = [
        "server.listen in ",
        "max_conections, which does not exist; did you mean server.max_connections?",
        "health.interval in ",
        "pingone.client_secret_file",
        "PINGONE_REGION",
        "PINGONE_RATE_LIMIT",
        "PINGONE_IMPORT_LOG_FORMAT: \"xml\"",
        "--public-url: \"ftp://x\"",
    ];
    for told in told {
        assert!(message.contains(told), "{told:?} is not in:\n{message}");
    }
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn the_file_can_describe_the_connection_and_a_file_hold_its_secret() {
    let (dir, path) = file("");
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "hunter2\n").unwrap();
    let text = format!(
        "[pingone]\nregion = 'EU'\nclient_id = 'worker'\nclient_secret_file = '{}'\n\
         environment_id = '0c0b4b6e-5d4f-4a5c-9d8f-1f2e3d4c5b6a'\n",
        secret.display()
    );
    std::fs::write(&path, text).unwrap();
    let settings = Settings::load(Some(&path), &NOTHING, &[]).unwrap();
    let connection = settings.connection.as_ref().unwrap();
    assert_eq!(connection.client_secret.expose(), "hunter2");
    let described = settings.describe().to_string();
    assert!(described.contains("worker") && !described.contains("hunter2"), "{described}");
}

#[test]
fn the_example_with_a_custom_domain_is_one() {
    let guide = include_str!("../../../../docs/operations.md");
    let examples = guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let example = examples.into_iter().find(|example| example.contains("auth_domain")).unwrap();
    let (dir, path) = file("");
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "hunter2\n").unwrap();
    let text = example.replace("\"/run/secrets/pingone\"", &format!("'{}'", secret.display()));
    std::fs::write(&path, text).unwrap();
    let connection = Settings::load(Some(&path), &NOTHING, &[]).unwrap().connection.unwrap();
    assert_eq!(connection.auth_url.host_str(), Some("auth.example.com"));
    assert!(connection.custom_auth_domain && connection.auth_environment.is_some());
}

#[test]
fn a_file_that_is_not_there_or_no_toml_is_named() {
    let message = Settings::load(Some("/no/such/file".as_ref()), &NOTHING, &[]).unwrap_err().to_string();
    assert!(message.starts_with("/no/such/file cannot be read"), "{message}");
    let (_dir, path) = file("[server\n");
    assert!(Settings::load(Some(&path), &NOTHING, &[]).unwrap_err().to_string().contains("is no TOML"));
}

#[test]
fn every_setting_is_documented() {
    let guide = include_str!("../../../../docs/operations.md");
    for (name, variable) in keys() {
        assert!(guide.contains(&format!("`{name}`")), "{name} is not in docs/operations.md");
        assert!(guide.contains(&format!("`{variable}`")), "{variable} is not in docs/operations.md");
    }
}
