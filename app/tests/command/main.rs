//! The program as it is typed.

mod crash;
mod import;
mod support;
