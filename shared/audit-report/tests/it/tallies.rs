use std::collections::BTreeMap;

use audit_report::evidence::Evidence;
use audit_report::system::sample_of;
use audit_report::tally::Tally;
use proptest::prelude::*;

use crate::data;

#[test]
fn a_review_with_another_outcome_is_an_override() {
    let tally = Tally::of(&data::case());
    assert_eq!(tally.overrides.len(), 1);
    let change = &tally.overrides[0];
    assert_eq!(
        (change.from.as_str(), change.to.as_str()),
        ("denied", "approved")
    );
    assert_eq!(change.by, "senior underwriter");
    assert_eq!((tally.oversight_required, tally.oversight_done), (1, 1));
    assert_eq!((tally.adverse, tally.explainable), (1, 1));
}

#[test]
fn a_review_that_agrees_is_none_and_a_decision_without_review_shows() {
    let decision = |number, case: &str| {
        data::record(
            number,
            "2026-11-03T09:00:00Z",
            "decision",
            &format!(
                r#""decision_id":"{case}","decision":{{"outcome":"denied","oversight":{{"required":true}}}}"#
            ),
        )
    };
    let agrees = data::record(
        3,
        "2026-11-03T10:00:00Z",
        "human_review",
        r#""decision_id":"a","decision":{"outcome":"denied","oversight":{"action":"confirmed"}}"#,
    );
    let tally = Tally::of(&[decision(1, "a"), decision(2, "b"), agrees]);
    assert!(tally.overrides.is_empty());
    assert_eq!((tally.oversight_required, tally.oversight_done), (2, 1));
}

#[test]
fn a_review_goes_to_the_last_decision_of_its_case() {
    let decision = |number, at: &str, outcome: &str| {
        let members = format!(r#""decision_id":"a","decision":{{"outcome":"{outcome}"}}"#);
        data::record(number, at, "decision", &members)
    };
    let review = data::record(
        9,
        "2026-11-03T12:00:00Z",
        "human_review",
        r#""decision_id":"a","decision":{"outcome":"approved","oversight":{"action":"confirmed"}}"#,
    );
    let first = decision(1, "2026-11-03T09:00:00Z", "denied");
    let second = decision(2, "2026-11-03T11:00:00Z", "approved");
    assert!(Tally::of(&[review, second, first]).overrides.is_empty());
}

fn any_record() -> impl Strategy<Value = Evidence> {
    let kinds = prop::sample::select(vec!["decision", "llm_call", "human_review", "heartbeat"]);
    let outcomes = prop::sample::select(vec!["approved", "denied", "flagged"]);
    (any::<u8>(), 0_u8..28, kinds, outcomes, 0_u8..6, any::<bool>()).prop_map(
        |(number, day, kind, outcome, case, required)| {
            let at = format!("2026-11-{:02}T09:00:00Z", day + 1);
            let members = format!(
                r#""decision_id":"case-{case}","producer":{{"id":"p","seq":{}}},"decision":{{"outcome":"{outcome}","oversight":{{"required":{required}}}}}"#,
                u16::from(number) + 1
            );
            data::record(number, &at, kind, &members)
        },
    )
}

proptest! {
    #[test]
    fn every_record_is_in_each_breakdown_once(records in prop::collection::vec(any_record(), 0..60)) {
        let records: BTreeMap<_, _> = records.into_iter().map(|r| (*r.id.as_bytes(), r)).collect();
        let records: Vec<Evidence> = records.into_values().collect();
        let tally = Tally::of(&records);
        let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        prop_assert_eq!(tally.records, u64::try_from(records.len()).unwrap());
        prop_assert_eq!(sum(&tally.types), tally.records);
        prop_assert_eq!(sum(&tally.days), tally.records);
        prop_assert_eq!(sum(&tally.outcomes), tally.decisions);
        prop_assert_eq!(sum(&tally.risks), tally.decisions);
        prop_assert_eq!(sum(&tally.decision_days), tally.decisions);
        prop_assert!(tally.oversight_done <= tally.oversight_required);
        prop_assert!(tally.oversight_required <= tally.decisions);
        prop_assert!(u64::try_from(tally.overrides.len()).unwrap() <= tally.types.get("human_review").copied().unwrap_or(0));
    }

    #[test]
    fn a_sample_is_the_same_for_the_same_job_and_no_decision_comes_twice(count in 0_u8..60, size in 0_usize..40) {
        let decisions: Vec<_> = (0..count).map(|n| data::id("2026-11-03T09:00:00Z", n)).collect();
        let sample = sample_of(data::JOB, &decisions, size);
        prop_assert_eq!(sample.len(), size.min(decisions.len()));
        let mut turned = decisions.clone();
        turned.reverse();
        prop_assert_eq!(&sample_of(data::JOB, &turned, size), &sample);
        let different: std::collections::BTreeSet<_> = sample.iter().map(|id| *id.as_bytes()).collect();
        prop_assert_eq!(different.len(), sample.len());
    }
}
