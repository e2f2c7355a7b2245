//! `cargo xtask test`: every check, in the order in which a mistake is found soonest.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use clap::Args;

use crate::{
    cargo, clients, demo, deny, interop, openapi, output, release, setup, web, workspace::Workspace,
};

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave out the browser and the other implementations
    #[arg(long)]
    quick: bool,
    /// Run only the checks whose name contains this
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

impl Options {
    fn include(&self, step: &Step) -> bool {
        let wanted = self.only.as_ref().is_none_or(|word| step.name.contains(word));
        wanted && !(step.slow && self.quick)
    }
}

/// One check.
struct Step {
    name: &'static str,
    run: fn(&Workspace) -> Result<()>,
    /// Whether `--quick` leaves it out.
    slow: bool,
}

const fn step(name: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, run, slow: false }
}

const fn slow_step(name: &'static str, run: fn(&Workspace) -> Result<()>) -> Step {
    Step { name, run, slow: true }
}

const STEPS: [Step; 25] = [
    step("programs that the checks need", setup::for_all),
    step("format", cargo::format),
    step("licences and versions of dependencies", deny::check),
    step("npm package: build", clients::build_if_stale),
    step("npm package: lint, types and unit tests", clients::check),
    step("UI: install", web::install),
    step("UI: lint, types and unit tests", web::check),
    step("UI: build", web::build_if_stale),
    step("clippy", cargo::clippy),
    step("tests", cargo::tests),
    step("fuzz targets", cargo::fuzz),
    step("documentation tests", cargo::documentation_tests),
    step("documentation", cargo::documentation),
    step("release build", release::build),
    step("API description", openapi::check),
    step("demo --once", demo::run_once),
    slow_step("peer: socket.io-client", interop::javascript),
    slow_step("npm package: Node.js 18", interop::oldest_node),
    slow_step("differences from the reference server", interop::differential),
    slow_step("peer: python-socketio", interop::python),
    slow_step("peer: authlib and requests", interop::pingone),
    slow_step("peer: socket.io server", interop::reference_server),
    slow_step("peer: nginx, HAProxy, Squid", interop::proxies),
    slow_step("proxies and other programs", cargo::outside_tests),
    slow_step("browser", web::browser),
];

/// Runs the checks up to the first that fails.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> ExitCode {
    let steps: Vec<&Step> = STEPS.iter().filter(|step| options.include(step)).collect();
    if steps.is_empty() {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        output::failure(&anyhow!("no check has such a name; there are: {}", names.join(", ")));
        return ExitCode::FAILURE;
    }
    let mut passed = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        output::step(index + 1, steps.len(), step.name);
        let started = Instant::now();
        let result = (step.run)(workspace);
        let took = started.elapsed();
        if let Err(error) = result {
            output::step_failed(step.name, took);
            close(&passed, Some((step.name, took)));
            // Last, because the end of a long log is what is looked at.
            output::failure(&error.context(format!("{} failed", step.name)));
            return ExitCode::FAILURE;
        }
        output::step_passed(step.name, took);
        passed.push((step.name, took));
    }
    close(&passed, None);
    ExitCode::SUCCESS
}

/// The table of all steps that ran, and the line that sums it up.
fn close(passed: &[(&str, Duration)], failed: Option<(&str, Duration)>) {
    output::line("");
    passed.iter().for_each(|(name, took)| output::table_row(name, "passed", *took));
    failed.iter().for_each(|(name, took)| output::table_row(name, "FAILED", *took));
    output::line(&format!("\n{} passed, {} failed", passed.len(), failed.iter().count()));
}
