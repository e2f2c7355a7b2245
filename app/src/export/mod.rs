//! Users as a file: collected on the disk first, then sorted and written, so that memory does not grow with them.

mod layout;
mod spool;
mod writer;
mod xlsx;

pub(crate) use layout::{Layout, column, exportable};
pub(crate) use spool::Spool;
pub(crate) use writer::write;
