//! Base64url without padding (RFC 4648 section 5), one text for one value: left-over bits that are
//! not zero are refused.

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// Encodes.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Appends the text of `bytes` to a buffer.
pub fn append(bytes: &[u8], out: &mut Vec<u8>) {
    URL_SAFE_NO_PAD.encode_append(bytes, out);
}

/// Decodes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// Decodes a text of exactly `N` bytes.
#[must_use]
pub fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if URL_SAFE_NO_PAD.decoded_length(text.as_bytes()).ok()? != N {
        return None;
    }
    let len = URL_SAFE_NO_PAD
        .decode(text.as_bytes(), Out::from_slice(&mut bytes))
        .ok()?
        .len();
    (len == N).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_is_read() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("AA", Some(&[0])),
            ("_-8", Some(&[0xff, 0xef])),
            ("AAAA", Some(&[0, 0, 0])),
            ("AB", None),
            ("AAB", None),
            ("A", None),
            ("AAAAA", None),
            ("AA==", None),
            ("+/8", None),
            ("A A", None),
            ("AA\n", None),
            ("é", None),
        ] {
            assert_eq!(decode(text).as_deref(), bytes, "{text:?}");
        }
        assert_eq!(decode_array::<1>("AA"), Some([0]));
        assert_eq!(decode_array::<1>("AB"), None);
        assert_eq!(decode_array::<2>("AA"), None);
    }
}
