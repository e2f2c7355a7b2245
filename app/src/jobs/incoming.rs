//! A file on its way in: written to the data directory first, so that a job never depends on the caller's copy.

use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::Error;

/// A file being received into the data directory; dropped without becoming a job, it is deleted.
#[derive(Debug)]
pub struct Incoming {
    file: File,
    name: String,
    path: PathBuf,
    size: u64,
    limit: u64,
}

impl Incoming {
    pub(super) async fn open(path: PathBuf, name: String, limit: u64) -> Result<Self, Error> {
        let file = File::create_new(&path).await?;
        Ok(Self { file, name, path, size: 0, limit })
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// When the file gets bigger than allowed, or the disk fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            return Err(Error::TooBig { limit: self.limit });
        }
        Ok(self.file.write_all(bytes).await?)
    }

    /// The name the caller gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file itself, for writing that needs no limit.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where the bytes are.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the bytes durable.
    pub(super) async fn finish(&mut self) -> Result<(), Error> {
        self.file.flush().await?;
        Ok(self.file.sync_all().await?)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After it became a job's input the path no longer exists, which is fine.
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(self.path.with_extension("converted"));
    }
}
