//! The protocol stays free of input, output, time, chance and locks, and so do the crates below it.

use std::collections::{HashMap, HashSet};

use cargo_metadata::{DependencyKind, MetadataCommand, PackageId};

const FORBIDDEN: &[&str] = &[
    "async-std",
    "axum",
    "crossbeam-utils",
    "fastrand",
    "futures-core",
    "getrandom",
    "http",
    "hyper",
    "mio",
    "parking_lot",
    "rand",
    "reqwest",
    "smol",
    "socket2",
    "tokio",
    "tokio-util",
    "tower",
    "tracing",
];

#[test]
fn the_crate_has_no_runtime_clock_randomness_or_lock() {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .exec()
        .expect("cargo metadata runs");
    let names: HashMap<&PackageId, &str> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let nodes: HashMap<&PackageId, _> =
        metadata.resolve.iter().flat_map(|resolve| &resolve.nodes).map(|node| (&node.id, node)).collect();
    let root = metadata.packages.iter().find(|package| package.name.as_str() == env!("CARGO_PKG_NAME"));
    let mut unseen = vec![&root.expect("this crate is in its workspace").id];
    let mut seen = HashSet::new();
    while let Some(id) = unseen.pop() {
        if !seen.insert(id) {
            continue;
        }
        assert!(!FORBIDDEN.contains(&names[id]), "{} must not be needed here", names[id]);
        let dependencies = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        unseen.extend(
            dependencies
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
                .map(|dep| &dep.pkg),
        );
    }
    assert!(seen.len() > 5, "the walk found the crate's dependencies");
}
