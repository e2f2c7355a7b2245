use base64::{Engine as _, engine::general_purpose::STANDARD};

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`, RFC 6455 §4.2.2.
pub fn accept_key(key: &[u8]) -> String {
    let mut hash = sha1_smol::Sha1::new();
    hash.update(key);
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    STANDARD.encode(hash.digest().bytes())
}

/// Whether this is a `Sec-WebSocket-Key`, sixteen bytes in base64.
pub fn is_key(key: &[u8]) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(super::accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn keys_are_sixteen_bytes() {
        assert!(super::is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        for key in [&b""[..], b"abc", b"dGhlIHNhbXBsZSBub25jZQ", b"dGhlIHNhbXBsZSBub25jZXM=", &[0xff; 24]] {
            assert!(!super::is_key(key), "{key:?}");
        }
    }
}
