//! The command that does once more what a job did, for its failed rows.

use pingone_import::jobs::{JobOptions, Kind, Mode};
use pingone_import::plan::MatchBy;

use super::hint::Hint;

/// How to import, or modify by, a file of rejects after it was mended; `None` for other kinds of jobs. What the job
/// was told of columns holds for that file, too.
pub(super) fn mended(file: &str, options: &JobOptions, simulator: bool, hint: &Hint) -> Option<String> {
    let kind = match options.kind {
        Kind::Import => "import",
        Kind::Modify => "modify",
        _ => return None,
    };
    let mut words = vec![kind.to_owned(), file.to_owned()];
    let mut add = |flag: &str, value: Option<&str>| {
        words.push(flag.to_owned());
        words.extend(value.map(str::to_owned));
    };
    let creates = options.kind == Kind::Import || options.create_missing;
    if let Some(population) = options.population.as_ref().filter(|_| creates) {
        add("--population", Some(population));
    }
    if let Some(key) = key(options.match_by) {
        add("--match-by", Some(key));
    }
    if let Some(marker) = &options.clear_marker {
        add("--clear-marker", Some(marker));
    }
    for (column, attribute) in &options.mapping {
        add("--map", Some(&format!("{column}={attribute}")));
    }
    match options.mode {
        Mode::Upsert => add("--mode", Some("upsert")),
        Mode::SkipExisting => add("--mode", Some("skip-existing")),
        _ => {}
    }
    if creates && options.generate_passwords {
        add("--generate-passwords", Some("passwords-of-rejects.csv"));
    }
    for (flag, is_set) in [
        ("--create-population", options.create_population),
        ("--ignore-unknown-columns", options.ignore_unknown_columns),
        ("--create-missing", options.create_missing),
        ("--default-disabled", creates && options.default_disabled),
        ("--force-password-change", options.force_password_change),
        ("--simulator", simulator),
    ] {
        if is_set {
            add(flag, None);
        }
    }
    Some(hint.connected(&words.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn key(key: MatchBy) -> Option<&'static str> {
    match key {
        MatchBy::Username => None,
        MatchBy::Email => Some("email"),
        MatchBy::ExternalId => Some("external-id"),
        MatchBy::Id => Some("id"),
    }
}
