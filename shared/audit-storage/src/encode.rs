//! Unpadded base64url (RFC 4648 section 5), the text form of binary values in keys and JSON.

use base64_simd::URL_SAFE_NO_PAD;

/// Writes bytes as unpadded base64url.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Reads unpadded base64url of exactly `N` bytes, in its one canonical form.
#[must_use]
pub fn from_base64url<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(text).ok()?;
    let bytes: [u8; N] = bytes.try_into().ok()?;
    (base64url(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_of_the_right_length_is_read() {
        assert_eq!(from_base64url::<2>(&base64url(&[255, 1])), Some([255, 1]));
        for text in ["_wE=", "_wF", "_w", "_wEA", "/wE"] {
            assert_eq!(from_base64url::<2>(text), None, "{text}");
        }
    }
}
