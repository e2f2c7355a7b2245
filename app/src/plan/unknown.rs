//! Columns that name no attribute.

use std::fmt;

/// Columns that name no attribute of a PingOne user, in the order of the file. Displayed they are a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownColumns(pub(super) Vec<UnknownColumn>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownColumn {
    /// Its place, from 1.
    pub number: u64,
    /// Its name.
    pub header: String,
    /// The attribute that it may have meant.
    pub suggestion: Option<String>,
}

impl UnknownColumns {
    /// The columns.
    pub fn iter(&self) -> impl Iterator<Item = &UnknownColumn> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What to write behind `--map` to say what the first of them means.
    pub fn example(&self) -> String {
        let first = self.0.first();
        let header = first.map_or("COLUMN", |first| first.header.as_str());
        let attribute = first.and_then(|first| first.suggestion.as_deref()).unwrap_or("ATTRIBUTE");
        format!("\"{header}={attribute}\"")
    }
}

impl fmt::Display for UnknownColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, column) in self.0.iter().take(SHOWN).enumerate() {
            let UnknownColumn { number, header, suggestion } = column;
            let comma = if index > 0 { ", " } else { "" };
            match suggestion {
                Some(attribute) => {
                    write!(f, "{comma}column {number} ({header:?}; did you mean {attribute}?)")?
                }
                None => write!(f, "{comma}column {number} ({header:?})")?,
            }
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

const SHOWN: usize = 20;
