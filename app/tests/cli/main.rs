//! The program as it is run: exit codes, messages, results, and what survives `kill -9`.

mod advice;
mod bad_input;
mod crash;
mod full_disk;
mod jobs;
mod kill;
mod kinds;
mod mapping;
mod memory;
mod pausing;
mod populations;
mod printed;
mod program;
mod rate;
mod restart;
mod running;
mod serving;
mod watch;
