//! Runs targets for some time, or one of them with one input.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "whoever started it wants to know")]

use std::{
    panic::catch_unwind,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use fuzz::{ALL, Target, from_seed};

#[derive(Debug, Parser)]
#[command(about = "Random input for everything that parses bytes")]
struct Options {
    /// Run this target only
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Begin with this seed; by default with one that differs in every run
    #[arg(long)]
    seed: Option<u64>,
    /// Run the seed and no further ones
    #[arg(long)]
    once: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let chosen: Vec<&Target> =
        ALL.iter().filter(|target| options.target.as_ref().is_none_or(|name| *name == target.name)).collect();
    if chosen.is_empty() {
        let names: Vec<_> = ALL.iter().map(|target| target.name).collect();
        eprintln!("there is no such target; there are: {}", names.join(", "));
        return ExitCode::from(2);
    }
    let first = options.seed.unwrap_or_else(rand::random);
    for target in chosen {
        let end = Instant::now() + Duration::from_secs(options.seconds);
        let mut seed = first;
        loop {
            let input = from_seed(seed, target.samples);
            if catch_unwind(|| (target.run)(&input)).is_err() {
                eprintln!("input: {}", input.escape_ascii());
                eprintln!("to repeat it: cargo run -p fuzz -- {} --seed {seed} --once", target.name);
                return ExitCode::FAILURE;
            }
            seed = seed.wrapping_add(1);
            if options.once || Instant::now() >= end {
                break;
            }
        }
        println!("{}: {} inputs", target.name, seed.wrapping_sub(first));
    }
    ExitCode::SUCCESS
}
