//! Files that the program writes for whoever runs it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use pingone_import::jobs::{JobId, Jobs};
use pingone_import::private::private_file;
use serde::Serialize;

use super::args::{Force, Output};
use super::exit::Failure;
use super::output;

/// What was written where.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    pub(super) job: JobId,
    pub(super) file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) passwords: Option<u64>,
}

impl Written {
    pub(super) fn new(job: JobId, file: &Path) -> Self {
        Self { job, file: file.to_owned(), passwords: None }
    }

    /// Prints it for a command that has no other result.
    pub(super) fn tell(&self, output: Output) {
        if output.json {
            output::json(self);
        }
    }
}

/// Refuses a file that exists, before the work for it is done.
pub(super) fn check(path: Option<&Path>, force: Force) -> Result<(), Failure> {
    match path {
        Some(path) if !force.force && path.is_file() => {
            Err(Failure::Exists { path: path.display().to_string() })
        }
        _ => Ok(()),
    }
}

/// Refuses to mix a file and JSON on standard output.
pub(super) fn check_stdout(path: Option<&Path>, output: Output) -> Result<(), Failure> {
    match is_stdout(path) && output.json {
        true => Err(Failure::Mixed),
        false => Ok(()),
    }
}

pub(super) fn is_stdout(path: Option<&Path>) -> bool {
    path.is_some_and(|path| path.as_os_str() == "-")
}

/// A new file that only its owner may read, or what is there already if that is no file but a device or a pipe.
pub(super) fn create(path: &Path, force: Force) -> Result<File, Failure> {
    check(Some(path), force)?;
    let failed = |source| Failure::Output { path: path.display().to_string(), source };
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => File::options().write(true).open(path).map_err(failed),
        _ => private_file(path).map_err(failed),
    }
}

/// Sees to it that what was written is on the disk; devices and pipes have none.
pub(super) fn finish(file: &File, path: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::Output { path: path.display().to_string(), source };
    match file.metadata().map_err(failed)?.is_file() {
        true => file.sync_all().map_err(failed),
        false => Ok(()),
    }
}

/// Writes what a job wrote to `path`, or to the job's own name for it; `-` is standard output.
pub(super) async fn copy(
    jobs: &Jobs,
    id: JobId,
    path: Option<&Path>,
    force: Force,
) -> Result<Written, Failure> {
    let wrote = jobs.output(id).await?;
    let own = own_name(&wrote.name, force);
    let path = path.unwrap_or(&own);
    let failed = |source| Failure::Output { path: path.display().to_string(), source };
    let mut from = File::open(&wrote.path).map_err(failed)?;
    if is_stdout(Some(path)) {
        io::copy(&mut from, &mut io::stdout()).map_err(failed)?;
        return Ok(Written::new(id, path));
    }
    let mut to = create(path, force)?;
    io::copy(&mut from, &mut to).map_err(failed)?;
    finish(&to, path)?;
    output::remark(&format!("wrote {}", path.display()));
    Ok(Written::new(id, path))
}

/// The job's own name for its file, or one with a number where a file of that name exists.
fn own_name(name: &str, force: Force) -> PathBuf {
    let path = PathBuf::from(name);
    if force.force || !path.exists() {
        return path;
    }
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = (2..u32::MAX).map(|number| PathBuf::from(format!("{stem}-{number}.{ending}")));
    numbered.into_iter().find(|path| !path.exists()).unwrap_or(path)
}

/// Writes the generated passwords of a job to `path`, which only its owner may read, and forgets them.
pub(super) async fn passwords(jobs: &Jobs, id: JobId, path: &Path, force: Force) -> Result<Written, Failure> {
    let passwords = jobs.generated_passwords(id).await?;
    let mut file = tokio::fs::File::from_std(create(path, force)?);
    let count = passwords.write(&mut file).await?;
    finish(&file.into_std().await, path)?;
    passwords.forget()?;
    output::remark(&format!("wrote {count} passwords to {}; they are kept nowhere else", path.display()));
    Ok(Written { passwords: Some(count), ..Written::new(id, path) })
}
