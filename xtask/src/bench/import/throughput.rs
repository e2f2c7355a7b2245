use anyhow::Result;

use super::{
    Bench,
    process::{self, Usage},
    progress,
    simulator::Simulator,
    table::{Row, Target},
};
use crate::command::Cmd;

/// Imports of growing size without a limit, and a dry run beside the bare `csv` crate.
pub(super) fn measure(bench: &Bench<'_>, quick: bool) -> Result<Vec<Row>> {
    let sizes: &[u64] = if quick { &[10_000, 100_000] } else { &[10_000, 100_000, 1_000_000] };
    let start = import(bench, 1)?;
    let mut rows = Vec::new();
    for &size in sizes {
        let usage = import(bench, size)?;
        let name = |what: &str| format!("import of {size} rows: {what}");
        let per_second = size as f64 / usage.wall.as_secs_f64();
        let cpu = usage.cpu.as_secs_f64() * 1e6 / size as f64;
        let above = usage.memory.saturating_sub(start.memory) as f64 / MEBIBYTE;
        rows.push(progress(Row::new(name("throughput"), per_second, "rows/s", Target::AtLeast(10_000.0))));
        rows.push(progress(Row::new(name("processor time of the tool"), cpu, "µs/row", Target::None)));
        rows.push(progress(Row::new(name("memory above start"), above, "MiB", Target::AtMost(64.0))));
    }
    rows.extend(dry_run(bench, if quick { 100_000 } else { 1_000_000 })?);
    Ok(rows)
}

fn import(bench: &Bench<'_>, size: u64) -> Result<Usage> {
    let simulator = Simulator::start(bench, &[])?;
    let file = bench.users(size)?;
    let tool = simulator.tool(bench, &bench.data(&format!("data-{size}")));
    process::measure(&tool.args([file.to_string_lossy()]))
}

fn dry_run(bench: &Bench<'_>, size: u64) -> Result<Vec<Row>> {
    let simulator = Simulator::start(bench, &[])?;
    let file = bench.users(size)?;
    let (mut floor, mut tool) = (Vec::new(), Vec::new());
    // They take turns, because a machine that changes its speed then changes it for both.
    for round in 0..ROUNDS {
        let read = Cmd::new(bench.workspace.release_binary("csv-floor")).args([file.to_string_lossy()]);
        floor.push(process::measure(&read)?);
        let dry = simulator.tool(bench, &bench.data(&format!("dry-{size}-{round}")));
        tool.push(process::measure(&dry.args(["--dry-run"]).args([file.to_string_lossy()]))?);
    }
    let least = |usages: &[Usage], of: fn(&Usage) -> f64| usages.iter().map(of).fold(f64::INFINITY, f64::min);
    let wall = |usages: &[Usage]| least(usages, |usage| usage.wall.as_secs_f64());
    let cpu = |usages: &[Usage]| least(usages, |usage| usage.cpu.as_secs_f64());
    let name = |what: &str| format!("{what} of {size} rows");
    Ok([
        Row::new(name("bare csv crate"), wall(&floor), "s", Target::None),
        Row::new(name("dry run"), wall(&tool), "s", Target::None),
        Row::new(name("dry run ÷ csv crate"), wall(&tool) / wall(&floor), "× time", Target::AtMost(3.0)),
        Row::new(name("dry run ÷ csv crate"), cpu(&tool) / cpu(&floor), "× processor time", Target::None),
    ]
    .map(progress)
    .into())
}

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const ROUNDS: usize = 3;
