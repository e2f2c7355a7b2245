//! `pingone-import demo`.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use pingone_import::demo::import_sample;
use pingone_import::jobs::Jobs;
use pingone_import::serve::{ServeError, Server, stop_signal};
use pingone_import::store::Store;
use pingone_sim::Options;
use tokio_util::sync::CancellationToken;

use super::args::{self, Demo, Output};
use super::exit::{Exit, Failure};
use super::hint::Hint;
use super::{connect, output};

/// As slow as PingOne is, so that there is something to watch; at once where nobody does.
fn pingone(arguments: &Demo) -> Options {
    let quick = Options::default();
    match arguments.once {
        true => quick,
        false => Options { rate_limit: Some(RATE), latency: LATENCY, ..quick },
    }
}

/// Requests per second.
const RATE: f64 = 40.0;

const LATENCY: RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_millis(150);

/// Serves with an embedded PingOne, imports a sample, and stays up unless told otherwise.
pub(super) async fn run(arguments: Demo, output: Output) -> Result<Exit, Failure> {
    let temporary = tempfile::tempdir().map_err(Failure::Simulator)?;
    let dir = arguments.data_dir.as_deref().unwrap_or_else(|| temporary.path());
    let connected = connect::start(pingone(&arguments)).await?;
    let jobs = Jobs::new(Store::open(dir).await?, Some(connected.connection.clone()));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    let server = Server::bind(address, None, jobs.clone()).await?;
    // Each works once.
    let (early, link) = (server.login_link(), server.login_link());
    let done = CancellationToken::new();
    let stop = {
        let (done, told) = (done.clone(), stop_signal().map_err(ServeError::Run)?);
        async move {
            tokio::select! {
                () = done.cancelled() => {}
                () = told => {}
            }
        }
    };
    let imported = async {
        if !arguments.once && !output.json {
            output::remark(&format!("To watch the sample import while it runs, open {early}"));
        }
        let summary = import_sample(&jobs, &connected.connection).await?;
        match output.json {
            true => output::json(&serde_json::json!({ "login_link": link, "job": summary.job() })),
            false => {
                output::say(&summary.to_string());
                output::say(&format!("Open {link}"));
                let command =
                    Hint::new(&args::Store { data_dir: Some(dir.to_owned()) }).command(&["login-link"]);
                output::remark(&format!("It works once, for ten minutes; for another one: {command}"));
            }
        }
        if !summary.is_as_expected() {
            return Err(Failure::Sample("the outcomes are not those that the sample is made for".to_owned()));
        }
        if arguments.once {
            done.cancel();
        }
        Ok(Exit::Done)
    };
    let serving = async { server.run(stop).await.map(drop).map_err(Failure::from) };
    let (exit, ()) = tokio::try_join!(imported, serving)?;
    jobs.close().await;
    Ok(exit)
}
