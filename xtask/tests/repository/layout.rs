use crate::files::{entries, root};

#[test]
fn the_root_fits_on_one_screen() {
    let entries = entries(root());
    assert!(entries.len() <= 25, "{} entries in the root: {entries:?}", entries.len());
}
