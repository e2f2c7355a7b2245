//! Writing a spool out as CSV, NDJSON or a workbook.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use pingone::NewUser;
use serde_json::{Map, Value};

use super::spool::{Sorted, Spool};
use super::xlsx;
use crate::jobs::Format;
use crate::plan::{FORMULA_GUARD, csv_line, guarded};
use crate::private::private_file;
use crate::store::disk;

/// Writes the users of `spool`, which is at `from`, to `to`: whole, or not at all.
///
/// # Errors
/// When the disk fails, or a workbook cannot hold so many users.
pub(crate) fn write(spool: Spool, from: &Path, to: &Path, format: Format) -> io::Result<()> {
    let partial = to.with_extension("partial");
    let written = try_write(spool, &partial, format).and_then(|()| disk::adopt(&partial, to));
    // Where there was no room, nothing is to be left that takes some; what is not there needs no removal.
    for path in [from, &partial] {
        let _ = std::fs::remove_file(path);
    }
    written
}

fn try_write(spool: Spool, to: &Path, format: Format) -> io::Result<()> {
    let users = spool.len();
    let (columns, mut rows) = spool.sorted()?;
    let mut out = BufWriter::new(private_file(to)?);
    match format {
        Format::Csv => csv(&columns, &mut rows, &mut out)?,
        Format::Ndjson => ndjson(&columns, &mut rows, &mut out)?,
        Format::Xlsx => {
            let scratch = to.parent().unwrap_or_else(|| Path::new("."));
            xlsx::write(&columns, users, &mut rows, &mut out, scratch)?;
        }
    }
    out.flush()
}

/// A cell that a spreadsheet would take for a formula is guarded; an empty last column says so to the importer.
fn csv(columns: &[String], rows: &mut Sorted, out: &mut impl Write) -> io::Result<()> {
    let header = columns.iter().map(String::as_str).chain([FORMULA_GUARD]);
    out.write_all(csv_line(header).as_bytes())?;
    while let Some(values) = rows.next()? {
        let cells: Vec<String> = columns.iter().map(|path| text(values.get(path))).collect();
        let mark = if cells.iter().any(|cell| guarded(cell).is_some()) { "'" } else { "" };
        out.write_all(csv_line(cells.iter().map(String::as_str).chain([mark])).as_bytes())?;
    }
    Ok(())
}

fn ndjson(columns: &[String], rows: &mut Sorted, out: &mut impl Write) -> io::Result<()> {
    while let Some(mut values) = rows.next()? {
        serde_json::to_writer(&mut *out, &nested(columns, &mut values))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// `{"name.given":…}` as `{"name":{"given":…}}`.
fn nested(columns: &[String], values: &mut Map<String, Value>) -> Map<String, Value> {
    let mut object = NewUser::new("", None);
    for path in columns {
        if let Some(value) = values.remove(path) {
            object.set(path, value);
        }
    }
    object.attributes
}

/// A value as a cell that an import reads as the same value.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    }
}
