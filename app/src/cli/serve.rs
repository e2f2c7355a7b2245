//! `pingone-import serve`.

use pingone_import::jobs::Jobs;
use pingone_import::serve::{Server, stop_signal};
use pingone_import::store::Store;

use super::args::Serve;
use super::exit::{Exit, Failure};
use super::{connect, output};

/// Serves until the process is told to stop.
pub(super) async fn run(arguments: Serve) -> Result<Exit, Failure> {
    let connected = match arguments.simulator.simulator {
        true => Some(connect::to_simulator().await?),
        false => connect::from_environment()?,
    };
    if connected.is_none() {
        output::remark("no connection to PingOne is configured: jobs can be looked at and not run");
    }
    let store = Store::open(&arguments.store.dir()?).await?;
    let jobs = Jobs::new(store, connected.as_ref().map(|connected| connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let server = Server::bind(arguments.listen, arguments.public_url, jobs.clone()).await?;
    output::say(&server.login_link());
    server.run(stop_signal()).await?;
    jobs.close().await;
    Ok(Exit::Done)
}
