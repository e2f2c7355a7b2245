//! The pure core of an import: a file is sniffed, parsed, mapped and validated; nothing here touches the network.

mod attributes;
mod change;
mod check;
mod convert;
mod csv_line;
mod dialect;
mod directory;
mod draft;
mod encoding;
mod error;
mod file;
mod header;
mod issue;
mod mapped;
mod named;
mod preview;
mod purpose;
mod reader;
mod record;
mod rejects;
mod request;
mod row;
mod rows;
mod rules;
mod split;
mod summary;
mod unknown;
mod utf8_reader;
mod value;
mod widths;

pub use change::{Change, Difference};
pub use convert::{Format, convert};
pub use directory::{Directory, suggest_name};
pub use error::FileError;
pub use file::{Reading, UserFile, read_text};
pub use issue::Issue;
pub use named::unknown_populations;
pub use preview::{Column, ColumnStatus, Preview, PreviewWarning, Problem, RowRequest};
pub use purpose::{MatchBy, Purpose};
pub use rejects::Rejects;
pub use row::{Action, Creation, PlannedRow};
pub use rows::{Planner, Row, Rows};
pub use summary::preview;
pub use unknown::{UnknownColumn, UnknownColumns};
pub use widths::{MISSING_CELLS, SURPLUS_CELLS, Suspicion};

pub(crate) use attributes::{
    EXACT_TEXT, FORMULA_GUARD, importable_paths, named_attribute, same_column, suggest as suggest_attribute,
};
pub(crate) use csv_line::csv_line;
pub(crate) use summary::{DUPLICATE, repeats};
pub(crate) use value::guarded;

#[cfg(test)]
mod tests;
