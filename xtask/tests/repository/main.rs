//! What this repository promises about itself, held by tests.

mod documents;
mod files;
mod layout;
mod sizes;
