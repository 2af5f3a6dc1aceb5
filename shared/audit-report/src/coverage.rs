//! Which code points the fonts of the printed page have, font by font.
//!
//! `coverage.txt` is made from the character maps of the very font files that the page prints with
//! (`functions/reports/browser/coverage.mjs` makes it, and compares it in the tests). A code point
//! counts only if it has something to show: controls, format characters, private-use code points
//! and non-characters are left out there, whatever a font says, and so are marks as long as they
//! stand alone.

use std::sync::LazyLock;

const TABLE: &str = include_str!("coverage.txt");

static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| read(TABLE));

/// One font: what it has, as ranges in order.
struct Font {
    ranges: Vec<(u32, u32)>,
}

impl Font {
    fn has(&self, c: char) -> bool {
        let c = u32::from(c);
        let at = self.ranges.partition_point(|(_, last)| *last < c);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= c)
    }
}

/// Whether there is a font that has all of these.
pub(crate) fn one_font_has_all(chars: impl Iterator<Item = char> + Clone) -> bool {
    FONTS.iter().any(|font| chars.clone().all(|c| font.has(c)))
}

/// Whether a font has this one, and it needs no other to stand on.
pub(crate) fn stands_alone(c: char) -> bool {
    !is_mark(c) && one_font_has_all(std::iter::once(c))
}

/// Whether a cluster break stands before it only at the start of a text: a mark (GB9, UAX #29).
fn is_mark(c: char) -> bool {
    use unicode_segmentation::UnicodeSegmentation as _;
    let mut pair = String::from("a");
    pair.push(c);
    pair.graphemes(true).count() == 1
}

/// Reads lines of a font's name and its ranges in hexadecimal, `41-5A`, or one number.
fn read(table: &str) -> Vec<Font> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| Font {
            ranges: line.split(' ').skip(1).filter_map(range).collect(),
        })
        .collect()
}

fn range(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text| u32::from_str_radix(text, 16).ok();
    Some((number(first)?, number(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_a_range_and_ranges_are_in_order() {
        let words: usize = TABLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').count() - 1)
            .sum();
        let read: usize = FONTS.iter().map(|font| font.ranges.len()).sum();
        assert_eq!(read, words);
        assert!(FONTS.len() > 5, "{} fonts", FONTS.len());
        for font in FONTS.iter() {
            assert!(font.ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            assert!(font.ranges.iter().all(|(first, last)| first <= last));
        }
    }

    #[test]
    fn the_signs_of_the_visible_mark_are_covered() {
        for c in "⟨U+0123456789ABCDEF⟩…".chars() {
            assert!(stands_alone(c), "{c}");
        }
    }
}
