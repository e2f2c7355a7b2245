//! What has to be known of an environment to plan for it.

use std::collections::HashMap;

use pingone::{Population, Schema};
use uuid::Uuid;

/// The attributes and the populations of an environment.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// The attributes that users may have.
    pub schema: Schema,
    populations: Vec<Population>,
    by_name: HashMap<String, Uuid>,
}

impl Directory {
    /// What `schema` and `populations` say.
    pub fn new(schema: Schema, populations: Vec<Population>) -> Self {
        let by_name = populations.iter().map(|population| (population.name.clone(), population.id)).collect();
        Self { schema, populations, by_name }
    }

    /// Notes a population that was created after the others were asked for.
    pub fn add(&mut self, population: Population) {
        self.by_name.insert(population.name.clone(), population.id);
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
        let score =
            |name: &str| strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &asked.to_lowercase());
        let scored =
            self.populations.iter().map(|population| (score(&population.name), population.name.as_str()));
        let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(score, _)| *score >= 0.6).map(|(_, name)| name)
    }

    pub(super) fn find(&self, asked: &str) -> Option<Uuid> {
        self.find_id(asked).or_else(|| self.find_name(asked))
    }

    pub(super) fn find_id(&self, asked: &str) -> Option<Uuid> {
        let id = Uuid::try_parse(asked).ok()?;
        self.populations.iter().any(|population| population.id == id).then_some(id)
    }

    pub(super) fn find_name(&self, asked: &str) -> Option<Uuid> {
        self.by_name.get(asked).copied()
    }
}
