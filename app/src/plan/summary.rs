//! A preview: the whole plan of a file, summed up.

use std::path::Path;
use std::sync::Arc;

use super::attributes::LINE_COLUMN;
use super::file::{Reading, UserFile};
use super::header::{Header, Target, is_mark};
use super::request::HIDDEN;
use super::row::{Action, PlannedRow};
use super::rows::{Row, Rows};
use super::value::{NULL, unguarded};
use super::{Column, Directory, FileError, Preview, PreviewWarning, Problem, RowRequest, Suspicion};
use crate::jobs::PopulationRef;

/// How the file at `path` would be understood; nothing is kept and nothing is sent.
///
/// Columns that name no attribute are shown as such and are no error here.
///
/// # Errors
/// When the file cannot be imported as a whole for another reason, but that it names no users, which is its problem.
pub fn preview(
    path: &Path,
    reading: &Reading,
    population: Option<PopulationRef>,
    directory: Arc<Directory>,
) -> Result<Preview, FileError> {
    let (mut file, nobody) = open(path, reading, directory)?;
    let mut preview = file.blank_preview(reading.ignore_unknown_columns);
    preview.population = population;
    let (planner, mut rows) = (file.planner(), Rows::default());
    while file.read_rows(&mut rows, ROWS)? {
        for row in rows.iter() {
            if preview.sample_rows.len() < SAMPLE_ROWS {
                add_samples(&mut preview, file.header(), row);
                let unsent = || RowRequest { row: row.number(), body: None };
                preview
                    .requests
                    .push(nobody.as_ref().map_or_else(|| planner.plan(row).request(), |_| unsent()));
            }
            preview.total += 1;
            match planner.rehearse(row) {
                _ if nobody.is_some() => preview.invalid += 1,
                Some(planned) => count(&mut preview, planned),
                None => preview.valid += 1,
            }
        }
    }
    if preview.total == 0 {
        return Err(FileError::NoRows { line: file.header().line });
    }
    preview.problems.extend(nobody);
    let warning = |it: Suspicion| PreviewWarning { code: it.code.to_owned(), message: it.message };
    preview.warnings = file.suspicions().into_iter().map(warning).collect();
    hide_marks(&mut preview);
    file.encoding().name().clone_into(&mut preview.encoding);
    Ok(preview)
}

/// The file, and the problem that it names no users, if it has and one of its columns may be meant.
fn open(
    path: &Path,
    reading: &Reading,
    directory: Arc<Directory>,
) -> Result<(UserFile, Option<Problem>), FileError> {
    let error = match UserFile::open_leniently(path, reading, Arc::clone(&directory)) {
        Err(error @ (FileError::NoUsername { .. } | FileError::NoKey { .. })) => error,
        opened => return Ok((opened?, None)),
    };
    let reading = Reading { may_name_nobody: true, ..reading.clone() };
    let (line, code) = (error.line().unwrap_or_default(), error.code().to_owned());
    let problem = Problem { row: 0, line, column: None, number: None, code, message: error.to_string() };
    let file = UserFile::open_leniently(path, &reading, directory)?;
    // Where every column means something else, there is nothing to be said but that.
    match file.unknown_columns().is_empty() {
        true => Err(error),
        false => Ok((file, Some(problem))),
    }
}

/// Leaves out the columns that no file of people has: those that a conversion, or this program, has added.
fn hide_marks(preview: &mut Preview) {
    let is_mark = |column: &Column| is_mark(&column.header) || column.header == LINE_COLUMN;
    let marks: Vec<_> = preview.columns.iter().map(is_mark).collect();
    let mut columns = marks.iter();
    preview.columns.retain(|_| columns.next() == Some(&false));
    (0..).zip(&mut preview.columns).for_each(|(index, column)| column.index = index);
    for row in &mut preview.sample_rows {
        let mut cells = marks.iter();
        row.retain(|_| cells.next() != Some(&true));
    }
}

/// Counts a row that does nothing.
fn count(preview: &mut Preview, planned: PlannedRow) {
    let PlannedRow { row, line, .. } = planned;
    match planned.action {
        Action::Create(_) | Action::Change(_) | Action::Find => {}
        Action::Refuse(issues) => {
            preview.invalid += 1;
            let problems = issues.into_iter().map(|issue| Problem {
                row,
                line,
                column: issue.column,
                number: issue.number,
                code: issue.code.to_owned(),
                message: issue.message,
            });
            let room = PROBLEMS - preview.problems.len();
            preview.problems.extend(problems.take(room));
        }
        Action::Repeat { first } => {
            preview.duplicates += 1;
            if preview.problems.len() < PROBLEMS {
                let (code, message) = (DUPLICATE.to_owned(), repeats(first));
                preview.problems.push(Problem { row, line, column: None, number: None, code, message });
            }
        }
    }
}

/// The code of a row that is skipped because an earlier one has its username.
pub(crate) const DUPLICATE: &str = "DUPLICATE_IN_FILE";

/// What to say of such a row.
pub(crate) fn repeats(first: u64) -> String {
    format!("row {first} names the same user, letter case ignored; only that row counts")
}

fn add_samples(preview: &mut Preview, header: &Header, row: &Row) {
    let shown = |index: usize, cell: &str| match header.targets.get(index) {
        Some(Target::Password) if !cell.is_empty() => HIDDEN.to_owned(),
        _ if header.has_nulls() && cell == NULL => "null".to_owned(),
        _ => unguarded(cell, header.is_guarded).to_owned(),
    };
    let cells: Vec<String> = row.record.iter().enumerate().map(|(index, cell)| shown(index, cell)).collect();
    for (column, cell) in preview.columns.iter_mut().zip(&cells) {
        let is_password = column.attribute.as_deref() == Some("password");
        if !is_password && !cell.trim().is_empty() && column.samples.len() < SAMPLES {
            column.samples.push(cell.clone());
        }
    }
    preview.sample_rows.push(cells);
}

const ROWS: usize = 256;
const PROBLEMS: usize = 100;
const SAMPLES: usize = 3;
const SAMPLE_ROWS: usize = 5;
