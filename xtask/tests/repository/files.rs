//! The files of the repository, without anything generated.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Directories that are built, installed or belong to git.
const GENERATED: [&str; 7] =
    [".git", "__pycache__", "dist", "node_modules", "playwright-report", "target", "test-results"];

pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap()
}

/// Every file below `directory` whose extension is one of `extensions`.
pub(crate) fn with_extension(directory: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(directory, extensions, &mut found);
    found.sort();
    found
}

/// The entries of a directory that are not generated.
pub(crate) fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| !is_generated(path)).collect()
}

fn collect(directory: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for path in entries(directory) {
        if path.is_dir() {
            collect(&path, extensions, found);
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known))
        {
            found.push(path);
        }
    }
}

fn is_generated(path: &Path) -> bool {
    path.file_name().is_some_and(|name| GENERATED.iter().any(|generated| name == *generated))
}
