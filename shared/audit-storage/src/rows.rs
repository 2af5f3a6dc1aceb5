//! Every DynamoDB key of the project, made and read back here and nowhere else.
//!
//! Both tables have the key attributes `pk` and `sk`, strings. Parts of a `pk` are separated by
//! `#`; all but the last come from grammars without it, and the last one (a scope, which may hold
//! any character) ends the key, so no two things share one.

use std::fmt;

use audit_record::limits::cut;
use audit_record::{LedgerName, Millis, RecordId};

use crate::config::ApiKeyId;
use crate::encode::base64url;
use crate::error::Result;
use crate::item::Item;

/// The name of the partition key attribute of both tables.
pub const PK: &str = "pk";
/// The name of the sort key attribute of both tables.
pub const SK: &str = "sk";
/// The name of the attribute by which DynamoDB expires rows of the `audit` table.
pub const TTL: &str = "ttl";

const DAY_MS: u64 = 86_400_000;
const HOUR_MS: u64 = 3_600_000;

/// The primary key of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowKey {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl RowKey {
    /// The key of a row.
    ///
    /// # Errors
    /// `Corrupt` if the row lacks one, which none of our forms does.
    pub fn of(item: &Item) -> Result<Self> {
        Ok(Self {
            pk: item.text(PK)?.to_owned(),
            sk: item.text(SK)?.to_owned(),
        })
    }
}

/// The sparse indexes of the `audit` table. A row is in one if it has its key attribute; the sort
/// key is the table's own `sk`, the record's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Index {
    /// Who caused it.
    ByActor,
    /// Whom it is about.
    BySubject,
    /// What belongs together: the decision, else the trace, else the parent.
    ByChain,
}

impl Index {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ByActor, Self::BySubject, Self::ByChain];

    /// The index's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByActor => "by_actor",
            Self::BySubject => "by_subject",
            Self::ByChain => "by_chain",
        }
    }

    /// The attribute that is its partition key.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::ByActor => "ak",
            Self::BySubject => "uk",
            Self::ByChain => "ck",
        }
    }
}

/// A day in UTC: how record rows are partitioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(u64);

impl Day {
    /// The day of a time.
    #[must_use]
    pub const fn of(time: Millis) -> Self {
        Self(time.get() / DAY_MS)
    }

    /// Its first millisecond.
    #[must_use]
    pub const fn start(self) -> Millis {
        Millis::new(self.0 * DAY_MS)
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The day before; `None` before 1970.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(day) => Some(Self(day)),
            None => None,
        }
    }
}

/// `yyyymmdd`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start().day())
    }
}

/// An hour in UTC: how metric rows are keyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hour(u64);

impl Hour {
    /// The hour of a time.
    #[must_use]
    pub const fn of(time: Millis) -> Self {
        Self(time.get() / HOUR_MS)
    }

    /// Its first millisecond.
    #[must_use]
    pub const fn start(self) -> Millis {
        Millis::new(self.0 * HOUR_MS)
    }

    /// The hour after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The hour before; `None` before 1970.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(hour) => Some(Self(hour)),
            None => None,
        }
    }
}

/// `YYYY-MM-DDTHH`, as the source of an hourly `seal` entry's id has it too.
impl fmt::Display for Hour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.start().hour())
    }
}

/// Which of a day's partitions an id is in: its last byte modulo the ledger's `buckets` (0 counts
/// as 1).
#[must_use]
pub fn bucket(id: &RecordId, buckets: u16) -> u16 {
    u16::from(id.as_bytes()[15]) % buckets.max(1)
}

/// The partition of a day's record rows: `R#<ledger>#<yyyymmdd>#<bucket>`.
#[must_use]
pub fn record_partition(ledger: &LedgerName, day: Day, bucket: u16) -> String {
    format!("R#{ledger}#{day}#{bucket}")
}

/// The row of an entry of any kind.
#[must_use]
pub fn record(ledger: &LedgerName, id: &RecordId, buckets: u16) -> RowKey {
    RowKey {
        pk: record_partition(ledger, Day::of(id.millis()), bucket(id, buckets)),
        sk: id.to_string(),
    }
}

/// The sort keys of all ids of the times `from` (inclusive) to `to` (exclusive): the lowest and
/// highest possible, both inclusive, for [`Query::between`](crate::stores::Query::between).
/// `None` if the range is empty.
#[must_use]
pub fn ids_between(from: Millis, to: Millis) -> Option<(String, String)> {
    let last = to.get().checked_sub(1).filter(|last| *last >= from.get())?;
    Some((id_text(from.get(), '0'), id_text(last, 'f')))
}

/// The text form of a UUID whose first 48 bits are a time, all other digits the same.
fn id_text(time: u64, digit: char) -> String {
    let hex = format!("{:012x}", time.min((1 << 48) - 1));
    let group = |digits: usize| String::from(digit).repeat(digits);
    let (high, low) = hex.split_at(8);
    format!("{high}-{low}-{}-{}-{}", group(4), group(4), group(12))
}

/// The value of an index's key attribute: `<ledger>#<value>`, the value [cut] as in the
/// row.
#[must_use]
pub fn index_value(ledger: &LedgerName, value: &str) -> String {
    format!("{ledger}#{}", cut(value))
}

/// The row that says how far a ledger has come.
#[must_use]
pub fn head(ledger: &LedgerName) -> RowKey {
    RowKey {
        pk: format!("LEDGER#{ledger}"),
        sk: "HEAD".to_owned(),
    }
}

/// The partition of a ledger's metric rows, one for each hour of ids that has any.
///
/// One partition, sorted by hour, so that a reader asks for a stretch of time and gets only the
/// hours that have records: empty years cost it nothing. A ledger's commits follow one another,
/// so its writes stay far below a partition's 1,000 units a second.
#[must_use]
pub fn metrics(ledger: &LedgerName) -> String {
    format!("METRIC#{ledger}")
}

/// The row of an hour's figures.
#[must_use]
pub fn metric(ledger: &LedgerName, hour: Hour) -> RowKey {
    RowKey {
        pk: metrics(ledger),
        sk: hour.to_string(),
    }
}

/// The row of a tenant's rate limit, in the `audit` table. No record: a partition of records
/// begins with `R#`.
#[must_use]
pub fn rate(tenant: &str) -> RowKey {
    RowKey {
        pk: format!("RATE#{tenant}"),
        sk: "BUCKET".to_owned(),
    }
}

/// The partition of all tenants in the `keys` table.
pub const TENANTS: &str = "TENANTS";
/// The partition of all ledgers' configurations in the `keys` table.
pub const LEDGERS: &str = "LEDGERS";

/// A tenant.
#[must_use]
pub fn tenant(tenant: &str) -> RowKey {
    RowKey {
        pk: TENANTS.to_owned(),
        sk: tenant.to_owned(),
    }
}

/// A ledger's configuration (CONFIG).
#[must_use]
pub fn ledger(ledger: &LedgerName) -> RowKey {
    RowKey {
        pk: LEDGERS.to_owned(),
        sk: ledger.to_string(),
    }
}

/// The sort keys of all ledgers of a tenant, both inclusive (`0` follows `/`, and no name holds
/// either).
#[must_use]
pub fn ledgers_of(tenant: &str) -> (String, String) {
    (format!("{tenant}/"), format!("{tenant}0"))
}

/// An API key.
#[must_use]
pub fn api_key(id: &ApiKeyId) -> RowKey {
    RowKey {
        pk: format!("A#{id}"),
        sk: "KEY".to_owned(),
    }
}

/// The partition that lists a tenant's API keys, each row a mere pointer.
#[must_use]
pub fn api_keys_of(tenant: &str) -> String {
    format!("AK#{tenant}")
}

/// The pointer to one of a tenant's API keys.
#[must_use]
pub fn api_key_of(tenant: &str, id: &ApiKeyId) -> RowKey {
    RowKey {
        pk: api_keys_of(tenant),
        sk: id.to_string(),
    }
}

/// The partition of a scope's keys: `K#<ledger>#<scope>`.
#[must_use]
pub fn scope(ledger: &LedgerName, scope: &str) -> String {
    format!("K#{ledger}#{scope}")
}

/// The row that names the scope of a key, by the key's id.
///
/// A sealed body names its key and, so that it says nothing about a person, not its scope; a
/// reader of segments alone (roll-forward, rebuild, verify) finds the key by way of this row.
#[must_use]
pub fn scope_of_key(ledger: &LedgerName, key_id: &[u8; 16]) -> RowKey {
    RowKey {
        pk: format!("KI#{ledger}"),
        sk: base64url(key_id),
    }
}

/// One of a scope's keys, or its tombstone.
#[must_use]
pub fn scope_key(ledger: &LedgerName, scope_name: &str, key_id: &[u8; 16]) -> RowKey {
    RowKey {
        pk: scope(ledger, scope_name),
        sk: base64url(key_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name() -> LedgerName {
        "acme/credit".parse().expect("a ledger's name")
    }

    fn id() -> RecordId {
        "01999999-9999-7aaa-8bbb-0123456789ff"
            .parse()
            .expect("an id")
    }

    #[test]
    fn golden_listing() {
        let (ledger_name, id) = (name(), id());
        let key: ApiKeyId = "abcdefghij234567".parse().expect("a key id");
        let hour = Hour::of(id.millis());
        let rows = [
            record(&ledger_name, &id, 1),
            record(&ledger_name, &id, 4),
            head(&ledger_name),
            metric(&ledger_name, hour),
            rate("acme"),
            tenant("acme"),
            ledger(&ledger_name),
            api_key(&key),
            api_key_of("acme", &key),
            scope_key(&ledger_name, "s#person 7#x", &[0xff; 16]),
            scope_of_key(&ledger_name, &[0xff; 16]),
        ];
        let listing: Vec<String> = rows
            .iter()
            .map(|row| format!("{} | {}", row.pk, row.sk))
            .collect();
        assert_eq!(
            listing,
            [
                "R#acme/credit#20250930#0 | 01999999-9999-7aaa-8bbb-0123456789ff",
                "R#acme/credit#20250930#3 | 01999999-9999-7aaa-8bbb-0123456789ff",
                "LEDGER#acme/credit | HEAD",
                "METRIC#acme/credit | 2025-09-30T07",
                "RATE#acme | BUCKET",
                "TENANTS | acme",
                "LEDGERS | acme/credit",
                "A#abcdefghij234567 | KEY",
                "AK#acme | abcdefghij234567",
                "K#acme/credit#s#person 7#x | _____________________w",
                "KI#acme/credit | _____________________w",
            ]
        );
    }

    #[test]
    fn days_and_hours_are_those_of_utc() {
        let leap = Millis::new(1_709_251_199_999); // 2024-02-29T23:59:59.999Z
        assert_eq!(Day::of(leap).to_string(), "20240229");
        assert_eq!(Day::of(leap).next().to_string(), "20240301");
        assert_eq!(Hour::of(leap).to_string(), "2024-02-29T23");
        assert_eq!(
            Hour::of(leap).next().start(),
            Millis::new(1_709_251_200_000)
        );
        assert_eq!(Day::of(Millis::new(0)).previous(), None);
    }

    #[test]
    fn a_range_of_ids_covers_exactly_its_times() {
        let id = id();
        let (time, text) = (id.millis().get(), id.to_string());
        let holds = |from, to| {
            ids_between(Millis::new(from), Millis::new(to))
                .is_some_and(|(low, high)| low <= text && text <= high)
        };
        assert!(holds(time, time + 1));
        assert!(!holds(time + 1, time + 2));
        assert!(!holds(time - 1, time));
        assert_eq!(ids_between(Millis::new(5), Millis::new(5)), None);
        assert_eq!(ids_between(Millis::new(0), Millis::new(0)), None);
    }

    #[test]
    fn a_tenant_s_ledgers_are_a_range_that_holds_no_other_tenant_s() {
        let (low, high) = ledgers_of("acme");
        for (name, inside) in [
            ("acme/a", true),
            ("acme/zz-9", true),
            ("acme-2/a", false),
            ("acme0/a", false),
            ("acmf/a", false),
        ] {
            let name = name.to_owned();
            assert_eq!(low <= name && name <= high, inside, "{name}");
        }
    }
}
