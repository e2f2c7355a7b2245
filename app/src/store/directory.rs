//! The data directory and the lock that keeps a second process out of it.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::{StoreError, disk};
use crate::jobs::JobId;

/// A data directory: `store.db`, `mappings/<name>.json`, `inputs/<job>`, `outputs/<job>`, `secrets/<job>`,
/// `tickets/<digest>`, `address`, `lock`.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Held for as long as the process lives; `None` when another process holds it and we only read.
    lock: Option<File>,
}

impl DataDir {
    /// Takes the directory for this process alone, creating it when it does not exist.
    pub(super) fn hold(path: &Path) -> Result<Self, StoreError> {
        let directory = Self::look(path)?;
        match directory.lock {
            Some(_) => Ok(directory),
            None => {
                let server = fs::read_to_string(directory.address()).ok();
                let server = server.map(|address| address.trim().to_owned());
                Err(StoreError::InUse { dir: path.to_owned(), holder: holder(path), server })
            }
        }
    }

    /// Takes the directory if it is free, and otherwise only looks at it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn look(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Directory { dir: path.to_owned(), source };
        for name in ["inputs", "mappings", "outputs", "secrets", "tickets"] {
            create_private(&path.join(name)).map_err(failed)?;
        }
        disk::keep(path).map_err(failed)?;
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path.join("lock"))
            .map_err(failed)?;
        let lock = match file.try_lock() {
            Ok(()) => {
                sign(&mut file).map_err(failed)?;
                Some(file)
            }
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        };
        let directory = Self { path: path.to_owned(), lock };
        if directory.is_held() {
            // A server that was killed has left it.
            directory.forget_address();
        }
        Ok(directory)
    }

    /// Whether this process holds the directory.
    pub fn is_held(&self) -> bool {
        self.lock.is_some()
    }

    /// Where the database is.
    pub fn database(&self) -> PathBuf {
        self.path.join("store.db")
    }

    /// Where the input of `job` is.
    pub fn input(&self, job: JobId) -> PathBuf {
        self.path.join("inputs").join(job.to_string())
    }

    /// Where what `job` writes is, such as an export.
    pub fn output(&self, job: JobId) -> PathBuf {
        self.path.join("outputs").join(job.to_string())
    }

    /// Where files go that have no name and are gone with the process.
    pub fn scratch(&self) -> PathBuf {
        self.path.join("inputs")
    }

    /// Where mappings are saved.
    pub fn mappings(&self) -> PathBuf {
        self.path.join("mappings")
    }

    /// Where `job` keeps the key of the passwords that it makes up.
    pub fn secret(&self, job: JobId) -> PathBuf {
        self.path.join("secrets").join(job.to_string())
    }

    /// Where login tickets are left for the server.
    pub fn tickets(&self) -> PathBuf {
        self.path.join("tickets")
    }

    /// Where the server writes the address that it is used under.
    pub fn address(&self) -> PathBuf {
        self.path.join("address")
    }

    /// Lets nobody look for a server any more.
    pub(crate) fn forget_address(&self) {
        // One that is left tells of a server that does not answer, and nothing worse.
        let _ = fs::remove_file(self.address());
    }

    /// Where a file is received before it becomes the input of a job.
    pub fn incoming(&self) -> PathBuf {
        self.path.join("inputs").join(format!("incoming-{}", JobId::new()))
    }

    /// Deletes what earlier processes were receiving when they ended, and files of jobs that never came to be or are
    /// gone: a file is always there before its job, and is deleted before or after it.
    pub(super) fn clear_orphans(&self, jobs: &HashSet<JobId>) -> io::Result<()> {
        let mut orphans = 0;
        for kind in ["inputs", "outputs", "secrets"] {
            for entry in fs::read_dir(self.path.join(kind))? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let job = name.split('.').next().and_then(|name| name.parse::<JobId>().ok());
                if name.starts_with("incoming-") || job.is_some_and(|job| !jobs.contains(&job)) {
                    fs::remove_file(entry.path())?;
                    orphans += 1;
                }
            }
        }
        if orphans > 0 {
            tracing::info!(orphans, "deleted files that belong to no job");
        }
        Ok(())
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // To close the file is not enough while a program is being started, which has a copy of it for a moment.
        if let Some(Err(error)) = self.lock.as_ref().map(File::unlock) {
            tracing::warn!(%error, "the lock of the data directory stays until this process ends");
        }
    }
}

/// Creates a directory that only its owner can look into, because inputs hold people's data and passwords.
fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {}", std::process::id())
}

fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path.join("lock")).and_then(|file| file.take(64).read_to_string(&mut text));
    if read.is_ok() && !text.is_empty() { text } else { "unknown".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::DataDir;

    #[test]
    fn the_lock_goes_with_the_directory_whatever_copies_its_file_has() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataDir::hold(dir.path()).unwrap();
        let copy = held.lock.as_ref().unwrap().try_clone().unwrap();
        drop(held);
        DataDir::hold(dir.path()).unwrap();
        drop(copy);
    }
}
