use audit_report::layout;
use audit_report::letter::refusal::Refusal;
use audit_report::letter::{Bureau, Score, UsCredit, Variant, letter};
use insta::assert_snapshot;

use crate::data;

fn us_credit() -> UsCredit {
    UsCredit {
        agency: "Federal Trade Commission, Equal Credit Opportunity, Washington, DC 20580"
            .to_owned(),
        bureaus: vec![Bureau {
            name: "Example Bureau".to_owned(),
            address: "3 File Road".to_owned(),
            telephone: "800-555-0100".to_owned(),
        }],
        score: Some(Score {
            score: 540,
            range: (300, 850),
            made_at: data::time("2026-11-01T00:00:00Z"),
            source: "Example Bureau".to_owned(),
            key_factors: vec!["Amount owed on accounts is too high".to_owned()],
        }),
    }
}

fn body(variant: Variant) -> String {
    let request = data::letter_request(variant);
    let document = letter(&data::decision(), &[data::review()], &request).expect("there is one");
    let page = layout::html(&document);
    page.split_once("<body>")
        .expect("there is one")
        .1
        .to_owned()
}

#[test]
fn the_letter_in_the_european_union() {
    assert_snapshot!(body(Variant::EuropeanUnion));
}

#[test]
fn the_letter_about_credit_in_the_united_states() {
    assert_snapshot!(body(Variant::UsCredit(us_credit())));
}

#[test]
fn a_letter_names_no_reviewer_and_gives_no_model_account() {
    let page = body(Variant::EuropeanUnion);
    assert!(!page.contains("p.andersen"));
    assert!(page.contains("senior underwriter"));
    assert!(!page.contains("Too much of the income is bound already."));
}

#[test]
fn a_notice_of_adverse_action_needs_an_adverse_decision() {
    let favourable = data::record(
        20,
        "2026-11-03T09:00:04.000Z",
        "decision",
        r#""decision":{"outcome":"approved","adverse":false,"principal_reasons":["income"],"factors":[{"name":"income","method":"rule"}]}"#,
    );
    let refused = letter(
        &favourable,
        &[],
        &data::letter_request(Variant::UsCredit(us_credit())),
    );
    assert_eq!(refused.unwrap_err(), Refusal::NotAdverse);
    let european = letter(
        &favourable,
        &[],
        &data::letter_request(Variant::EuropeanUnion),
    );
    assert!(european.is_ok());
}
