use std::collections::HashMap;

use uuid::Uuid;

use crate::time::Millis;

/// The groups of an environment in the order of their creation, and who is in them.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Vec<Group>,
    /// The groups of each user that is in any.
    members: HashMap<Uuid, Vec<Uuid>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) external_id: Option<String>,
    /// The population whose users may be in it; `None` for all.
    pub(crate) population: Option<Uuid>,
    pub(crate) created: Millis,
    pub(crate) updated: Millis,
}

impl Groups {
    pub(crate) fn insert(&mut self, group: Group) {
        self.groups.push(group);
    }

    pub(crate) fn remove(&mut self, id: Uuid) {
        self.groups.retain(|group| group.id != id);
        self.members.retain(|_, groups| {
            groups.retain(|group| *group != id);
            !groups.is_empty()
        });
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter()
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: Uuid) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.id == id)
    }

    /// Whether a group other than `own` has this name in the same population, or in none as this one.
    pub(crate) fn is_taken(&self, name: &str, population: Option<Uuid>, own: Option<Uuid>) -> bool {
        let same = |group: &Group| group.name == name && group.population == population;
        self.groups.iter().any(|group| same(group) && Some(group.id) != own)
    }

    /// The groups that a user is in.
    pub(crate) fn of(&self, user: Uuid) -> &[Uuid] {
        self.members.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Number of a group's members.
    pub(crate) fn size(&self, id: Uuid) -> usize {
        self.members.values().filter(|groups| groups.contains(&id)).count()
    }

    pub(crate) fn add(&mut self, user: Uuid, group: Uuid) {
        let groups = self.members.entry(user).or_default();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }

    /// Whether the user was in the group.
    pub(crate) fn take_out(&mut self, user: Uuid, group: Uuid) -> bool {
        let Some(groups) = self.members.get_mut(&user) else { return false };
        let before = groups.len();
        groups.retain(|candidate| *candidate != group);
        groups.len() < before
    }

    pub(super) fn forget_user(&mut self, user: Uuid) {
        self.members.remove(&user);
    }

    /// Takes a user out of the groups that belong to a population that it is not in.
    pub(crate) fn move_user(&mut self, user: Uuid, population: Uuid) {
        let allowed = |group: &Uuid| {
            let group = self.groups.iter().find(|candidate| candidate.id == *group);
            group.is_some_and(|group| group.population.is_none_or(|of| of == population))
        };
        if let Some(groups) = self.members.get_mut(&user) {
            groups.retain(allowed);
        }
    }

    /// Removes the groups of a population that is deleted.
    pub(crate) fn forget_population(&mut self, population: Uuid) {
        let gone: Vec<Uuid> = self
            .groups
            .iter()
            .filter(|group| group.population == Some(population))
            .map(|group| group.id)
            .collect();
        gone.into_iter().for_each(|id| self.remove(id));
    }
}
