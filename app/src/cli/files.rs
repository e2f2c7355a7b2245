//! Files that the program writes for whoever runs it.

use std::fs::File;
use std::io;
use std::path::Path;

use pingone_import::jobs::{JobId, Jobs};
use pingone_import::private::private_file;

use super::exit::Failure;
use super::output;

/// Writes what a job wrote to `path`, or to the job's own name for it; `-` is standard output.
pub(super) async fn copy(jobs: &Jobs, id: JobId, path: Option<&Path>) -> Result<(), Failure> {
    let written = jobs.output(id).await?;
    let path = path.unwrap_or_else(|| Path::new(&written.name));
    let failed = |source| Failure::Output { path: path.display().to_string(), source };
    let mut from = File::open(&written.path).map_err(failed)?;
    if path == Path::new("-") {
        io::copy(&mut from, &mut io::stdout()).map_err(failed)?;
        return Ok(());
    }
    let mut to = private_file(path).map_err(failed)?;
    io::copy(&mut from, &mut to).and_then(|_| to.sync_all()).map_err(failed)?;
    output::remark(&format!("wrote {}", path.display()));
    Ok(())
}

/// Writes the generated passwords of a job to `path`, which only its owner may read, and forgets them.
pub(super) async fn passwords(jobs: &Jobs, id: JobId, path: &Path) -> Result<(), Failure> {
    let failed = |source| Failure::Output { path: path.display().to_string(), source };
    let passwords = jobs.generated_passwords(id).await?;
    let mut file = tokio::fs::File::from_std(private_file(path).map_err(failed)?);
    let written = passwords.write(&mut file).await?;
    file.sync_all().await.map_err(failed)?;
    passwords.forget()?;
    output::remark(&format!("wrote {written} passwords to {}; they are kept nowhere else", path.display()));
    Ok(())
}
