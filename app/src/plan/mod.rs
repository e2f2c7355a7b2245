//! The pure core of an import: a file is sniffed, parsed, mapped and validated; nothing here touches the network.

mod error;
mod preview;

pub use error::FileError;
pub use preview::{Column, ColumnStatus, Preview, Problem};
