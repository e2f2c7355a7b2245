//! Programs on loopback with generated settings.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// A busy machine may take a while to start a program.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs until it is dropped.
pub(super) struct Program {
    pub(super) address: SocketAddr,
    dir: TempDir,
    name: &'static str,
    child: Child,
}

impl Program {
    /// Writes the settings that `settings` makes for a port and a directory, and starts the program with them.
    pub(super) async fn start(
        name: &'static str,
        arguments: fn(&Path) -> Vec<String>,
        settings: impl FnOnce(u16, &Path) -> String,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        open_to_all(dir.path());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port().await));
        let file = dir.path().join("settings");
        std::fs::write(&file, settings(address.port(), dir.path())).unwrap();
        let log = std::fs::File::create(dir.path().join("output")).unwrap();
        let child = Command::new(name)
            .args(arguments(&file))
            .current_dir(dir.path())
            .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}; `cargo xtask setup` installs it: {error}"));
        let mut program = Self { address, dir, name, child };
        program.wait_until_it_listens().await;
        program
    }

    /// The address that clients use.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Nothing tells from outside when a program is ready, so it is tried.
    async fn wait_until_it_listens(&mut self) {
        let started = Instant::now();
        while TcpStream::connect(self.address).await.is_err() {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && started.elapsed() < PATIENCE,
                "{} does not listen ({ended:?}): {}",
                self.name,
                self.output()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn output(&self) -> String {
        let files = ["output", "error.log", "cache.log"].map(|name| self.dir.path().join(name));
        files.iter().map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect()
    }
}

/// A port that nobody listens on at this moment.
pub(super) async fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

/// A file beside the settings.
pub(super) fn beside(dir: &Path, name: &str, content: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// Programs that are started as root work as somebody else, who must reach their files.
fn open_to_all(dir: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o777)).unwrap();
}
