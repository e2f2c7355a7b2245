//! Exports in each format, of all users and of some.

use super::{Delivery, Form, Scenario};
use crate::kill::model::{Person, present};

pub(in crate::kill) fn export() -> Scenario {
    selecting(&["export"], Form::Csv, |_| true)
}

pub(in crate::kill) fn export_population() -> Scenario {
    let command = ["export", "--population", "Staff", "--format", "ndjson"];
    selecting(&command, Form::Ndjson, |person| person.population == "Staff")
}

pub(in crate::kill) fn export_filter() -> Scenario {
    let attributes = "username,title,enabled,email,population.name";
    let command = ["export", "--filter", "enabled eq true", "--attributes", attributes, "--format", "xlsx"];
    selecting(&command, Form::Xlsx, |person| person.enabled)
}

fn selecting(command: &[&'static str], form: Form, is_meant: fn(&Person) -> bool) -> Scenario {
    let mut before = present();
    let guests = before.values_mut().skip(2).step_by(5);
    guests.for_each(|person| "Guests".clone_into(&mut person.population));
    let mut chosen = before.clone();
    chosen.retain(|_, person| is_meant(person));
    let delivers = Some(Delivery::Users(chosen, form));
    Scenario { after: before.clone(), before, delivers, ..Scenario::new(command) }
}
