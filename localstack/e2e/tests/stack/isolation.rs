//! What a key of one tenant can do to another's ledgers: nothing, and it does not learn that they
//! exist.

use std::fs;

use serde_json::Value;

use crate::api::{Answer, Api};
use crate::ledger::{Ledger, admin, demo};
use crate::place::place;

/// An answer without what differs from request to request.
fn bytes(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let id = body["error"]["request_id"].as_str().expect("a request id");
    (answer.status, answer.text.replace(id, ""))
}

#[test]
fn another_tenants_records_and_ledgers_answer_as_ones_that_do_not_exist() {
    let stranger = Ledger::create("strangers/own").api();
    let lines = fs::read_to_string(place().dir.join("sent.ndjson")).expect("what was sent");
    let sent: Value =
        serde_json::from_str(lines.lines().next().expect("a line")).expect("a record");
    let (ledger, id) = (
        sent["ledger"].as_str().expect("a ledger"),
        sent["record"]["id"].as_str().expect("an id"),
    );
    let never = "01900000-0000-7000-8000-000000000000";
    let owner = demo().remove(0).api();
    assert_eq!(
        owner
            .get(&format!("/audit/logs/{id}?ledger={ledger}"))
            .status,
        200
    );
    for (theirs, nobodys) in [
        (format!("/audit/logs/{id}"), format!("/audit/logs/{never}")),
        (
            format!("/audit/logs/{id}?ledger={ledger}"),
            format!("/audit/logs/{id}?ledger=nothing"),
        ),
        (
            format!("/audit/logs?ledger={ledger}"),
            "/audit/logs?ledger=nothing".to_owned(),
        ),
    ] {
        let answers = [theirs, nobodys].map(|path| bytes(&stranger.get(&path)));
        assert_eq!(answers[0].0, 404, "{}", answers[0].1);
        assert_eq!(answers[0], answers[1]);
    }
    let ledgers = stranger.get("/ledgers").good();
    let names: Vec<_> = ledgers["ledgers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|ledger| ledger["ledger"].as_str())
        .collect();
    assert_eq!(names, ["strangers/own"]);
}

#[test]
fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    let ledger = Ledger::create("e2e/scopes");
    let key = |scope: &str| {
        let made = admin(&[
            "key",
            "create",
            &ledger.name,
            "--name",
            scope,
            "--scope",
            scope,
        ]);
        made["key"].as_str().expect("a key").to_owned()
    };
    let record = r#"{"type":"decision","occurred_at":"2026-11-24T09:00:00Z","system":"scopes"}"#;
    let (writes, reads) = (key("records:write"), key("records:read"));
    for (token, posting, listing) in [(&writes, 202, 403), (&reads, 403, 200)] {
        let api = Api::new(token);
        assert_eq!(api.post_lines(record.into()).status, posting);
        assert_eq!(api.get("/audit/logs").status, listing);
    }
    // Never used before, so that no function has it in its memory.
    let revoked = key("records:write");
    let id = revoked.split('_').nth(1).expect("a key's id");
    admin(&["key", "revoke", id]);
    assert_eq!(Api::new(&revoked).post_lines(record.into()).status, 401);
}
