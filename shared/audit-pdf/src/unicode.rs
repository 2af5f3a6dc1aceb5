//! Gives every glyph a Unicode value.
//!
//! Shaping makes glyphs that no code point stands for, such as the dot of an Arabic letter. Skia
//! writes 0 for them in the font's map and puts the letter's text around them (`ActualText`), which
//! is what readers take. PDF/UA-1 (7.21.7) and PDF/A-3 (6.2.11.7.2) forbid the 0: U+FFFD stands in
//! its place.

use lopdf::{Document, ObjectId};

use crate::failure::Result;

/// The most bytes of a map, unpacked: 65,536 lines of some 16 bytes.
const MAP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Mends the maps of all fonts.
pub(crate) fn name_all_glyphs(pdf: &mut Document) -> Result<()> {
    let fonts = pdf
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok());
    let maps = fonts.filter_map(|font| font.get(b"ToUnicode").ok()?.as_reference().ok());
    let maps: Vec<ObjectId> = maps.collect();
    for id in maps {
        let stream = pdf.get_object_mut(id)?.as_stream_mut()?;
        let map = stream.get_plain_content_with_limit(MAP_BYTES_MAX)?;
        let map = String::from_utf8_lossy(&map);
        stream.set_plain_content(mended(&map).into_bytes());
        stream.compress()?;
    }
    Ok(())
}

fn mended(map: &str) -> String {
    let lines = map.lines().map(|line| match line.strip_suffix(" <0000>") {
        // A code and its value; with two codes before the value it is a range.
        Some(code) if !code.contains(' ') => format!("{code} <FFFD>"),
        _ => line.to_owned(),
    });
    lines.map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glyph_without_a_value_gets_one() {
        let map = "2 beginbfchar\n<0003> <0020>\n<0010> <0000>\nendbfchar\n";
        let expected = "2 beginbfchar\n<0003> <0020>\n<0010> <FFFD>\nendbfchar\n";
        assert_eq!(mended(map), expected);
        assert_eq!(mended(expected), expected);
    }
}
