//! What the columns of a file mean.

use pingone::{AttributeType, Schema};

use super::FileError;
use super::attributes;
use super::dialect::delimiter_name;
use super::file::Reading;
use super::preview::{Column, ColumnStatus};
use super::purpose::MatchBy;
use super::record::Record;
use super::unknown::{UnknownColumn, UnknownColumns};

/// The columns of a file, understood.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// The line it stands on.
    pub(super) line: u64,
    /// The columns' names as they stand in the file.
    pub(super) names: Vec<String>,
    /// What each column sets; beyond the last there are no columns, only extra cells.
    pub(super) targets: Vec<Target>,
    /// What a mapping says that each column means, if one does.
    pub(super) mapped: Vec<Option<String>>,
    /// The column that names the user of a row.
    pub(super) key: usize,
    /// The column of usernames.
    pub(super) username: Option<usize>,
    /// The column that says on which line of the original a row of a converted file stands.
    pub(super) line_column: Option<usize>,
    /// The column in which a file of rejects has what did not fit the columns.
    pub(super) input_column: Option<usize>,
    /// Whether values are written with a blank before them, as those of the header are.
    pub(super) is_spaced: bool,
    /// Whether a program adds a blank cell to the end of each row.
    pub(super) is_padded: bool,
    /// Whether the file is one of our own, whose cells are guarded against formulas.
    pub(super) is_guarded: bool,
    /// Whether the file is an export of ours or was JSON, so that blanks around a text are a part of it.
    pub(super) is_exact: bool,
}

/// What a column sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The username.
    Username,
    /// Whether the user may sign on.
    Enabled,
    /// The population, by id or name.
    Population,
    /// The population, by id.
    PopulationId,
    /// The population, by name.
    PopulationName,
    /// The password.
    Password,
    /// Whether the password must be changed at the next sign-on.
    ForceChange,
    /// An attribute of the schema.
    Attribute(Attribute),
    /// Nothing: read-only in PingOne, or a reason in a file of rejects.
    Ignored,
    /// Nothing: the line on which the row stands in the file that this one was made of.
    Line,
    /// Nothing that is known.
    Unknown,
    /// The column has no name; a value in it is one value too many.
    Nameless,
}

/// An attribute that a column sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) path: String,
    pub(super) kind: AttributeType,
    pub(super) multi_valued: bool,
}

impl Header {
    /// Finds out what the columns of `record` mean.
    ///
    /// # Errors
    /// When no column names users, two columns mean the same, or one that must be there is not.
    pub(super) fn read(
        record: &Record,
        delimiter: u8,
        reading: &Reading,
        schema: &Schema,
    ) -> Result<Self, FileError> {
        if let Some(fault) = record.fault {
            let (line, column) = (fault.line, fault.column);
            return Err(FileError::Header { line, column, reason: fault.to_string() });
        }
        let names: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let mut targets: Vec<Target> = names.iter().map(|name| reading.target(name, schema)).collect();
        set_aside_user_ids(&names, &mut targets, reading);
        let key = key(&names, &targets, reading);
        let username = targets.iter().position(|target| *target == Target::Username);
        let header = Self {
            line: record.line,
            is_spaced: record.iter().any(|cell| cell.starts_with(' ')),
            is_padded: false,
            is_guarded: is_guarded(&names),
            is_exact: is_exact(&names),
            key: key.unwrap_or_default(),
            username,
            input_column: names.iter().position(|name| attributes::normal(name) == "errorinput"),
            line_column: targets.iter().position(|target| *target == Target::Line),
            mapped: names.iter().map(|name| reading.mapped(name).map(str::to_owned)).collect(),
            names,
            targets,
        };
        header.refuse_missing(&reading.required)?;
        header.check_repeated()?;
        if username.is_none() {
            header.refuse_unknown_targets(schema, |meant| meant == "username")?;
        }
        if !reading.may_name_nobody {
            header.refuse_nobody(key, delimiter_name(delimiter), reading, schema)?;
        }
        Ok(header)
    }

    /// Refuses a file without the column that names the users.
    fn refuse_nobody(
        &self,
        key: Option<usize>,
        delimiter: &'static str,
        reading: &Reading,
        schema: &Schema,
    ) -> Result<(), FileError> {
        let (line, found) = (self.line, self.found());
        // What sets something already is not meant for something else.
        let unknown = self.names.iter().zip(&self.targets).filter(|(_, target)| **target == Target::Unknown);
        let unknown: Vec<String> = unknown.map(|(name, _)| name.clone()).collect();
        let similar = |attribute| attributes::nearest_column(attribute, &unknown);
        if reading.purpose.needs_username() && self.username.is_none() {
            return Err(FileError::NoUsername { line, found, similar: similar("username"), delimiter });
        }
        // Without a schema only usernames and ids are known.
        let is_known =
            !schema.attributes.is_empty() || !matches!(reading.key, MatchBy::Email | MatchBy::ExternalId);
        if key.is_none() && is_known {
            let attribute = reading.key.attribute();
            return Err(FileError::NoKey { line, found, attribute, similar: similar(attribute), delimiter });
        }
        Ok(())
    }

    /// The names of the columns, for a message.
    pub(super) fn found(&self) -> String {
        let named: Vec<_> = self.names.iter().filter(|name| !name.is_empty()).map(String::as_str).collect();
        shorten(&named.join(", "))
    }

    /// Refuses columns that mean nothing.
    pub(super) fn refuse_unknown(&self, schema: &Schema) -> Result<(), FileError> {
        let columns = self.unknown(schema);
        match columns.is_empty() {
            true => Ok(()),
            false => Err(FileError::UnknownColumn { line: self.line, columns }),
        }
    }

    /// The columns that mean nothing.
    pub(super) fn unknown(&self, schema: &Schema) -> UnknownColumns {
        let columns = self.names.iter().zip(&self.targets).enumerate();
        let unknown = columns.filter(|(_, (_, target))| **target == Target::Unknown);
        let unknown = unknown.map(|(index, (name, _))| UnknownColumn {
            number: self.number(index),
            header: name.clone(),
            suggestion: self.suggestion(index, schema),
        });
        UnknownColumns(unknown.collect())
    }

    /// The attribute that a column may have meant: by what it is mapped to, or else by its name. One that another column
    /// sets is not meant, as two columns cannot set the same.
    pub(super) fn suggestion(&self, index: usize, schema: &Schema) -> Option<String> {
        let name = self.mapped[index].as_deref().unwrap_or(&self.names[index]);
        let is_taken =
            |path: &str| self.targets.iter().any(|target| target.attribute().as_deref() == Some(path));
        attributes::suggest(name, schema, is_taken)
    }

    /// Whether cells may be written in a way that only this program has: most files are other people's.
    pub(super) fn is_ours(&self) -> bool {
        self.is_exact || self.is_guarded
    }

    /// Whether cells can say that they are `null`; a text like that is guarded then.
    pub(super) fn has_nulls(&self) -> bool {
        self.is_exact && self.is_guarded
    }

    /// The columns that a file of rejects repeats: those with a name, without the reasons of an earlier one and the
    /// lines of a converted file.
    pub(super) fn repeated(&self) -> impl Iterator<Item = usize> {
        let is_repeated = |index: &usize| {
            let name = self.names[*index].as_str();
            let is_reason = || {
                let normal = attributes::normal(name);
                attributes::REASONS.iter().any(|reason| attributes::normal(reason) == normal)
            };
            self.targets[*index] != Target::Nameless && name != attributes::LINE_COLUMN && !is_reason()
        };
        (0..self.names.len()).filter(is_repeated)
    }

    /// The columns as a preview shows them, with no samples yet.
    pub(super) fn columns(&self, schema: &Schema, ignore_unknown: bool) -> Vec<Column> {
        let columns = self.names.iter().zip(&self.targets).enumerate();
        let columns = columns.map(|(index, (name, target))| Column {
            index,
            header: name.clone(),
            attribute: target.attribute(),
            status: match target {
                Target::Unknown if ignore_unknown => ColumnStatus::Ignored,
                Target::Unknown => ColumnStatus::Unknown,
                Target::Ignored | Target::Line | Target::Nameless => ColumnStatus::Ignored,
                _ => ColumnStatus::Mapped,
            },
            suggestion: match target {
                Target::Unknown => self.suggestion(index, schema),
                _ => None,
            },
            samples: Vec::new(),
        });
        columns.collect()
    }

    /// The place, from 1, that the column with this index has in the file that people know: without the lines that a
    /// converted file has.
    pub(super) fn number(&self, index: usize) -> u64 {
        let is_before = self.line_column.is_some_and(|line| line < index);
        index as u64 + 1 - u64::from(is_before)
    }

    /// The index of the column that sets the attribute at `path`.
    pub(super) fn column_of(&self, path: &str) -> Option<usize> {
        let sets = |target: &Target| match target {
            Target::Attribute(attribute) => attribute.path == path,
            Target::Username => path == "username",
            Target::Password => path == "password",
            _ => false,
        };
        self.targets.iter().position(sets)
    }

    fn check_repeated(&self) -> Result<(), FileError> {
        for (second, target) in self.targets.iter().enumerate() {
            let Some(attribute) = target.attribute() else { continue };
            if let Some(first) = self.targets[..second].iter().position(|earlier| earlier == target) {
                return Err(FileError::RepeatedColumn {
                    line: self.line,
                    first: first as u64 + 1,
                    first_header: self.names[first].clone(),
                    second: second as u64 + 1,
                    second_header: self.names[second].clone(),
                    attribute,
                });
            }
        }
        Ok(())
    }
}

impl Target {
    /// The path of what the column sets.
    pub(super) fn attribute(&self) -> Option<String> {
        Some(match self {
            Self::Username => "username".to_owned(),
            Self::Enabled => "enabled".to_owned(),
            Self::Population => "population".to_owned(),
            Self::PopulationId => "population.id".to_owned(),
            Self::PopulationName => "population.name".to_owned(),
            Self::Password => "password".to_owned(),
            Self::ForceChange => "password.forceChange".to_owned(),
            Self::Attribute(attribute) => attribute.path.clone(),
            Self::Ignored | Self::Line | Self::Unknown | Self::Nameless => return None,
        })
    }
}

/// Files that list `userId` beside `username` mean PingOne's own id by it, which nobody can set.
fn set_aside_user_ids(names: &[String], targets: &mut [Target], reading: &Reading) {
    let is_exact = |name: &String| attributes::normal(name) == "username";
    if reading.key != MatchBy::Id && !names.iter().any(is_exact) {
        return;
    }
    for (name, target) in names.iter().zip(targets) {
        if attributes::normal(name) == "userid" && reading.mapped(name).is_none() {
            *target = Target::Ignored;
        }
    }
}

/// The column that names users by what they are matched by.
fn key(names: &[String], targets: &[Target], reading: &Reading) -> Option<usize> {
    match reading.key {
        MatchBy::Username => targets.iter().position(|target| *target == Target::Username),
        MatchBy::Email | MatchBy::ExternalId => targets.iter().position(|target| match target {
            Target::Attribute(attribute) => attribute.path == reading.key.attribute(),
            _ => false,
        }),
        MatchBy::Id => names.iter().position(|name| match reading.mapped(name) {
            Some(path) => attributes::normal(path) == "id",
            None => matches!(attributes::normal(name).as_str(), "id" | "userid"),
        }),
    }
}

/// What has no people who type behind it has a column that says so.
fn is_exact(names: &[String]) -> bool {
    names.iter().any(|name| is_mark(name))
}

/// Whether a column has no values and only says how the file was written.
pub(super) fn is_mark(name: &str) -> bool {
    matches!(attributes::normal(name).as_str(), "formulaguard" | "exacttext")
}

/// Our own files that a spreadsheet may open have their reasons, or a column that says so.
fn is_guarded(names: &[String]) -> bool {
    let has = |reason: &str| names.iter().any(|name| attributes::normal(name) == reason);
    has("errorcode") && has("errormessage") || has("errorinput") || has("formulaguard")
}

/// Enough of a header to recognise it by.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
