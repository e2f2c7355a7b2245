//! The PingOne Import Tool: bulk import of PingOne users with live progress that no network can break.

#![warn(missing_docs)]

pub mod app;
pub mod auth;
pub mod background;
pub mod config;
mod controllers;
pub mod demo;
pub mod disk;
pub mod doctor;
pub mod error;
mod export;
pub mod jobs;
mod listen;
pub mod logging;
pub mod metrics;
pub mod notify;
pub mod openapi;
pub mod plan;
pub mod private;
pub mod program;
pub mod realtime;
pub mod remote;
mod requests;
pub mod router;
pub mod samples;
mod seen;
pub mod serve;
mod stopping;
pub mod store;
mod ui;
