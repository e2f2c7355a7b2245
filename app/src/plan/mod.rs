//! The pure core of an import: a file is sniffed, parsed, mapped and validated; nothing here touches the network.

mod attributes;
mod dialect;
mod directory;
mod duplicates;
mod encoding;
mod error;
mod file;
mod header;
mod issue;
mod preview;
mod reader;
mod record;
mod rejects;
mod row;
mod split;
mod summary;
mod utf8_scan;
mod value;

pub use directory::Directory;
pub use error::FileError;
pub use file::{Reading, UserFile};
pub use issue::Issue;
pub use preview::{Column, ColumnStatus, Preview, Problem};
pub use rejects::Rejects;
pub use row::{Action, Creation, PlannedRow};
pub use summary::preview;

pub(crate) use summary::{DUPLICATE, repeats};

#[cfg(test)]
mod tests;
