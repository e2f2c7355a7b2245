//! `pingone-import login-link`.

use std::fs;

use pingone_import::app::login_link;
use pingone_import::auth::{TICKET_LIFETIME, leave_ticket};
use pingone_import::store::DataDir;
use serde::Serialize;
use url::Url;

use super::args::{Output, Store};
use super::exit::{Exit, Failure};
use super::output;

#[derive(Serialize)]
struct Link {
    login_link: String,
    /// The same, as earlier versions called it.
    link: String,
    expires_in_seconds: u64,
}

/// Prints a new login link of the server that uses the data directory.
pub(super) fn run(store: &Store, output: Output) -> Result<Exit, Failure> {
    let path = store.dir()?;
    let named = || path.display().to_string();
    // To look into a directory makes it, and one that is not there has no server.
    if !path.is_dir() {
        return Err(Failure::NoData { dir: named() });
    }
    let dir = DataDir::look(&path)?;
    let no_server = || Failure::NoServer { dir: named() };
    if dir.is_held() {
        return Err(no_server());
    }
    let address = fs::read_to_string(dir.address()).map_err(|_| no_server())?;
    let base = Url::parse(address.trim()).map_err(|_| no_server())?;
    let failed = |source| Failure::Output { path: dir.tickets().display().to_string(), source };
    let link = login_link(&base, &leave_ticket(&dir.tickets()).map_err(failed)?);
    match output.json {
        true => output::json(&Link {
            login_link: link.clone(),
            link,
            expires_in_seconds: TICKET_LIFETIME.as_secs(),
        }),
        false => output::say(&link),
    }
    Ok(Exit::Done)
}
