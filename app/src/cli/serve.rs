//! `pingone-import serve`.

use std::time::Duration;

use pingone_import::background;
use pingone_import::config::{ProcessEnvironment, Settings};
use pingone_import::jobs::Jobs;
use pingone_import::logging::{self, Format};
use pingone_import::serve::{Options, ServeError, Server, stop_signal};
use pingone_import::store::Store;
use tokio::time::{Instant, sleep, timeout_at};

use super::args::{Output, Serve};
use super::exit::{Exit, Failure};
use super::{Untold, connect, output};

/// Serves as flags, environment and file say, and logs what ends the process.
pub(super) async fn start(arguments: Serve, output: Output) -> Result<Exit, Untold> {
    let flags = arguments.flags();
    let file = arguments.simulator.named.file();
    let settings = Settings::load(file.as_deref(), &ProcessEnvironment, &flags);
    let settings = settings.map_err(|errors| Untold::from(Failure::from(errors)))?;
    logging::init(&settings.log);
    let is_for_people = settings.log.format == Format::Human;
    run(arguments, settings, output).await.map_err(|failure| {
        // A person who starts it wants to be told once, in plain words; whoever watches the log learns why there is
        // no process any more.
        let is_startup = !matches!(failure, Failure::Serve(ServeError::Run(_)));
        let is_logged = tracing::enabled!(tracing::Level::ERROR) && !(is_for_people && is_startup);
        if is_logged {
            tracing::error!(critical = true, code = failure.code(), "the process ends: {failure}");
        }
        Untold { failure, is_logged }
    })
}

/// Serves until the process is told to stop.
async fn run(arguments: Serve, settings: Settings, output: Output) -> Result<Exit, Failure> {
    if arguments.check_config {
        output::json(&settings.describe());
        return Ok(Exit::Done);
    }
    let named = &arguments.simulator.named;
    let connected = match settings.connection {
        _ if arguments.simulator.simulator => Some(connect::to_simulator().await?),
        _ if named.connection.is_some() => connect::configured(named)?,
        Some(config) => Some(connect::to(config)?),
        None => None,
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
        prune_after: settings.prune_after,
    };
    // Whoever reads the link may want the server to stop at once.
    let stop = stop_signal().map_err(ServeError::Run)?;
    let server = Server::bind_with(settings.listen, options, jobs.clone()).await?;
    let link = server.login_link();
    match output.json {
        true => output::json(&serde_json::json!({ "login_link": link, "address": server.base().as_str() })),
        false => output::say(&link),
    }
    let stopped = server.run(stop).await?;
    if timeout_at(stopped.by, jobs.close()).await.is_err() {
        tracing::warn!("the database did not close in time; it is whole all the same");
    }
    Ok(abandon(stopped.by).await)
}

/// Waits for what cannot be interrupted, and says what is left behind. Jobs go on at the next start.
async fn abandon(by: Instant) -> Exit {
    while !background::running().is_empty() && Instant::now() < by {
        sleep(LOOK).await;
    }
    let abandoned = background::running();
    if abandoned.is_empty() {
        return Exit::Done;
    }
    tracing::error!(
        ?abandoned,
        "the time to stop is over; what was under way is left, and jobs go on at the next start"
    );
    output::remark(&format!(
        "left behind, as the time to stop is over: {}; jobs go on at the next start",
        abandoned.join(", ")
    ));
    Exit::Stopped
}

/// Between two looks at what is under way.
const LOOK: Duration = Duration::from_millis(20);
