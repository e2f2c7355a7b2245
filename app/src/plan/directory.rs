//! What has to be known of an environment to plan for it.

use std::collections::{HashMap, HashSet};

use pingone::{Population, Schema};
use uuid::Uuid;

/// The attributes and the populations of an environment.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The attributes that users may have.
    pub schema: Schema,
    populations: Vec<Population>,
    by_name: HashMap<String, Uuid>,
    ids: HashSet<Uuid>,
}

impl Directory {
    /// What `schema` and `populations` say.
    pub fn new(schema: Schema, populations: Vec<Population>) -> Self {
        let by_name = populations.iter().map(|population| (population.name.clone(), population.id)).collect();
        let ids = populations.iter().map(|population| population.id).collect();
        Self { schema, populations, by_name, ids }
    }

    /// Notes a population that was created after the others were asked for.
    pub fn add(&mut self, population: Population) {
        self.by_name.insert(population.name.clone(), population.id);
        self.ids.insert(population.id);
        self.populations.push(population);
    }

    /// The populations, in PingOne's order.
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// The population with this id or exactly this name.
    pub fn population(&self, asked: &str) -> Option<&Population> {
        let id = self.find(asked)?;
        self.populations.iter().find(|population| population.id == id)
    }

    /// The population that PingOne takes when none is named.
    pub fn default_population(&self) -> Option<&Population> {
        self.populations.iter().find(|population| population.default)
    }

    /// The population whose name is most like `asked`, if any is much like it.
    pub fn suggest(&self, asked: &str) -> Option<&str> {
        suggest_name(asked, self.populations.iter().map(|population| population.name.as_str()))
    }

    pub(super) fn find(&self, asked: &str) -> Option<Uuid> {
        self.find_id(asked).or_else(|| self.find_name(asked))
    }

    pub(super) fn find_id(&self, asked: &str) -> Option<Uuid> {
        let id = Uuid::try_parse(asked).ok()?;
        self.ids.contains(&id).then_some(id)
    }

    pub(super) fn find_name(&self, asked: &str) -> Option<Uuid> {
        self.by_name.get(asked).copied()
    }
}

/// Of `names`, the one that is most like `asked`, if any is much like it.
pub fn suggest_name<'a>(asked: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let asked = asked.to_lowercase();
    let score = |name: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &asked);
    let best = names.map(|name| (score(name), name)).max_by(|(one, _), (other, _)| one.total_cmp(other));
    best.filter(|(score, _)| *score >= 0.6).map(|(_, name)| name)
}
