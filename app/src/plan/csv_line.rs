//! Writing CSV.

use super::value::guarded;

/// `cells` as a line of CSV, each guarded against being taken for a formula and quoted where needed.
pub(crate) fn csv_line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        let guarded = guarded(cell);
        write_cell(&mut out, guarded.as_deref().unwrap_or(cell));
    }
    out.push_str("\r\n");
    out
}

/// `cells` as they stand in a line of CSV: quoted where needed, without guards.
pub(super) fn joined<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_cell(&mut out, cell);
    }
    out
}

/// Appends `cell` to `out`, quoted where needed.
pub(super) fn write_cell(out: &mut String, cell: &str) {
    let is_bare = !cell.contains([',', '"', '\n', '\r', ';', '\t', '|']) && cell.trim() == cell;
    if is_bare {
        out.push_str(cell);
    } else {
        out.push('"');
        out.push_str(&cell.replace('"', "\"\""));
        out.push('"');
    }
}
