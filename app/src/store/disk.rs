//! Putting files where they survive a power cut: first the bytes, then the name, then the directory that holds the name.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Gives a file another name in the directory of `to`, for good.
///
/// # Errors
/// When the disk fails; then either name may be there, whole.
pub(crate) fn adopt(from: &Path, to: &Path) -> io::Result<()> {
    sync(from)?;
    rename(from, to)?;
    sync_parent(to)
}

/// Makes a file and its name durable.
///
/// # Errors
/// When the disk fails.
pub(crate) fn keep(path: &Path) -> io::Result<()> {
    sync(path)?;
    sync_parent(path)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    // Only Unix lets a program sync a directory; elsewhere the file system sees to it.
    let Some(parent) = path.parent().filter(|_| cfg!(unix)) else { return Ok(()) };
    // The parent of a name alone is the current directory, and has no name itself.
    sync(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// Makes the bytes of a file durable, or the names in a directory.
///
/// # Errors
/// When the disk fails.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    #[cfg(test)]
    tests::note("sync", path);
    File::open(path)?.sync_all()
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(test)]
    tests::note("rename", to);
    fs::rename(from, to)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    thread_local! {
        static DONE: RefCell<Vec<(&'static str, String)>> = const { RefCell::new(Vec::new()) };
    }

    pub(super) fn note(what: &'static str, path: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        DONE.with_borrow_mut(|done| done.push((what, name)));
    }

    #[test]
    fn bytes_come_before_the_name_and_the_name_before_the_directory() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("incoming"), dir.path().join("inputs/job"));
        fs::create_dir(dir.path().join("inputs")).unwrap();
        fs::write(&from, "username\nada\n").unwrap();
        adopt(&from, &to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"username\nada\n");
        let done = DONE.take();
        let done: Vec<_> = done.iter().map(|(what, name)| (*what, name.as_str())).collect();
        assert_eq!(done, [("sync", "incoming"), ("rename", "job"), ("sync", "inputs")]);
    }
}
