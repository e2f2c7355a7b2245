//! A workbook with one sheet.

use std::io::{self, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::spool::Sorted;
use super::writer::text;
use crate::plan::EXACT_TEXT;

/// Writes `rows`, of which there are `users`; every cell is text, so nothing in it is a formula. The sheet goes to
/// `scratch` first, and then from the disk into the workbook.
pub(super) fn write(
    columns: &[String],
    users: u64,
    rows: &mut Sorted,
    out: &mut (impl Write + Send),
    scratch: &Path,
) -> io::Result<()> {
    if users > MOST_ROWS {
        let message = format!("a workbook holds {MOST_ROWS} users and there are {users}; export CSV instead");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut workbook = Workbook::new();
    // The system's own place may be in memory.
    workbook.set_tempdir(scratch).map_err(failed)?;
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name("Users").map_err(failed)?;
    let bold = Format::new().set_bold();
    // An empty last column says to the importer that blanks around a text are a part of it.
    let names = columns.iter().map(String::as_str).chain([EXACT_TEXT]);
    for (column, path) in (0..).zip(names) {
        sheet.write_string_with_format(0, column, path, &bold).map_err(failed)?;
    }
    let mut row = 0;
    while let Some(values) = rows.next()? {
        row += 1;
        for (column, path) in (0..).zip(columns) {
            let text = text(values.get(path));
            if !text.is_empty() {
                sheet.write_string(row, column, text).map_err(failed)?;
            }
        }
    }
    workbook.save_to_writer(out).map_err(failed)
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        XlsxError::IoError(error) => error,
        error => io::Error::other(error),
    }
}

/// Rows of a sheet, without the header.
const MOST_ROWS: u64 = 1_048_575;
