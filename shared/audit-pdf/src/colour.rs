//! What the page's colours mean: an output intent with a profile of sRGB (IEC 61966-2-1).
//!
//! The profile is written here, in version 4.2 of ICC.1: its curve is a formula there, so that the
//! whole takes 0.6 kB and comes with no file of anybody else's.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

use crate::failure::Result;

/// Adds the output intent.
pub(crate) fn add_intent(pdf: &mut Document) -> Result<()> {
    let mut profile = Stream::new(dictionary! { "N" => 3 }, srgb());
    profile.compress()?;
    let profile = pdf.add_object(profile);
    let intent: Dictionary = dictionary! {
        "Type" => "OutputIntent",
        "S" => "GTS_PDFA1",
        "OutputConditionIdentifier" => Object::string_literal("sRGB IEC61966-2.1"),
        "Info" => Object::string_literal("sRGB IEC61966-2.1"),
        "DestOutputProfile" => profile,
    };
    let intent = pdf.add_object(intent);
    pdf.catalog_mut()?
        .set("OutputIntents", vec![Object::Reference(intent)]);
    Ok(())
}

/// The D50 white of the profile connection space.
const D50: [f64; 3] = [0.9642, 1.0, 0.8249];
/// Red, green and blue of sRGB, adapted to D50 by the Bradford transform.
const PRIMARIES: [[f64; 3]; 3] = [
    [0.436_074_7, 0.222_504_5, 0.013_932_2],
    [0.385_064_9, 0.716_878_6, 0.097_104_5],
    [0.143_080_4, 0.060_616_9, 0.714_173_3],
];
/// That transform, from D65 to D50.
const ADAPTATION: [f64; 9] = [
    1.047_811_2,
    0.022_886_6,
    -0.050_127_0,
    0.029_542_4,
    0.990_484_4,
    -0.017_049_1,
    -0.009_234_5,
    0.015_043_6,
    0.752_131_6,
];
/// The curve: ((a x + b) to the power g) from d on, c x below; in the order g, a, b, c, d.
const CURVE: [f64; 5] = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45];

/// A profile of sRGB.
fn srgb() -> Vec<u8> {
    let curve = tag(*b"para", &[&3_u16.to_be_bytes(), &[0, 0], &fixed(&CURVE)]);
    let tags: [([u8; 4], Vec<u8>); 10] = [
        (*b"desc", text("sRGB IEC61966-2.1")),
        (*b"cprt", text("No copyright, use freely")),
        (*b"wtpt", tag(*b"XYZ ", &[&fixed(&D50)])),
        (*b"chad", tag(*b"sf32", &[&fixed(&ADAPTATION)])),
        (*b"rXYZ", tag(*b"XYZ ", &[&fixed(&PRIMARIES[0])])),
        (*b"gXYZ", tag(*b"XYZ ", &[&fixed(&PRIMARIES[1])])),
        (*b"bXYZ", tag(*b"XYZ ", &[&fixed(&PRIMARIES[2])])),
        (*b"rTRC", curve.clone()),
        (*b"gTRC", curve.clone()),
        (*b"bTRC", curve),
    ];
    let mut table = count(tags.len()).to_vec();
    let mut data = Vec::new();
    let data_at = 128 + 4 + 12 * tags.len();
    for (name, value) in &tags {
        table.extend_from_slice(name);
        table.extend_from_slice(&count(data_at + data.len()));
        table.extend_from_slice(&count(value.len()));
        data.extend_from_slice(value);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    let mut profile = header(data_at + data.len());
    profile.extend_from_slice(&table);
    profile.extend_from_slice(&data);
    profile
}

/// The header of 128 bytes (ICC.1:2004-10, 7.2).
fn header(size: usize) -> Vec<u8> {
    let mut header = Vec::with_capacity(128);
    header.extend_from_slice(&count(size));
    header.extend_from_slice(&[0; 4]);
    header.extend_from_slice(&[4, 0x20, 0, 0]);
    header.extend_from_slice(b"mntrRGB XYZ ");
    // A date of the profile: 2026-01-01.
    for part in [2026_u16, 1, 1, 0, 0, 0] {
        header.extend_from_slice(&part.to_be_bytes());
    }
    header.extend_from_slice(b"acsp");
    header.resize(68, 0);
    header.extend_from_slice(&fixed(&D50));
    header.resize(128, 0);
    header
}

fn tag(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let mut value = kind.to_vec();
    value.extend_from_slice(&[0; 4]);
    value.extend_from_slice(&parts.concat());
    value
}

/// A text in one language (`multiLocalizedUnicodeType`).
fn text(words: &str) -> Vec<u8> {
    let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let parts: [&[u8]; 5] = [
        &count(1),
        &count(12),
        b"enUS",
        &count(utf16.len()),
        &count(28),
    ];
    let mut value = tag(*b"mluc", &parts);
    value.extend_from_slice(&utf16);
    value
}

/// Numbers of 16 bits before and 16 behind the point.
fn fixed(numbers: &[f64]) -> Vec<u8> {
    let words = numbers.iter().map(|number| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the numbers above are below 3"
        )]
        let fixed = (number * 65_536.0).round() as i32;
        fixed.to_be_bytes()
    });
    words.flatten().collect()
}

fn count(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_is_laid_out_as_its_header_and_table_say() {
        let profile = srgb();
        let word = |at: usize| u32::from_be_bytes(profile[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(word(0), profile.len());
        assert_eq!(&profile[36..40], b"acsp");
        assert_eq!(word(128), 10);
        for entry in 0..10 {
            let (at, len) = (word(132 + entry * 12 + 4), word(132 + entry * 12 + 8));
            assert!(at % 4 == 0 && at >= 252 && at + len <= profile.len());
        }
    }

    #[test]
    fn the_primaries_make_white() {
        for (axis, white) in D50.iter().enumerate() {
            let sum: f64 = PRIMARIES.iter().map(|primary| primary[axis]).sum();
            assert!((sum - white).abs() < 0.001, "{axis}");
        }
    }
}
