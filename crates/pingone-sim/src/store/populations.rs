use serde_json::{Map, Value};
use uuid::Uuid;

use crate::time::Millis;

/// The populations of an environment, in the order of their creation.
#[derive(Debug, Default)]
pub(crate) struct Populations(Vec<Option<Population>>);

#[derive(Debug, Clone)]
pub(crate) struct Population {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) settings: Map<String, Value>,
    pub(crate) is_default: bool,
    pub(crate) users: usize,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

impl Populations {
    pub(crate) fn insert(&mut self, population: Population) {
        self.0.push(Some(population));
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        if let Some(entry) = self.0.get_mut(slot as usize) {
            *entry = None;
        }
    }

    pub(crate) fn slot(&self, id: Uuid) -> Option<u32> {
        self.find(|population| population.id == id)
    }

    pub(crate) fn default_slot(&self) -> Option<u32> {
        self.find(|population| population.is_default)
    }

    pub(crate) fn slot_by_name(&self, name: &str) -> Option<u32> {
        self.find(|population| population.name == name)
    }

    pub(crate) fn at(&self, slot: u32) -> Option<&Population> {
        self.0.get(slot as usize)?.as_ref()
    }

    pub(crate) fn at_mut(&mut self, slot: u32) -> Option<&mut Population> {
        self.0.get_mut(slot as usize)?.as_mut()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Population)> {
        (0..).zip(&self.0).filter_map(|(slot, population)| Some((slot, population.as_ref()?)))
    }

    pub(crate) fn clear_default(&mut self) {
        for population in self.0.iter_mut().flatten() {
            population.is_default = false;
        }
    }

    pub(super) fn count(&mut self, slot: u32, change: isize) {
        if let Some(population) = self.at_mut(slot) {
            population.users = population.users.saturating_add_signed(change);
        }
    }

    fn find(&self, is_it: impl Fn(&Population) -> bool) -> Option<u32> {
        self.iter().find(|(_, population)| is_it(population)).map(|(slot, _)| slot)
    }
}
