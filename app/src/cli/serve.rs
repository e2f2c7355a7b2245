//! `pingone-import serve`.

use pingone_import::config::{ProcessEnvironment, SettingErrors, Settings};
use pingone_import::jobs::Jobs;
use pingone_import::serve::{Options, Server, stop_signal};
use pingone_import::store::Store;

use super::args::Serve;
use super::exit::{Exit, Failure};
use super::{connect, output};

/// How the server is set, by flags, environment and file.
pub(super) fn settings(arguments: &Serve) -> Result<Settings, SettingErrors> {
    let flags = arguments.flags();
    Settings::load(arguments.config.as_deref(), &ProcessEnvironment, &flags)
}

/// Serves until the process is told to stop.
pub(super) async fn run(arguments: Serve, settings: Settings) -> Result<Exit, Failure> {
    if arguments.check_config {
        output::json(&settings.describe());
        return Ok(Exit::Done);
    }
    let connected = match (arguments.simulator.simulator, settings.connection) {
        (true, _) => Some(connect::to_simulator().await?),
        (false, Some(config)) => Some(connect::to(config)?),
        (false, None) => None,
    };
    if connected.is_none() {
        output::remark("no connection to PingOne is configured: jobs can be looked at and not run");
    }
    let data_dir = match settings.data_dir {
        Some(dir) => dir,
        None => arguments.store.dir()?,
    };
    let store = Store::open(&data_dir).await?;
    let jobs = Jobs::new(store, connected.as_ref().map(|connected| connected.connection.clone()));
    jobs.notify_with(connect::notifier()?);
    let options = Options {
        public_url: settings.public_url,
        max_connections: settings.max_connections,
        stop_within: settings.stop_within,
        health_interval: settings.health_interval,
        health_deadline: settings.health_deadline,
    };
    let server = Server::bind_with(settings.listen, options, jobs.clone()).await?;
    output::say(&server.login_link());
    server.run(stop_signal()).await?;
    jobs.close().await;
    Ok(Exit::Done)
}
