//! What one who holds the keys could seal and a reader refuses all the same.

use audit_record::{LedgerName, Millis, RecordId};

use super::*;
use crate::entry::ProducerRef;
use crate::hash::Hash;
use crate::key::PartSalt;
use crate::padme;
use crate::seal::Press;

const ID: &str = "019390f7-0c00-7abc-8def-0123456789ab";
const NONCE: [u8; 24] = [7; 24];

fn ledger_key() -> LedgerKey {
    LedgerKey::new(KeyId::from_bytes([1; 16]), [2; 32])
}

fn scope_key() -> ScopeKey {
    ScopeKey::new(KeyId::from_bytes([3; 16]), [4; 32])
}

fn salt() -> PartSalt {
    PartSalt::new([6; 32])
}

/// The hash that the fields of a JSON object commit to, if it is one.
fn committed(json: &str) -> Hash {
    let value = audit_record::json::parse(json.as_bytes());
    let object = value.as_ref().ok().and_then(Value::as_object);
    let fields = object.into_iter().flatten().map(|(pointer, value)| {
        let salt = disclosure::salt(&salt(), pointer);
        disclosure::digest(&disclosure::disclosure(&salt, pointer, value))
    });
    disclosure::part_content(&mut fields.collect::<Vec<_>>())
}

/// Opens a record whose parts are these plaintexts and commit to these hashes.
fn open(parts: Vec<(Vec<u8>, Hash)>) -> Option<Mismatch> {
    let ledger = LedgerName::parse("demo/credit").unwrap();
    let id = RecordId::parse(ID).unwrap();
    let mut press = Press::new().unwrap();
    let hashes: Vec<_> = parts.iter().map(|(_, hash)| *hash).collect();
    let mut texts = Vec::new();
    for (part, (mut text, part_content)) in Part::ALL.into_iter().zip(parts) {
        let place = Place {
            ledger: &ledger,
            id,
            part,
            part_content,
        };
        let key = ledger_key();
        match part {
            Part::Facts => press.encrypt(&key, &NONCE, &place, &mut text),
            Part::Content => press.encrypt(&scope_key(), &NONCE, &place, &mut text),
        }
        .unwrap();
        texts.push(text);
    }
    let key_ids = [ledger_key().id(), scope_key().id()];
    let parts = texts.iter().enumerate().map(|(number, text)| SealedPart {
        key_id: key_ids[number],
        nonce: NONCE,
        part_content: hashes[number],
        ciphertext: text,
    });
    let mut body = Vec::new();
    let parts = parts.collect();
    Body { parts }.write(&mut body);
    let entry = Entry {
        id,
        ledger,
        received_at: Millis::new(1),
        kind: Kind::Record,
        body: Some(BodyRef::of(&body)),
        content: Some(disclosure::content(&hashes)),
        producer: Some(ProducerRef {
            id: Some("p".into()),
            seq: None,
        }),
    };
    let sealed = SealedRecord::check(&entry, &body).unwrap();
    sealed.open(Some(&ledger_key()), Some(&scope_key())).err()
}

fn plaintext(frame: &[u8]) -> Vec<u8> {
    let mut text = salt().expose().to_vec();
    text.extend_from_slice(&u32::try_from(frame.len()).unwrap().to_be_bytes());
    text.extend_from_slice(frame);
    text.resize(padme::padded(text.len()), 0);
    text
}

fn frame(json: &str) -> Vec<u8> {
    zstd::bulk::compress(json.as_bytes(), 3).unwrap()
}

fn good() -> String {
    format!(r#"{{"/id":"{ID}","/producer":{{"id":"p"}}}}"#)
}

#[test]
fn a_plaintext_has_exactly_the_sealed_form() {
    let json = good();
    let skippable = [&[0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9][..], &frame(&json)].concat();
    let trailing = [&frame(&json)[..], &[0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]].concat();
    let twice = [frame(&json), frame(&json)].concat();
    let bomb = zstd::bulk::compress(&vec![b' '; 9 * 1024 * 1024], 3).unwrap();
    let mut dirty = plaintext(&frame(&json));
    *dirty.last_mut().unwrap() = 1;
    let mut long = plaintext(&frame(&json));
    long.resize(272, 0);
    let mut beyond = plaintext(&frame(&json));
    beyond[32..36].copy_from_slice(&u32::MAX.to_be_bytes());
    for (what, text) in [
        ("a skippable frame before", plaintext(&skippable)),
        ("a skippable frame after", plaintext(&trailing)),
        ("two frames", plaintext(&twice)),
        ("no frame", plaintext(&[])),
        ("not a frame", plaintext(json.as_bytes())),
        ("a frame cut short", plaintext(&frame(&json)[..20])),
        ("a frame beyond the limit", plaintext(&bomb)),
        ("padding that is not zero", dirty),
        ("another padded length", long),
        ("a length beyond the end", beyond),
        ("nothing", Vec::new()),
        ("not canonical", plaintext(&frame(&json.replace(',', ", ")))),
        ("a name twice", plaintext(&frame(r#"{"/a":1,"/a":1}"#))),
        ("no object", plaintext(&frame("[]"))),
    ] {
        let refused = open(vec![(text, committed(&json))]);
        let is_refused = matches!(refused, Some(Mismatch::Seal(0, SealError::Malformed(_))));
        assert!(is_refused, "{what}: {refused:?}");
    }
    assert_eq!(
        open(vec![(plaintext(&frame(&json)), committed(&json))]),
        None
    );
}

#[test]
fn a_frame_without_its_content_size_opens() {
    let json = good();
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
    std::io::Write::write_all(&mut encoder, json.as_bytes()).unwrap();
    let frame = encoder.finish().unwrap();
    assert_eq!(
        zstd::zstd_safe::get_frame_content_size(&frame).ok(),
        Some(None)
    );
    assert_eq!(open(vec![(plaintext(&frame), committed(&json))]), None);
}

#[test]
fn fields_are_those_committed_to_once_each_and_the_entrys() {
    let producer = r#""/producer":{"id":"p"}"#;
    let id = format!(r#""/id":"{ID}""#);
    let both = |first: &str| vec![format!("{{{first}}}")];
    let join = |names: &[&str]| both(&names.join(","));
    for (what, parts, expected) in [
        ("as it should be", join(&[&id, producer]), None),
        ("no id", join(&[producer]), Some(Mismatch::Id)),
        (
            "another id",
            join(&[r#""/id":"x""#, producer]),
            Some(Mismatch::Id),
        ),
        (
            "an id that is no string",
            join(&[r#""/id":7"#, producer]),
            Some(Mismatch::Id),
        ),
        ("no producer", join(&[&id]), Some(Mismatch::Producer)),
        (
            "no pointer",
            join(&[&id, producer, r#""a":1"#]),
            Some(Mismatch::Pointer),
        ),
        (
            "the root",
            join(&[r#""":1"#, &id, producer]),
            Some(Mismatch::Pointer),
        ),
        (
            "a bad escape",
            join(&[&id, producer, r#""/~2":1"#]),
            Some(Mismatch::Pointer),
        ),
        (
            "an open escape",
            join(&[&id, producer, r#""/~":1"#]),
            Some(Mismatch::Pointer),
        ),
        (
            "below another with something between",
            join(&[r#""/a":1,"/a-b":2,"/a/b":3"#, &id, producer]),
            Some(Mismatch::Pointer),
        ),
        (
            "below the id",
            join(&[&id, r#""/id/x":3"#, producer]),
            Some(Mismatch::Pointer),
        ),
        (
            "twice in two parts",
            [join(&[&id, producer]), join(&[&id])].concat(),
            Some(Mismatch::Pointer),
        ),
        (
            "below another in another part",
            [join(&[&id, producer]), join(&[r#""/producer/seq":1"#])].concat(),
            Some(Mismatch::Pointer),
        ),
        (
            "alike but apart",
            join(&[r#""/a":1,"/ab":3,"/a~1b":2"#, &id, producer]),
            None,
        ),
    ] {
        let parts = parts
            .iter()
            .map(|json| (plaintext(&frame(json)), committed(json)));
        assert_eq!(open(parts.collect()), expected, "{what}");
    }
    let json = good();
    let other = committed(&json.replace("\"p\"", "\"q\""));
    let differs = open(vec![(plaintext(&frame(&json)), other)]);
    assert_eq!(differs, Some(Mismatch::PartContent(0)));
}
