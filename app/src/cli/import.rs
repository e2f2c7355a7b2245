//! `pingone-import import` and `pingone-import modify`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use pingone_import::jobs::{self, Created, Incoming, JobOptions, JobView, Jobs, Kind};
use pingone_import::plan::{FileError, read_text};
use pingone_import::store::Store;

use super::args::{self, FileReading, Force, Import, Modify, Output, Simulator};
use super::exit::{Exit, Failure};
use super::hint::Hint;
use super::interrupts::Interrupts;
use super::{connect, files, follow, output, preview, report};

/// Imports a file and waits for the end.
pub(super) async fn run(arguments: Import, output: Output) -> Result<Exit, Failure> {
    let options = JobOptions {
        mode: arguments.mode.into(),
        default_disabled: arguments.default_disabled,
        generate_passwords: arguments.generate_passwords.is_some() && !arguments.reading.dry_run,
        force_password_change: arguments.force_password_change,
        welcome_mail: arguments
            .welcome_mail
            .as_deref()
            .map(read_text)
            .transpose()
            .map_err(jobs::Error::from)?,
        ..reading(&arguments.reading)
    };
    let Import { reading, generate_passwords, force, simulator, store, .. } = arguments;
    files::check(generate_passwords.as_deref(), force)?;
    let passwords = generate_passwords.map(|path| (path, force));
    go(&reading, options, passwords, simulator, &store, output).await
}

/// Changes users as a file says and waits for the end.
pub(super) async fn modify(arguments: Modify, output: Output) -> Result<Exit, Failure> {
    let options = JobOptions {
        kind: Kind::Modify,
        create_missing: arguments.create_missing,
        default_disabled: arguments.default_disabled,
        generate_passwords: arguments.generate_passwords.is_some() && !arguments.reading.dry_run,
        force_password_change: arguments.force_password_change,
        ..reading(&arguments.reading)
    };
    let Modify { reading, generate_passwords, force, simulator, store, .. } = arguments;
    files::check(generate_passwords.as_deref(), force)?;
    let passwords = generate_passwords.map(|path| (path, force));
    go(&reading, options, passwords, simulator, &store, output).await
}

async fn go(
    reading: &FileReading,
    options: JobOptions,
    passwords_to: Option<(PathBuf, Force)>,
    simulator: Simulator,
    store: &args::Store,
    output: Output,
) -> Result<Exit, Failure> {
    // Whether the file can be read is found out before anything else is done.
    drop(open(&reading.file)?);
    let connected = connect::required(&simulator).await?;
    if reading.preview {
        return preview::run(&connected.connection, &reading.file, &options, store, output).await;
    }
    let hint = Hint::new(store).connecting(&simulator.named);
    let store = Store::open(&store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let mapping = mapping_to_save(&jobs, reading, &options)?;
    let incoming = receive(&jobs, &reading.file).await?;
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let created = create(&jobs, Some(incoming), &options, Some(&reading.file)).await?;
    if let Some((name, mapping)) = reading.save_mapping.as_ref().zip(mapping)
        && let Err(error) = jobs.save_mapping(name, &mapping)
    {
        // The job goes on, and whoever started it is told of its end.
        output::remark(&format!("warning: the mapping {name:?} was not saved: {error}"));
    }
    let mut job = follow::to_the_end(&jobs, created.id, 0, &mut interrupts).await?;
    let written = match passwords_to.filter(|_| job.has_passwords && job.status.is_final()) {
        Some((path, force)) => {
            let written = files::passwords(&jobs, job.id, &path, force).await;
            let (id, to) = (job.id.to_string(), path.to_string_lossy());
            let command = hint.command(&["jobs", "passwords", &id, "-o", &to]);
            files::or_kept(written, &mut job, &command)?
        }
        None => None,
    };
    report::job(&jobs, &job, written.as_ref(), output, &hint).await?;
    jobs.close().await;
    Ok(Exit::of_job(&job))
}

/// Creates a job and follows it to its end.
pub(super) async fn start(
    jobs: &Jobs,
    incoming: Option<Incoming>,
    options: &JobOptions,
    file: Option<&Path>,
    interrupts: &mut Interrupts,
) -> Result<JobView, Failure> {
    let created = create(jobs, incoming, options, file).await?;
    // What became of a job that is there already was told before.
    let seen = if created.repeated { jobs.job(created.id).await?.last_seq } else { 0 };
    follow::to_the_end(jobs, created.id, seen, interrupts).await
}

/// Creates a job, or says of which file that it cannot be one.
async fn create(
    jobs: &Jobs,
    incoming: Option<Incoming>,
    options: &JobOptions,
    file: Option<&Path>,
) -> Result<Created, Failure> {
    jobs.create_from(incoming, options, None).await.map_err(|error| Failure::of_file(error, file))
}

/// Copies a file into the data directory.
pub(super) async fn receive(jobs: &Jobs, path: &Path) -> Result<Incoming, Failure> {
    let file = open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut incoming = jobs.receive(&name).await?;
    incoming.append(file, |source| unreadable(path, source)).await?;
    Ok(incoming)
}

fn reading(arguments: &FileReading) -> JobOptions {
    JobOptions {
        population: arguments.population.clone(),
        create_population: arguments.create_population,
        match_by: arguments.match_by.into(),
        clear_marker: arguments.clear_marker.clone(),
        mapping: arguments.mapping.iter().cloned().collect(),
        saved_mapping: arguments.use_mapping.clone(),
        ignore_unknown_columns: arguments.ignore_unknown_columns,
        dry_run: arguments.dry_run,
        delimiter: arguments.delimiter,
        encoding: arguments.encoding.clone(),
        ..JobOptions::default()
    }
}

/// The mapping of this run, if it is to be saved, as the saved one and what was typed give it.
fn mapping_to_save(
    jobs: &Jobs,
    reading: &FileReading,
    options: &JobOptions,
) -> Result<Option<BTreeMap<String, String>>, Failure> {
    let Some(name) = &reading.save_mapping else { return Ok(None) };
    jobs.check_mapping_name(name)?;
    Ok(Some(jobs.with_saved_mapping(options)?.mapping))
}

fn open(path: &Path) -> Result<File, Failure> {
    match File::open(path) {
        Ok(file) => match file.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(unreadable(path, ErrorKind::IsADirectory.into()).into()),
            _ => Ok(file),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(jobs::Error::from(FileError::Missing { path: path.display().to_string() }).into())
        }
        Err(error) => Err(unreadable(path, error).into()),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> jobs::Error {
    FileError::Unreadable { path: path.display().to_string(), source }.into()
}
