//! The document's words about requests are the code's.

use audit_record::Record;
use audit_record::vocabulary::{ActorType, AiRole, Completion, FactorMethod, RiskLevel};
use audit_record::{RecordType, limits};
use serde_json::{Value, json};

use crate::account::{Account, id, record};
use crate::schemas::Schemas;

/// A record with every member that the form lists.
fn full() -> Value {
    json!({
        "id": "019b76da-a800-7abc-8def-000000000001", "type": "decision",
        "occurred_at": "2026-01-01T00:00:00Z", "ended_at": "2026-01-01T00:00:01Z",
        "system": "credit", "environment": "production",
        "actor": {"id": "a", "type": "user"}, "subject": {"id": "s", "category": "c"},
        "trace_id": "t", "parent_id": "p", "decision_id": "d",
        "producer": {"id": "p-1", "seq": 1, "sdk": "python/1"},
        "attributes": {
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "p",
            "gen_ai.request.model": "m", "gen_ai.response.id": "r", "gen_ai.response.model": "m",
            "gen_ai.response.finish_reasons": ["stop", null],
            "gen_ai.usage.input_tokens": 1, "gen_ai.usage.output_tokens": 0,
            "gen_ai.usage.cache_read.input_tokens": 1, "gen_ai.usage.cache_write.input_tokens": 1,
            "gen_ai.usage.reasoning.output_tokens": 1, "gen_ai.conversation.id": "c",
            "gen_ai.prompt.name": "n", "gen_ai.prompt.version": "v", "error.type": "e",
            "server.address": "s", "audit.call.completion": "complete", "audit.call.attempts": 1,
            "audit.call.provider_request_id": "r", "audit.call.cost": 0.5, "any.other": {"x": [1]},
        },
        "decision": {
            "outcome": "denied", "adverse": true, "confidence": 0.5, "confidence_source": "model",
            "alternatives": [1, null, {}], "risk_level": "high", "risk_reasons": ["r", null],
            "ai_role": "advisory", "solely_automated": false, "policy": {"id": "p", "version": "1"},
            "principal_reasons": ["r", {"code": "x"}, null],
            "factors": [{"name": "n", "value": [], "weight": -1.5, "direction": "up", "method": "shap"}, null],
            "explanation": "e",
            "oversight": {"required": true, "action": "a", "reason": "r", "at": "2026-01-01T00:00:00Z",
                "reviewers": [{"id": "i", "role": "r"}, null]},
        },
        "regulatory": {
            "system_risk_class": "high", "intended_purpose": "p",
            "use_started_at": "2026-01-01T00:00:00Z", "use_ended_at": "2026-01-01T00:00:00Z",
            "reference_data": [1], "legal_basis": "b",
            "retention": {"class": "7y", "until": "2033-01-01"},
        },
    })
}

/// Pointers of everything inside a value.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                pointers(value, &format!("{at}/{}", escaped(name)), found);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn is_valid(record: &Value) -> bool {
    Record::parse(record.to_string().as_bytes()).is_ok()
}

#[test]
fn the_schema_of_a_record_takes_what_the_service_takes() {
    let schemas = Schemas::new();
    let full = full();
    assert!(is_valid(&full) && schemas.takes("Record", &full));
    assert!(schemas.takes("StoredRecord", &full));
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(-0.5),
        json!(""),
        json!("x"),
        json!("minimal"),
        json!("2026-01-01T00:00:00Z"),
        json!([]),
        json!([1]),
        json!(["a", "b", "c", "d", "e"]),
        json!([[]]),
        json!({}),
        json!({"unheard_of": 1}),
        json!("x".repeat(65)),
        json!("x".repeat(257)),
        json!("no spaces, please"),
    ];
    let mut all = Vec::new();
    pointers(&full, "", &mut all);
    let mut differing = Vec::new();
    let mut tried = 0;
    for pointer in &all {
        for value in &values {
            let mut changed = full.clone();
            *changed.pointer_mut(pointer).expect("a member") = value.clone();
            tried += 1;
            if is_valid(&changed) != schemas.takes("Record", &changed) {
                differing.push(format!(
                    "{pointer} = {value}: valid is {}",
                    is_valid(&changed)
                ));
            }
        }
    }
    // The schema does not say what a time or date of `retention.until` looks like.
    differing.retain(|difference| !difference.starts_with("/regulatory/retention/until = \""));
    assert!(differing.is_empty(), "{differing:#?}");
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn each_member_of_a_record_is_required_by_both_or_by_neither() {
    let schemas = Schemas::new();
    let full = full();
    for name in full.as_object().expect("an object").keys() {
        let mut without = full.clone();
        without.as_object_mut().expect("an object").remove(name);
        let valid = is_valid(&without);
        assert_eq!(valid, schemas.takes("Record", &without), "{name}");
    }
}

#[test]
fn the_words_of_the_document_are_the_code_s() {
    let schemas = Schemas::new();
    for (name, words) in [
        ("RecordType", RecordType::WORDS),
        ("RiskLevel", RiskLevel::WORDS),
        ("ActorType", ActorType::WORDS),
        ("AiRole", AiRole::WORDS),
        ("Completion", Completion::WORDS),
        ("FactorMethod", FactorMethod::WORDS),
        ("RecordStatus", &["accepted", "rejected", "unavailable"]),
        ("Order", &["asc", "desc"]),
        ("BucketName", &["hour", "day"]),
        (
            "ErrorCode",
            &audit_lambda::http::Code::ALL.map(audit_lambda::http::Code::as_str),
        ),
    ] {
        let schema = schemas.resolved(&json!({"$ref": format!("#/components/schemas/{name}")}));
        assert_eq!(schema["enum"], json!(words), "{name}");
    }
}

/// A good value and a wrong one for each parameter of the document.
fn examples(name: &str) -> (&'static str, Option<&'static str>) {
    match name {
        "ledger" => ("credit", Some("Credit")),
        "from" => ("2026-01-01", Some("x")),
        "to" => ("2026-01-02T00:00:00Z", Some("x")),
        "type" => ("decision", Some("x")),
        "risk_level" => ("high", Some("x")),
        "order" => ("asc", Some("x")),
        "limit" => ("5", Some("501")),
        "bucket" => ("hour", Some("x")),
        "id" => ("019b76da-a800-7abc-8def-000000000001", Some("x")),
        "cursor" => ("", Some("x")),
        _ => ("x", None),
    }
}

#[tokio::test]
async fn each_parameter_of_the_document_is_the_route_s_and_is_read() {
    let account = Account::new().await;
    account.commit("all", &[record(&id(0, 1), json!({}))]).await;
    let (mut good, mut wrong) = (0, 0);
    for (method, path, operation) in Schemas::new().operations() {
        if method != "GET" {
            continue;
        }
        let path = path.replace("{id}", &id(0, 1));
        let required: Vec<&Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query" && parameter["required"] == true)
            .collect();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            if parameter["in"] == "path" {
                continue;
            }
            let (value, refused) = examples(name);
            let mut path = format!("{path}?");
            for other in required.iter().filter(|other| other["name"] != name) {
                let other = other["name"].as_str().expect("a name");
                path.push_str(&format!("{other}={}&", examples(other).0));
            }
            if !value.is_empty() {
                let answer = account.get("all", &format!("{path}{name}={value}")).await;
                assert!(answer.status == 200, "{path} {name}: {}", answer.text);
                good += 1;
            }
            if let Some(value) = refused {
                let answer = account.get("all", &format!("{path}{name}={value}")).await;
                assert_eq!(answer.status, 400, "{path} {name}");
                assert_eq!(answer.details()[0].0, name, "{path}");
                assert_ne!(answer.details()[0].1, "unknown_parameter", "{path} {name}");
                wrong += 1;
            }
        }
    }
    assert_eq!((good, wrong), (21, 16));
}

#[tokio::test]
async fn what_ingest_answers_is_what_the_document_says() {
    let account = Account::new().await;
    let good = json!({"type": "decision", "occurred_at": "2026-01-01T00:00:00Z", "system": "s"});
    let bad = json!({"type": "decision", "system": "", "x": 1});
    let large = "a".repeat(limits::BODY_BYTES_MAX);
    for (key, path, body, status) in [
        ("all", "/api/v1/audit/log", good.to_string(), 202),
        (
            "all",
            "/api/v1/audit/logs",
            json!([good, bad, good]).to_string(),
            202,
        ),
        ("all", "/api/v1/audit/log", bad.to_string(), 400),
        (
            "all",
            "/api/v1/audit/logs",
            json!([bad, bad]).to_string(),
            400,
        ),
        ("all", "/api/v1/audit/logs", "{".to_owned(), 400),
        ("", "/api/v1/audit/log", good.to_string(), 401),
        ("home", "/api/v1/audit/log", good.to_string(), 403),
        ("all", "/api/v1/audit/logs", format!("[\"{large}\"]"), 413),
    ] {
        // The account checks each answer against the document.
        assert_eq!(
            account.post(key, path, &body).await.status,
            status,
            "{key} {path}"
        );
    }
}
