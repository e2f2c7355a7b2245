//! `pingone-import import`.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use pingone_import::jobs::{self, JobOptions, Jobs};
use pingone_import::plan::FileError;
use pingone_import::store::Store;

use super::args::Import;
use super::exit::{Exit, Failure};
use super::interrupts::Interrupts;
use super::{connect, follow, report};

/// Imports a file and waits for the end.
pub(super) async fn run(arguments: Import) -> Result<Exit, Failure> {
    let json = arguments.output.json;
    match import(arguments).await {
        Ok(exit) => Ok(exit),
        Err(failure) => {
            if json {
                report::failure(&failure);
            }
            Err(failure)
        }
    }
}

async fn import(arguments: Import) -> Result<Exit, Failure> {
    let mut file = open(&arguments.file)?;
    let connected = connect::required(arguments.simulator.simulator).await?;
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, Some(connected.connection.clone()));
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy();
    let mut incoming = jobs.receive(&name).await?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(|source| unreadable(&arguments.file, source))?;
        if read == 0 {
            break;
        }
        incoming.write(&chunk[..read]).await?;
    }
    let mut interrupts = Interrupts::new().map_err(jobs::Error::from)?;
    let created = jobs.create(incoming, &options(&arguments), None).await.map_err(|source| match source {
        jobs::Error::File(_) => Failure::File { path: arguments.file.display().to_string(), source },
        source => source.into(),
    })?;
    let job = follow::to_the_end(&jobs, created.id, &mut interrupts).await?;
    report::job(&jobs, &job, arguments.output).await?;
    jobs.close().await;
    Ok(Exit::of_job(&job))
}

fn options(arguments: &Import) -> JobOptions {
    JobOptions {
        population: arguments.population.clone(),
        create_population: arguments.create_population,
        ignore_unknown_columns: arguments.ignore_unknown_columns,
        dry_run: arguments.dry_run,
        delimiter: arguments.delimiter,
        encoding: arguments.encoding.clone(),
        ..JobOptions::default()
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    match File::open(path) {
        Ok(file) => match file.metadata() {
            Ok(metadata) if metadata.is_dir() => Err(unreadable(path, ErrorKind::IsADirectory.into())),
            _ => Ok(file),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(jobs::Error::from(FileError::Missing { path: path.display().to_string() }).into())
        }
        Err(error) => Err(unreadable(path, error)),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    jobs::Error::from(FileError::Unreadable { path: path.display().to_string(), source }).into()
}

const CHUNK: usize = 256 * 1024;
