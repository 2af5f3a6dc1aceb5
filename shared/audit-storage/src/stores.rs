//! The storage traits: what writer and reader need of S3, DynamoDB, SQS and KMS, and no more.
//!
//! Each method is ONE request to the service, so that requests can be counted against a budget
//! and a fault can be injected at each of them. Retries, loops over unprocessed items and pages
//! belong to the caller. An adapter turns off its client's own retries of writes, or maps whatever
//! is still in doubt afterwards.
//!
//! Rules that hold for every method:
//! - a write whose reply was lost (timeout, reset connection, a 5xx after sending) is
//!   [`Kind::Unknown`](crate::Kind::Unknown), a read that failed on the way or was throttled is
//!   [`Kind::Unavailable`](crate::Kind::Unavailable);
//! - a write that was refused before it was done (throttled, connection refused) is
//!   `Unavailable`; a permission that our role lacks is `Internal`;
//! - dropping the future leaves a write in the state of `Unknown`;
//! - implementations are safe to call from several tasks and processes at once.

use std::future::Future;

use audit_record::LedgerName;
use bytes::Bytes;
use zeroize::Zeroizing;

use crate::config::{Lane, RetentionClass};
use crate::error::{Error, Result};
use crate::item::{Item, Value};
use crate::rows::{Index, RowKey};

/// The most keys of one [`RowStore::batch_get`] (`BatchGetItem`).
pub const BATCH_GET_KEYS: usize = 100;
/// The most items of one [`RowStore::batch_put`] (`BatchWriteItem`).
pub const BATCH_PUT_ITEMS: usize = 25;
/// The most entries of one [`LaneQueue::send`] or [`LaneQueue::postpone`].
pub const QUEUE_BATCH_ENTRIES: usize = 10;
/// The most keys in one page of a listing (`ListObjectVersions`).
pub const LIST_PAGE_KEYS: u32 = 1000;

/// S3's name for one immutable version of an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VersionId(pub String);

impl VersionId {
    /// The id as S3 wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a conditional PUT of an object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The object is durable under this version.
    Created(VersionId),
    /// The key's current version is an object; nothing was written (412).
    AlreadyExists,
}

/// One version of a key, or a delete marker that hides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The whole object key.
    pub key: String,
    /// The version's id.
    pub id: VersionId,
    /// A delete marker: it has no bytes, is not protected by Object Lock, and lets an
    /// `If-None-Match: *` PUT succeed although older versions exist below it.
    pub delete_marker: bool,
    /// The current version of its key.
    pub latest: bool,
}

/// Where a listing of versions goes on: after this version of this key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFrom {
    /// Keys up to and including this one are skipped, but for its versions older than `version`.
    pub key: String,
    /// The last version seen of `key`; absent to skip all of that key's versions. The key need
    /// not exist, so a caller can probe with it whether anything stands further on.
    pub version: Option<VersionId>,
}

/// One page of a listing of versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPage {
    /// Ordered by key; the versions of a key newest first.
    pub versions: Vec<Version>,
    /// Where the next page starts; absent on the last one.
    pub next: Option<ListFrom>,
}

/// The write-once objects of a ledger: segments, and later checkpoints.
///
/// The adapter knows which bucket belongs to a retention class; a class without a bucket is
/// `Internal`.
///
/// - Durability: once `put_if_absent` returns `Created`, the bytes survive the loss of a data
///   centre and, under Object Lock, nobody can delete that version before its retention ends.
/// - Consistency: strong. A read or listing that starts after a write returned sees it, in every
///   process.
/// - Immutability: a version's bytes never change. A key may gain versions or delete markers only
///   by an intruder or by a PUT over a delete marker; both show in `versions`.
pub trait SegmentStore: Send + Sync {
    /// Writes an object on the condition that the key has no current object (`PutObject` with
    /// `If-None-Match: *` and the SHA-256 checksum, which S3 verifies before it stores).
    ///
    /// Not idempotent by itself: after [`Kind::Unknown`](crate::Kind::Unknown) the caller lists
    /// the key's versions and compares. Concurrency: of several writers at most one gets `Created`
    /// as long as no delete marker appears; S3 may answer a racing one with 409, which is
    /// `Conflict` and means that nothing of this call was written.
    fn put_if_absent(
        &self,
        class: &RetentionClass,
        key: &str,
        body: Bytes,
        sha256: [u8; 32],
    ) -> impl Future<Output = Result<Put>> + Send;

    /// Lists the versions and delete markers of exactly this key, newest first
    /// (`ListObjectVersions` with the key as prefix, other keys left out). Empty if it has none.
    fn versions(
        &self,
        class: &RetentionClass,
        key: &str,
    ) -> impl Future<Output = Result<Vec<Version>>> + Send;

    /// Lists versions and delete markers of all keys below `prefix`, from a place on, at most
    /// `limit` (1 to [`LIST_PAGE_KEYS`]) of them. Lists versions rather than objects, because a
    /// delete marker hides an object from the other listing.
    fn list_versions(
        &self,
        class: &RetentionClass,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> impl Future<Output = Result<VersionPage>> + Send;

    /// Reads a whole version. `NotFound` if the key has no such version.
    fn read(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
    ) -> impl Future<Output = Result<Bytes>> + Send;

    /// Reads `length` (at least 1) bytes of a version from `offset` on. A range that the object
    /// does not hold in full is `Corrupt`: a row pointed outside its segment.
    fn read_range(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Bytes>> + Send;
}

/// What must hold of the row that is there now for a conditional PUT to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// No row has this key (`attribute_not_exists(pk)`).
    Absent,
    /// The row exists and its attribute has this value (`#attribute = :value`).
    Equals {
        /// The attribute's name.
        attribute: &'static str,
        /// The value it must have.
        value: Value,
    },
}

/// How a conditional PUT of a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The row is durable.
    Done,
    /// The condition did not hold; nothing was written.
    ConditionFailed,
}

/// What one batch read gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchGot {
    /// The rows that exist, in no particular order.
    pub found: Vec<Item>,
    /// Keys that were not looked at; ask again. A key in neither list has no row.
    pub unprocessed: Vec<RowKey>,
}

/// The order of a query's answer by sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Oldest id first.
    Ascending,
    /// Newest id first.
    Descending,
}

/// One query: a partition, a range of its sort keys, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// A sparse index, or the table itself.
    pub index: Option<Index>,
    /// The partition: a `pk` of the table, or the index's own key value.
    pub partition: String,
    /// The lowest and highest sort key, both inclusive; absent for the whole partition.
    pub between: Option<(String, String)>,
    /// The direction.
    pub order: Order,
    /// The most rows of this page, at least 1.
    pub limit: u32,
    /// The last row of the page before: only rows beyond it are given. It need not exist.
    pub after: Option<RowKey>,
}

/// One page of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows, in the order that was asked for; at most 1 MB of them.
    pub items: Vec<Item>,
    /// Where to go on; absent when the range is exhausted. May be there although nothing follows.
    pub next: Option<RowKey>,
}

/// The `audit` table: derived rows, all rebuildable from segments and the `keys` table.
///
/// - Durability: a row is durable once its call returns.
/// - Consistency: `get`, `batch_get` and queries of the table are strongly consistent (the
///   adapter sets `ConsistentRead`): they see every write that returned before they began.
///   Queries of an index are eventually consistent and may lack the last seconds.
/// - Idempotency: rows are whole values, so writing the same one again changes nothing.
pub trait RowStore: Send + Sync {
    /// Reads one row (`GetItem`, consistent).
    fn get(&self, key: &RowKey) -> impl Future<Output = Result<Option<Item>>> + Send;

    /// Reads up to [`BATCH_GET_KEYS`] rows with distinct keys (`BatchGetItem`, consistent).
    ///
    /// Answers of at most 16 MB; throttling shows as `unprocessed`, not as an error, unless
    /// nothing at all was processed.
    fn batch_get(&self, keys: &[RowKey]) -> impl Future<Output = Result<BatchGot>> + Send;

    /// Writes up to [`BATCH_PUT_ITEMS`] rows with distinct keys, unconditionally
    /// (`BatchWriteItem`), and returns those that were not written; send them again.
    ///
    /// Not atomic: after an error any subset may have been written. For record rows only, which
    /// are a pure function of what is committed, so that two writers can but write the same.
    fn batch_put(&self, items: Vec<Item>) -> impl Future<Output = Result<Vec<Item>>> + Send;

    /// Writes one row under a condition (`PutItem`), for `HEAD` and metric rows.
    ///
    /// After [`Kind::Unknown`](crate::Kind::Unknown) read the row: if it holds what was to be
    /// written, it was. Concurrency: of several writers with the same condition one succeeds.
    fn put_if(
        &self,
        item: Item,
        condition: Condition,
    ) -> impl Future<Output = Result<Written>> + Send;

    /// Reads one page of a query (`Query`).
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page>> + Send;
}

/// The `keys` table: what can't be derived from segments. Tenants, ledgers, API keys, scope keys.
///
/// All reads are strongly consistent: a scope key that another writer just made must be seen, or
/// content would be sealed under a second one for no reason. The typed operations are in
/// [`key_table`](crate::key_table).
pub trait KeyStore: Send + Sync {
    /// Reads one row (`GetItem`, consistent).
    fn get(&self, key: &RowKey) -> impl Future<Output = Result<Option<Item>>> + Send;

    /// Writes one row under a condition (`PutItem`): a key is durable once this returns `Done`,
    /// which must be before anything sealed with it is committed. After
    /// [`Kind::Unknown`](crate::Kind::Unknown) read the row.
    fn put_if(
        &self,
        item: Item,
        condition: Condition,
    ) -> impl Future<Output = Result<Written>> + Send;

    /// Reads one page of a partition (`Query`, consistent; never of an index).
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page>> + Send;
}

/// A fresh data key of the key service.
#[derive(Debug)]
pub struct DataKey {
    /// The key itself; wiped when dropped, never stored.
    pub plaintext: Zeroizing<[u8; 32]>,
    /// The key as only the key service can open it; to be stored.
    pub wrapped: Vec<u8>,
    /// The key service's key that wrapped it (its ARN).
    pub kms_key: String,
}

/// The key service: wraps ledger keys under the encryption context `{"ledger": "<tenant>/<ledger>"}`.
pub trait KeyWrapper: Send + Sync {
    /// Makes a fresh 256-bit key for a ledger (`GenerateDataKey`). Nothing is stored by the
    /// service, so a lost reply is merely `Unavailable`.
    fn generate(&self, ledger: &LedgerName) -> impl Future<Output = Result<DataKey>> + Send;

    /// Opens a wrapped key (`Decrypt`). Another ledger's context or damaged bytes are `Corrupt`.
    fn unwrap(
        &self,
        ledger: &LedgerName,
        kms_key: &str,
        wrapped: &[u8],
    ) -> impl Future<Output = Result<Zeroizing<[u8; 32]>>> + Send;

    /// Tells whether the service answers for our key (`DescribeKey`), for the health check.
    fn probe(&self) -> impl Future<Output = Result<()>> + Send;
}

/// Objects for records too large for a message. Only the bucket's lifecycle deletes them, later
/// than queue and dead letters keep the message that names them.
pub trait StagingStore: Send + Sync {
    /// Writes an object (`PutObject`). Keys are made from the content's hash, so writing it again
    /// is harmless; durable once it returns.
    fn put(&self, key: &str, body: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Reads an object (`GetObject`); absent if there is none (any more).
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// Messages that can't be processed, kept for a person to look at.
pub trait QuarantineStore: Send + Sync {
    /// Writes an object unless the key has one (`PutObject`, `If-None-Match: *`). The first
    /// attempt's object stays, because its salt is what the `rejected` entry's digest was made
    /// with.
    fn put_if_absent(&self, key: &str, body: Bytes) -> impl Future<Output = Result<Put>> + Send;

    /// Reads an object (`GetObject`); absent if there is none.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// A message to be sent to a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Sent as the message attribute [`LEDGER_ATTRIBUTE`](crate::message::LEDGER_ATTRIBUTE).
    pub ledger: LedgerName,
    /// The body, made by [`message`](crate::message).
    pub body: String,
}

/// A received message that is to come back later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postponed {
    /// The receipt handle of this receive.
    pub receipt: String,
    /// Invisible for that many seconds from now on.
    pub visibility_s: u32,
}

/// The lanes: standard queues, at least once, in no order.
pub trait LaneQueue: Send + Sync {
    /// Sends up to [`QUEUE_BATCH_ENTRIES`] messages of together at most
    /// [`MAX_MESSAGE_BYTES`](crate::message::MAX_MESSAGE_BYTES) (`SendMessageBatch`).
    ///
    /// One result for each entry, in their order: an entry that is `Ok` is durable and will be
    /// delivered at least once. The outer error is about the whole request, of which after
    /// [`Kind::Unknown`](crate::Kind::Unknown) any entry may have been sent.
    fn send(
        &self,
        lane: Lane,
        entries: &[Outgoing],
    ) -> impl Future<Output = Result<Vec<std::result::Result<(), Error>>>> + Send;

    /// Sets when received messages become visible again (`ChangeMessageVisibilityBatch`). Best
    /// effort: a message whose change is lost comes back after the queue's own time.
    fn postpone(
        &self,
        lane: Lane,
        entries: &[Postponed],
    ) -> impl Future<Output = Result<()>> + Send;
}
