//! A document that names a path which is gone misleads; so every path that a document names is looked for.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::files::{entries, root, with_extension};

/// A word in backticks with one of these endings names a file even without a directory before it.
const FILE_ENDINGS: [&str; 6] = [".md", ".mjs", ".rs", ".sql", ".toml", ".tsx"];

#[test]
fn every_path_in_a_document_exists() {
    let mut missing = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let here = document.parent().unwrap();
        let linked = links(&text).into_iter().filter(|link| !exists(here, link));
        let bases = [root(), here, &here.join("src")];
        let named = code_spans(&text).into_iter().filter(|span| is_path(span));
        let named = named.filter(|span| !bases.iter().any(|base| exists(base, span)));
        missing.extend(linked.chain(named).map(|path| format!("{}: {path}", document.display())));
    }
    assert!(missing.is_empty(), "these paths do not exist:\n{}", missing.join("\n"));
}

#[test]
fn every_anchor_in_a_document_has_its_heading() {
    let mut missing = Vec::new();
    for document in documents() {
        let here = document.parent().unwrap();
        for link in all_links(&fs::read_to_string(&document).unwrap()) {
            let Some((path, anchor)) = link.split_once('#') else { continue };
            let target = if path.is_empty() { document.clone() } else { here.join(path) };
            let headings = fs::read_to_string(target).unwrap_or_default();
            if !headings.lines().any(|line| heading_anchor(line).is_some_and(|heading| heading == anchor)) {
                missing.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "these headings do not exist:\n{}", missing.join("\n"));
}

/// `docs/design-out.md` answers each failure with a test, which must not disappear without the answer.
#[test]
fn every_test_that_answers_a_failure_exists() {
    let text = fs::read_to_string(root().join("docs/design-out.md")).unwrap();
    let sources: String =
        with_extension(root(), &["rs"]).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let is_test = |span: &String| {
        span.matches('_').count() >= 3 && span.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let named: Vec<String> = code_spans(&text).into_iter().filter(is_test).collect();
    let missing: Vec<_> = named.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(named.len() > 20 && missing.is_empty(), "these tests do not exist: {missing:?}");
    let numbers = (1..=55).filter(|number| !text.contains(&format!("\n| {number} |"))).count();
    assert_eq!(numbers, 0, "each of the failures has its line");
}

#[test]
fn the_front_page_stays_short() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 130, "README.md has {lines} lines");
}

#[test]
fn the_server_on_the_front_page_is_an_example_that_compiles() {
    let page = fs::read_to_string(root().join("README.md")).unwrap();
    let shown = page.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let example = fs::read_to_string(root().join("crates/socketio/examples/chat.rs")).unwrap();
    let (_, code) = example.split_once("\n\n").unwrap();
    assert_eq!(shown, code);
}

#[test]
fn paths_are_told_from_other_code() {
    for path in ["app/src/main.rs", "crates/engineio/", "clippy.toml", ".ci/run", "docs/"] {
        assert!(is_path(path), "{path}");
    }
    for other in [
        "/socket.io/",
        "POST /api/jobs",
        "application/json",
        "a::b/c",
        "dist/index.js",
        "target/release/x",
        "{a,b}/c",
        "x",
        "<id>/rows",
    ] {
        assert!(!is_path(other), "{other}");
    }
}

fn documents() -> Vec<PathBuf> {
    let own = entries(root())
        .into_iter()
        .filter(|path| path.is_file() && path.extension().is_some_and(|it| it == "md"));
    let below = ["app", "clients", "conformance", "crates", "docs", "examples"];
    let nested = below.iter().map(|name| root().join(name)).filter(|path| path.is_dir());
    own.chain(nested.flat_map(|path| with_extension(&path, &["md"]))).collect()
}

/// Targets of links to files of this repository, without their anchors.
fn links(text: &str) -> Vec<String> {
    let targets = all_links(text).into_iter();
    targets
        .filter_map(|link| Some(link.split('#').next()?.to_owned()))
        .filter(|path| !path.is_empty())
        .collect()
}

fn all_links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    targets
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(str::to_owned)
        .collect()
}

/// Words in single backticks, outside of code blocks.
fn code_spans(text: &str) -> Vec<String> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

fn is_path(span: &str) -> bool {
    if span == "lib.rs" {
        return false; // The rule is about every crate's.
    }
    let plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let foreign =
        ["/", "application/", "text/", "multipart/", "target/", "node_modules/", "dist/", "web/dist"];
    let named = span.contains('/') || FILE_ENDINGS.iter().any(|ending| span.ends_with(ending));
    plain && named && !foreign.iter().any(|prefix| span.starts_with(prefix))
}

fn exists(base: &Path, path: &str) -> bool {
    base.join(path).exists()
}

/// The anchor that the usual renderers give to a heading.
fn heading_anchor(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    let kept = title.trim().to_lowercase().replace(' ', "-");
    Some(kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect())
}
