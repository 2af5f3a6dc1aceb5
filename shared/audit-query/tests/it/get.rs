//! One record: exactly what was sent, or an error that tells nothing of it.

use std::collections::BTreeMap;

use audit_log::canonical;
use audit_record::json::{self, Value};
use audit_record::{Millis, RecordId};
use audit_storage::config::{ScopeKey, ScopeKeyState};
use audit_storage::stores::VersionId;
use audit_storage::{Kind, key_table, keys, rows};
use audit_testkit::{Fault, Gate};
use bytes::Bytes;

use crate::written::{SECRET, START, Written, id, record, said};

const SENT: &str = r#"{"id":"019b76da-a800-7abc-8def-0123456789ab","type":"decision","occurred_at":"2026-01-01T00:00:00Z","system":"credit","subject":{"id":"person-7"},"attributes":{"gen_ai.input.messages":[{"role":"user","n":1e15}]},"decision":{"outcome":"denied"}}"#;

#[tokio::test]
async fn a_record_is_what_was_sent_and_only_as_its_entry_commits_to_it() {
    let mut written = Written::new().await;
    written.commit(&[SENT]).await;
    let id = RecordId::parse("019b76da-a800-7abc-8def-0123456789ab").expect("an id");
    let get = async |id| {
        written
            .reader()
            .get(&written.config, id)
            .await
            .expect("an answer")
    };
    let sent = json::parse(SENT.as_bytes()).expect("JSON");
    let found = get(id).await.expect("a record");
    let given = Value::Object(found.record.clone());
    assert_eq!(canonical::to_vec(&given), canonical::to_vec(&sent));
    let shape = (found.index, found.erased, found.evidence.parts.len());
    assert_eq!(shape, (1, false, 2));
    let other = RecordId::mint(Millis::new(START), [1; 10]);
    assert!(get(other).await.is_none());

    // A delete marker hides the object; the version that the row names is read all the same.
    let (class, key) = (
        &written.config.retention_class,
        keys::segment(&written.name, 1),
    );
    written.cloud.segments.hide(class, &key);
    assert!(get(id).await.is_some());
    // A version that an intruder put on top changes nothing either.
    written.plant(1, Bytes::from_static(b"forged"));
    assert!(get(id).await.is_some());
}

#[tokio::test]
async fn an_entry_of_the_ledger_s_own_is_no_record() {
    let written = Written::with_segments(1).await;
    let rows = written.cloud.rows.contents();
    let own = rows
        .keys()
        .filter(|key| key.pk.starts_with("R#"))
        .filter_map(|key| RecordId::parse(&key.sk).ok())
        .find(|id| id.version() == 8);
    let found = written
        .reader()
        .get(&written.config, own.expect("a genesis"))
        .await;
    assert!(found.expect("an answer").is_none());
}

#[tokio::test]
async fn a_flipped_bit_in_the_item_is_never_an_answer() {
    let written = Written::with_segments(1).await;
    let truth = written.segment(1);
    let row = written.row(1).await;
    let (from, length) = (row.position.offset, row.position.length);
    written.remove(1).await;
    let (mut refused, mut outside) = (0_u64, 0);
    for at in 0..truth.len() {
        let mut flipped = truth.to_vec();
        flipped[at] ^= 1 << (at % 8);
        let version = written.plant(1, Bytes::from(flipped));
        written
            .change_row(1, |row| row.position.segment_version = version)
            .await;
        let inside = (from..from + length).contains(&(at as u64));
        match written.get(1).await {
            Err(error) => {
                assert!(inside, "byte {at} lies outside of what is read");
                assert_eq!(error.kind(), Kind::Corrupt, "byte {at}");
                assert!(!said(&error).contains(SECRET), "byte {at}");
                refused += 1;
            }
            Ok(found) => {
                assert!(!inside, "byte {at} was flipped and not noticed");
                assert!(found.is_some());
                outside += 1;
            }
        }
    }
    assert_eq!(refused, length);
    assert!(outside > 0);
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_noticed_once_the_chain_is_asked() {
    let written = Written::with_segments(1).await;
    let truth = written.segment(1);
    written.remove(1).await;
    for at in (0..truth.len()).step_by(7) {
        let mut flipped = truth.to_vec();
        flipped[at] ^= 1 << (at % 8);
        written.plant(1, Bytes::from(flipped));
        let error = written.get(1).await.expect_err("refused");
        assert_eq!(error.kind(), Kind::Corrupt, "byte {at}");
        written.remove(1).await;
    }
}

#[tokio::test]
async fn a_row_that_is_wrong_is_mended_by_the_chain_or_refused() {
    type Change = fn(&mut audit_storage::record_row::RecordRow);
    let mended: [(&str, Change); 4] = [
        ("version", |row| {
            row.position.segment_version = VersionId("x".into());
        }),
        ("offset", |row| row.position.offset += 1),
        ("length", |row| row.position.length -= 1),
        ("range", |row| row.position.offset = 1 << 40),
    ];
    for (what, change) in mended {
        let written = Written::with_segments(3).await;
        let truth = written.row(2).await;
        written.change_row(2, change).await;
        let found = written.get(2).await.expect(what).expect(what);
        let place = (
            found.evidence.segment_version.as_str(),
            found.evidence.offset,
            found.evidence.length,
        );
        let right = &truth.position;
        assert_eq!(
            place,
            (right.segment_version.as_str(), right.offset, right.length),
            "{what}"
        );
    }
    let refused: [(&str, Change); 3] = [
        ("leaf hash", |row| row.leaf_hash[31] ^= 1),
        ("segment", |row| row.position.segment_start = 1),
        ("segment that is none", |row| {
            row.position.segment_start = 77;
        }),
    ];
    for (what, change) in refused {
        let written = Written::with_segments(3).await;
        written.change_row(2, change).await;
        let error = written.get(2).await.expect_err(what);
        assert_eq!(error.kind(), Kind::Corrupt, "{what}");
        assert!(!said(&error).contains(SECRET), "{what}");
    }
}

#[tokio::test]
async fn another_record_s_place_under_an_id_is_refused() {
    let written = Written::with_segments(3).await;
    let other = written.row(3).await;
    written
        .change_row(2, |row| {
            row.position = other.position.clone();
            row.leaf_hash = other.leaf_hash;
        })
        .await;
    let error = written.get(2).await.expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
}

#[tokio::test]
async fn a_segment_that_is_gone_is_an_error_and_no_absence() {
    let written = Written::with_segments(2).await;
    written.remove(1).await;
    let error = written.get(1).await.expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
    assert!(written.get(2).await.expect("an answer").is_some());
}

/// The keys of the subject of [`record`].
async fn scope_keys(written: &Written) -> Vec<ScopeKey> {
    let scope = format!("s#{SECRET}");
    let keys = key_table::scope_keys(&written.cloud.keys, &written.name, &scope).await;
    keys.expect("keys")
}

#[tokio::test]
async fn an_erased_scope_leaves_the_facts_and_nothing_else() {
    let written = Written::with_segments(1).await;
    for key in scope_keys(&written).await {
        let tombstone = ScopeKey {
            state: ScopeKeyState::Erased {
                at: Millis::new(START),
            },
            ..key
        };
        let erased = key_table::erase_scope_key(&written.cloud.keys, &tombstone).await;
        erased.expect("an erasure");
    }
    let found = written.get(1).await.expect("an answer").expect("a record");
    assert!(found.erased);
    let left = canonical::to_vec(&found.value());
    let left = String::from_utf8(left).expect("text");
    assert!(left.contains("denied") && !left.contains(SECRET), "{left}");
    assert!(
        !left.contains("subject") && !left.contains("attributes"),
        "{left}"
    );
    let salts: Vec<bool> = found
        .evidence
        .parts
        .iter()
        .map(|part| part.part_salt.is_some())
        .collect();
    assert_eq!(salts, [true, false]);
}

#[tokio::test]
async fn an_erasure_takes_effect_in_a_reader_that_has_opened_the_record_before() {
    let written = Written::with_segments(1).await;
    let reader = written.reader();
    let get = async || {
        reader
            .get(&written.config, id(1))
            .await
            .expect("an answer")
            .expect("a record")
    };
    assert!(!get().await.erased);
    for key in scope_keys(&written).await {
        let state = ScopeKeyState::Erased {
            at: Millis::new(START),
        };
        let tombstone = ScopeKey { state, ..key };
        let erased = key_table::erase_scope_key(&written.cloud.keys, &tombstone).await;
        erased.expect("an erasure");
    }
    assert!(get().await.erased);
}

#[tokio::test]
async fn a_key_that_is_missing_or_another_is_an_error_and_no_erasure() {
    // The scope key's row, and the row by which it is found from its id.
    for scope_row in [true, false] {
        let written = Written::with_segments(1).await;
        for key in scope_keys(&written).await {
            let row = if scope_row {
                rows::scope_key(&written.name, &key.scope, &key.key_id)
            } else {
                rows::scope_of_key(&written.name, &key.key_id)
            };
            written.cloud.keys.tamper(&row, None);
        }
        let error = written.get(1).await.expect_err("refused");
        assert_eq!(error.kind(), Kind::Corrupt);
        assert!(!said(&error).contains(SECRET));
    }
    let written = Written::with_segments(1).await;
    let mut config = written.config.clone();
    config.keys[0].key_id = [9; 16];
    let error = written
        .reader()
        .get(&config, id(1))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
    let mut config = written.config.clone();
    config.keys[0].wrapped[0] ^= 1;
    let error = written
        .reader()
        .get(&config, id(1))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
}

#[tokio::test]
async fn a_read_makes_five_requests_and_four_once_the_ledger_s_key_is_known() {
    let written = Written::with_segments(1).await;
    let gate = Gate::new();
    let reader = written.reader_through(&gate);
    let counted = |gate: &Gate| {
        let mut counts = BTreeMap::new();
        for call in gate.calls() {
            *counts.entry(call.operation).or_insert(0) += 1;
        }
        counts
    };
    reader
        .get(&written.config, id(1))
        .await
        .expect("an answer")
        .expect("a record");
    // The row, the item, the ledger's key, and the scope key by way of its name.
    let first = BTreeMap::from([
        ("dynamodb:GetItem", 3),
        ("s3:GetObject", 1),
        ("kms:Decrypt", 1),
    ]);
    assert_eq!(counted(&gate), first);
    reader
        .get(&written.config, id(1))
        .await
        .expect("an answer")
        .expect("a record");
    let both = BTreeMap::from([
        ("dynamodb:GetItem", 6),
        ("s3:GetObject", 2),
        ("kms:Decrypt", 1),
    ]);
    assert_eq!(counted(&gate), both);
    // An id that nobody sent costs the look for its row.
    let before = gate.requests();
    assert!(
        reader
            .get(&written.config, id(99))
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(gate.requests() - before, 1);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_unavailable_and_no_reason_to_search() {
    let written = Written::with_segments(1).await;
    let counting = Gate::new();
    let found = written
        .reader_through(&counting)
        .get(&written.config, id(1))
        .await;
    found.expect("an answer").expect("a record");
    for ordinal in 0..counting.requests() {
        let gate = Gate::failing_at(ordinal, Fault::NotApplied);
        let error = written
            .reader_through(&gate)
            .get(&written.config, id(1))
            .await
            .expect_err("a failed request");
        assert_eq!(error.kind(), Kind::Unavailable, "{ordinal}");
        assert_eq!(gate.requests(), ordinal + 1, "it stops at the failure");
    }
}

#[tokio::test]
async fn the_record_that_the_fixture_sends_holds_the_secret() {
    let written = Written::with_segments(1).await;
    let found = written.get(1).await.expect("an answer").expect("a record");
    let sent = json::parse(record(1).as_bytes())
        .map(|value| canonical::to_vec(&value))
        .expect("JSON");
    assert_eq!(canonical::to_vec(&found.value()), sent);
}
