//! What the actions are tried on: the running stack's own things, or ones like them that nothing
//! protects.

use std::sync::atomic::{AtomicUsize, Ordering};

use audit_record::{LedgerName, Millis};
use audit_storage::{key_table, keys, message};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_s3::primitives::ByteStream;

use crate::contracts::adapters;
use crate::ledger::Ledger;
use crate::place::{Clients, place, wait};
use crate::wait::now_ms;

/// The ledger whose segments are tried.
const LEDGER: &str = "demo/credit";

/// One set of things.
#[derive(Clone)]
pub(crate) struct Scene {
    /// A records bucket.
    pub(crate) records: String,
    /// A records bucket without objects; the same one on the stack.
    pub(crate) empty: String,
    /// A segment that a writer committed, and its version.
    pub(crate) segment: (String, String),
    /// A segment to be deleted; the same one on the stack.
    pub(crate) doomed: (String, String),
    /// The first segment of a ledger.
    pub(crate) genesis: String,
    /// What the keys of new segments begin with.
    pub(crate) ledger: LedgerName,
    pub(crate) staging: String,
    /// An object there.
    pub(crate) staged: String,
    pub(crate) quarantine: String,
    /// An object there.
    pub(crate) rejected: String,
    pub(crate) table: String,
    pub(crate) keys_table: String,
    pub(crate) queue: String,
    /// A message that a writer commits.
    pub(crate) message: String,
    /// The id of the record in it.
    pub(crate) message_record: String,
    pub(crate) kms_key: String,
    pub(crate) wrapped: Vec<u8>,
    /// The ledger whose key is wrapped there.
    pub(crate) wrapped_for: String,
    /// Who tries it.
    pub(crate) caller: String,
}

impl Scene {
    /// The running stack's.
    pub(crate) fn of_the_stack() -> Self {
        let place = place();
        let records = place.buckets["7y"].clone();
        let ledger: LedgerName = LEDGER.parse().expect("a ledger's name");
        let versions = wait(
            Clients::root()
                .s3
                .list_object_versions()
                .bucket(&records)
                .prefix(keys::segments(&ledger))
                .send(),
        )
        .expect("the segments");
        let segment = versions.versions().get(1).expect("a committed segment");
        let text = |text: Option<&str>| text.expect("a name").to_owned();
        let segment = (text(segment.key()), text(segment.version_id()));
        // Made first: only a ledger that exists gets what is sent to it.
        let own = Ledger::create("e2e/access").name;
        let own: LedgerName = own.parse().expect("a ledger's name");
        let (staged, rejected) = held(&own);
        put(&place.staging, &staged);
        put(&place.quarantine, &rejected);
        let (message, message_record) = message();
        Self {
            empty: records.clone(),
            records,
            doomed: segment.clone(),
            segment,
            genesis: keys::segment(&ledger, 0),
            ledger: own,
            staging: place.staging.clone(),
            staged,
            quarantine: place.quarantine.clone(),
            rejected,
            table: place.table.clone(),
            keys_table: place.keys_table.clone(),
            queue: place.lane.clone(),
            message,
            message_record,
            kms_key: place.kms_key.clone(),
            wrapped: wrapped_key(&ledger),
            wrapped_for: LEDGER.to_owned(),
            caller: String::new(),
        }
    }

    /// The same, for one caller.
    pub(crate) fn for_caller(&self, name: &str) -> Self {
        Self {
            caller: name.to_owned(),
            ..self.clone()
        }
    }

    /// Things like these, made by the administrator for these tests.
    pub(crate) fn unprotected() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let name = format!(
            "scratch-{}-{}",
            now_ms(),
            MADE.fetch_add(1, Ordering::Relaxed)
        );
        let records = bucket(&name);
        let segment = "segment".to_owned();
        let doomed = "doomed".to_owned();
        let ledger: LedgerName = "scratch/ledger".parse().expect("a ledger's name");
        let (staged, rejected) = held(&ledger);
        for key in [&staged, &rejected] {
            put(&records, key);
        }
        let version = put(&records, &segment);
        let doomed_version = put(&records, &doomed);
        let table = table(&name);
        let root = Clients::root();
        let queue =
            wait(root.sqs.create_queue().queue_name(&name).send()).expect("a queue of its own");
        let key = wait(root.kms.create_key().send()).expect("a key of its own");
        let kms_key = key.key_metadata().expect("its name").key_id().to_owned();
        let wrapped = wait(
            root.kms
                .encrypt()
                .key_id(&kms_key)
                .plaintext(Blob::new([7; 32]))
                .encryption_context("ledger", LEDGER)
                .send(),
        )
        .expect("a wrapped key");
        let (message, message_record) = message();
        Self {
            empty: bucket(&format!("{name}-empty")),
            staging: records.clone(),
            staged,
            quarantine: records.clone(),
            rejected,
            genesis: segment.clone(),
            segment: (segment, version),
            doomed: (doomed, doomed_version),
            records,
            ledger,
            keys_table: table.clone(),
            table,
            queue: queue.queue_url().expect("its address").to_owned(),
            message,
            message_record,
            kms_key,
            wrapped: wrapped
                .ciphertext_blob()
                .expect("its bytes")
                .as_ref()
                .into(),
            wrapped_for: LEDGER.to_owned(),
            caller: "administrator".to_owned(),
        }
    }
}

/// The keys of a staged record and a rejected message.
fn held(ledger: &LedgerName) -> (String, String) {
    (
        keys::staging(ledger, &[0; 32]),
        keys::quarantine(Some(ledger), "held"),
    )
}

/// A bucket that knows object lock and locks nothing.
fn bucket(name: &str) -> String {
    let request = Clients::root().s3.create_bucket().bucket(name);
    wait(request.object_lock_enabled_for_bucket(true).send()).expect("a bucket of its own");
    name.to_owned()
}

/// Puts an object and says its version, if the bucket has versions.
fn put(bucket: &str, key: &str) -> String {
    let request = Clients::root().s3.put_object().bucket(bucket).key(key);
    let output = wait(request.body(ByteStream::from_static(b"held")).send()).expect("it is put");
    output.version_id().unwrap_or_default().to_owned()
}

fn table(name: &str) -> String {
    let element = |name: &str, kind| {
        let element = KeySchemaElement::builder().attribute_name(name);
        element.key_type(kind).build().expect("complete")
    };
    let mut request = Clients::root()
        .dynamodb
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(element("pk", KeyType::Hash))
        .key_schema(element("sk", KeyType::Range));
    for attribute in ["pk", "sk", "ak"] {
        request = request.attribute_definitions(
            AttributeDefinition::builder()
                .attribute_name(attribute)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .expect("complete"),
        );
    }
    let index = GlobalSecondaryIndex::builder()
        .index_name("by_actor")
        .key_schema(element("ak", KeyType::Hash))
        .key_schema(element("sk", KeyType::Range))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        )
        .build()
        .expect("complete");
    wait(request.global_secondary_indexes(index).send()).expect("a table of its own");
    name.to_owned()
}

/// A ledger's wrapped key, as it stands in the keys table.
fn wrapped_key(ledger: &LedgerName) -> Vec<u8> {
    let keys = adapters().keys(&place().keys_table);
    let config = wait(key_table::ledger(&keys, ledger))
        .expect("the keys table")
        .expect("the ledger");
    config.current_key().expect("a key").wrapped.clone()
}

/// A message of one record, and the record's id.
fn message() -> (String, String) {
    let now = now_ms();
    let (high, low) = (now >> 16, now & 0xffff);
    let id = format!("{high:08x}-{low:04x}-7000-8000-000000000001");
    let time = Millis::new(now);
    let record =
        format!(r#"{{"id":"{id}","type":"decision","occurred_at":"{time}","system":"access"}}"#);
    let packed = message::pack("e2e", time, &[record]).expect("a message");
    match packed.into_iter().next().map(|packed| packed.form) {
        Some(message::Form::Inline(body)) => (body, id),
        other => unreachable!("{other:?}"),
    }
}
