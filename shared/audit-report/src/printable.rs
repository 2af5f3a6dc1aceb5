//! What of a text a page can show: what no font covers, and what would act on the text around it
//! without being seen, prints as a visible `⟨U+XXXX⟩`.
//!
//! PDF/UA-1 (7.21.8) and PDF/A-3 (6.2.11.8) forbid the glyph for "no glyph", and evidence must not
//! hold what its reader can't see: bidirectional controls reorder a line (the "Trojan source"
//! attack), tag characters and other invisible ones carry text past a person and into a model.
//!
//! Text is taken cluster by cluster (UAX #29), because a browser chooses a font for a whole cluster:
//! letter and marks must be in one font. Newlines and tabs stay; a carriage return before a newline
//! goes with it.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::coverage;

/// The most code points of one cluster that print as they are. The longest in use, an emoji of a
/// family with skin tones, has 11; a tower of marks on one letter would print over its neighbours.
const CLUSTER_MAX: usize = 12;

/// The text as a page can show it.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    // The most frequent case by far, decided without a look at the fonts.
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for cluster in text.graphemes(true) {
        push_cluster(cluster, &mut out);
    }
    Cow::Owned(out)
}

fn push_cluster(cluster: &str, out: &mut String) {
    if matches!(cluster, "\n" | "\t") || cluster == "\r\n" {
        out.push_str(cluster.trim_start_matches('\r'));
    } else if is_shown_whole(cluster) {
        out.push_str(cluster);
    } else {
        for c in cluster.chars() {
            if !is_joiner(c) && c != '\u{34f}' && coverage::stands_alone(c) {
                out.push(c);
            } else {
                out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
            }
        }
    }
}

/// Whether one font has all of the cluster. Joiners and variation selectors need no glyph of their
/// own, behind something that has one.
fn is_shown_whole(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let first_is_seen = chars.next().is_some_and(|first| !is_joiner(first));
    let seen = cluster.chars().filter(|c| !is_joiner(*c));
    first_is_seen
        && cluster.chars().count() <= CLUSTER_MAX
        && chars.filter(|c| is_joiner(*c)).count() * 2 <= cluster.chars().count()
        && coverage::one_font_has_all(seen)
}

/// Zero-width joiner and non-joiner, and the selectors of text and emoji presentation.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_can_be_shown_stays_and_what_can_not_is_named() {
        for (text, shown) in [
            ("plain, 1 < 2", "plain, 1 < 2"),
            ("a\tb\r\nc\n", "a\tb\nc\n"),
            ("größer – “naïve” €5", "größer – “naïve” €5"),
            ("e\u{301}", "e\u{301}"),
            ("日本語 한국어 中文", "日本語 한국어 中文"),
            ("שלום مرحبا", "שלום مرحبا"),
            (
                "😀 👩\u{200d}👩\u{200d}👧 1\u{fe0f}\u{20e3} ❤\u{fe0f}",
                "😀 👩\u{200d}👩\u{200d}👧 1\u{fe0f}\u{20e3} ❤\u{fe0f}",
            ),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            // Acts without being seen.
            ("a\u{202e}b", "a⟨U+202E⟩b"),
            ("a\u{2067}b\u{2069}", "a⟨U+2067⟩b⟨U+2069⟩"),
            ("x\u{e0041}\u{e007f}", "x⟨U+E0041⟩⟨U+E007F⟩"),
            ("a\u{200b}b\u{ad}c\u{feff}", "a⟨U+200B⟩b⟨U+00AD⟩c⟨U+FEFF⟩"),
            ("\u{200d}\u{200d}", "⟨U+200D⟩⟨U+200D⟩"),
            // Can't be seen.
            (
                "\u{0}\u{1b}[31m\u{7f}\u{85}\r",
                "⟨U+0000⟩⟨U+001B⟩[31m⟨U+007F⟩⟨U+0085⟩⟨U+000D⟩",
            ),
            ("\u{e000}\u{ffff}\u{10ffff}", "⟨U+E000⟩⟨U+FFFF⟩⟨U+10FFFF⟩"),
            ("\u{13000}", "⟨U+13000⟩"),
            // No font has both; the mark alone would stand on nothing.
            ("日\u{5b0}", "日⟨U+05B0⟩"),
        ] {
            assert_eq!(printable(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_tower_of_marks_comes_down() {
        let tower = format!("a{}", "\u{301}".repeat(40));
        assert_eq!(printable(&tower), format!("a{}", "⟨U+0301⟩".repeat(40)));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_unseen_is_left(text in any::<String>()) {
            let shown = printable(&text).into_owned();
            let named = shown.matches("⟨U+").count();
            // Each code point is there, itself or by its name; only "\r" of "\r\n" may go.
            let bare = shown.chars().filter(|c| text.contains(*c)).count();
            prop_assert!(bare + named >= text.replace("\r\n", "\n").chars().count());
            for cluster in shown.graphemes(true) {
                prop_assert!(matches!(cluster, "\n" | "\t") || is_shown_whole(cluster), "{cluster:?}");
            }
        }

        #[test]
        fn what_is_printable_stays_as_it_is(text in any::<String>()) {
            let once = printable(&text).into_owned();
            prop_assert_eq!(printable(&once), once.as_str());
        }
    }
}
