//! Writing delimited text that is read back as it was written.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::plan::attributes::LINE_COLUMN;
use crate::plan::csv_line::write_cell;
use crate::private::private_file;

/// A table with a header and the lines of the original.
pub(super) struct Table {
    out: BufWriter<File>,
    text: String,
}

impl Table {
    pub(super) fn create<'a>(path: &Path, names: impl Iterator<Item = &'a str>) -> io::Result<Self> {
        let mut table = Self { out: BufWriter::new(private_file(path)?), text: String::new() };
        table.line(LINE_COLUMN, names)?;
        Ok(table)
    }

    /// Writes a row that stands on `line` of the original.
    pub(super) fn row<'a>(&mut self, line: u64, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        self.line(&line.to_string(), cells)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.out.flush()?;
        self.out.get_ref().sync_all()
    }

    fn line<'a>(&mut self, first: &str, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        self.text.clear();
        self.text.push_str(first);
        for cell in cells {
            self.text.push(',');
            write_cell(&mut self.text, cell);
        }
        self.text.push('\n');
        self.out.write_all(self.text.as_bytes())
    }
}
