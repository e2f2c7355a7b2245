//! What commands that are printed call this program.

use std::sync::OnceLock;

static CALLED: OnceLock<String> = OnceLock::new();

/// What to write in front of the words of a command: how the program was called, where whoever reads it called it, and
/// its own name otherwise.
pub fn name() -> &'static str {
    CALLED.get().map_or("pingone-import", String::as_str)
}

/// Says that this process was called as `word`, which a shell takes as it is.
pub fn called(word: String) {
    // It is called once; a second word would be as right as the first.
    let _ = CALLED.set(word);
}
