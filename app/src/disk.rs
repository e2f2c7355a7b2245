//! What the system says of a disk that something cannot be written to.

use std::io::{self, ErrorKind};

/// Whether there is no room on a disk, or no more of it for this user or this file.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// The code of whatever there is no room for.
pub const DISK_FULL: &str = "disk_full";

/// Whether a disk, or a directory on it, may not be written to.
pub(crate) fn is_forbidden(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied)
}
