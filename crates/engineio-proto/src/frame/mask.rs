/// Applies a masking key, RFC 6455 §5.3, as if `bytes` began `offset` bytes into the payload.
pub(super) fn apply(bytes: &mut [u8], mask: [u8; 4], offset: usize) {
    let mut key = mask;
    key.rotate_left(offset % 4);
    let wide = u64::from_ne_bytes([key[0], key[1], key[2], key[3], key[0], key[1], key[2], key[3]]);
    let (words, tail) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_agrees_with_the_definition() {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        for offset in 0..9 {
            for len in 0..40_u8 {
                let plain: Vec<u8> = (0..len).collect();
                let mut masked = plain.clone();
                apply(&mut masked, mask, offset);
                let expected: Vec<u8> =
                    plain.iter().enumerate().map(|(i, byte)| byte ^ mask[(i + offset) % 4]).collect();
                assert_eq!(masked, expected);
            }
        }
    }
}
