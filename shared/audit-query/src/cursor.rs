//! The cursor: where a list goes on, and what it must go on with.
//!
//! It holds the size of the ledger that the first page pinned and the place that the answers so
//! far have reached. It is bound to ledger, order and what was asked for (a digest) by a MAC, so a cursor that was
//! changed, cut, taken from another list or made up is refused rather than answered with gaps.
//! It is no credential: a list with a cursor is authenticated like any other.

use audit_record::LedgerName;
use audit_storage::encode::{base64url, from_base64url};
use audit_storage::stores::Order;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::stretch::Place;

/// The form of what follows; another one is another cursor.
const VERSION: u8 = 1;
/// Version, size, place.
const PLAIN_BYTES: usize = 1 + 8 + 16;
/// Half of a SHA-256: as hard to guess as a UUID.
const MAC_BYTES: usize = 16;
const BYTES: usize = PLAIN_BYTES + MAC_BYTES;

/// The secret that cursors of a ledger are bound with.
///
/// It is made from what no client sees of the ledger and needs no call of the key service. What
/// hangs on it is small: who forged a cursor would read on at a place of their choice in a ledger
/// that they may read anyway.
#[derive(Clone)]
pub(crate) struct CursorKey([u8; 32]);

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

impl CursorKey {
    /// From the ledger's wrapped key, which stands in the `keys` table.
    pub(crate) fn new(wrapped_ledger_key: &[u8]) -> Self {
        Self(
            mac_of(wrapped_ledger_key, &[b"audit-cursor/v1"])
                .finalize()
                .into_bytes()
                .into(),
        )
    }
}

/// A text that is no cursor of this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this list")]
pub struct InvalidCursor;

/// What a list goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// `HEAD.size` when the first page was made.
    pub(crate) size: u64,
    /// Everything up to here in reading order has been answered.
    pub(crate) reached: Place,
}

impl Cursor {
    /// The cursor's text: unpadded base64url.
    pub(crate) fn encode(
        &self,
        key: &CursorKey,
        ledger: &LedgerName,
        asked: &[u8; 32],
        order: Order,
    ) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.push(VERSION);
        bytes.extend(self.size.to_be_bytes());
        bytes.extend(self.reached.0.to_be_bytes());
        let mac = tag(key, &bytes, ledger, asked, order);
        bytes.extend(mac);
        base64url(&bytes)
    }

    /// Reads a cursor of exactly this list.
    pub(crate) fn decode(
        text: &str,
        key: &CursorKey,
        ledger: &LedgerName,
        asked: &[u8; 32],
        order: Order,
    ) -> Result<Self, InvalidCursor> {
        let bytes: [u8; BYTES] = from_base64url(text).ok_or(InvalidCursor)?;
        let (plain, mac) = bytes.split_at(PLAIN_BYTES);
        let expected = tag(key, plain, ledger, asked, order);
        if plain[0] != VERSION || !bool::from(expected.ct_eq(mac)) {
            return Err(InvalidCursor);
        }
        let (size, place) = plain[1..].split_at(8);
        Ok(Self {
            size: u64::from_be_bytes(size.try_into().map_err(|_| InvalidCursor)?),
            reached: Place(u128::from_be_bytes(
                place.try_into().map_err(|_| InvalidCursor)?,
            )),
        })
    }
}

fn tag(
    key: &CursorKey,
    plain: &[u8],
    ledger: &LedgerName,
    asked: &[u8; 32],
    order: Order,
) -> [u8; MAC_BYTES] {
    let order: &[u8] = match order {
        Order::Ascending => b"asc",
        Order::Descending => b"desc",
    };
    // Plain part, order and digest have fixed lengths (the plain part by its version, the order by
    // its first byte), so the name that ends it needs no separator.
    let mac = mac_of(&key.0, &[plain, order, asked, ledger.as_str().as_bytes()]);
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    let mut half = [0; MAC_BYTES];
    half.copy_from_slice(&full[..MAC_BYTES]);
    half
}

fn mac_of(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use audit_record::Millis;
    use proptest::prelude::*;

    use super::*;
    use crate::filter::Filter;

    fn ledger(name: &str) -> LedgerName {
        LedgerName::parse(name).expect("a name")
    }

    fn text(cursor: Cursor) -> String {
        cursor.encode(
            &CursorKey::new(b"wrapped"),
            &ledger("acme/credit"),
            &Filter::default().digest(),
            Order::Descending,
        )
    }

    fn read(text: &str) -> Result<Cursor, InvalidCursor> {
        Cursor::decode(
            text,
            &CursorKey::new(b"wrapped"),
            &ledger("acme/credit"),
            &Filter::default().digest(),
            Order::Descending,
        )
    }

    #[test]
    fn a_cursor_has_55_characters() {
        let cursor = Cursor {
            size: 1_000,
            reached: Place(0x0193_90f7_0c00_7abc_8def_0123_4567_89ab),
        };
        assert_eq!(text(cursor).len(), 55);
        assert_eq!(read(&text(cursor)), Ok(cursor));
    }

    #[test]
    fn a_cursor_belongs_to_one_ledger_filter_order_and_key() {
        let cursor = Cursor {
            size: 7,
            reached: Place(9),
        };
        let text = text(cursor);
        let (key, name) = (CursorKey::new(b"wrapped"), ledger("acme/credit"));
        let plain = Filter::default();
        let filters = [
            Filter {
                outcome: Some("denied".into()),
                ..Filter::default()
            },
            Filter {
                system: Some("denied".into()),
                ..Filter::default()
            },
            Filter {
                from: Some(Millis::new(0)),
                ..Filter::default()
            },
            Filter {
                to: Some(Millis::new(0)),
                ..Filter::default()
            },
        ];
        assert_eq!(
            Cursor::decode(&text, &key, &name, &plain.digest(), Order::Descending),
            Ok(cursor)
        );
        for filter in &filters {
            assert_eq!(
                Cursor::decode(&text, &key, &name, &filter.digest(), Order::Descending),
                Err(InvalidCursor)
            );
        }
        for (key, name, order) in [
            (
                CursorKey::new(b"other"),
                ledger("acme/credit"),
                Order::Descending,
            ),
            (key.clone(), ledger("acme/hiring"), Order::Descending),
            (key.clone(), ledger("acme/credit"), Order::Ascending),
        ] {
            assert_eq!(
                Cursor::decode(&text, &key, &name, &plain.digest(), order),
                Err(InvalidCursor)
            );
        }
        let mut digests: Vec<_> = filters.iter().chain([&plain]).map(Filter::digest).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 5);
    }

    proptest! {
        #[test]
        fn every_cursor_reads_back(size: u64, reached: u128) {
            let cursor = Cursor { size, reached: Place(reached) };
            prop_assert_eq!(read(&text(cursor)), Ok(cursor));
        }

        #[test]
        fn a_changed_or_cut_cursor_is_refused(at in 0usize..55, with in "[A-Za-z0-9_=./+-]?", cut in 0usize..55) {
            let good = text(Cursor { size: 7, reached: Place(9) });
            let mut changed = good.clone();
            changed.replace_range(at..=at, &with);
            if changed != good {
                prop_assert_eq!(read(&changed), Err(InvalidCursor));
            }
            prop_assert_eq!(read(&good[..cut]), Err(InvalidCursor));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            prop_assert_eq!(read(&text), Err(InvalidCursor));
        }
    }
}
