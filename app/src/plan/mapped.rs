//! What a mapping says of columns that cannot be.

use pingone::Schema;

use super::FileError;
use super::attributes;
use super::header::{Header, Target};

impl Header {
    /// Refuses a file without one of the columns that are `required`.
    pub(super) fn refuse_missing(&self, required: &[String]) -> Result<(), FileError> {
        let is_there = |header: &String| self.names.iter().any(|name| attributes::same_column(name, header));
        match required.iter().find(|header| !is_there(header)) {
            None => Ok(()),
            Some(header) => Err(FileError::MappedColumnMissing {
                line: self.line,
                header: header.clone(),
                found: self.found(),
                suggestion: attributes::nearest_column(header, &self.names),
            }),
        }
    }

    /// Refuses a column that is mapped to what is no attribute and that may have meant one for which `is_asked` holds.
    pub(super) fn refuse_unknown_targets(
        &self,
        schema: &Schema,
        is_asked: impl Fn(&str) -> bool,
    ) -> Result<(), FileError> {
        for (index, path) in self.mapped.iter().enumerate() {
            let Some(path) = path.clone().filter(|_| self.targets[index] == Target::Unknown) else {
                continue;
            };
            let suggestion = self.suggestion(index, schema);
            if is_asked(suggestion.as_deref().unwrap_or_default()) {
                let (column, header) = (self.number(index), self.names[index].clone());
                let line = self.line;
                return Err(match attributes::is_read_only(&path) {
                    true => FileError::ReadOnlyTarget { line, column, header, path, suggestion },
                    false => FileError::UnknownTarget { line, column, header, path, suggestion },
                });
            }
        }
        Ok(())
    }
}
