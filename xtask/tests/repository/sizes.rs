//! The size of a file is the first thing that a reader meets.

use std::{fs, path::Path};

use crate::files::{root, with_extension};

const LARGEST: usize = 500;
const MEDIAN: usize = 150;

/// Generated from the API description by `npm run generate`.
const GENERATED: [&str; 1] = ["web/src/api/schema.ts"];

#[test]
fn no_source_file_has_more_than_500_lines_of_code() {
    let sizes = sizes(&["css", "js", "mjs", "py", "rs", "ts", "tsx"]);
    let large: Vec<_> = sizes.iter().filter(|(_, lines)| *lines > LARGEST).collect();
    assert!(large.is_empty(), "split these: {large:?}");
}

#[test]
fn the_median_rust_file_is_short() {
    let mut lines: Vec<usize> = sizes(&["rs"]).into_iter().map(|(_, lines)| lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(median < MEDIAN, "half of the Rust files have more than {median} lines of code");
}

#[test]
fn only_lines_with_code_are_counted() {
    assert_eq!(lines_of_code("// a\n\n/// b\nfn main() {\n    //! c\n    run(); // d\n}\n# python\n"), 3);
}

fn sizes(extensions: &[&str]) -> Vec<(String, usize)> {
    let files = with_extension(root(), extensions).into_iter();
    let measured = files.map(|path| (relative(&path), lines_of_code(&fs::read_to_string(&path).unwrap())));
    measured.filter(|(path, _)| !GENERATED.contains(&path.as_str())).collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// Lines that hold something other than a comment; `#` begins a comment in Python and an attribute in Rust.
fn lines_of_code(text: &str) -> usize {
    let is_code = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with("//") && !line.starts_with("# ")
    };
    text.lines().filter(is_code).count()
}
