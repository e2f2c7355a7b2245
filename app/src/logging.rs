//! What is logged, how, and what never is.
//!
//! Nothing that identifies a user, a token, a secret or a row is written at any level. Our own code names only what is
//! safe. Libraries are let through from `info` upwards whatever the filter says: what they tell below that is what is
//! sent over their connections. A panic is told by its place, since its message may hold what was worked on.

use std::io::{IsTerminal as _, stderr};
use std::panic::PanicHookInfo;
use std::str::FromStr;

use metrics::counter;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt as _, FilterFn, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::metrics::PANICS;

/// What is logged and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Levels by target, such as `info` or `warn,pingone_import=debug`. Default `warn`.
    pub filter: String,
    /// Default: for people.
    pub format: Format,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { filter: "warn".to_owned(), format: Format::default() }
    }
}

/// What a line of the log looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

impl Format {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err("is neither human nor json".to_owned()),
        }
    }
}

/// Writes the log of this process to standard error from here on.
pub fn init(settings: &LogSettings) {
    // A program that embeds this one may log already.
    let _ = subscriber(settings, stderr, stderr().is_terminal()).try_init();
    std::panic::set_hook(Box::new(tell_panic));
}

/// What writes the log to `writer`, with colours or without.
pub fn subscriber<W>(settings: &LogSettings, writer: W, colours: bool) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let levels = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    let filter = levels.and(without_traffic());
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    let lines = match settings.format {
        Format::Human => lines.boxed(),
        Format::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines.with_filter(filter))
}

/// Counts a panic and tells its place.
pub fn tell_panic(panic: &PanicHookInfo<'_>) {
    counter!(PANICS).increment(1);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "something panicked; its message is withheld, as it may hold data");
}

/// Crates whose every line is written with care.
const OURS: [&str; 8] = [
    "engineio",
    "engineio_proto",
    "pingone",
    "pingone_import",
    "pingone_sim",
    "socketio",
    "socketio_client",
    "socketio_proto",
];

fn without_traffic() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    filter_fn(|metadata| {
        let crate_name = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= Level::INFO || OURS.contains(&crate_name)
    })
}
