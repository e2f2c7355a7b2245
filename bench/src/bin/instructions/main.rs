//! Pieces of the hot path, each run so often that callgrind's count is theirs.
//!
//! `cargo xtask bench --instructions` runs each under valgrind and compares the counts with those that are stored.
//! Instructions do not depend on how busy the machine is, so a regression shows anywhere.

mod pieces;

use std::process::ExitCode;

use clap::Parser;

use pieces::PIECES;

#[derive(Debug, Parser)]
#[command(about = "Runs one piece of the hot path under a profiler that counts")]
struct Options {
    /// Its name; without one, all are listed
    piece: Option<String>,
    /// How often
    #[arg(long, default_value_t = 1000)]
    times: u32,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(name) = options.piece else {
        list();
        return ExitCode::SUCCESS;
    };
    match PIECES.iter().find(|piece| piece.name == name) {
        Some(piece) => {
            (piece.run)(options.times);
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}

#[expect(clippy::print_stdout, reason = "the runner reads the list")]
fn list() {
    PIECES.iter().for_each(|piece| println!("{}", piece.name));
}
