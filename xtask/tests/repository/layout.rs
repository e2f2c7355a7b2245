use std::fs;

use crate::files::{entries, root, with_extension};

#[test]
fn the_root_fits_on_one_screen() {
    let entries = entries(root());
    assert!(entries.len() <= 25, "{} entries in the root: {entries:?}", entries.len());
}

/// Another database can be added beside the first because only one module knows it.
#[test]
fn sql_stands_in_the_store_only() {
    let store = root().join("app/src/store");
    let files = with_extension(&root().join("app/src"), &["rs"]).into_iter();
    let elsewhere = files.filter(|path| !path.starts_with(&store));
    let knowing: Vec<_> =
        elsewhere.filter(|path| fs::read_to_string(path).unwrap().contains("sqlx")).collect();
    assert!(store.is_dir());
    assert!(knowing.is_empty(), "SQL outside of app/src/store: {knowing:?}");
}
