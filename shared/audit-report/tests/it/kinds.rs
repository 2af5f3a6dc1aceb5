use audit_report::content::Document;
use audit_report::layout;
use insta::assert_snapshot;

use crate::data;

fn html(document: &Document) -> String {
    layout::html(document)
}

/// The page's body: the style sheet stands in its own snapshot.
fn body(document: &Document) -> String {
    let page = html(document);
    let (_, body) = page.split_once("<body>").expect("a body");
    body.to_owned()
}

#[test]
fn the_decision_report_of_a_whole_case() {
    let mut chain = data::case();
    let decision = chain.remove(2);
    assert_snapshot!(body(&data::decision_report(decision, chain).document()));
}

#[test]
fn the_decision_report_of_a_record_that_says_next_to_nothing() {
    let bare = data::record(1, "2026-11-03T09:00:00.000Z", "decision", "");
    assert_snapshot!(body(&data::decision_report(bare, Vec::new()).document()));
}

#[test]
fn the_system_report_of_a_small_ledger() {
    assert_snapshot!(body(&data::system_report(&data::case()).document()));
}

#[test]
fn the_system_report_without_a_record() {
    assert_snapshot!(body(&data::system_report(&[]).document()));
}

#[test]
fn the_access_report() {
    assert_snapshot!(body(&data::access_report(data::accesses()).document()));
}

#[test]
fn a_page_has_our_policy_and_our_style_and_nothing_that_runs_or_loads() {
    let page = html(&data::system_report(&data::case()).document());
    let (head, _) = page.split_once("<body>").unwrap();
    assert_snapshot!(head);
    for active in [
        "<script", "<link", "<img", "<iframe", "<object", "url(", "@import", "http",
    ] {
        let found = page.matches(active).count();
        // `http-equiv` of the policy itself.
        assert_eq!(found, usize::from(active == "http"), "{active}");
    }
}

#[test]
fn the_figures_of_a_system_report_are_there_for_machines_too() {
    let document = data::system_report(&data::case()).document();
    let figures = &document.attachments[0];
    assert_eq!(figures.name, "figures.json");
    assert_snapshot!(String::from_utf8(figures.bytes.clone()).unwrap());
}

#[test]
fn each_record_of_a_decision_report_is_attached_as_the_ledger_gives_it() {
    let mut chain = data::case();
    let decision = chain.remove(2);
    let all: Vec<_> = chain
        .iter()
        .chain([&decision])
        .map(|record| record.answer.clone())
        .collect();
    let document = data::decision_report(decision, chain).document();
    assert_eq!(document.attachments.len(), all.len());
    for answer in all {
        assert!(
            document
                .attachments
                .iter()
                .any(|attached| attached.bytes == answer)
        );
    }
}

#[test]
fn the_same_data_give_the_same_page() {
    let twice = [(); 2].map(|()| html(&data::system_report(&data::case()).document()));
    assert_eq!(twice[0], twice[1]);
    let mut turned = data::case();
    turned.reverse();
    assert_eq!(html(&data::system_report(&turned).document()), twice[0]);
}
