//! The environment's users and populations, in memory.

mod groups;
mod index;
mod populations;
mod record;

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::time::Millis;
pub(crate) use groups::{Group, Groups};
use index::Index;
pub(crate) use populations::{Population, Populations};
pub(crate) use record::{Flags, Password, PasswordState, Record};

/// Users in the order of their creation. A deleted user leaves a gap, so that cursors keep their place.
#[derive(Debug)]
pub(crate) struct Store {
    users: Vec<Option<Record>>,
    by_username: Index,
    by_id: Index,
    unique: HashMap<(String, String), u32>,
    unique_attributes: Vec<String>,
    live: usize,
    case_sensitive: bool,
    pub(crate) populations: Populations,
    pub(crate) groups: Groups,
    /// Users that are deleted and that searches may still find, with the time of their deletion.
    ghosts: BTreeMap<u32, (Record, Millis)>,
    /// Writes to usernames whose user is gone, and how many of them changed something.
    deleted_writes: HashMap<Box<str>, (u32, u32)>,
}

/// A value that must be unique is taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) attribute: String,
}

impl Store {
    pub(crate) fn new(case_sensitive: bool, unique_attributes: Vec<String>) -> Self {
        Self {
            users: Vec::new(),
            by_username: Index::default(),
            by_id: Index::default(),
            unique: HashMap::new(),
            unique_attributes,
            live: 0,
            case_sensitive,
            populations: Populations::default(),
            groups: Groups::default(),
            ghosts: BTreeMap::new(),
            deleted_writes: HashMap::new(),
        }
    }

    /// Adds a user; its population exists.
    pub(crate) fn insert(&mut self, record: Record, profile: &Map<String, Value>) -> Result<(), Taken> {
        if self.slot_by_username(record.username()).is_some() {
            return Err(Taken { attribute: "username".into() });
        }
        let slot = self.end();
        self.check_unique(profile, slot)?;
        self.claim(profile, slot);
        self.populations.count(record.population, 1);
        let (name, id) = (self.username_hash(record.username()), index::hash_id(record.id));
        self.users.push(Some(record));
        self.live += 1;
        let (users, case_sensitive) = (&self.users, self.case_sensitive);
        self.by_username
            .insert(name, slot, |slot| hash_at(users, slot, |r| username_hash(r.username(), case_sensitive)));
        self.by_id.insert(id, slot, |slot| hash_at(users, slot, |record| index::hash_id(record.id)));
        Ok(())
    }

    /// Replaces a user's record by one with the same id.
    pub(crate) fn replace(
        &mut self,
        slot: u32,
        mut record: Record,
        profile: &Map<String, Value>,
    ) -> Result<(), Taken> {
        let Some(old) = self.record(slot) else { return Ok(()) };
        if self.slot_by_username(record.username()).is_some_and(|other| other != slot) {
            return Err(Taken { attribute: "username".into() });
        }
        self.check_unique(profile, slot)?;
        record.count_write(old);
        let (old_hash, new_hash) =
            (self.username_hash(old.username()), self.username_hash(record.username()));
        let (from, to) = (old.population, record.population);
        self.release(slot);
        self.claim(profile, slot);
        self.populations.count(from, -1);
        self.populations.count(to, 1);
        self.by_username.remove(old_hash, slot);
        self.users[slot as usize] = Some(record);
        let (users, case_sensitive) = (&self.users, self.case_sensitive);
        self.by_username.insert(new_hash, slot, |slot| {
            hash_at(users, slot, |r| username_hash(r.username(), case_sensitive))
        });
        Ok(())
    }

    /// Deletes a user; searches go on finding it if there is a lag.
    pub(crate) fn delete(&mut self, id: Uuid, has_lag: bool) -> bool {
        let Some(slot) = self.slot_by_id(id) else { return false };
        let Some(record) = self.users[slot as usize].take() else { return false };
        self.by_username.remove(self.username_hash(record.username()), slot);
        self.by_id.remove(index::hash_id(id), slot);
        self.release(slot);
        self.populations.count(record.population, -1);
        self.live -= 1;
        self.groups.forget_user(id);
        let (writes, changes) = self.deleted_writes.entry(record.username().into()).or_default();
        *writes += record.writes + 1;
        *changes += record.changes + 1;
        if has_lag {
            self.ghosts.insert(slot, (record, Millis::now()));
        }
        true
    }

    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// The slot that the next user gets.
    pub(crate) fn end(&self) -> u32 {
        u32::try_from(self.users.len()).unwrap_or(u32::MAX)
    }

    /// Records from `slot` on with their slots.
    pub(crate) fn from(&self, slot: u32) -> impl Iterator<Item = (u32, &Record)> {
        let records = self.users.get(slot as usize..).unwrap_or_default();
        (slot..).zip(records).filter_map(|(slot, record)| Some((slot, record.as_ref()?)))
    }

    /// What a search finds from `slot` on, which lags behind by so many milliseconds.
    pub(crate) fn searchable(&self, slot: u32, lag: i64) -> impl Iterator<Item = (u32, &Record)> {
        let now = Millis::now().0;
        let records = self.users.get(slot as usize..).unwrap_or_default();
        (slot..).zip(records).filter_map(move |(slot, record)| match record {
            Some(record) => (lag == 0 || record.created.0 + lag <= now).then_some((slot, record)),
            None if lag == 0 => None,
            None => {
                let (record, deleted) = self.ghosts.get(&slot)?;
                (deleted.0 + lag > now).then_some((slot, record))
            }
        })
    }

    pub(crate) fn record(&self, slot: u32) -> Option<&Record> {
        self.users.get(slot as usize)?.as_ref()
    }

    pub(crate) fn record_mut(&mut self, slot: u32) -> Option<&mut Record> {
        self.users.get_mut(slot as usize)?.as_mut()
    }

    pub(crate) fn slot_by_id(&self, id: Uuid) -> Option<u32> {
        self.by_id.find(index::hash_id(id), |slot| self.record(slot).is_some_and(|record| record.id == id))
    }

    pub(crate) fn slot_by_username(&self, username: &str) -> Option<u32> {
        let same = |record: &Record| index::same(record.username(), username, self.case_sensitive);
        self.by_username.find(self.username_hash(username), |slot| self.record(slot).is_some_and(same))
    }

    /// Successful writes per username, deleted users included, and how many of them changed something.
    pub(crate) fn writes(&self) -> HashMap<String, (u32, u32)> {
        let mut all: HashMap<String, (u32, u32)> =
            self.deleted_writes.iter().map(|(name, counts)| (name.to_string(), *counts)).collect();
        for (_, record) in self.from(0) {
            let (writes, changes) = all.entry(record.username().into()).or_default();
            *writes += record.writes;
            *changes += record.changes;
        }
        all
    }

    /// Refuses values of unique attributes that a user other than the one at `slot` has.
    fn check_unique(&self, profile: &Map<String, Value>, slot: u32) -> Result<(), Taken> {
        let taken =
            self.unique_keys(profile).find(|key| self.unique.get(key).is_some_and(|owner| *owner != slot));
        taken.map_or(Ok(()), |(attribute, _)| Err(Taken { attribute }))
    }

    fn claim(&mut self, profile: &Map<String, Value>, slot: u32) {
        let keys: Vec<_> = self.unique_keys(profile).collect();
        self.unique.extend(keys.into_iter().map(|key| (key, slot)));
    }

    fn unique_keys(&self, profile: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
        let value = |attribute: &String| Some((attribute.clone(), profile.get(attribute)?.as_str()?.into()));
        self.unique_attributes.iter().filter_map(value)
    }

    fn release(&mut self, slot: u32) {
        if !self.unique_attributes.is_empty() {
            self.unique.retain(|_, owner| *owner != slot);
        }
    }

    fn username_hash(&self, username: &str) -> u64 {
        username_hash(username, self.case_sensitive)
    }
}

fn username_hash(username: &str, case_sensitive: bool) -> u64 {
    index::hash_text(username, case_sensitive)
}

fn hash_at(users: &[Option<Record>], slot: u32, hash: impl Fn(&Record) -> u64) -> u64 {
    users.get(slot as usize).and_then(Option::as_ref).map_or(0, hash)
}
