//! What this implementation does, written down for the others.

use std::{env, fs, path::PathBuf};

use crate::{simulations, tables, trace::Trace};

#[test]
fn the_vectors_are_up_to_date() {
    let traces: Vec<_> = tables::all().into_iter().chain(simulations::traces()).collect();
    let cases: Vec<_> = traces.iter().map(Trace::to_json).collect();
    let text = format!("[\n{}\n]\n", cases.join(",\n"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../clients/js/test/vectors/ladder.json");
    if env::var_os("UPDATE_VECTORS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "the vectors have changed; run this test with UPDATE_VECTORS=1 and look at the difference"
    );
}
