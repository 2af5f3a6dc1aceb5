//! JSON pointers (RFC 6901).

use std::borrow::Cow;

/// Bytes of a member's name that an error shows: names are the client's and may be long.
const SHOWN_MAX: usize = 128;

/// Appends a reference token, escaped: `~` as `~0`, `/` as `~1`.
pub(crate) fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    let mut rest = name;
    while let Some(at) = rest.find(['~', '/']) {
        pointer.push_str(&rest[..at]);
        pointer.push_str(if rest.as_bytes()[at] == b'~' {
            "~0"
        } else {
            "~1"
        });
        rest = &rest[at + 1..];
    }
    pointer.push_str(rest);
}

/// The name that a reference token stands for.
pub(crate) fn unescape(token: &str) -> Cow<'_, str> {
    if token.contains('~') {
        // In this order, or `~01` would become `/` (RFC 6901 section 4).
        Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(token)
    }
}

/// A name as an error shows it: cut where it is long.
pub(crate) fn shown(name: &str) -> Cow<'_, str> {
    if name.len() <= SHOWN_MAX {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("{}…", &name[..name.floor_char_boundary(SHOWN_MAX)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_and_come_back() {
        for (name, pointer) in [
            ("a", "/a"),
            ("", "/"),
            ("a/b", "/a~1b"),
            ("m~n", "/m~0n"),
            ("~1", "/~01"),
            ("/~/", "/~1~0~1"),
            ("gen_ai.request.model", "/gen_ai.request.model"),
            ("é😀", "/é😀"),
        ] {
            let mut text = String::new();
            push(&mut text, name);
            assert_eq!(text, pointer);
            assert_eq!(unescape(&text[1..]), name);
        }
    }

    #[test]
    fn long_names_are_shown_cut() {
        assert_eq!(shown("a"), "a");
        assert_eq!(shown(&"é".repeat(100)), format!("{}…", "é".repeat(64)));
    }
}
