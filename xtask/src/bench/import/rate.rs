use std::thread;

use anyhow::{Result, anyhow};

use super::{
    Bench, process, progress,
    simulator::Simulator,
    table::{Row, Target},
};

/// A limit at the simulator, and how long the import is to last.
struct Limit {
    name: &'static str,
    rate: f64,
    /// Writes that may come at once. They are not counted, since they are no merit.
    burst: f64,
    /// Share of what the limit lets through that is throttled for no reason, which nobody can use.
    noise: f64,
}

const LIMITS: [Limit; 4] = [
    Limit { name: "100/s", rate: 100.0, burst: 100.0, noise: 0.0 },
    Limit { name: "5/s", rate: 5.0, burst: 5.0, noise: 0.0 },
    Limit { name: "5/s, one at a time", rate: 5.0, burst: 1.0, noise: 0.0 },
    Limit { name: "100/s, 10 % more throttled at random", rate: 100.0, burst: 100.0, noise: 0.1 },
];

/// How much of an allowed rate is used at 100 to 300 ms. The imports run beside each other: they wait, mostly.
pub(super) fn measure(bench: &Bench<'_>, quick: bool) -> Result<Vec<Row>> {
    let seconds = if quick { 30.0 } else { 120.0 };
    thread::scope(|scope| {
        let runs = LIMITS
            .iter()
            .enumerate()
            .map(|(number, limit)| scope.spawn(move || used(bench, number, limit, seconds)));
        let runs: Vec<_> = runs.collect();
        let ended = runs.into_iter().map(|run| run.join().map_err(|_| anyhow!("a measurement panicked"))?);
        ended.map(|row| row.map(progress)).collect()
    })
}

fn used(bench: &Bench<'_>, number: usize, limit: &Limit, seconds: f64) -> Result<Row> {
    let [rate, burst, noise] = [limit.rate, limit.burst, limit.noise].map(|number| number.to_string());
    let limits = ["--latency", "100..300", "--rate-limit", &rate, "--rate-burst", &burst];
    let faults = ["--fault-kinds", "429", "--faults", &noise];
    let simulator = Simulator::start(bench, &[&limits[..], &faults[..]].concat())?;
    let rows = limit.rate * seconds;
    // Different sizes are different files, which the imports beside this one do not overwrite.
    let file = bench.users(rows as u64 + number as u64)?;
    let tool = simulator.tool(bench, &bench.data(&format!("rate-{number}")));
    // A row that fails makes the command fail, so throttling has failed none.
    let usage = process::measure(&tool.args([file.to_string_lossy()]))?;
    let share = (rows - limit.burst) / (limit.rate * usage.wall.as_secs_f64());
    let name = format!("import under a limit of {}: share of it that is used", limit.name);
    Ok(Row::new(name, share, "", Target::AtLeast(0.95)))
}
