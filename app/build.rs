//! Makes the folder of the built page exist, so that the crate compiles before the page is built.

use std::path::Path;

fn main() {
    let dist = Path::new("../web/dist");
    // Where the folder cannot be made, the page is absent, and the server says so.
    let _ = std::fs::create_dir_all(dist);
    println!("cargo:rerun-if-changed=../web/dist");
}
