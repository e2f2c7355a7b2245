//! A file on its way in: written to the data directory first, so that a job never depends on the caller's copy.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

use super::Error;
use crate::background;
use crate::store::disk;

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
        let size = self.size + bytes.len() as u64;
        if size > self.limit {
            return Err(Error::TooBig { limit: self.limit });
        }
        self.size = size;
        Ok(self.file.write_all(bytes).await?)
    }

    /// Appends what `from` still holds, on a thread where reading and writing may block.
    ///
    /// # Errors
    /// As [`Self::write`]; also when `from` cannot be read, which `unreadable` puts into words.
    pub async fn append(
        &mut self,
        mut from: std::fs::File,
        unreadable: impl FnOnce(io::Error) -> Error,
    ) -> Result<(), Error> {
        self.file.flush().await?;
        let (mut to, left, limit) =
            (self.file.try_clone().await?.into_std().await, self.limit - self.size, self.limit);
        let copying = background::spawn("copying a file", move || copy(&mut from, &mut to, left));
        match copying.await.map_err(io::Error::from)? {
            Ok(copied) => self.size += copied,
            Err(Copying::TooBig) => return Err(Error::TooBig { limit }),
            Err(Copying::Unreadable(source)) => return Err(unreadable(source)),
            Err(Copying::Unwritable(source)) => return Err(source.into()),
        }
        Ok(())
    }

    /// The name the caller gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes there are.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The file itself, for writing that needs no limit.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Where the bytes are.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Sees to it that everybody who opens the file finds all of its bytes.
    pub(super) async fn finish(&mut self) -> Result<(), Error> {
        Ok(self.file.flush().await?)
    }

    /// Begins to make the bytes durable, which takes about as long as to check them.
    pub(super) fn keep(&self) -> JoinHandle<io::Result<()>> {
        let path = self.path.clone();
        background::spawn("keeping a file", move || disk::sync(&path))
    }
}

/// Why a file could not be copied.
enum Copying {
    TooBig,
    Unreadable(io::Error),
    Unwritable(io::Error),
}

/// Copies at most `most` bytes, and says how many there were.
fn copy(from: &mut impl Read, to: &mut impl Write, most: u64) -> Result<u64, Copying> {
    let (mut chunk, mut copied) = (vec![0; CHUNK], 0);
    loop {
        let read = from.read(&mut chunk).map_err(Copying::Unreadable)?;
        if read == 0 {
            return Ok(copied);
        }
        copied += read as u64;
        if copied > most {
            return Err(Copying::TooBig);
        }
        to.write_all(&chunk[..read]).map_err(Copying::Unwritable)?;
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After it became a job's input the path no longer exists, which is fine.
        let _ = std::fs::remove_file(&self.path);
        let _ = std::fs::remove_file(self.path.with_extension("converted"));
    }
}

const CHUNK: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_may_be_as_big_as_its_limit_and_no_bigger() {
        let directory = tempfile::tempdir().unwrap();
        let empty = directory.path().join("empty");
        std::fs::write(&empty, "").unwrap();
        // Around the size of a piece that is copied at a time, and around nothing.
        for (written, left) in
            [(0, 0), (0, 5), (3, 0), (3, 5), (0, CHUNK), (1, CHUNK), (7, CHUNK + 1), (7, 2 * CHUNK)]
        {
            for appended in [left.saturating_sub(1), left, left + 1] {
                let case = format!("{written} and {appended} of {left}");
                let source = directory.path().join("source");
                std::fs::write(&source, vec![b'b'; appended]).unwrap();
                let (path, limit) = (directory.path().join("incoming"), (written + left) as u64);
                let mut incoming = Incoming::open(path.clone(), "users.csv".into(), limit).await.unwrap();
                incoming.write(&vec![b'a'; written]).await.unwrap();
                let result = incoming.append(std::fs::File::open(&source).unwrap(), Error::from).await;
                if appended > left {
                    assert!(
                        matches!(result, Err(Error::TooBig { limit: told }) if told == limit),
                        "{case}: {result:?}"
                    );
                    continue;
                }
                result.unwrap_or_else(|error| panic!("{case}: {error}"));
                let rest = left - appended;
                assert!(incoming.write(&vec![b'c'; rest + 1]).await.is_err(), "{case}");
                incoming.write(&vec![b'c'; rest]).await.unwrap();
                incoming.append(std::fs::File::open(&empty).unwrap(), Error::from).await.unwrap();
                incoming.finish().await.unwrap();
                let expected = [vec![b'a'; written], vec![b'b'; appended], vec![b'c'; rest]].concat();
                assert!(std::fs::read(&path).unwrap() == expected, "{case}");
            }
        }
    }
}
