use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, bail};
use socketio_client::{Client, Config, Events, Notice, Reconnection, Transport};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// A running reference server, ended when dropped.
pub(super) struct Node {
    child: Child,
    pub(super) url: String,
}

impl Node {
    pub(super) async fn start(directory: &Path, options: &[&str]) -> Result<Self> {
        let mut child = Command::new("node")
            .arg("servers/socket.js")
            .args(options)
            .current_dir(directory)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start node; is it installed?")?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let line = BufReader::new(stdout).lines().next_line().await?.unwrap_or_default();
        match line.strip_prefix("listening on ") {
            Some(url) => Ok(Self { url: url.to_owned(), child }),
            None => bail!("the server did not start; run `npm ci` in {}", directory.display()),
        }
    }

    pub(super) fn port(&self) -> &str {
        self.url.rsplit(':').next().unwrap_or_default()
    }

    pub(super) async fn stop(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    pub(super) fn client(&self, way: &[Transport]) -> Result<Client> {
        self.client_with(way, |_| {})
    }

    pub(super) fn client_with(&self, way: &[Transport], change: impl FnOnce(&mut Config)) -> Result<Client> {
        let reconnection = Reconnection {
            delay: Duration::from_millis(20),
            max_delay: Duration::from_millis(200),
            ..Reconnection::default()
        };
        let mut config =
            Config { transports: way.to_vec(), reconnection: Some(reconnection), ..Config::default() };
        change(&mut config);
        Ok(Client::new(&self.url, config)?)
    }
}

/// The next notice that is no failed attempt to connect.
pub(super) async fn next(events: &mut Events) -> Result<Notice> {
    loop {
        match events.next().await.context("the client is closed")? {
            Notice::ConnectFailed(_) => {}
            notice => return Ok(notice),
        }
    }
}

/// The arguments of the next event, which must have this name.
pub(super) async fn expect<T>(events: &mut Events, name: &str) -> Result<T>
where
    T: serde::de::DeserializeOwned,
{
    let event = events.next_event().await.context("the client is closed")?;
    if event.name != name {
        bail!("{name:?} was expected, and {:?} came", event.name);
    }
    Ok(event.data()?)
}
