//! The table of requests with their answers, and one recorded event for each route.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::account::{Account, id, record, same};

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    key: String,
    method: String,
    target: String,
    status: u64,
    code: Option<String>,
    #[serde(default)]
    details: Vec<(String, String)>,
    allow: Option<String>,
}

async fn account() -> Account {
    let account = Account::new().await;
    let denied = json!({"decision": {"outcome": "denied", "risk_level": "high"}});
    let own = [record(&id(0, 1), denied.clone()), record(&id(1, 2), denied)];
    account.commit("all", &own).await;
    let hiring = [record(&id(0, 0xcafe), json!({}))];
    account.commit("hiring", &hiring).await;
    let theirs = [record(&id(0, 0xbeef), json!({}))];
    account.commit("vault", &theirs).await;
    account.commit("globex", &theirs).await;
    account
}

/// The id of the ledger's own first entry, which has a row like any other.
fn genesis(account: &Account) -> String {
    let rows = account.cloud.rows.contents();
    let mut own = rows
        .keys()
        .filter(|key| key.pk.starts_with("R#acme/credit#") && key.sk.get(14..15) == Some("8"));
    own.next().expect("a genesis").sk.clone()
}

#[tokio::test]
async fn each_request_of_the_table_has_its_answer() {
    let table: Table =
        serde_json::from_str(include_str!("../data/requests.json")).expect("a table");
    let account = account().await;
    let genesis = genesis(&account);
    for case in &table.cases {
        let target = case.target.replace("@genesis", &genesis);
        let answer = account.ask(&case.key, &case.method, &target).await;
        let name = &case.name;
        assert_eq!(answer.status, case.status, "{name}: {}", answer.text);
        assert_eq!(answer.header("allow"), case.allow.as_deref(), "{name}");
        let challenge = (case.status == 401).then_some("Bearer");
        assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
        let body = answer.body();
        assert_eq!(
            body["error"]["code"].as_str(),
            case.code.as_deref(),
            "{name}"
        );
        assert_eq!(answer.details(), case.details, "{name}");
        if case.code.is_some() {
            let event: Value = account.event("", "GET", "/", None);
            let request_id = &event["requestContext"]["requestId"];
            assert_eq!(&body["error"]["request_id"], request_id, "{name}");
        }
    }
    assert!(table.cases.len() >= 40);
}

#[tokio::test]
async fn the_recorded_event_of_each_route_is_answered() {
    let account = account().await;
    let token = account.event("home", "GET", "/", None)["headers"]["authorization"].clone();
    for (recorded, status, pointer, expected) in [
        (
            include_str!("../data/list_records.json"),
            200,
            "/records/1/id",
            json!(id(0, 1)),
        ),
        (
            include_str!("../data/get_record.json"),
            200,
            "/record/decision/outcome",
            json!("denied"),
        ),
        (
            include_str!("../data/get_chain.json"),
            200,
            "/records/0/id",
            json!(id(0, 1)),
        ),
        (
            include_str!("../data/get_metrics.json"),
            200,
            "/total/outcome/denied",
            json!(2),
        ),
        (
            include_str!("../data/list_ledgers.json"),
            200,
            "/ledgers/0/name",
            json!("credit"),
        ),
        (
            include_str!("../data/get_health.json"),
            200,
            "/status",
            json!("ok"),
        ),
        (
            include_str!("../data/get_document.json"),
            200,
            "/openapi",
            json!("3.1.0"),
        ),
        (
            include_str!("../data/default.json"),
            405,
            "/error/code",
            json!("method_not_allowed"),
        ),
    ] {
        let mut event: Value = serde_json::from_str(recorded).expect("an event");
        if event["headers"]["authorization"].is_string() {
            event["headers"]["authorization"] = token.clone();
        }
        let route = event["routeKey"].clone();
        let answer = account.send(event).await;
        assert_eq!(answer.status, status, "{route}: {}", answer.text);
        assert_eq!(answer.body().pointer(pointer), Some(&expected), "{route}");
    }
}

#[tokio::test]
async fn a_list_goes_on_with_its_cursor_and_no_other() {
    let account = account().await;
    let list = "/api/v1/audit/logs?outcome=denied&order=asc&limit=1";
    let first = account.get("home", list).await;
    assert_eq!(first.ids(), [id(0, 1)]);
    let cursor = first.body()["next_cursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    // What is committed meanwhile is not part of the list.
    let late = [record(
        &id(500, 3),
        json!({"decision": {"outcome": "denied"}}),
    )];
    account.commit("all", &late).await;
    let second = account
        .get("home", &format!("{list}&cursor={cursor}"))
        .await;
    assert_eq!(second.ids(), [id(1, 2)]);
    assert_eq!(second.body()["size"], first.body()["size"]);
    assert_eq!(second.body()["next_cursor"], Value::Null);
    for other in [
        "/api/v1/audit/logs?outcome=denied&limit=1",
        "/api/v1/audit/logs?order=asc&limit=1",
        "/api/v1/audit/logs?outcome=denied&order=asc&from=2026-01-01",
    ] {
        let answer = account
            .get("home", &format!("{other}&cursor={cursor}"))
            .await;
        assert_eq!(answer.status, 400, "{other}");
        assert_eq!(
            answer.details(),
            [("cursor".to_owned(), "invalid_value".to_owned())]
        );
    }
    let more = format!("/api/v1/audit/logs?outcome=denied&order=asc&limit=50&cursor={cursor}");
    assert_eq!(account.get("home", &more).await.ids(), [id(1, 2)]);
}

#[tokio::test]
async fn one_record_is_given_back_as_it_was_sent() {
    let account = account().await;
    let sent = record(
        &id(2, 7),
        json!({"subject": {"id": "p-7", "category": null}, "trace_id": null,
            "attributes": {"gen_ai.usage.input_tokens": 1e3, "x": [1e15, -0.0, {"é": "\u{1}"}]},
            "decision": {"alternatives": [null, {"a": []}], "oversight": {}}}),
    );
    account.commit("all", std::slice::from_ref(&sent)).await;
    let answer = account
        .get("all", &format!("/api/v1/audit/logs/{}", id(2, 7)))
        .await;
    let body = answer.body();
    assert!(same(&body["record"], &sent), "{body}");
    assert_eq!(
        (&body["ledger"], &body["status"]),
        (&json!("acme/credit"), &json!("committed"))
    );
    let minted = account
        .post(
            "all",
            "/api/v1/audit/log",
            r#"{"type":"access","occurred_at":"2026-01-01T00:00:00Z","system":"s"}"#,
        )
        .await;
    account.drain().await;
    let minted = minted.body()["results"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let answer = account
        .get("home", &format!("/api/v1/audit/logs/{minted}"))
        .await;
    assert_eq!(answer.body()["record"]["id"], json!(minted));
}

#[tokio::test]
async fn the_home_ledger_is_looked_at_first_and_the_others_after_it() {
    let account = account().await;
    let both = id(9, 9);
    account
        .commit("all", &[record(&both, json!({"system": "at-home"}))])
        .await;
    account
        .commit("hiring", &[record(&both, json!({"system": "elsewhere"}))])
        .await;
    let system = |answer: crate::account::Answer| answer.body()["record"]["system"].clone();
    let one = format!("/api/v1/audit/logs/{both}");
    assert_eq!(system(account.get("all", &one).await), "at-home");
    assert_eq!(system(account.get("hiring", &one).await), "elsewhere");
    assert_eq!(
        system(account.get("all", &format!("{one}?ledger=hiring")).await),
        "elsewhere"
    );
    let only = format!("/api/v1/audit/logs/{}", id(0, 0xcafe));
    assert_eq!(
        account.get("all", &only).await.body()["ledger"],
        "acme/hiring"
    );
    let names = |answer: crate::account::Answer| {
        let ledgers = answer.body()["ledgers"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        ledgers
            .iter()
            .map(|ledger| ledger["name"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(account.get("all", "/api/v1/ledgers").await),
        [r#""credit""#, r#""hiring""#]
    );
    assert_eq!(
        names(account.get("hiring", "/api/v1/ledgers").await),
        [r#""hiring""#]
    );
}
