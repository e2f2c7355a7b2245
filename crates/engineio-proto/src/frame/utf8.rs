use super::FrameError;

/// Checks UTF-8 that arrives in fragments, so that a bad message ends with its first bad fragment.
#[derive(Debug, Default)]
pub(super) struct Validator {
    /// The beginning of a character whose rest is still to come.
    pending: [u8; 4],
    pending_len: usize,
}

impl Validator {
    /// Checks the next fragment.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), FrameError> {
        while self.pending_len > 0 {
            let Some((&byte, rest)) = bytes.split_first() else {
                return Ok(());
            };
            let (pending, pending_len) = (&mut self.pending, self.pending_len);
            let Some(slot) = pending.get_mut(pending_len) else {
                return Err(FrameError::Utf8);
            };
            *slot = byte;
            bytes = rest;
            let character = self.pending.get(..=pending_len).unwrap_or_default();
            match str::from_utf8(character) {
                Ok(_) => self.pending_len = 0,
                Err(error) if error.error_len().is_none() => self.pending_len += 1,
                Err(_) => return Err(FrameError::Utf8),
            }
        }
        if let Err(error) = str::from_utf8(bytes) {
            let tail = bytes.get(error.valid_up_to()..).unwrap_or_default();
            if error.error_len().is_some() {
                return Err(FrameError::Utf8);
            }
            if let Some(pending) = self.pending.get_mut(..tail.len()) {
                pending.copy_from_slice(tail);
                self.pending_len = tail.len();
            }
        }
        Ok(())
    }

    /// Checks that the message does not end inside a character.
    pub(super) fn finish(&self) -> Result<(), FrameError> {
        if self.pending_len == 0 { Ok(()) } else { Err(FrameError::Utf8) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], fragment: usize) -> bool {
        let mut validator = Validator::default();
        bytes.chunks(fragment).all(|chunk| validator.push(chunk).is_ok()) && validator.finish().is_ok()
    }

    #[test]
    fn agrees_with_the_standard_library_for_every_fragmentation() {
        let samples: &[&[u8]] = &[
            b"",
            "κόσμε".as_bytes(),
            "a😀b€c".as_bytes(),
            &[0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xed, 0xa0, 0x80],
            &[0xf4, 0x90, 0x80, 0x80],
            &[0xf0, 0x9f, 0x98],
            &[0x80],
            &[0xc3, 0x28],
            &[0xe2, 0x82, 0xac, 0xff],
        ];
        for sample in samples {
            for fragment in 1..5 {
                assert_eq!(
                    check(sample, fragment),
                    str::from_utf8(sample).is_ok(),
                    "{sample:x?} by {fragment}"
                );
            }
        }
    }
}
