//! The files in which this implementation writes down for the others what it does.

use std::{env, fs, path::PathBuf};

/// Holds `text` against the file of vectors with this name; with `UPDATE_VECTORS` set, writes it there.
pub(crate) fn compare(name: &str, text: &str) {
    let path = format!("../../clients/js/test/vectors/{name}.json");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "the vectors in {name}.json have changed; run this test with UPDATE_VECTORS=1 and look at the difference"
    );
}
