//! Files that the program writes for whoever runs it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use pingone_import::jobs::{self, JobId, JobTrouble, JobView, Jobs};
use serde::Serialize;
use tempfile::{Builder, NamedTempFile};

use super::args::{Force, Output};
use super::exit::Failure;
use super::hint::Hint;
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

/// A file that is being written, beside its place until it is whole: what ends the program leaves none there that only
/// seems to be.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    target: Target,
    force: Force,
}

#[derive(Debug)]
enum Target {
    /// A file that only its owner may read.
    Beside(NamedTempFile),
    /// What is there already, if that is no file but a device or a pipe.
    Itself(File),
}

impl Draft {
    pub(super) fn create(path: &Path, force: Force) -> Result<Self, Failure> {
        check(Some(path), force)?;
        let target = match path.metadata() {
            Ok(metadata) if !metadata.is_file() => File::options().write(true).open(path).map(Target::Itself),
            _ => Builder::new().prefix(PARTIAL).tempfile_in(directory(path)).map(Target::Beside),
        };
        let target = target.map_err(failed(path))?;
        Ok(Self { path: path.to_owned(), target, force })
    }

    /// To write to; nothing may be left in a buffer when it is dropped.
    pub(super) fn writer(&self) -> Result<File, Failure> {
        let file = match &self.target {
            Target::Beside(file) => file.as_file(),
            Target::Itself(file) => file,
        };
        file.try_clone().map_err(failed(&self.path))
    }

    /// Puts the file in its place, once its bytes are on the disk.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Target::Beside(file) = self.target else { return Ok(()) };
        let placed = file.as_file().sync_all().and_then(|()| match self.force.force {
            true => Ok(file.persist(&self.path)?),
            // Somebody else may have put a file there meanwhile.
            false => Ok(file.persist_noclobber(&self.path)?),
        });
        placed.map_err(failed(&self.path))?;
        if cfg!(unix) {
            // Not every file system can sync a directory, and what is in the file is on the disk.
            let _ = File::open(directory(&self.path)).and_then(|directory| directory.sync_all());
        }
        Ok(())
    }
}

/// The directory of a file, which is the current one for a name alone.
fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    |source| Failure::Output { path: path.display().to_string(), source }
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
    let mut from = File::open(&wrote.path).map_err(failed(path))?;
    if is_stdout(Some(path)) {
        io::copy(&mut from, &mut io::stdout()).map_err(failed(path))?;
        return Ok(Written::new(id, path));
    }
    let draft = Draft::create(path, force)?;
    io::copy(&mut from, &mut draft.writer()?).map_err(failed(path))?;
    draft.finish()?;
    output::remark(&format!("wrote {}", path.display()));
    Ok(Written::new(id, path))
}

/// As [`copy`], for a job that is over: what cannot be written now can be later.
pub(super) async fn copy_of(
    jobs: &Jobs,
    job: &mut JobView,
    path: Option<&Path>,
    force: Force,
    hint: &Hint,
) -> Result<Option<Written>, Failure> {
    let (id, to) = (job.id.to_string(), path.map(Path::to_string_lossy));
    let mut words = vec!["jobs", "file", &id];
    words.extend(to.iter().flat_map(|path| ["-o", path]));
    or_kept(copy(jobs, job.id, path, force).await, job, &hint.command(&words))
}

/// What could not be written of a job that is over: the job keeps it, and `command` writes it later.
pub(super) fn or_kept(
    written: Result<Written, Failure>,
    job: &mut JobView,
    command: &str,
) -> Result<Option<Written>, Failure> {
    let failure = match written {
        Ok(written) => return Ok(Some(written)),
        Err(failure @ (Failure::Output { .. } | Failure::Exists { .. })) => failure,
        Err(failure) => return Err(failure),
    };
    let message = format!("{failure}; the job keeps what it was to hold, and this writes it: {command}");
    output::remark(&format!("error: {message}"));
    // A file that is there already is told as one that cannot be written.
    let code = match failure {
        Failure::Exists { .. } => "output_failed",
        failure => failure.code(),
    };
    job.error = Some(JobTrouble { code: code.to_owned(), message });
    Ok(None)
}

/// A failure of what is written to, which is the file at `path`.
pub(super) fn out_failed(error: jobs::Error, path: &Path) -> Failure {
    match error {
        jobs::Error::Output(source) => failed(path)(source),
        error => error.into(),
    }
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
    let draft = Draft::create(path, force)?;
    let count = passwords.write(&mut tokio::fs::File::from_std(draft.writer()?)).await;
    let count = count.map_err(|error| out_failed(error, path))?;
    draft.finish()?;
    passwords.forget()?;
    let passwords = output::counted(count, "password", "passwords");
    output::remark(&format!("wrote {passwords} to {}; nothing is kept elsewhere", path.display()));
    Ok(Written { passwords: Some(count), ..Written::new(id, path) })
}

/// How the names of files begin that are not whole.
const PARTIAL: &str = ".partial-";

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::{Draft, Force};

    #[test]
    fn a_file_is_in_its_place_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("users.csv");
        for text in ["first", "second"] {
            let before = fs::read_to_string(&path).ok();
            let draft = Draft::create(&path, Force { force: true }).unwrap();
            draft.writer().unwrap().write_all(text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).ok(), before, "not before it is finished");
            draft.finish().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        let refused = Draft::create(&path, Force { force: false });
        assert!(refused.is_err(), "{refused:?}");
        let given_up = Draft::create(&path, Force { force: true }).unwrap();
        drop(given_up);
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "and nothing is left beside it");
        fs::remove_file(&path).unwrap();
        let late = Draft::create(&path, Force { force: false }).unwrap();
        fs::write(&path, "somebody else's").unwrap();
        assert!(late.finish().is_err(), "what has come meanwhile stays");
        assert_eq!(fs::read_to_string(&path).unwrap(), "somebody else's");
    }
}
