//! Asking the server that runs with a data directory, as whoever may write to that directory may.

use std::fs;

use pingone_import::auth::leave_ticket;
use pingone_import::doctor::Target;
use pingone_import::remote::Remote;
use pingone_import::store::DataDir;

use super::exit::Failure;

/// Logs in to the server that has `dir`.
///
/// # Errors
/// When none is there.
pub(super) async fn log_in(dir: &DataDir) -> Result<Remote, Failure> {
    let address = fs::read_to_string(dir.address()).map_err(|_| Failure::Elsewhere)?;
    let failed = |source| Failure::Output { path: dir.tickets().display().to_string(), source };
    let ticket = leave_ticket(&dir.tickets()).map_err(failed)?;
    let target = Target::new(address.trim(), Some(ticket.reveal())).map_err(|_| Failure::Elsewhere)?;
    Ok(Remote::log_in(target, Some(ticket.reveal())).await)
}
