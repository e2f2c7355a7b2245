//! Files that only their owner may read: they hold people's data or secrets.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// An empty file that only its owner may read and write; one that is there is replaced.
///
/// # Errors
/// When the disk fails.
pub fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A file that is there may be open to others, and would stay so.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => options.open(path),
    }
}
