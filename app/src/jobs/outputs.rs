//! What a job leaves behind beside its ledger: the file of an export or backup, and generated passwords.

use std::path::PathBuf;

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::error::Error;
use super::options::Format;
use super::passwords::Passwords;
use super::service::Jobs;
use super::view::{JobId, Kind};
use crate::plan::csv_line;
use crate::store::JobRecord;

/// A file that a job wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// What to call it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its format.
    pub format: Format,
}

impl Jobs {
    /// The file that a job wrote.
    ///
    /// # Errors
    /// When there is no such job, or it wrote none.
    pub async fn output(&self, id: JobId) -> Result<Output, Error> {
        let record = self.record(id).await?;
        let name = self.output_name(&record).ok_or(Error::NoOutput(id))?;
        Ok(Output { name, path: self.inner.store.dir().output(id), format: record.options.format })
    }

    /// The generated passwords of created users.
    ///
    /// # Errors
    /// When there is no such job, it has not ended, or the passwords were fetched already.
    pub async fn generated_passwords(&self, id: JobId) -> Result<GeneratedPasswords, Error> {
        let record = self.record(id).await?;
        if !record.status.is_final() {
            let status = self.view(record).status;
            return Err(Error::Conflict {
                job: id,
                status,
                action: "asked for its passwords before it has ended",
            });
        }
        let path = self.inner.store.dir().secret(id);
        if !record.options.generate_passwords || !path.exists() {
            return Err(Error::NoOutput(id));
        }
        let passwords = Passwords::open(&path, false)?;
        Ok(GeneratedPasswords { jobs: self.clone(), record, passwords, path })
    }

    pub(super) fn output_name(&self, record: &JobRecord) -> Option<String> {
        let word = match record.options.kind {
            Kind::Export => "users",
            Kind::Delete if record.options.backup => "backup",
            Kind::Import | Kind::Modify | Kind::Delete => return None,
        };
        let path = self.inner.store.dir().output(record.id);
        let day = record.created_at.strftime("%Y-%m-%d");
        path.exists().then(|| format!("{word}-{day}.{}", record.options.format.extension()))
    }

    pub(super) fn has_passwords(&self, record: &JobRecord) -> bool {
        record.options.generate_passwords && self.inner.store.dir().secret(record.id).exists()
    }
}

/// The passwords that a job made up, until they are forgotten.
#[derive(Debug)]
pub struct GeneratedPasswords {
    jobs: Jobs,
    record: JobRecord,
    passwords: Passwords,
    path: PathBuf,
}

impl GeneratedPasswords {
    /// Writes them as CSV and gives their number. Users whose rows brought a password of their own are left out.
    ///
    /// # Errors
    /// When the store fails, or `out`.
    pub async fn write(&self, out: &mut (impl AsyncWrite + Unpin + Send)) -> Result<u64, Error> {
        let (store, record) = (&self.jobs.inner.store, &self.record);
        let mut text = csv_line([record.options.match_by.attribute(), "password"].into_iter());
        let (mut after, mut written) = (0, 0);
        loop {
            out.write_all(std::mem::take(&mut text).as_bytes()).await.map_err(Error::Output)?;
            let page = store.rows_with_generated_passwords(record, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            written += page.len() as u64;
            for row in &page {
                text.push_str(&csv_line(
                    [row.key.as_str(), self.passwords.of(&row.key).expose()].into_iter(),
                ));
            }
        }
        out.flush().await.map_err(Error::Output)?;
        Ok(written)
    }

    /// Forgets them for good: once they are where they are to be.
    ///
    /// # Errors
    /// When the data directory fails, or they were forgotten already.
    pub fn forget(&self) -> Result<(), Error> {
        Ok(std::fs::remove_file(&self.path)?)
    }
}

const PAGE: u32 = 1000;
