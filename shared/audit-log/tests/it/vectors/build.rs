//! Builds the vectors: every intermediate value of a small ledger, from fixed keys, salts and nonces.
//!
//! zstd's output may change from version to version, and with it every value after the ciphertext. So
//! the ciphertexts come from a [`Source`]: fresh ones when the files are generated, the stored ones
//! when they are compared, after they were opened and found to hold the same.

use audit_log::segment::{self, Builder};
use audit_log::tree::leaf_hash;
use audit_log::{
    Body, BodyRef, Entry, Frontier, Hash, Index, KeyBody, KeyId, Kind, Leaf, LedgerKey, PartSalt,
    PartSecrets, ProducerRef, Scope, ScopeKey, ScopeRule, SealedPart, SealedRecord, Sealer,
    Sealing, base64url, canonical, disclosure, own_id,
};
use audit_record::json::{Value, parse};
use audit_record::{Fields, LedgerName, Millis, Part, Record, RecordId};
use serde_json::{Value as Json, json};

use super::records;

/// Gives the ciphertext of a part: name of the record, part, the fresh ciphertext.
pub(crate) type Source<'s> = &'s dyn Fn(&str, Part, &[u8]) -> Vec<u8>;

const RECEIVED_AT: u64 = 1_795_509_725_000;
const REQUEST: &str = "8a0f0e6e-7c55-4e0d-9a55-0123456789ab";

pub(crate) fn ledger() -> LedgerName {
    LedgerName::parse("demo/credit").unwrap()
}

/// 32 bytes that follow from a label: nothing random may stand in a vector.
fn bytes(label: &str) -> [u8; 32] {
    *Hash::of(&[b"audit vectors: ", label.as_bytes()]).as_bytes()
}

fn key_id(label: &str) -> KeyId {
    KeyId::from_slice(&bytes(label)[..16]).unwrap()
}

pub(crate) fn ledger_key() -> LedgerKey {
    LedgerKey::new(key_id("ledger key id"), bytes("ledger key"))
}

fn scope_secret(scope: &Scope) -> (KeyId, [u8; 32]) {
    let label = format!("scope key {scope}");
    (key_id(&format!("{label} id")), bytes(&label))
}

pub(crate) fn scope_key(scope: &Scope) -> ScopeKey {
    let (id, secret) = scope_secret(scope);
    ScopeKey::new(id, secret)
}

fn nonce(label: &str) -> [u8; 24] {
    bytes(label)[..24].try_into().unwrap()
}

fn secrets(name: &str, part: Part) -> PartSecrets {
    let label = format!("{name} part {}", part.number());
    PartSecrets {
        nonce: nonce(&format!("{label} nonce")),
        part_salt: PartSalt::new(bytes(&format!("{label} salt"))),
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A record or conflict with every intermediate value, its entry and its body.
pub(crate) struct Sealed {
    pub(crate) json: Json,
    pub(crate) entry: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// What is sealed: a name, the bytes as sent, and for a conflict the entry's own id and its kind.
struct Input<'i> {
    name: &'i str,
    sent: &'i str,
    kind: Kind,
    id: RecordId,
    received_at: Millis,
}

fn sealed(input: &Input<'_>, source: Source<'_>) -> Sealed {
    let record = Record::parse(input.sent.as_bytes()).unwrap();
    let scope = Scope::of(&record, record.id().unwrap(), ScopeRule::Day);
    let (ledger, ledger_key, scope_key) = (ledger(), ledger_key(), scope_key(&scope));
    let sealing = Sealing {
        ledger: &ledger,
        id: input.id,
        kind: input.kind.clone(),
        received_at: input.received_at,
        ledger_key: &ledger_key,
        scope_key: record.has_content().then_some(&scope_key),
        secrets: [
            secrets(input.name, Part::Facts),
            secrets(input.name, Part::Content),
        ],
    };
    let fresh = Sealer::new().unwrap().seal(&record, &sealing).unwrap();
    let fresh_body = Body::read(&fresh.body).unwrap();
    let mut part_contents = Vec::new();
    let mut ciphertexts = Vec::new();
    for (part, fresh) in Part::ALL.into_iter().zip(&fresh_body.parts) {
        let salt = &secrets(input.name, part).part_salt;
        part_contents.push(disclosure::part_content(&mut digests(&record, part, salt)));
        ciphertexts.push(source(input.name, part, fresh.ciphertext));
    }
    let key_ids = [ledger_key.id(), scope_key.id()];
    let parts = Part::ALL.into_iter().zip(&ciphertexts).enumerate();
    let parts = parts.map(|(number, (part, ciphertext))| SealedPart {
        key_id: key_ids[number],
        nonce: secrets(input.name, part).nonce,
        part_content: part_contents[number],
        ciphertext,
    });
    let body_parts = Body {
        parts: parts.collect(),
    };
    let mut body = Vec::new();
    body_parts.write(&mut body);
    let content = disclosure::content(&part_contents);
    let producer = record.producer();
    let entry = Entry {
        id: input.id,
        ledger: ledger.clone(),
        received_at: input.received_at,
        kind: input.kind.clone(),
        body: Some(BodyRef::of(&body)),
        content: Some(content),
        producer: (producer.id.is_some() || producer.seq.is_some()).then(|| ProducerRef {
            id: producer.id.map(str::to_owned),
            seq: producer.seq,
        }),
    };
    let opened = SealedRecord::check(&entry, &body).unwrap();
    let opened = opened.open(Some(&ledger_key), sealing.scope_key).unwrap();
    let object = Value::Object(opened.to_object());
    let canonical_form = canonical::to_vec(&parse(input.sent.as_bytes()).unwrap());
    assert_eq!(canonical::to_vec(&object), canonical_form, "{}", input.name);
    let entry_bytes = entry.to_vec().unwrap();
    let json = json!({
        "name": input.name,
        "sent": input.sent,
        "kind": input.kind.as_str(),
        "id": input.id.to_string(),
        "received_at": input.received_at.to_string(),
        "scope": scope.as_str(),
        "canonical": text(&canonical_form),
        "fields": fields(input.name, &record),
        "parts": parts_json(input, &record, &scope, &body_parts),
        "content": content.to_string(),
        "body": base64url::encode(&body),
        "entry": text(&entry_bytes),
        "leaf_hash": leaf_hash(&entry_bytes).to_string(),
    });
    Sealed {
        json,
        entry: entry_bytes,
        body,
    }
}

fn digests(record: &Record<'_>, part: Part, part_salt: &PartSalt) -> Vec<Hash> {
    let fields = record.fields();
    let fields = fields.iter().filter(|field| field.part == part);
    let digests = fields.map(|field| {
        let salt = disclosure::salt(part_salt, &field.pointer);
        disclosure::digest(&disclosure::disclosure(&salt, &field.pointer, field.value))
    });
    digests.collect()
}

fn fields(name: &str, record: &Record<'_>) -> Vec<Json> {
    let fields = record.fields();
    let fields = fields.iter().map(|field| {
        let part_salt = &secrets(name, field.part).part_salt;
        let salt = disclosure::salt(part_salt, &field.pointer);
        let disclosure = disclosure::disclosure(&salt, &field.pointer, field.value);
        json!({
            "pointer": field.pointer,
            "value": text(&canonical::to_vec(field.value)),
            "part": field.part.number(),
            "salt": base64url::encode(&salt),
            "disclosure": disclosure,
            "digest": disclosure::digest(&disclosure).to_string(),
        })
    });
    fields.collect()
}

fn parts_json(input: &Input<'_>, record: &Record<'_>, scope: &Scope, body: &Body<'_>) -> Vec<Json> {
    let parts = Part::ALL.into_iter().zip(&body.parts);
    let parts = parts.map(|(part, sealed)| {
        let secrets = secrets(input.name, part);
        let mut digests = digests(record, part, &secrets.part_salt);
        digests.sort_unstable();
        let members: Vec<_> = record
            .fields()
            .into_iter()
            .filter(|field| field.part == part)
            .map(|field| (field.pointer.into_owned(), field.value.clone()))
            .collect();
        let mut object = audit_record::json::Object::new();
        for (pointer, value) in members {
            object.insert(pointer, value).unwrap();
        }
        let key = match part {
            Part::Facts => bytes("ledger key"),
            Part::Content => scope_secret(scope).1,
        };
        json!({
            "part": part.number(),
            "key_id": sealed.key_id.to_string(),
            "key": base64url::encode(&key),
            "nonce": base64url::encode(&sealed.nonce),
            "part_salt": base64url::encode(secrets.part_salt.expose()),
            "fields": text(&canonical::to_vec(&Value::Object(object))),
            "digests_sorted": digests.iter().map(Hash::to_string).collect::<Vec<_>>(),
            "part_content": sealed.part_content.to_string(),
            "associated_data": base64url::encode(&associated_data(input.id, part, sealed)),
            "plaintext_len": sealed.ciphertext.len() - 16,
            "ciphertext": base64url::encode(sealed.ciphertext),
        })
    });
    parts.collect()
}

fn associated_data(id: RecordId, part: Part, sealed: &SealedPart<'_>) -> Vec<u8> {
    use audit_log::cbor;
    let mut data = audit_log::domain::SEAL.to_vec();
    cbor::write_array(5, &mut data);
    cbor::write_text(ledger().as_str(), &mut data);
    cbor::write_text(&id.to_string(), &mut data);
    cbor::write_unsigned(u64::from(part.number()), &mut data);
    cbor::write_bytes(sealed.key_id.as_bytes(), &mut data);
    cbor::write_bytes(sealed.part_content.as_bytes(), &mut data);
    data
}

/// All records and the conflict.
pub(crate) fn sealed_records(source: Source<'_>) -> Vec<Sealed> {
    let received_at = Millis::new(RECEIVED_AT);
    let mut all: Vec<_> = records::all()
        .iter()
        .map(|(name, sent)| {
            let record = Record::parse(sent.as_bytes()).unwrap();
            let input = Input {
                name,
                sent,
                kind: Kind::Record,
                id: record.id().unwrap(),
                received_at,
            };
            sealed(&input, source)
        })
        .collect();
    let (name, sent) = records::conflicting();
    let record = Record::parse(sent.as_bytes()).unwrap();
    let ref_id = record.id().unwrap();
    let last_salt = secrets(records::all()[1].0, Part::Content).part_salt;
    let other = canonical::to_vec(&parse(sent.as_bytes()).unwrap());
    let input = Input {
        name,
        sent: &sent,
        kind: Kind::Conflict {
            ref_id,
            ref_index: 2,
        },
        id: own_id::conflict(ref_id, &last_salt, &other),
        received_at: Millis::new(RECEIVED_AT + 7_000),
    };
    all.push(sealed(&input, source));
    all
}

pub(crate) fn key_body() -> KeyBody {
    KeyBody {
        key_id: ledger_key().id(),
        kms_key: "arn:aws:kms:eu-central-1:000000000000:key/019ab508-0000-4000-8000-000000000000"
            .into(),
        wrapped: b"ciphertext of the key management service".to_vec(),
    }
}

/// One entry of each of the ledger's own kinds but `conflict`, genesis first.
pub(crate) fn own_entries() -> Vec<(Entry, Vec<u8>)> {
    let at = Millis::new(RECEIVED_AT - 60_000);
    let body = key_body().to_vec();
    let kinds = [
        Kind::Genesis {
            origin: "audit.localhost/demo/credit".into(),
            retention_class: "7y".into(),
            buckets: 1,
        },
        Kind::KeyEpoch,
        Kind::Rejected {
            digest: Hash::from_bytes(bytes("rejected digest")),
            reason: "invalid_json".into(),
        },
        Kind::Erasure {
            key_ids: vec![key_id("erased 1"), key_id("erased 2")],
            request: "DSR-2026-17".into(),
        },
        Kind::LegalHold {
            scopes_digest: Hash::from_bytes(bytes("scopes digest")),
            request: "Case 4 O 17/26".into(),
            until: Some(Millis::new(2_000_000_000_000)),
        },
        Kind::LegalHold {
            scopes_digest: Hash::from_bytes(bytes("scopes digest")),
            request: "open-ended".into(),
            until: None,
        },
        Kind::Seal {
            time: at.start_of_hour(),
        },
        Kind::Format { format: 2 },
    ];
    let entries = kinds.into_iter().enumerate().map(|(number, kind)| {
        let id = match kind {
            Kind::Seal { time } => own_id::seal(time),
            _ => own_id::derive(kind.as_str(), &source(number), at),
        };
        let has_body = matches!(kind, Kind::Genesis { .. } | Kind::KeyEpoch);
        let body = if has_body { body.clone() } else { Vec::new() };
        let entry = Entry {
            id,
            ledger: ledger(),
            received_at: at,
            body: has_body.then(|| BodyRef::of(&body)),
            content: None,
            producer: None,
            kind,
        };
        (entry, body)
    });
    entries.collect()
}

/// The request's or message's id from which an own entry's id follows.
fn source(number: usize) -> String {
    format!("{REQUEST}-{number}")
}

fn own_json() -> Vec<Json> {
    let entries = own_entries().into_iter().enumerate();
    let entries = entries.map(|(number, (entry, body))| {
        let bytes = entry.to_vec().unwrap();
        let id_source = match entry.kind {
            Kind::Seal { time } => time.hour(),
            _ => source(number),
        };
        json!({
            "kind": entry.kind.as_str(),
            "id_source": id_source,
            "id_time": entry.id.millis().to_string(),
            "id": entry.id.to_string(),
            "body": base64url::encode(&body),
            "entry": text(&bytes),
            "leaf_hash": leaf_hash(&bytes).to_string(),
        })
    });
    entries.collect()
}

/// Builds the segments: genesis alone, most of the records, then the rest and the own kinds.
fn segments(records: &[Sealed]) -> Vec<Json> {
    let own: Vec<_> = own_entries()
        .into_iter()
        .map(|(entry, body)| (entry.to_vec().unwrap(), body))
        .collect();
    let records: Vec<_> = records
        .iter()
        .map(|sealed| (sealed.entry.clone(), sealed.body.clone()))
        .collect();
    let batches = [
        own[..1].to_vec(),
        records[..20].to_vec(),
        [&records[20..], &own[1..]].concat(),
    ];
    let (mut frontier, mut prev, mut segments) = (Frontier::new(), None, Vec::new());
    for (number, batch) in batches.into_iter().enumerate() {
        let mut builder = Builder::new(ledger(), frontier.clone(), prev);
        let (mut after, mut roots) = (frontier.clone(), Vec::new());
        for (entry, body) in &batch {
            let (index, leaf) = builder.push(entry, body).unwrap();
            after.append(leaf);
            let nodes = after
                .nodes()
                .iter()
                .map(Hash::to_string)
                .collect::<Vec<_>>();
            roots.push((index, leaf, after.root(), nodes));
        }
        let created_at = Millis::new(RECEIVED_AT + 1_000 * number as u64);
        let built = builder.finish(created_at).unwrap();
        let items = roots.iter().zip(&built.items).map(
            |((Index(index), leaf, root, frontier), (span, _))| {
                json!({
                    "index": index,
                    "offset": span.offset,
                    "length": span.length,
                    "leaf_hash": leaf.to_string(),
                    "root_after": root.to_string(),
                    "frontier_after": frontier,
                })
            },
        );
        segments.push(json!({
            "start": built.start.0,
            "count": batch.len(),
            "created_at": created_at.to_string(),
            "prev": prev.map(|hash: Hash| hash.to_string()),
            "items": items.collect::<Vec<_>>(),
            "bytes": base64url::encode(&built.bytes),
            "sha256": built.hash.to_string(),
        }));
        let read = segment::Segment::read(&built.bytes).unwrap();
        assert_eq!(
            read.follow(&ledger(), &frontier, prev),
            Ok(built.frontier.clone())
        );
        for item in &read.items {
            assert!(matches!(Entry::read(item.entry), Ok(Leaf::Known(_))));
        }
        (frontier, prev) = (built.frontier, Some(built.hash));
    }
    segments
}

fn keys() -> Json {
    let ledger_key = ledger_key();
    let scopes = ["s#applicant-7", "d#20251124"];
    let wrapped = scopes.map(|scope| {
        let nonce = nonce(&format!("wrap {scope}"));
        let subject = scope.strip_prefix("s#").unwrap_or(scope);
        let scope = if scope.starts_with("s#") {
            Scope::subject(subject)
        } else {
            day_scope()
        };
        let key = scope_key(&scope);
        json!({
            "scope": scope.as_str(),
            "key_id": key.id().to_string(),
            "key": base64url::encode(&scope_secret(&scope).1),
            "nonce": base64url::encode(&nonce),
            "wrapped": base64url::encode(&ledger_key.wrap(&ledger(), &key, nonce)),
        })
    });
    json!({
        "ledger": ledger().as_str(),
        "ledger_key_id": ledger_key.id().to_string(),
        "ledger_key": base64url::encode(&bytes("ledger key")),
        "scope_keys": wrapped,
        "genesis_body": base64url::encode(&key_body().to_vec()),
    })
}

fn day_scope() -> Scope {
    let sent = &records::all()[0].1;
    let record = Record::parse(sent.as_bytes()).unwrap();
    Scope::of(&record, record.id().unwrap(), ScopeRule::Day)
}

/// All files: name and content.
pub(crate) fn files(source: Source<'_>) -> Vec<(&'static str, Json)> {
    let records = sealed_records(source);
    let segments = segments(&records);
    let records = records.into_iter().map(|sealed| sealed.json);
    vec![
        (
            "records.json",
            json!({ "ledger": ledger().as_str(), "records": records.collect::<Vec<_>>() }),
        ),
        ("own.json", json!({ "entries": own_json() })),
        (
            "segments.json",
            json!({ "ledger": ledger().as_str(), "segments": segments }),
        ),
        ("keys.json", keys()),
        ("parse.json", super::parsing::file()),
    ]
}
