//! Columns that a job leaves out because it was told to.

use std::sync::Arc;

use super::create::blocking;
use super::error::Error;
use super::event::{ErrorEvent, EventBody};
use super::run::reading;
use super::service::Jobs;
use super::view::Kind;
use crate::plan::{Directory, UserFile};
use crate::store::JobRecord;

impl Jobs {
    /// A warning, at the first start of a job, that names the columns of its file that nothing becomes of, if there
    /// are any.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub(super) async fn ignored_columns(
        &self,
        record: &JobRecord,
        directory: &Arc<Directory>,
    ) -> Result<Option<EventBody>, Error> {
        let options = &record.options;
        let is_new = record.started_at.is_none();
        if !is_new || !options.ignore_unknown_columns || !matches!(options.kind, Kind::Import | Kind::Modify)
        {
            return Ok(None);
        }
        let (path, reading) = (self.inner.store.dir().input(record.id), reading(options, None));
        let directory = Arc::clone(directory);
        let columns =
            blocking(move || Ok(UserFile::open(&path, &reading, directory)?.unknown_columns())).await?;
        if columns.is_empty() {
            return Ok(None);
        }
        let message = format!(
            "columns that name no attribute of a PingOne user are left out: {columns}; to have one imported, rename \
             it, or say what it means (--map {})",
            columns.example()
        );
        Ok(Some(EventBody::Error(ErrorEvent::warning(IGNORED_COLUMNS, message))))
    }
}

/// The code of such a warning.
pub(super) const IGNORED_COLUMNS: &str = "ignored_columns";
