//! What a caller may ask of a new job.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::view::{Kind, Mode};

/// The options of a new job: the `options` part of `POST /api/jobs`, every field with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobOptions {
    /// What the job does. Default: import.
    pub kind: Kind,
    /// How it treats users. Default: create.
    pub mode: Mode,
    /// The id or the exact name of the population of rows that name none.
    /// Default: the environment's default population.
    pub population: Option<String>,
    /// Whether a population that does not exist is created. Default: no.
    pub create_population: bool,
    /// Whether columns that name no attribute are left out instead of refused. Default: no.
    pub ignore_unknown_columns: bool,
    /// Whether the job stops after planning and writes nothing to PingOne. Default: no.
    pub dry_run: bool,
    /// The delimiter: `,`, `;`, `|` or a tab. Default: detected.
    #[schema(value_type = Option<String>)]
    pub delimiter: Option<char>,
    /// The encoding's label, for example `windows-1252`. Default: detected.
    pub encoding: Option<String>,
}
