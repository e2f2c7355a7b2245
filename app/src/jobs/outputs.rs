//! What a job leaves behind beside its ledger: the file of an export or backup, and generated passwords.

use std::io::Write;
use std::path::PathBuf;

use super::error::Error;
use super::options::Format;
use super::passwords::Passwords;
use super::service::Jobs;
use super::view::{JobId, Kind, Outcome};
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

    /// Writes the generated passwords of created users as CSV and forgets them: this works once.
    ///
    /// They are forgotten when `out` is complete, so a caller that fails gets another chance.
    ///
    /// # Errors
    /// When there is no such job, it has not ended, or the passwords were fetched already.
    pub async fn take_passwords(&self, id: JobId, out: &mut impl Write) -> Result<u64, Error> {
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
        out.write_all(csv_line([record.options.match_by.attribute(), "password"].into_iter()).as_bytes())?;
        let (mut after, mut written) = (0, 0);
        loop {
            let page = self.inner.store.rows(&record, Some(Outcome::Created), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            for row in &page {
                // A row that brought its own password has none of ours; its owner knows it.
                let password = passwords.of(&row.key);
                out.write_all(csv_line([row.key.as_str(), password.expose()].into_iter()).as_bytes())?;
                written += 1;
            }
        }
        out.flush()?;
        std::fs::remove_file(path)?;
        Ok(written)
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

const PAGE: u32 = 1000;
