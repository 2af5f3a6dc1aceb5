//! Cursors: one that was forged, cut or taken from elsewhere is an error, never another list.

use audit_fuzz::{files, hold};
use audit_query::{Filter, ListError, ListRequest, PageLimit, Reader};
use audit_record::Millis;
use audit_storage::config::{Lane, LedgerConfig, LedgerKey, ScopeSetting};
use audit_storage::head::{Head, LastSegment};
use audit_storage::record_row::{Opened, Position, RecordRow, RowEntry, RowSettings};
use audit_storage::rows;
use audit_storage::stores::{Order, VersionId};
use audit_testkit::{Cloud, Gate, MemoryStores};

const START: u64 = 1_767_225_600_000;

struct Nothing;

impl audit_record::Fields for Nothing {
    fn field(&self, _: &str) -> Option<&audit_record::json::Value<'_>> {
        None
    }
}

fn config(name: &str, key: u8) -> LedgerConfig {
    LedgerConfig {
        ledger: name.parse().expect("a name"),
        origin: format!("audit.localhost/{name}"),
        retention_class: "7y".parse().expect("a class"),
        buckets: 1,
        scope: ScopeSetting::Day,
        lane: Lane(0),
        index_days: None,
        keys: vec![LedgerKey {
            key_id: [key; 16],
            kms_key: "key".to_owned(),
            wrapped: vec![key; 32],
        }],
        created_at: Millis::new(0),
        revision: 1,
    }
}

/// Puts ten records into a ledger; those of all ledgers have the same ids.
fn fill(cloud: &Cloud, config: &LedgerConfig) {
    for number in 0..10 {
        let mut tail = [0; 10];
        tail[9] = number;
        let id = audit_record::RecordId::mint(Millis::new(START + u64::from(number)), tail);
        let entry = RowEntry {
            ledger: &config.ledger,
            id,
            kind: "record",
            received_at: id.millis(),
            leaf_hash: [3; 32],
        };
        let position = Position {
            index: u64::from(number),
            segment_start: 0,
            segment_version: VersionId("v".to_owned()),
            offset: 0,
            length: 1,
        };
        let settings = RowSettings::from(config);
        let row = RecordRow::derive(&entry, &Opened::Whole(&Nothing), position, settings);
        let key = rows::record(&config.ledger, &id, 1);
        cloud.rows.tamper(&key, Some(row.to_item()));
    }
    let empty = audit_storage::metric_row::MetricRow::empty(
        config.ledger.clone(),
        rows::Hour::of(Millis::new(START)),
    );
    let facts = (0..10).map(|_| audit_storage::metric_row::MetricFacts::default());
    let row = empty.fold(0, facts).to_item();
    let key = rows::metric(&config.ledger, rows::Hour::of(Millis::new(START)));
    cloud.rows.tamper(&key, Some(row));
    let head = Head {
        size: 10,
        root: [0; 32],
        frontier: vec![[0; 32]; 2],
        last: LastSegment {
            start: 0,
            sha256: [0; 32],
            version: VersionId("v".to_owned()),
            form: 1,
        },
    };
    let item = head.to_item(&config.ledger);
    cloud.rows.tamper(&rows::head(&config.ledger), Some(item));
}

/// The first record of a page and its cursor.
type Answer = Result<(Option<String>, Option<String>), ListError>;

fn list(
    reader: &Reader<MemoryStores>,
    config: &LedgerConfig,
    filter: &Filter,
    order: Order,
    cursor: Option<&str>,
) -> Answer {
    let request = ListRequest {
        filter,
        order,
        limit: PageLimit {
            rows: 3,
            weight: usize::MAX,
            weigh: |_| 1,
        },
        cursor,
    };
    let listing = Gate::new().run(reader.list(config, &request));
    let listing = listing.expect("nobody dies")?;
    for row in &listing.rows {
        assert_eq!(row.ledger, config.ledger, "another's record");
    }
    let first = listing.rows.first().map(|row| row.id.to_string());
    Ok((first, listing.next))
}

#[test]
fn cursor() {
    let cloud = Cloud::new();
    let ledgers = [
        config("acme/credit", 1),
        config("acme/hiring", 2),
        config("globex/credit", 3),
    ];
    for config in &ledgers {
        fill(&cloud, config);
    }
    let reader = Reader::new(cloud.stores(1));
    let filters = [
        Filter::default(),
        Filter {
            to: Some(Millis::new(START + 9)),
            ..Filter::default()
        },
    ];
    // Every list of every ledger, each with the cursors of its pages.
    let mut lists = Vec::new();
    for config in &ledgers {
        for filter in &filters {
            for order in [Order::Ascending, Order::Descending] {
                let (mut good, mut cursor) = (Vec::new(), None::<String>);
                loop {
                    let page = list(&reader, config, filter, order, cursor.as_deref());
                    let Some(next) = page.expect("a page").1 else {
                        break;
                    };
                    good.push(next.clone());
                    cursor = Some(next);
                }
                assert!(good.len() >= 2);
                lists.push((config, filter, order, good));
            }
        }
    }
    let mut seeds: Vec<Vec<u8>> = lists
        .iter()
        .flat_map(|(.., good)| good.iter().map(|cursor| cursor.clone().into_bytes()))
        .collect();
    seeds.extend(files("audit-fuzz/corpus/cursor"));
    let lists = std::panic::AssertUnwindSafe((lists, reader));
    hold(&seeds, |bytes| {
        let (lists, reader) = &*lists;
        let text = String::from_utf8_lossy(bytes);
        for (config, filter, order, good) in lists {
            let answer = list(reader, config, filter, *order, Some(&text));
            // A list takes its own cursors and no other text.
            let own = good.iter().any(|cursor| *cursor == text);
            assert_eq!(answer.is_ok(), own, "{} {text}", config.ledger);
            assert!(own || matches!(answer, Err(ListError::Cursor(_))));
        }
    });
}
