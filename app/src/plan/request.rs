//! What a row would have sent, as it is shown.

use pingone::NewUser;
use serde_json::{Map, Value, json};

use super::RowRequest;
use super::change::Change;
use super::row::{Action, Creation, PlannedRow};

impl PlannedRow {
    /// What it would have sent.
    pub(super) fn request(self) -> RowRequest {
        let body = match self.action {
            Action::Create(creation) => Some(created(*creation)),
            Action::Change(change) => Some(changed(*change)),
            Action::Find | Action::Refuse(_) | Action::Repeat { .. } => None,
        };
        RowRequest { row: self.row, body: body.map(Value::Object) }
    }
}

/// A user to create, whom a second request disables where it is to be.
fn created(Creation { user, disabled, .. }: Creation) -> Map<String, Value> {
    let NewUser { username, population, attributes, password } = user;
    let mut body = Map::from_iter([("username".to_owned(), username.into())]);
    body.extend(population.map(|id| ("population".to_owned(), json!({ "id": id }))));
    body.extend(attributes);
    body.extend(disabled.then(|| ("enabled".to_owned(), false.into())));
    body.extend(password.map(|password| hidden(password.force_change)));
    body
}

/// What is to be changed of a user, with as many requests as that takes.
fn changed(Change { attributes, population, enabled, password, .. }: Change) -> Map<String, Value> {
    let mut body = attributes;
    body.extend(population.map(|id| ("population".to_owned(), json!({ "id": id }))));
    body.extend(enabled.map(|enabled| ("enabled".to_owned(), enabled.into())));
    body.extend(password.map(|password| hidden(password.force_change)));
    body
}

fn hidden(force_change: bool) -> (String, Value) {
    ("password".to_owned(), json!({ "value": HIDDEN, "forceChange": force_change }))
}

/// What stands for a password.
pub(super) const HIDDEN: &str = "••••••••";
