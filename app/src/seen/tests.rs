use super::Seen;

fn note(seen: &mut Seen, username: &str, row: u64) -> Option<u64> {
    let hash = seen.name(username);
    seen.fetch(std::iter::once(hash));
    seen.note(hash, row).unwrap()
}

fn seen(most: usize) -> Seen {
    Seen::with_most(&std::env::temp_dir(), most)
}

#[test]
fn letter_case_does_not_count() {
    let mut seen = seen(1024);
    assert_eq!(note(&mut seen, "Ada", 1), None);
    assert_eq!(note(&mut seen, "Ödön", 2), None);
    assert_eq!(note(&mut seen, "aDA", 3), Some(1));
    assert_eq!(note(&mut seen, "öDÖN", 4), Some(2));
}

/// In memory alone, and with most of the keys on the disk in many runs.
#[test]
fn the_first_row_is_named_after_growth() {
    for (most, spills) in [(1 << 20, false), (1000, true), (4, true)] {
        let mut seen = seen(most);
        let rows = if most == 4 { 50 } else { 20_000 };
        for row in 1..=rows {
            assert_eq!(note(&mut seen, &format!("user{row}"), row), None);
        }
        assert_eq!((seen.len(), seen.spilled.is_some()), (rows, spills));
        for row in 1..=rows {
            assert_eq!(note(&mut seen, &format!("USER{row}"), row + rows), Some(row));
            let (known, other) = (seen.name(&format!("user{row}")), seen.name(&format!("other{row}")));
            assert!(seen.contains(known).unwrap() && !seen.contains(other).unwrap());
        }
        assert_eq!((seen.len(), seen.slots.len() == most), (rows, spills));
    }
}

#[test]
fn a_disk_that_cannot_be_written_to_is_told() {
    let gone = tempfile::tempdir().unwrap().path().join("gone");
    let mut seen = Seen::with_most(&gone, 4);
    let told = (1..=20).find_map(|row| {
        let hash = seen.name(&format!("user{row}"));
        seen.note(hash, row).err()
    });
    assert_eq!(told.unwrap().kind(), std::io::ErrorKind::NotFound);
}
