use std::collections::BTreeMap;

use audit_record::Fields;
use audit_record::json::{Value, parse};
use proptest::prelude::*;

use super::*;
use crate::rows::Index;

/// Fields as they come out of a body: by pointer.
#[derive(Default)]
struct Map(BTreeMap<String, Value<'static>>);

impl Fields for Map {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        self.0.get(pointer).filter(|value| !value.is_null())
    }
}

fn fields(members: &[(&str, &'static str)]) -> Map {
    let member = |(pointer, json): &(&str, &'static str)| {
        let value = parse(json.as_bytes()).expect("JSON").into_owned();
        ((*pointer).to_owned(), value)
    };
    Map(members.iter().map(member).collect())
}

fn ledger() -> LedgerName {
    LedgerName::new("acme", "credit-decisions").expect("a name")
}

fn entry<'a>(ledger: &'a LedgerName, kind: &'a str) -> RowEntry<'a> {
    RowEntry {
        ledger,
        id: "01999999-9999-7aaa-8bbb-0123456789ff"
            .parse()
            .expect("an id"),
        kind,
        received_at: Millis::new(1_759_215_361_000),
        leaf_hash: [7; 32],
    }
}

fn position() -> Position {
    Position {
        index: 1_234_567,
        segment_start: 1_234_000,
        segment_version: VersionId("3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY".to_owned()),
        offset: 1_234_567,
        length: 2_345,
    }
}

const SETTINGS: RowSettings = RowSettings {
    buckets: 4,
    index_days: Some(400),
};

const FACTS: &[(&str, &str)] = &[
    ("/type", r#""decision""#),
    ("/occurred_at", r#""2025-09-30T06:56:00.250Z""#),
    ("/system", r#""loan-origination""#),
    ("/environment", r#""production""#),
    ("/trace_id", r#""4bf92f3577b34da6a3ce929d0e0e4736""#),
    ("/decision_id", r#""01999999-9999-7aaa-8bbb-0123456789fe""#),
    ("/decision/outcome", r#""denied""#),
    ("/decision/risk_level", r#""high""#),
    ("/attributes/gen_ai.provider.name", r#""anthropic""#),
    (
        "/attributes/gen_ai.response.model",
        r#""claude-sonnet-4-5-20250929""#,
    ),
    ("/attributes/gen_ai.prompt.name", r#""loan-decision-v3""#),
];

const CONTENT: &[(&str, &str)] = &[
    ("/actor", r#"{"id":"underwriting-service","type":"user"}"#),
    (
        "/subject",
        r#"{"id":"applicant-8f3a2c91","category":"applicant"}"#,
    ),
    (
        "/decision/principal_reasons",
        r#"["debt-to-income ratio above the limit"]"#,
    ),
];

fn whole() -> RecordRow {
    let all = fields(&[FACTS, CONTENT].concat());
    let ledger = ledger();
    let entry = entry(&ledger, RECORD_KIND);
    RecordRow::derive(&entry, &Opened::Whole(&all), position(), SETTINGS)
}

#[test]
fn a_typical_row_fits_in_0_6_kb_and_one_write_unit() {
    let size = whole().to_item().size();
    assert!((450..=614).contains(&size), "{size}");
}

#[test]
fn a_row_comes_back_from_its_attributes() {
    let row = whole();
    assert_eq!(
        row.members.chain_id(),
        Some("01999999-9999-7aaa-8bbb-0123456789fe")
    );
    assert_eq!(row.ttl, Some(0x0199_9999_9999 / 1000 + 400 * 86_400));
    let item = row.to_item();
    assert_eq!(RecordRow::from_item(&item).expect("a row"), row);
    for (index, value) in [
        (Index::ByActor, "acme/credit-decisions#underwriting-service"),
        (Index::BySubject, "acme/credit-decisions#applicant-8f3a2c91"),
    ] {
        assert_eq!(item.text(index.attribute()).expect("an index key"), value);
    }
}

#[test]
fn an_erased_row_holds_facts_alone_and_is_found_by_no_person() {
    let (facts, ledger) = (fields(FACTS), ledger());
    let entry = entry(&ledger, RECORD_KIND);
    let erased = RecordRow::derive(&entry, &Opened::Erased(&facts), position(), SETTINGS);
    let item = erased.to_item();
    assert!(erased.erased && item.value("ak").is_none() && item.value("uk").is_none());
    assert_eq!(erased.key(), whole().key(), "the row stays where it is");
    assert_eq!(RecordRow::from_item(&item).expect("a row"), erased);
    let text = format!("{item:?}");
    for person in ["applicant", "underwriting", "debt"] {
        assert!(!text.contains(person), "{person}");
    }
}

#[test]
fn an_own_kind_has_a_row_without_anything_of_a_client() {
    let ledger = ledger();
    let entry = entry(&ledger, "conflict");
    let row = RecordRow::derive(&entry, &Opened::<Map>::OwnKind, position(), SETTINGS);
    assert!(!row.is_record());
    assert_eq!(row.members, Members::default());
    assert_eq!(RecordRow::from_item(&row.to_item()).expect("a row"), row);
}

#[test]
fn a_row_that_contradicts_itself_is_corrupt() {
    let item = whole().to_item();
    for broken in [
        item.clone().with("v", 2u64),
        item.clone().with("ak", "acme/other#x"),
        item.clone().with("cs", "x"),
        item.clone()
            .with("pk", "R#acme/credit-decisions#20250929#3"),
        item.clone().with("sk", "not an id"),
        item.with("h", vec![0u8; 31]),
    ] {
        let error = RecordRow::from_item(&broken).expect_err("refused");
        assert_eq!(error.kind(), crate::Kind::Corrupt);
    }
}

proptest! {
    #[test]
    fn any_strings_give_a_row_that_comes_back_and_fits(
        texts in proptest::collection::vec(proptest::option::of(".{0,300}"), 12),
    ) {
        let pointers = [
            "/type", "/system", "/environment", "/trace_id", "/parent_id", "/decision_id",
            "/decision/outcome", "/decision/risk_level", "/attributes/gen_ai.provider.name",
            "/attributes/gen_ai.request.model", "/attributes/gen_ai.tool.name",
            "/attributes/error.type",
        ];
        let given = pointers.iter().zip(texts);
        let all = Map(given
            .filter_map(|(pointer, text)| Some(((*pointer).to_owned(), Value::from(text?))))
            .collect());
        let ledger = ledger();
        let entry = entry(&ledger, RECORD_KIND);
        let row = RecordRow::derive(&entry, &Opened::Whole(&all), position(), SETTINGS);
        let item = row.to_item();
        prop_assert!(item.size() < 5_000, "{}", item.size());
        prop_assert_eq!(RecordRow::from_item(&item).expect("a row"), row);
    }
}
