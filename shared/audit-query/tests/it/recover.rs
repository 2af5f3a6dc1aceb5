//! The version of a segment that the chain demands, where the row does not name it.

use audit_storage::head::Head;
use audit_storage::stores::{RowStore as _, VersionId};
use audit_storage::{Kind, keys, rows};
use audit_testkit::Gate;
use bytes::Bytes;

use crate::written::{Written, id};

/// The version that the writer made of a segment.
async fn true_version(written: &Written, number: u64) -> VersionId {
    written.row(number).await.position.segment_version
}

#[tokio::test]
async fn the_chain_finds_the_true_version_however_far_a_planted_one_is_continued() {
    // 8 segments; a forged version of segment 3, and of so many that follow it. With 5 the forged
    // chain reaches the last segment, and only HEAD tells the two apart.
    for followers in 0..=5 {
        let written = Written::with_segments(8).await;
        let version = true_version(&written, 3).await;
        written.plant_chain(3..=3 + followers);
        written.lose_version(3).await;
        let found = written.get(3).await.expect("an answer").expect("a record");
        assert_eq!(
            found.evidence.segment_version,
            version.as_str(),
            "{followers}"
        );
    }
}

#[tokio::test]
async fn several_planted_versions_are_told_apart() {
    let written = Written::with_segments(6).await;
    let version = true_version(&written, 2).await;
    written.plant_chain(2..=4);
    written.plant_chain(2..=3);
    written.plant_chain(2..=6);
    written.plant(2, Bytes::from_static(b"no segment at all"));
    written.plant(3, Bytes::from_static(b"no segment at all"));
    let key = keys::segment(&written.name, 2);
    written
        .cloud
        .segments
        .hide(&written.config.retention_class, &key);
    written.lose_version(2).await;
    let found = written.get(2).await.expect("an answer").expect("a record");
    assert_eq!(found.evidence.segment_version, version.as_str());
}

#[tokio::test]
async fn one_link_is_enough_where_nothing_was_planted() {
    let written = Written::with_segments(40).await;
    written.lose_version(3).await;
    let gate = Gate::new();
    let reader = written.reader_through(&gate);
    reader
        .get(&written.config, id(3))
        .await
        .expect("an answer")
        .expect("a record");
    let calls = gate.calls();
    let count = |operation| {
        calls
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    };
    // The row's version in vain; then this segment and the following one, listed and read.
    assert_eq!(
        (count("s3:GetObject"), count("s3:ListObjectVersions")),
        (3, 2)
    );
    // The row, HEAD, the scope key by way of its name.
    assert_eq!(count("dynamodb:GetItem"), 4);
}

#[tokio::test]
async fn a_chain_that_is_forged_too_far_is_refused_after_a_bounded_search() {
    let written = Written::with_segments(40).await;
    written.plant_chain(3..=40);
    written.lose_version(3).await;
    let gate = Gate::new();
    let reader = written.reader_through(&gate);
    let error = reader
        .get(&written.config, id(3))
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
    // 16 links, each with two versions listed and read, and what comes before them.
    assert!(gate.requests() <= 60, "{}", gate.requests());
    // What the forged chain leaves alone is read as ever.
    assert!(written.get(2).await.expect("an answer").is_some());
}

#[tokio::test]
async fn a_planted_version_alone_is_none_of_the_chain() {
    // In the middle of the ledger, and as its last segment.
    for segment in [2, 4] {
        let written = Written::with_segments(4).await;
        let forged = Bytes::from(written.forged(segment, None).bytes);
        written.remove(segment).await;
        written.plant(segment, forged);
        let error = written.get(segment).await.expect_err("refused");
        assert_eq!(error.kind(), Kind::Corrupt, "{segment}");
    }
}

#[tokio::test]
async fn what_the_chain_disowns_is_no_answer_even_if_the_row_names_it() {
    // The row says a leaf that only the planted version holds. Its version is not named, so the
    // chain decides, and the true segment does not hold that leaf.
    let written = Written::with_segments(4).await;
    let other = written.row(3).await;
    written.plant_chain(2..=4);
    written
        .change_row(2, |row| {
            row.leaf_hash = other.leaf_hash;
            row.position.segment_version = VersionId("no-such-version".to_owned());
        })
        .await;
    let error = written.get(2).await.expect_err("refused");
    assert_eq!(error.kind(), Kind::Corrupt);
}

#[tokio::test]
async fn the_oldest_versions_are_looked_at_and_no_crowd_of_new_ones_hides_them() {
    let written = Written::with_segments(3).await;
    let version = true_version(&written, 2).await;
    for number in 0..100_u8 {
        written.plant(2, Bytes::from(vec![number]));
        written.plant(3, Bytes::from(vec![number]));
    }
    written.lose_version(2).await;
    let gate = Gate::new();
    let reader = written.reader_through(&gate);
    let found = reader
        .get(&written.config, id(2))
        .await
        .expect("an answer")
        .expect("a record");
    assert_eq!(found.evidence.segment_version, version.as_str());
    assert!(gate.requests() < 30, "{}", gate.requests());
}

#[tokio::test]
async fn a_segment_that_head_has_yet_to_move_over_is_found() {
    let mut written = Written::with_segments(2).await;
    let key = rows::head(&written.name);
    let before = written.cloud.rows.get(&key).await.expect("a read");
    written.commit(&[&crate::written::record(3)]).await;
    written.cloud.rows.tamper(&key, before.clone());
    let head = Head::from_item(&before.expect("a HEAD")).expect("a HEAD");
    assert_eq!(head.size, 3);
    written.lose_version(3).await;
    assert!(written.get(3).await.expect("an answer").is_some());
    // And the one that HEAD names.
    written.lose_version(2).await;
    assert!(written.get(2).await.expect("an answer").is_some());
}
