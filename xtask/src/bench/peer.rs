use anyhow::{Result, bail};

use crate::{command::Cmd, web, workspace::Workspace};

/// A server that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    Ours,
    Floor,
    FloorMerge,
    Socketioxide,
    Node,
    Bun,
}

impl Peer {
    pub(crate) const ALL: [Self; 6] =
        [Self::Ours, Self::Floor, Self::FloorMerge, Self::Socketioxide, Self::Node, Self::Bun];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Floor => "floor",
            Self::FloorMerge => "floor-merge",
            Self::Socketioxide => "socketioxide",
            Self::Node => "node",
            Self::Bun => "bun",
        }
    }

    /// Whether it speaks no more of the protocol than a WebSocket, one room and `echo`.
    pub(crate) fn is_floor(self) -> bool {
        matches!(self, Self::Floor | Self::FloorMerge)
    }

    pub(crate) fn chosen(names: &[String]) -> Result<Vec<Self>> {
        if let Some(unknown) = names.iter().find(|name| Self::ALL.iter().all(|peer| peer.name() != **name)) {
            bail!("there is no peer {unknown}; there are {}", Self::ALL.map(Self::name).join(", "));
        }
        let wanted = |peer: &Self| names.is_empty() || names.iter().any(|name| name == peer.name());
        Ok(Self::ALL.into_iter().filter(wanted).collect())
    }

    pub(crate) fn install(self, workspace: &Workspace) -> Result<()> {
        let peers = workspace.root.join("bench/peers");
        match self {
            Self::Ours | Self::Floor | Self::FloorMerge => Ok(()),
            Self::Node => web::install_in(&peers.join("node")),
            Self::Bun => web::install_in(&peers.join("bun")),
            Self::Socketioxide => Cmd::new("cargo")
                .args(["build", "--release", "--locked", "--target-dir"])
                .args([workspace.target.join("bench/socketioxide").to_string_lossy()])
                .directory(&peers.join("socketioxide"))
                .run(),
        }
    }

    /// The command that serves on `port`; only our server knows `further` arguments.
    pub(crate) fn server(self, workspace: &Workspace, port: u16, further: &str) -> Cmd {
        let port = port.to_string();
        let peers = workspace.root.join("bench/peers");
        match self {
            Self::Ours => Cmd::new(workspace.release_binary("conformance"))
                .args(["bench", "--port", &port])
                .args(further.split_whitespace()),
            Self::Floor => Cmd::new(workspace.release_binary("floor")).args(["--port", &port]),
            Self::FloorMerge => {
                Cmd::new(workspace.release_binary("floor")).args(["--merge", "--port", &port])
            }
            Self::Socketioxide => {
                let target = workspace.target.join("bench/socketioxide/release/peer-socketioxide");
                Cmd::new(target).args([&port])
            }
            Self::Node => Cmd::new("node")
                .args(["server.js", &port])
                .directory(&peers.join("node"))
                .env("NODE_ENV", "production"),
            Self::Bun => Cmd::new(peers.join("bun/node_modules/.bin/bun"))
                .args(["server.js", &port])
                .directory(&peers.join("bun"))
                .env("NODE_ENV", "production"),
        }
    }
}
