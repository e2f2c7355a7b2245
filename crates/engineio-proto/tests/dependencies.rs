//! The protocol crate stays free of runtimes, clocks, randomness and locks.

use std::collections::{HashMap, HashSet};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

/// What would break the rule, by the beginning of the crate's name.
const FORBIDDEN: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "hyper",
    "http",
    "futures",
    "rand",
    "getrandom",
    "parking_lot",
    "time",
    "chrono",
    "jiff",
];

#[test]
fn no_dependency_does_io_or_reads_a_clock() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).exec().unwrap();
    let resolve = metadata.resolve.as_ref().unwrap();
    let normal: HashMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let kept = node
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            (&node.id, kept.map(|dep| &dep.pkg).collect())
        })
        .collect();
    let root =
        metadata.packages.iter().find(|package| package.name.as_str() == env!("CARGO_PKG_NAME")).unwrap();
    let (mut seen, mut queue) = (HashSet::new(), vec![&root.id]);
    while let Some(id) = queue.pop() {
        if seen.insert(id) {
            queue.extend(&normal[id]);
        }
    }
    assert!(seen.len() > 5, "the closure was found");
    let names =
        metadata.packages.iter().filter(|package| seen.contains(&package.id)).map(|p| p.name.as_str());
    let forbidden: Vec<_> =
        names.filter(|name| FORBIDDEN.iter().any(|start| name.starts_with(start))).collect();
    assert!(forbidden.is_empty(), "{forbidden:?} must not be a dependency of {}", root.name);
}
