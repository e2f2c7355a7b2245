//! The texts that the cells of a workbook share: all of them are kept in memory while it is read, so they are looked at
//! before that.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use memchr::memmem;
use zip::ZipArchive;

use crate::plan::FileError;

/// Refuses a workbook whose texts take too much memory, or that claims to have more of them than there are.
pub(super) fn check(path: &Path) -> Result<(), FileError> {
    check_within(path, MOST)
}

fn check_within(path: &Path, most: u64) -> Result<(), FileError> {
    let refuse = |reason: &str| Err(FileError::Workbook { reason: reason.to_owned() });
    let file = File::open(path).map_err(super::failed)?;
    let Ok(mut archive) = ZipArchive::new(BufReader::new(file)) else {
        // What is wrong with it is told by whoever reads it.
        return Ok(());
    };
    for index in 0..archive.len() {
        let Ok(part) = archive.by_index(index) else { continue };
        let is_shared = |name: &str| name.to_ascii_lowercase().ends_with("sharedstrings.xml");
        if !part.name().is_ok_and(|name| is_shared(&name)) {
            continue;
        }
        let mut texts = BufReader::with_capacity(CHUNK, part);
        let (mut bytes, mut found, mut claimed) = (0_u64, 0, None);
        while let Ok(chunk) = texts.fill_buf() {
            let length = chunk.len();
            if length == 0 {
                break;
            }
            claimed = claimed.or_else(|| (bytes == 0).then(|| count_claimed(chunk)).flatten());
            // Each has an end, and one that two chunks share is found in neither.
            found += memmem::find_iter(chunk, b"si>").count() as u64
                + memmem::find_iter(chunk, b"si/>").count() as u64
                + 1;
            bytes += length as u64;
            if bytes > most {
                return refuse("its texts take more memory than they may");
            }
            texts.consume(length);
        }
        if claimed.is_some_and(|claimed| claimed > found) {
            return refuse("it claims to have more texts than there are");
        }
    }
    Ok(())
}

/// How many texts there are, by the attribute at the beginning that says so.
fn count_claimed(start: &[u8]) -> Option<u64> {
    let at = memmem::find(start, b"uniqueCount=")? + b"uniqueCount=".len();
    let digits = start.get(at + 1..)?.iter().take_while(|byte| byte.is_ascii_digit());
    Some(
        digits
            .fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))),
    )
}

/// Bytes of them as they stand in the workbook, unpacked.
const MOST: u64 = 512 * 1024 * 1024;

const CHUNK: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn texts_are_measured_as_they_are_unpacked() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(file.reopen().unwrap());
        zip.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
        let texts = "<si><t>ada</t></si>".repeat(20_000);
        zip.write_all(format!("<sst uniqueCount=\"20000\">{texts}</sst>").as_bytes()).unwrap();
        zip.finish().unwrap();
        let length = file.as_file().metadata().unwrap().len();
        assert!(length < 20_000, "it is packed: {length}");
        check_within(file.path(), 400_000).unwrap();
        let refused = check_within(file.path(), 300_000).unwrap_err();
        assert!(refused.to_string().contains("memory"), "{refused}");
    }
}
