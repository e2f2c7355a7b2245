//! Excel workbooks: the first sheet, cell by cell.

use std::path::Path;

use calamine::{DataRef, Reader, Xlsx, XlsxError, open_workbook};

use super::{MOST_COLUMNS, shared_texts, table::Table, unwritable};
use crate::plan::FileError;

/// Converts the first sheet of the workbook at `from`. Its first row that is not empty is the header.
pub(super) fn convert(from: &Path, to: &Path) -> Result<(), FileError> {
    shared_texts::check(from)?;
    let mut workbook: Xlsx<_> = open_workbook(from).map_err(|error| unusable(&error))?;
    let names = workbook.sheet_names();
    let sheet = names.first().ok_or(FileError::Empty)?;
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| unusable(&error))?;
    let (mut table, mut columns) = (None, Vec::new());
    let (mut row, mut texts): (u32, Vec<String>) = (0, Vec::new());
    while let Some(cell) = cells.next_cell().map_err(|error| unusable(&error))? {
        let (at, column) = cell.get_position();
        if at != row {
            flush(row, &mut texts, &mut table, &mut columns, to)?;
            row = at;
        }
        let column = column as usize;
        if column >= MOST_COLUMNS {
            let reason =
                format!("a cell stands in column {}, beyond the {MOST_COLUMNS} that are read", column + 1);
            return Err(FileError::Workbook { reason });
        }
        if texts.len() <= column {
            texts.resize(column + 1, String::new());
        }
        texts[column] = text(cell.get_value());
    }
    flush(row, &mut texts, &mut table, &mut columns, to)?;
    table.ok_or(FileError::Empty)?.finish().map_err(unwritable)
}

fn flush(
    row: u32,
    texts: &mut Vec<String>,
    table: &mut Option<Table>,
    columns: &mut Vec<String>,
    to: &Path,
) -> Result<(), FileError> {
    if texts.iter().all(|text| text.trim().is_empty()) {
        texts.clear();
        return Ok(());
    }
    match table {
        None => {
            *columns = std::mem::take(texts);
            *table = Some(Table::create(to, columns.iter().map(String::as_str)).map_err(unwritable)?);
        }
        Some(table) => {
            texts.resize(texts.len().max(columns.len()), String::new());
            table.row(u64::from(row) + 1, texts.iter().map(String::as_str)).map_err(unwritable)?;
            texts.clear();
        }
    }
    Ok(())
}

/// A cell as a person reads it: a whole number has no fraction, since it is a phone number or an id.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(when) => when.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        // `#REF!` and the like: no value at all.
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn unusable(error: &XlsxError) -> FileError {
    FileError::Workbook { reason: error.to_string() }
}
