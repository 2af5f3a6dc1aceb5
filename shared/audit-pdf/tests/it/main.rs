//! A page as Chromium printed it, finished: `tests/printed/page.html`, printed twice in two
//! processes (`one.pdf`, `two.pdf`), by the browser and the fonts of `functions/reports/browser`.

use audit_pdf::{File, Finish, Unfinished, finish};
use audit_record::Millis;
use lopdf::{Dictionary, Document, Object};
use proptest::prelude::*;

const ONE: &[u8] = include_bytes!("../printed/one.pdf");
const TWO: &[u8] = include_bytes!("../printed/two.pdf");
const RECORD: &[u8] = br#"{"record":{"id":"01a20cc8-8e80-7abc-8def-0123456789ab"}}"#;

const FILES: [File<'_>; 2] = [
    File {
        name: "record-2.json",
        media_type: "application/json",
        relationship: "Source",
        description: "Record 2 with its ledger evidence",
        bytes: RECORD,
    },
    File {
        name: "figures.json",
        media_type: "application/json",
        relationship: "Data",
        description: "The report's counts",
        bytes: b"{}",
    },
];

fn wanted<'a>(title: &'a str, files: &'a [File<'a>]) -> Finish<'a> {
    Finish {
        title,
        subject: "Record 2 of ledger demo/credit",
        id: "01a20d00-0000-7000-8000-000000000001",
        as_of: Millis::parse("2026-11-24T12:00:00.500Z").expect("it is as the test needs it"),
        anchors: &[("one", "One"), ("two", "Two")],
        files,
    }
}

fn finished(printed: &[u8]) -> Vec<u8> {
    finish(printed, &wanted("A printed page", &FILES)).expect("it is as the test needs it")
}

fn read(bytes: &[u8]) -> Document {
    Document::load_mem(bytes).expect("it is as the test needs it")
}

/// All dictionaries of a type, by the value of an entry.
fn all<'a>(pdf: &'a Document, entry: &[u8], value: &[u8]) -> Vec<&'a Dictionary> {
    pdf.objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|entries| entries.get(entry).and_then(Object::as_name).ok() == Some(value))
        .collect()
}

#[test]
fn two_runs_of_the_browser_give_the_same_bytes() {
    assert_ne!(
        ONE, TWO,
        "the runs differ in dates and in names of elements"
    );
    assert!(finished(ONE) == finished(TWO));
}

#[test]
fn the_file_says_what_it_conforms_to_and_nothing_of_the_run() {
    let bytes = finished(ONE);
    let text = String::from_utf8_lossy(&bytes);
    for claim in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "<xmp:CreateDate>2026-11-24T12:00:00+00:00</xmp:CreateDate>",
        "(D:20261124120000+00'00')",
    ] {
        assert!(text.contains(claim), "{claim}");
    }
    for other in ["Skia", "Chromium", "node0"] {
        assert!(!text.contains(other), "{other}");
    }
    let pdf = read(&bytes);
    assert_eq!(pdf.trailer.get(b"ID").unwrap().as_array().unwrap().len(), 2);
    let catalog = pdf.catalog().unwrap();
    assert!(catalog.has(b"OutputIntents") && catalog.has(b"StructTreeRoot"));
    assert!(
        catalog.has(b"Outlines"),
        "the outline of the headings is kept"
    );
}

#[test]
fn attachments_come_out_as_they_went_in() {
    let bytes = finished(ONE);
    let pdf = read(&bytes);
    let specifications = all(&pdf, b"Type", b"Filespec");
    assert_eq!(specifications.len(), 2);
    for (file, relationship) in [(&FILES[0], "Source"), (&FILES[1], "Data")] {
        let found = specifications
            .iter()
            .find(|one| one.get(b"UF").unwrap().as_str().unwrap() == file.name.as_bytes())
            .unwrap();
        let kind = found.get(b"AFRelationship").unwrap().as_name().unwrap();
        assert_eq!(kind, relationship.as_bytes());
        assert_eq!(
            found.get(b"Desc").unwrap().as_str().unwrap(),
            file.description.as_bytes()
        );
        let embedded = found
            .get(b"EF")
            .unwrap()
            .as_dict()
            .unwrap()
            .get(b"F")
            .unwrap();
        let stream = pdf
            .get_object(embedded.as_reference().unwrap())
            .unwrap()
            .as_stream()
            .unwrap();
        assert_eq!(stream.get_plain_content().unwrap(), file.bytes);
        assert!(
            stream
                .dict
                .get(b"Params")
                .unwrap()
                .as_dict()
                .unwrap()
                .has(b"ModDate")
        );
    }
    assert_eq!(
        pdf.catalog()
            .unwrap()
            .get(b"AF")
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn links_say_where_they_lead() {
    let bytes = finished(ONE);
    let pdf = read(&bytes);
    let mut words: Vec<String> = all(&pdf, b"Subtype", b"Link")
        .iter()
        .map(|link| link.get(b"Contents").unwrap().as_str().unwrap())
        .map(|words| String::from_utf8(words.to_vec()).unwrap())
        .collect();
    words.sort();
    assert_eq!(words, ["To the section One", "To the section Two"]);
}

#[test]
fn list_items_hold_labels_and_bodies_only() {
    let bytes = finished(ONE);
    let pdf = read(&bytes);
    let items = all(&pdf, b"S", b"LI");
    assert_eq!(items.len(), 4);
    for item in items {
        let kids = item.get(b"K").unwrap().as_array().unwrap();
        for kid in kids {
            let kid = pdf.get_dictionary(kid.as_reference().unwrap()).unwrap();
            let kind = kid.get(b"S").unwrap().as_name().unwrap();
            assert!(
                matches!(kind, b"Lbl" | b"LBody"),
                "{}",
                String::from_utf8_lossy(kind)
            );
        }
    }
}

#[test]
fn head_and_foot_of_each_page_are_artifacts() {
    let bytes = finished(ONE);
    let pdf = read(&bytes);
    let pages: Vec<_> = pdf.page_iter().collect();
    assert_eq!(pages.len(), 2);
    for page in pages {
        let content = pdf.get_page_content(page);
        let content = String::from_utf8_lossy(&content);
        assert!(content.contains("/Artifact <</Type /Pagination>> BDC\nBT"));
    }
}

#[test]
fn no_glyph_is_without_a_unicode_value() {
    let bytes = finished(ONE);
    let pdf = read(&bytes);
    let maps = |pdf: &Document| -> String {
        let fonts = all(pdf, b"Type", b"Font");
        let maps = fonts
            .iter()
            .filter_map(|font| font.get(b"ToUnicode").ok()?.as_reference().ok());
        let maps = maps.map(|id| {
            pdf.get_object(id)
                .unwrap()
                .as_stream()
                .unwrap()
                .get_plain_content()
        });
        maps.map(|map| String::from_utf8(map.unwrap()).unwrap())
            .collect()
    };
    let printed = read(ONE);
    assert!(
        maps(&printed).contains(" <0000>\n"),
        "the page has Arabic letters with dots"
    );
    assert!(!maps(&pdf).contains(" <0000>\n"));
}

#[test]
fn a_file_that_is_not_as_expected_is_refused() {
    let to = |anchors: &'static [(&'static str, &'static str)]| {
        let wanted = Finish {
            anchors,
            ..wanted("A printed page", &[])
        };
        finish(ONE, &wanted)
    };
    assert!(matches!(
        to(&[("one", "One")]),
        Err(Unfinished::Unexpected(_))
    ));
    for broken in [&b""[..], b"%PDF-1.4", &ONE[..ONE.len() / 2]] {
        assert!(finish(broken, &wanted("t", &[])).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_title_can_be_any_text(title in any::<String>()) {
        let bytes = finish(ONE, &wanted(&title, &[])).unwrap();
        let pdf = read(&bytes);
        let information = pdf.trailer.get(b"Info").unwrap().as_reference().unwrap();
        let written = pdf.get_dictionary(information).unwrap().get(b"Title").unwrap();
        let written = written.as_str().unwrap();
        let back = match written.strip_prefix(&[0xfe, 0xff]) {
            None => String::from_utf8(written.to_vec()).unwrap(),
            Some(utf16) => {
                let (units, _) = utf16.as_chunks::<2>();
                let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
                String::from_utf16(&units).unwrap()
            }
        };
        prop_assert_eq!(back, title);
    }

    #[test]
    fn a_damaged_file_is_finished_or_refused(at in 0_usize..30_000, byte in any::<u8>()) {
        let mut damaged = ONE.to_vec();
        let at = at % damaged.len();
        damaged[at] = byte;
        if let Ok(bytes) = finish(&damaged, &wanted("t", &FILES)) {
            prop_assert!(Document::load_mem(&bytes).is_ok());
        }
    }
}
