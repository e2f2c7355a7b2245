//! What is measured. Each scenario warms the server up, measures, and checks that nothing was lost.

mod acks;
mod broadcast;
mod connect;
mod crowd;
mod echo;
mod idle;
mod many;
mod poll;
mod rooms;
mod slow;

use anyhow::Result;
use clap::Subcommand;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::server::{Server, Usage};

#[derive(Debug, Subcommand)]
pub(crate) enum Scenario {
    /// Resident memory by the number of idle connections
    Idle(idle::Options),
    /// Broadcasts to a room of all, a bounded number of them under way
    Broadcast(broadcast::Options),
    /// Broadcasts at a steady rate, with the time they take
    Rate(broadcast::RateOptions),
    /// Events that are acknowledged, each client with one under way
    Echo(echo::Options),
    /// Connections from nothing to the default namespace
    Connect(connect::Options),
    /// Broadcasts to clients on long-polling
    Poll(poll::Options),
    /// Joining, sending to and leaving many small rooms
    Rooms(rooms::Options),
    /// Broadcasts that every client acknowledges
    Acks(acks::Options),
    /// Memory and broadcasts by the number of connections, up to very many
    Many(many::Options),
    /// Broadcasts to a room in which one client does not read
    Slow(slow::Options),
}

impl Scenario {
    pub(crate) async fn run(self, server: Server) -> Result<Value> {
        match self {
            Self::Idle(options) => idle::run(server, options).await,
            Self::Broadcast(options) => broadcast::run(server, options).await,
            Self::Rate(options) => broadcast::rate(server, options).await,
            Self::Echo(options) => echo::run(server, options).await,
            Self::Connect(options) => connect::run(server, options).await,
            Self::Poll(options) => poll::run(server, options).await,
            Self::Rooms(options) => rooms::run(server, options).await,
            Self::Acks(options) => acks::run(server, options).await,
            Self::Many(options) => many::run(server, options).await,
            Self::Slow(options) => slow::run(server, options).await,
        }
    }
}

/// The figures that all scenarios have: microseconds of the server's processor time for each of `count` things.
fn cost(usage: Usage, count: u64) -> Value {
    json!({
        "cpu_us": usage.micros_per(count),
        "user_ms": usage.user.as_millis(),
        "system_ms": usage.system.as_millis(),
        "count": count,
    })
}

/// Adds figures to others.
fn with(mut figures: Value, more: Value) -> Value {
    if let (Some(figures), Value::Object(more)) = (figures.as_object_mut(), more) {
        figures.extend(more);
    }
    figures
}

/// Median and tail of a time, recorded in microseconds.
fn latency(times: &Histogram<u64>) -> Value {
    json!({ "p50_us": times.value_at_quantile(0.5), "p99_us": times.value_at_quantile(0.99), "max_us": times.max() })
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).unwrap_or_else(|_| unreachable!("three digits are allowed"))
}
