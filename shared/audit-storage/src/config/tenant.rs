//! A tenant: who has ledgers and keys.

use audit_record::Millis;

use super::{REVISION, RateLimit, keyed};
use crate::error::{Error, Result};
use crate::item::Item;
use crate::rows::{self, SK};

const RATE: &str = "records_per_second";
const BURST: &str = "burst_records";

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its name, by the grammar of [`LedgerName`](audit_record::LedgerName)'s first half.
    pub name: String,
    /// How many records it may send; absent for what the installation gives everybody.
    pub limit: Option<RateLimit>,
    /// When it was made.
    pub created_at: Millis,
    /// The revision that was read; 1 for a new tenant. A change is written with the next one.
    pub revision: u64,
}

impl Tenant {
    /// The row.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let mut item = keyed(rows::tenant(&self.name))
            .with(REVISION, self.revision)
            .with("created_at", self.created_at.get());
        let limit = self.limit;
        item.set_opt(
            RATE,
            limit.map(|limit| u64::from(limit.records_per_second())),
        );
        item.set_opt(BURST, limit.map(|limit| u64::from(limit.burst_records())));
        item
    }

    /// Reads the row back.
    pub fn from_item(item: &Item) -> Result<Self> {
        let limit = match (item.opt_number(RATE)?, item.opt_number(BURST)?) {
            (None, None) => None,
            (rate, burst) => Some(limit(rate, burst)?),
        };
        Ok(Self {
            name: item.text(SK)?.to_owned(),
            limit,
            created_at: Millis::new(item.number("created_at")?),
            revision: item.number(REVISION)?,
        })
    }
}

fn limit(rate: Option<u64>, burst: Option<u64>) -> Result<RateLimit> {
    let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
    small(rate)
        .zip(small(burst))
        .and_then(|(rate, burst)| RateLimit::new(rate, burst).ok())
        .ok_or_else(|| Error::corrupt("row holds no valid rate limit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_round_trips_with_and_without_a_limit_of_its_own() {
        let plain = Tenant {
            name: "acme".to_owned(),
            limit: None,
            created_at: Millis::new(1_700_000_000_000),
            revision: 1,
        };
        let limited = Tenant {
            limit: Some(RateLimit::new(5, 2_000).expect("a limit")),
            revision: 2,
            ..plain.clone()
        };
        for tenant in [plain, limited] {
            assert_eq!(
                Tenant::from_item(&tenant.to_item()).expect("a tenant"),
                tenant
            );
        }
    }

    #[test]
    fn half_a_limit_is_corrupt() {
        let half = keyed(rows::tenant("acme"))
            .with(REVISION, 1)
            .with("created_at", 0)
            .with(RATE, 5);
        let error = Tenant::from_item(&half).expect_err("no burst");
        assert_eq!(error.kind(), crate::Kind::Corrupt);
    }
}
