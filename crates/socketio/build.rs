//! Finds the JavaScript client for the feature `client`.
//!
//! It is the folder `client-dist` of the npm package `socket.io`: the one that `SOCKETIO_CLIENT_DIST` names, else that of
//! a `node_modules` beside or above the build directory, else the one that this repository's tests use.
//! Without any, the crate builds all the same, and says so to who asks for the client.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    if env::var_os("CARGO_FEATURE_CLIENT").is_none() {
        return;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let code = match find(&out) {
        Some(dist) => embed(&dist),
        None => "const VERSION: &str = \"\";\nconst FILES: &[(&str, &[u8])] = &[];\n".to_owned(),
    };
    fs::write(out.join("client.rs"), code).expect("OUT_DIR can be written to");
}

fn find(out: &Path) -> Option<PathBuf> {
    if let Some(dist) = env::var_os(VARIABLE).map(PathBuf::from) {
        assert!(is_dist(&dist), "{VARIABLE} is not a folder with socket.io.js: {}", dist.display());
        return Some(dist);
    }
    let above = out.ancestors().map(Path::to_path_buf);
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/js");
    let found = above.chain([tests.clone()]).map(|folder| folder.join(DIST)).find(|dist| is_dist(dist));
    if found.is_none() && tests.exists() {
        // What is installed there later is noticed.
        println!("cargo::rerun-if-changed={}", tests.display());
    }
    found
}

fn embed(dist: &Path) -> String {
    let package = dist.join("../package.json");
    println!("cargo::rerun-if-changed={}", package.display());
    let manifest = fs::read_to_string(&package).expect("a package has a package.json");
    let version = manifest.split_once("\"version\":").and_then(|(_, rest)| rest.split('"').nth(1));
    let mut code = format!("const VERSION: &str = {:?};\n", version.expect("a package has a version"));
    code.push_str("const FILES: &[(&str, &[u8])] = &[\n");
    let mut names: Vec<_> = fs::read_dir(dist)
        .expect("the folder was there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with("socket.io.") && (name.ends_with(".js") || name.ends_with(".js.map")))
        .collect();
    names.sort();
    for name in names {
        let path = dist.join(&name).canonicalize().expect("the file was there");
        code.push_str(&format!("    ({name:?}, include_bytes!({path:?})),\n"));
    }
    code.push_str("];\n");
    code
}

fn is_dist(folder: &Path) -> bool {
    folder.join("socket.io.js").is_file()
}

const VARIABLE: &str = "SOCKETIO_CLIENT_DIST";
const DIST: &str = "node_modules/socket.io/client-dist";
