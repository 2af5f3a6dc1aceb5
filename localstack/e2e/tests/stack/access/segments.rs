//! Segments, the buckets that hold them, and what only passes through.

use std::sync::atomic::{AtomicU64, Ordering};

use audit_storage::keys;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, DefaultRetention, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockMode,
    ObjectLockRetention, ObjectLockRetentionMode, ObjectLockRule, VersioningConfiguration,
};

use super::{Answer, Row, Scene, of, tried};
use crate::ledger::verified;
use crate::place::{Clients, wait};
use crate::wait::now_ms;

const HOUR_MS: i64 = 3_600_000;

fn create(by: &Clients, bucket: &str, key: &str) -> Answer {
    let request = by.s3.put_object().bucket(bucket).key(key);
    let body = ByteStream::from_static(b"overwritten");
    of(request.if_none_match("*").body(body).send())
}

/// A key that nobody has put before.
fn new_key(at: &Scene) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    keys::segment(&at.ledger, NEXT.fetch_add(1, Ordering::Relaxed))
}

#[rustfmt::skip]
const OBJECTS: &[Row] = &[
    ("read a segment", ["no", "yes", "yes", "yes"], "yes",
        |by, at| of(by.s3.get_object().bucket(&at.records).key(&at.segment.0).version_id(&at.segment.1).send())),
    ("read whatever version is newest", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.get_object().bucket(&at.records).key(&at.segment.0).send())),
    ("list a ledger's segments", ["no", "yes", "yes", "yes"], "yes",
        |by, at| of(by.s3.list_objects_v2().bucket(&at.records).prefix(keys::segments(&at.ledger)).send())),
    ("list their versions", ["no", "yes", "yes", "yes"], "yes",
        |by, at| of(by.s3.list_object_versions().bucket(&at.records).prefix(keys::segments(&at.ledger)).send())),
    ("list what is no segment", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.list_objects_v2().bucket(&at.records).prefix("other/").send())),
    ("list versions of everything", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.list_object_versions().bucket(&at.records).send())),
    ("commit a segment", ["no", "yes", "no", "no"], "yes",
        |by, at| create(by, &at.records, &new_key(at))),
    ("overwrite a segment", ["no", "412", "no", "no"], "412",
        |by, at| create(by, &at.records, &at.segment.0)),
    ("overwrite a genesis", ["no", "412", "no", "412"], "412",
        |by, at| create(by, &at.records, &at.genesis)),
    ("put what is no segment", ["no", "no", "no", "no"], "yes",
        |by, at| create(by, &at.records, &format!("ledgers/{}/other", at.ledger))),
    ("change a segment's retention", ["no", "no", "no", "no"], "yes",
        |by, at| retain(by, at, ObjectLockRetentionMode::Governance, HOUR_MS)),
    ("put a legal hold on a segment", ["no", "no", "no", "no"], "yes",
        |by, at| hold(by, at, ObjectLockLegalHoldStatus::On)),
    ("take a legal hold off a segment", ["no", "no", "no", "no"], "yes",
        |by, at| hold(by, at, ObjectLockLegalHoldStatus::Off)),
    ("delete a segment past its lock", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_object().bucket(&at.records).key(&at.segment.0).version_id(&at.segment.1)
            .bypass_governance_retention(true).send())),
    ("delete a segment's version", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_object().bucket(&at.records).key(&at.doomed.0).version_id(&at.doomed.1).send())),
    ("delete a segment", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_object().bucket(&at.records).key(&at.doomed.0).send())),
];

fn retain(by: &Clients, at: &Scene, mode: ObjectLockRetentionMode, for_ms: i64) -> Answer {
    let (key, version) = &at.segment;
    let until = i64::try_from(now_ms()).expect("a time") + for_ms;
    let retention = ObjectLockRetention::builder()
        .mode(mode)
        .retain_until_date(DateTime::from_millis(until))
        .build();
    let request = by.s3.put_object_retention().bucket(&at.records).key(key);
    of(request.version_id(version).retention(retention).send())
}

fn hold(by: &Clients, at: &Scene, status: ObjectLockLegalHoldStatus) -> Answer {
    let (key, version) = &at.segment;
    let hold = ObjectLockLegalHold::builder().status(status).build();
    let request = by.s3.put_object_legal_hold().bucket(&at.records).key(key);
    of(request.version_id(version).legal_hold(hold).send())
}

#[rustfmt::skip]
const BUCKET: &[Row] = &[
    ("change a records bucket's lock", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.put_object_lock_configuration().bucket(&at.records).object_lock_configuration(a_day()).send())),
    ("suspend a records bucket's versions", ["no", "no", "no", "no"], "yes",
        |by, at| suspend(by, at)),
    ("let a records bucket's objects expire", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.put_bucket_lifecycle_configuration().bucket(&at.records).lifecycle_configuration(a_day_s_life()).send())),
    ("let staged records expire", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.put_bucket_lifecycle_configuration().bucket(&at.staging).lifecycle_configuration(a_day_s_life()).send())),
    ("take a lifecycle away", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_bucket_lifecycle().bucket(&at.records).send())),
    ("change a records bucket's policy", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.put_bucket_policy().bucket(&at.records).policy(ingest_reads(&at.records)).send())),
    ("take a records bucket's policy away", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_bucket_policy().bucket(&at.records).send())),
    ("let the public in", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_public_access_block().bucket(&at.records).send())),
    ("delete a records bucket", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_bucket().bucket(&at.empty).send())),
];

/// AWS refuses it for any bucket with object lock; the emulator leaves that to the policies.
fn suspend(by: &Clients, at: &Scene) -> Answer {
    let suspended = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Suspended)
        .build();
    let request = by.s3.put_bucket_versioning().bucket(&at.records);
    of(request.versioning_configuration(suspended).send())
}

fn a_day() -> ObjectLockConfiguration {
    let retention = DefaultRetention::builder()
        .mode(ObjectLockRetentionMode::Governance)
        .days(1)
        .build();
    ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(
            ObjectLockRule::builder()
                .default_retention(retention)
                .build(),
        )
        .build()
}

fn a_day_s_life() -> BucketLifecycleConfiguration {
    let rule = LifecycleRule::builder()
        .id("e2e")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()
        .expect("complete");
    BucketLifecycleConfiguration::builder()
        .rules(rule)
        .build()
        .expect("complete")
}

fn ingest_reads(bucket: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::000000000000:role/audit-local-ingest"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
    )
}

#[rustfmt::skip]
const PASSING_THROUGH: &[Row] = &[
    ("stage a record", ["yes", "no", "no", "no"], "yes",
        |by, at| create(by, &at.staging, &keys::staging(&at.ledger, &[1; 32]))),
    ("read a staged record", ["no", "yes", "no", "no"], "yes",
        |by, at| of(by.s3.get_object().bucket(&at.staging).key(&at.staged).send())),
    ("put a message in quarantine", ["no", "yes", "no", "no"], "yes",
        |by, at| create(by, &at.quarantine, &keys::quarantine(Some(&at.ledger), "new"))),
    ("read a message in quarantine", ["no", "yes", "no", "no"], "yes",
        |by, at| of(by.s3.get_object().bucket(&at.quarantine).key(&at.rejected).send())),
    ("delete a message in quarantine", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_object().bucket(&at.quarantine).key(&at.rejected).send())),
    ("delete a staged record", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.s3.delete_object().bucket(&at.staging).key(&at.staged).send())),
];

/// Versions, dates and modes of a segment.
fn state(at: &Scene) -> String {
    let (key, version) = &at.segment;
    let s3 = &Clients::root().s3;
    let versions = wait(
        s3.list_object_versions()
            .bucket(&at.records)
            .prefix(key)
            .send(),
    )
    .expect("listed");
    let head = s3.head_object().bucket(&at.records).key(key);
    let head = wait(head.version_id(version).send()).expect("there");
    assert_eq!(
        head.object_lock_mode(),
        Some(&ObjectLockMode::Compliance),
        "a segment is locked"
    );
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        versions.versions(),
        versions.delete_markers(),
        head.object_lock_mode(),
        head.object_lock_retain_until_date(),
        head.object_lock_legal_hold_status(),
        head.e_tag(),
    )
}

#[test]
fn segments_are_written_once_by_the_writer_and_kept_from_everybody() {
    let scene = Scene::of_the_stack();
    let before = state(&scene);
    println!("{}", tried(OBJECTS));
    assert_eq!(state(&scene), before);
    verified("demo/credit");
}

#[test]
fn nobody_changes_how_a_bucket_holds_its_records() {
    println!("{}", tried(BUCKET));
}

#[test]
fn what_passes_through_is_written_and_read_by_those_at_its_ends_alone() {
    println!("{}", tried(PASSING_THROUGH));
}

#[test]
fn the_lock_itself_refuses_the_account_s_administrator() {
    let at = Scene::of_the_stack();
    let before = state(&at);
    let root = Clients::root();
    let delete = || {
        let request = root.s3.delete_object().bucket(&at.records);
        request.key(&at.segment.0).version_id(&at.segment.1)
    };
    let attempts = [
        ("delete a version", of(delete().send())),
        (
            "delete it past the lock",
            of(delete().bypass_governance_retention(true).send()),
        ),
        (
            "shorten the retention",
            retain(root, &at, ObjectLockRetentionMode::Compliance, HOUR_MS),
        ),
        (
            "weaken the retention",
            retain(
                root,
                &at,
                ObjectLockRetentionMode::Governance,
                8 * 365 * 24 * HOUR_MS,
            ),
        ),
    ];
    for (what, answer) in attempts {
        println!("administrator: {what}: {answer}");
        assert_eq!(answer, Answer::Locked, "{what}");
    }
    assert_eq!(state(&at), before);
    // Nothing but the lock stands in the way: it does as it likes where there is none.
    let scratch = Scene::unprotected();
    let (key, version) = &scratch.doomed;
    let request = root.s3.delete_object().bucket(&scratch.records).key(key);
    assert_eq!(of(request.version_id(version).send()), Answer::Done);
}
