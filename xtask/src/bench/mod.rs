//! `cargo xtask bench`: our server beside its peers and the floor, in one run on one machine.
//!
//! Each measurement has a server process of its own on processor 0 and the load generator on processor 1. Peers take
//! turns, so that a machine that changes its speed changes it for all.

mod import;
mod instructions;
mod peer;
mod run;
mod scenario;
mod table;

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::{command::Cmd, output, workspace::Workspace};
use peer::Peer;
use run::Run;
use scenario::{QUICK, SCENARIOS, Scenario};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Fewer scenarios, and one run of each
    #[arg(long)]
    quick: bool,
    /// Only these peers: ours, floor, floor-merge, socketioxide, node, bun
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Only scenarios whose names contain one of these words
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Runs of each scenario, of which the medians are shown
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Show the scenarios and what they measure, and run nothing
    #[arg(long)]
    list: bool,
    /// Count instructions of the hot path instead, which a busy machine does not change
    #[arg(long)]
    instructions: bool,
    /// Measure only the import engine: rows per second, memory, dry run, and use of the allowed rate
    #[arg(long, conflicts_with_all = ["instructions", "only", "peers"])]
    import: bool,
    /// With `--instructions`: store the counts, to compare later ones with them
    #[arg(long, requires = "instructions")]
    store: bool,
    /// Compare these runs instead of making new ones
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.list {
        SCENARIOS
            .iter()
            .for_each(|scenario| output::line(&format!("{:<22} {}", scenario.name, scenario.about)));
        return Ok(());
    }
    if options.instructions {
        return instructions::run(workspace, options.store);
    }
    if let Some(file) = &options.table {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let runs = text.lines().map(serde_json::from_str).collect::<Result<Vec<Run>, _>>()?;
        return print(&runs);
    }
    let rounds = if options.quick { 1 } else { options.runs };
    // What fails of the servers stops nothing else.
    let measured = if options.import { Ok(()) } else { servers(workspace, options, rounds) };
    // Whoever names scenarios or peers, or is in a hurry, wants only these.
    if options.import || !options.quick && options.only.is_empty() && options.peers.is_empty() {
        import::run(workspace, options.quick, rounds)?;
    }
    measured
}

fn servers(workspace: &Workspace, options: &Options, rounds: usize) -> Result<()> {
    let scenarios = chosen(options)?;
    let peers = Peer::chosen(&options.peers)?;
    build(workspace, &peers)?;
    let directory = workspace.target.join("bench");
    fs::create_dir_all(&directory)?;
    let file = directory.join("runs.jsonl");
    let mut runs = Vec::new();
    for round in 0..rounds {
        for shared in scenarios.chunk_by(|first, second| first.shares(second)) {
            for peer in &peers {
                let measured = run::measure(workspace, *peer, shared, round);
                measured.iter().for_each(|run| output::line(&run.to_string()));
                runs.extend(measured);
            }
        }
        let lines = runs.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        fs::write(&file, lines.join("\n"))?;
    }
    output::line(&format!("\nevery run: {}", file.display()));
    print(&runs)
}

fn print(runs: &[Run]) -> Result<()> {
    table::lines(runs).iter().for_each(|line| output::line(line));
    // That a peer loses events is a result, too.
    let failed = runs.iter().filter(|run| run.error.is_some() && run.peer == Peer::Ours.name()).count();
    if failed > 0 {
        bail!("{failed} runs of our server failed; their errors stand above");
    }
    Ok(())
}

fn chosen(options: &Options) -> Result<Vec<&'static Scenario>> {
    let wanted = |scenario: &&Scenario| {
        let named =
            options.only.is_empty() || options.only.iter().any(|word| scenario.name.contains(word.as_str()));
        named && (!options.quick || !options.only.is_empty() || QUICK.contains(&scenario.name))
    };
    let scenarios: Vec<_> = SCENARIOS.iter().filter(wanted).collect();
    if scenarios.is_empty() {
        bail!("no scenario has such a name; `cargo xtask bench --list` shows them");
    }
    Ok(scenarios)
}

/// Our server and load generator, and the peers by their package names.
fn build(workspace: &Workspace, peers: &[Peer]) -> Result<()> {
    if !Cmd::new("taskset").args(["-V"]).succeeds() {
        bail!(
            "taskset is missing, which pins the two sides to processors of their own; on Debian it is in util-linux"
        );
    }
    let ours = ["build", "--release", "--locked", "-p", "bench", "-p", "conformance"];
    Cmd::new("cargo").args(ours).directory(&workspace.root).run()?;
    peers.iter().try_for_each(|peer| peer.install(workspace))
}
