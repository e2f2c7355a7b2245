//! `pingone-import mappings`.

use std::collections::BTreeMap;

use pingone_import::jobs::Jobs;
use pingone_import::store;
use serde::Serialize;

use super::args::{Mappings, Output, Store};
use super::exit::{Exit, Failure};
use super::output;

/// A mapping as it is printed.
#[derive(Serialize)]
struct Shown {
    name: String,
    mapping: BTreeMap<String, String>,
}

/// Lists, shows, saves or deletes mappings.
pub(super) async fn run(command: Mappings, output: Output) -> Result<Exit, Failure> {
    match command {
        Mappings::List { store } => {
            let jobs = open(&store).await?;
            let shown = jobs.mappings()?.into_iter().map(|name| named(&jobs, name));
            let shown = shown.collect::<Result<Vec<_>, _>>()?;
            if output.json {
                output::json(&shown);
            } else if shown.is_empty() {
                output::say("No mapping is saved yet.");
            }
            shown.iter().filter(|_| !output.json).for_each(|shown| output::say(&line(shown)));
        }
        Mappings::Show { name, store } => show(&named(&open(&store).await?, name)?, output),
        Mappings::Save { name, mapping, store } => {
            let jobs = open(&store).await?;
            jobs.save_mapping(&name, &mapping.into_iter().collect())?;
            show(&named(&jobs, name)?, output);
        }
        Mappings::Delete { name, store } => {
            let jobs = open(&store).await?;
            let shown = named(&jobs, name)?;
            jobs.delete_mapping(&shown.name)?;
            show(&shown, output);
        }
    }
    Ok(Exit::Done)
}

/// Mappings are files of their own, so another process may work on the jobs meanwhile.
async fn open(store: &Store) -> Result<Jobs, Failure> {
    Ok(Jobs::new(store::Store::open_for_reading(&store.dir()?).await?, None))
}

fn named(jobs: &Jobs, name: String) -> Result<Shown, Failure> {
    Ok(Shown { mapping: jobs.mapping(&name)?, name })
}

fn show(shown: &Shown, output: Output) {
    if output.json { output::json(shown) } else { output::say(&line(shown)) }
}

fn line(Shown { name, mapping }: &Shown) -> String {
    let columns = mapping.iter().map(|(column, path)| format!("{column}={path}"));
    format!("{name}: {}", columns.collect::<Vec<_>>().join(", "))
}
