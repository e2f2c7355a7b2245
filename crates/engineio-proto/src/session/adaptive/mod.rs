//! The adaptive transport: one session that moves between carriers, as `docs/adaptive-transport.md` has it.

pub mod ladder;
