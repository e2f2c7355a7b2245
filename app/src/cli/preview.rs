//! `--preview`: how a file is understood, before there is a job.

use std::path::Path;

use pingone_import::jobs::{Connection, JobOptions, Jobs};
use pingone_import::plan::{Column, ColumnStatus, Preview};

use super::args::{self, Output};
use super::exit::{Exit, Failure};
use super::import::receive;
use super::{output, report};
use pingone_import::store::Store;

/// Shows how the file at `path` is understood; nothing is kept.
pub(super) async fn run(
    connection: &Connection,
    path: &Path,
    options: &JobOptions,
    store: &args::Store,
    output: Output,
) -> Result<Exit, Failure> {
    // A server may work on its jobs meanwhile.
    let jobs = Jobs::new(Store::open_for_reading(&store.dir()?).await?, Some(connection.clone()));
    let incoming = receive(&jobs, path).await?;
    let preview = jobs.preview(incoming, options).await;
    jobs.close().await;
    let preview = preview.map_err(|error| Failure::of_file(error, Some(path)))?;
    match output.json {
        true => output::json(&preview),
        false => show(&preview, options.create_population),
    }
    let names_nobody = preview.problems.iter().any(|problem| problem.row == 0);
    let is_refused =
        names_nobody || !options.ignore_unknown_columns && preview.columns.iter().any(is_unknown);
    Ok(match (is_refused, preview.invalid) {
        (true, _) => Exit::Usage,
        (false, 0) => Exit::Done,
        (false, _) => Exit::RowsFailed,
    })
}

fn show(preview: &Preview, creates_populations: bool) {
    output::say(&headline(preview));
    output::say("\nColumns");
    let width = preview.columns.iter().map(|column| column.header.chars().count()).max().unwrap_or_default();
    for column in &preview.columns {
        output::say(format!("  {:<width$}  {}", column.header, meaning(column)).trim_end());
    }
    if let Some(column) = preview.columns.iter().find(|column| is_unknown(column)) {
        let attribute = column.suggestion.as_deref().unwrap_or("ATTRIBUTE");
        output::say(&format!(
            "\nColumns that mean nothing keep the file from being used: say what they mean with --map \
             \"{}={attribute}\", or leave them out with --ignore-unknown-columns.",
            column.header
        ));
    }
    if !preview.problems.is_empty() || !preview.warnings.is_empty() {
        output::say("\nTroubles");
    }
    for warning in &preview.warnings {
        output::say(&format!("  warning: {}: {}", warning.code, warning.message));
    }
    for problem in &preview.problems {
        let column = report::column(problem.number, problem.column.as_deref());
        output::say(&format!("  line {}{column}: {}: {}", problem.line, problem.code, problem.message));
    }
    let has = |code: &str| preview.problems.iter().any(|problem| problem.code == code);
    if !creates_populations && has("UNKNOWN_POPULATION") {
        output::say("\nPopulations that do not exist are created with --create-population.");
    }
    output::say("\nFirst rows, as they would be sent");
    for request in &preview.requests {
        let body = request.body.as_ref().map_or_else(|| "not sent".to_owned(), ToString::to_string);
        output::say(&format!("  {}  {body}", request.row));
    }
}

fn headline(preview: &Preview) -> String {
    let Preview { format, encoding, total, valid, invalid, duplicates, .. } = preview;
    let population = preview.population.as_ref().map(|it| format!(", into {}", it.name)).unwrap_or_default();
    format!(
        "{format}, {encoding}{population}: {}, {valid} would be sent, {invalid} wrong, {duplicates} repeated",
        output::counted(*total, "row", "rows")
    )
}

fn meaning(column: &Column) -> String {
    let samples = match column.samples.is_empty() {
        true => String::new(),
        false => format!("  ({})", column.samples.join(", ")),
    };
    let meaning = match (&column.attribute, column.status, &column.suggestion) {
        (Some(attribute), ..) => format!("-> {attribute}"),
        (None, ColumnStatus::Unknown, Some(meant)) => format!("means nothing; did you mean {meant}?"),
        (None, ColumnStatus::Unknown, None) => "means nothing".to_owned(),
        (None, ..) => "is left out".to_owned(),
    };
    meaning + &samples
}

fn is_unknown(column: &Column) -> bool {
    column.status == ColumnStatus::Unknown
}
