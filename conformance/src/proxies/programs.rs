use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

/// A proxy and how it is set up; times are in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Program {
    Nginx { upgrade: bool, read_timeout: u64 },
    HaProxy { tunnel_timeout: u64 },
    Squid,
}

/// A proxy that runs until it is dropped.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    child: Child,
    directory: TempDir,
}

impl Proxy {
    pub(super) async fn start(program: Program, server: SocketAddr) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        // Squid and the workers of nginx run as another user when they are started by root.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777))?;
        // Whoever takes the port in between makes the proxy end, which is noticed.
        let address = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let (mut command, configuration) = program.command(directory.path(), address, server);
        fs::write(directory.path().join(CONFIGURATION), configuration)?;
        let name = command.as_std().get_program().to_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true).spawn();
        let child = child.with_context(|| format!("cannot start {}; is it installed?", name.display()))?;
        let mut proxy = Self { address, child, directory };
        proxy.listens().await.with_context(|| format!("{} does not listen", name.display()))?;
        Ok(proxy)
    }

    /// How often nginx has ended a connection because the server was silent; it writes that down.
    pub(super) fn cuts(&self) -> Result<usize> {
        let log = self.directory.path().join(LOG);
        let log = fs::read_to_string(log).context("the proxy keeps no log that says so")?;
        Ok(log.lines().filter(|line| line.contains("upstream timed out")).count())
    }

    /// Sends the program a signal.
    pub(super) async fn signal(&self, name: &str) -> Result<()> {
        let id = self.child.id().context("the proxy has ended")?.to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().await?;
        ensure!(status.success(), "cannot signal the proxy: {status}");
        Ok(())
    }

    pub(super) async fn ended(&mut self) -> Result<()> {
        self.child.wait().await?;
        Ok(())
    }

    /// Proxies say nothing when they are ready, so the port is asked.
    async fn listens(&mut self) -> Result<()> {
        for _ in 0..200 {
            if TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
            if let Ok(status) = tokio::time::timeout(Duration::from_millis(50), self.child.wait()).await {
                let status: ExitStatus = status?;
                bail!("it ended with {status}");
            }
        }
        bail!("it takes too long")
    }
}

impl Program {
    fn command(self, directory: &Path, listen: SocketAddr, server: SocketAddr) -> (Command, String) {
        let file = directory.join(CONFIGURATION);
        let (program, configuration) = match self {
            Self::Nginx { upgrade, read_timeout } => ("nginx", nginx(listen, server, upgrade, read_timeout)),
            Self::HaProxy { tunnel_timeout } => ("haproxy", haproxy(listen, server, tunnel_timeout)),
            Self::Squid => ("squid", squid(listen, server, directory)),
        };
        let mut command = Command::new(program);
        match self {
            Self::Nginx { .. } => command.arg("-p").arg(directory).arg("-e").arg(LOG).arg("-c").arg(file),
            Self::HaProxy { .. } => command.arg("-db").arg("-f").arg(file),
            Self::Squid => command.arg("-N").arg("-f").arg(file),
        };
        (command, configuration)
    }
}

fn nginx(listen: SocketAddr, server: SocketAddr, upgrade: bool, read_timeout: u64) -> String {
    let headers = match upgrade {
        true => {
            "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
        }
        false => "",
    };
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|name| format!("{name}_temp_path {name};")).concat();
    format!(
        "daemon off; error_log {LOG} info; worker_processes 1; worker_shutdown_timeout 500ms; pid nginx.pid; events {{ worker_connections 256; }}
         http {{ access_log off; {temporary}
           server {{ listen {listen};
             location / {{ proxy_pass http://{server}; {headers} proxy_read_timeout {read_timeout}s; }} }} }}\n"
    )
}

fn haproxy(listen: SocketAddr, server: SocketAddr, tunnel_timeout: u64) -> String {
    format!(
        "global\n maxconn 256\ndefaults\n mode http\n timeout connect 5s\n timeout client 30s\n \
         timeout server 30s\n timeout tunnel {tunnel_timeout}s\nfrontend near\n bind {listen}\n \
         default_backend far\nbackend far\n server server {server}\n"
    )
}

fn squid(listen: SocketAddr, server: SocketAddr, directory: &Path) -> String {
    let (directory, ip, port) = (directory.display(), server.ip(), server.port());
    format!(
        "http_port {listen} accel defaultsite=localhost no-vhost\n\
         cache_peer {ip} parent {port} 0 no-query no-digest originserver\n\
         http_access allow all\ncache deny all\ncache_mem 8 MB\naccess_log none\nvisible_hostname localhost\n\
         cache_log {directory}/cache.log\npid_filename {directory}/squid.pid\ncoredump_dir {directory}\n\
         shutdown_lifetime 0 seconds\n"
    )
}

const CONFIGURATION: &str = "proxy.conf";

/// What nginx says of WebSockets that it has ended is only in a log of this level: `info`.
const LOG: &str = "error.log";
