//! Two tenants whose ids, subjects and names of ledgers collide: nothing crosses, and no answer
//! about what is another's differs from the answer about what does not exist.

use serde_json::{Value, json};

use crate::account::{Account, id, record};

/// What only the other tenant's records say.
const THEIRS: &str = "globex-secret";

/// A record whose every member that can be asked for is the other tenant's alone.
fn secret(id: &str) -> Value {
    record(
        id,
        json!({
            "type": "tool_call", "system": THEIRS, "environment": THEIRS, "trace_id": THEIRS,
            "parent_id": THEIRS, "decision_id": THEIRS,
            "actor": {"id": THEIRS, "type": "user"}, "subject": {"id": THEIRS, "category": THEIRS},
            "attributes": {"gen_ai.request.model": THEIRS, "gen_ai.provider.name": THEIRS,
                "gen_ai.input.messages": THEIRS},
            "decision": {"outcome": THEIRS, "risk_level": "critical", "principal_reasons": [THEIRS]},
        }),
    )
}

/// Ids that both tenants have, an id of theirs alone, and one of nobody.
const SHARED: (u64, u64) = (0, 1);
const ONLY_THEIRS: (u64, u64) = (90_000_000, 2);
const NOBODY_S: (u64, u64) = (90_000_000, 3);

async fn account() -> Account {
    let account = Account::new().await;
    let shared = id(SHARED.0, SHARED.1);
    let same = json!({"subject": {"id": "person-7"}, "actor": {"id": "person-1", "type": "user"}});
    account.commit("all", &[record(&shared, same)]).await;
    account
        .commit("hiring", &[record(&shared, json!({}))])
        .await;
    for key in ["globex", "vault"] {
        let mut theirs = secret(&shared);
        theirs["subject"]["id"] = json!("person-7");
        account
            .commit(key, &[theirs, secret(&id(ONLY_THEIRS.0, ONLY_THEIRS.1))])
            .await;
    }
    account
}

/// Asks for what is theirs and for what is nobody's: status and bytes must be the same.
async fn same_answers(account: &Account, key: &str, theirs: &str, nobodys: &str) {
    let (first, second) = (
        account.get(key, theirs).await,
        account.get(key, nobodys).await,
    );
    assert_eq!(first, second, "{key}: {theirs} and {nobodys} differ");
    assert!(!first.text.contains(THEIRS), "{key}: {theirs}");
}

const KEYS: [&str; 6] = ["home", "tenant", "all", "hiring", "homeless", "writer"];

#[tokio::test]
async fn another_tenant_s_id_or_ledger_answers_as_one_that_does_not_exist() {
    let account = account().await;
    let (theirs, nobodys) = (id(ONLY_THEIRS.0, ONLY_THEIRS.1), id(NOBODY_S.0, NOBODY_S.1));
    let one = |id: &str, query: &str| format!("/api/v1/audit/logs/{id}{query}");
    let list = |query: &str| format!("/api/v1/audit/logs?{query}");
    for key in KEYS {
        for query in ["", "?ledger=credit", "?ledger=hiring"] {
            same_answers(&account, key, &one(&theirs, query), &one(&nobodys, query)).await;
        }
        for query in [
            "/chain",
            "/chain?ledger=credit",
            "/chain?ledger=hiring&limit=1",
        ] {
            same_answers(&account, key, &one(&theirs, query), &one(&nobodys, query)).await;
        }
        let metrics = |query: &str| format!("/api/v1/audit/metrics?from=2025-01-01&{query}");
        let (foreign, unknown) = (metrics("ledger=vault"), metrics("ledger=nothing"));
        same_answers(&account, key, &foreign, &unknown).await;
        for id in [&theirs, &nobodys, &id(SHARED.0, SHARED.1)] {
            let chain = |ledger: &str| one(id, &format!("/chain?ledger={ledger}"));
            same_answers(&account, key, &chain("vault"), &chain("nothing")).await;
            same_answers(
                &account,
                key,
                &one(id, "?ledger=vault"),
                &one(id, "?ledger=nothing"),
            )
            .await;
        }
        for rest in [
            "",
            "&limit=1",
            "&outcome=denied",
            "&order=asc&from=2026-01-01",
        ] {
            let (theirs, nobodys) = (
                format!("ledger=vault{rest}"),
                format!("ledger=nothing{rest}"),
            );
            same_answers(&account, key, &list(&theirs), &list(&nobodys)).await;
        }
    }
    // A ledger of one's own tenant that the key may not read is no different.
    same_answers(
        &account,
        "home",
        &list("ledger=hiring"),
        &list("ledger=nothing"),
    )
    .await;
    let shared = id(SHARED.0, SHARED.1);
    same_answers(
        &account,
        "home",
        &one(&shared, "?ledger=hiring"),
        &one(&shared, "?ledger=nothing"),
    )
    .await;
}

#[tokio::test]
async fn another_tenant_s_values_find_as_much_as_nobody_s() {
    let account = account().await;
    let parameters = [
        "outcome",
        "actor",
        "subject",
        "system",
        "model",
        "provider",
        "environment",
    ];
    for key in ["home", "tenant", "all", "hiring"] {
        for ledger in ["credit", "hiring"] {
            let list = |query: &str| format!("/api/v1/audit/logs?ledger={ledger}&{query}");
            for parameter in parameters {
                let theirs = list(&format!("{parameter}={THEIRS}"));
                // As long as the other, so that nothing hangs on the length.
                let nobodys = list(&format!("{parameter}=nobody-secret"));
                same_answers(&account, key, &theirs, &nobodys).await;
            }
            // Words that only they used, and words that nobody did.
            same_answers(&account, key, &list("type=tool_call"), &list("type=gap")).await;
            same_answers(
                &account,
                key,
                &list("risk_level=critical"),
                &list("risk_level=limited"),
            )
            .await;
        }
    }
}

#[tokio::test]
async fn another_tenant_s_cursor_is_a_text_that_is_none() {
    let account = account().await;
    let theirs = account.get("globex", "/api/v1/audit/logs?limit=1").await;
    let cursor = theirs.body()["next_cursor"]
        .as_str()
        .expect("a cursor")
        .to_owned();
    let made_up = "A".repeat(cursor.len());
    for key in ["home", "tenant", "all", "hiring"] {
        for ledger in ["credit", "hiring"] {
            let list = |cursor: &str| {
                format!("/api/v1/audit/logs?ledger={ledger}&limit=1&cursor={cursor}")
            };
            same_answers(&account, key, &list(&cursor), &list(&made_up)).await;
            let shared = id(SHARED.0, SHARED.1);
            let chain = |cursor: &str| {
                format!("/api/v1/audit/logs/{shared}/chain?ledger={ledger}&cursor={cursor}")
            };
            same_answers(&account, key, &chain(&cursor), &chain(&made_up)).await;
        }
    }
}

#[tokio::test]
async fn each_tenant_finds_its_own_and_nothing_of_the_other() {
    let account = account().await;
    let shared = id(SHARED.0, SHARED.1);
    let targets = [
        "/api/v1/audit/logs?ledger=credit".to_owned(),
        "/api/v1/audit/logs?ledger=hiring&order=asc".to_owned(),
        "/api/v1/audit/logs?ledger=credit&subject=person-7".to_owned(),
        "/api/v1/audit/logs?ledger=credit&actor=person-1".to_owned(),
        format!("/api/v1/audit/logs/{shared}"),
        format!("/api/v1/audit/logs/{shared}?ledger=credit"),
        format!("/api/v1/audit/logs/{shared}/chain"),
        "/api/v1/audit/metrics?from=2025-01-01&ledger=credit".to_owned(),
        "/api/v1/audit/metrics?from=2025-01-01&ledger=hiring&bucket=hour".to_owned(),
        "/api/v1/ledgers".to_owned(),
    ];
    for target in &targets {
        let answer = account.get("all", target).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text);
        for foreign in [THEIRS, "globex", "vault"] {
            assert!(!answer.text.contains(foreign), "{target}: {}", answer.text);
        }
        let theirs = account.get("globex", target).await;
        assert_eq!(theirs.status, 200, "{target}: {}", theirs.text);
        assert!(!theirs.text.contains("acme"), "{target}: {}", theirs.text);
    }
    let found = account
        .get("globex", "/api/v1/audit/logs?subject=person-7")
        .await;
    assert_eq!(found.body()["records"][0]["ledger"], "globex/credit");
    assert_eq!(found.ids(), [shared]);
}
