//! What AWS says in an account with one ledger and one API key, operation by operation.

use serde_json::{Value, json};

use super::services::{Answer, Request};

/// The ledger.
pub(super) const LEDGER: &str = "acme/credit";
/// The API key: an id, and 32 zero bytes as its secret.
pub(super) const TOKEN: &str = "aal_aaaaaaaaaaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// The key that wraps ledger keys.
pub(super) const KMS_KEY: &str =
    "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000";

/// SHA-256 of 32 zero bytes.
const SECRET_SHA256: &str = "Zmh6rfhivXdsj8GLjp+OIAiXFIVu4jOzkCpZHQ1fKSU=";
/// 32 bytes, 16 bytes.
const SOME_HASH: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const SOME_ID: &str = "AQEBAQEBAQEBAQEBAQEBAQ==";

/// The answer to a request.
pub(super) fn answer(request: &Request) -> Answer {
    let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let said = match request.target.rsplit('.').next().unwrap_or_default() {
        "GetItem" => match row(text(&body, "pk"), text(&body, "sk")) {
            Value::Null => json!({}),
            row => json!({ "Item": row }),
        },
        "BatchGetItem" => json!({"Responses": {}, "UnprocessedKeys": {}}),
        "Query" => json!({"Items": [], "Count": 0, "ScannedCount": 0}),
        "BatchWriteItem" => json!({"UnprocessedItems": {}}),
        "SendMessageBatch" => sent(&body),
        "Decrypt" => json!({"KeyId": KMS_KEY, "Plaintext": SOME_HASH}),
        "" if request.method == "PUT" => return stored(),
        _ => json!({}),
    };
    Answer {
        status: 200,
        headers: &[("content-type", "application/x-amz-json-1.0")],
        body: said.to_string(),
    }
}

fn text<'b>(body: &'b Value, name: &str) -> &'b str {
    body["Key"][name]["S"].as_str().unwrap_or_default()
}

/// A row of the tables, as DynamoDB writes it.
fn row(pk: &str, sk: &str) -> Value {
    let mut row = match (pk, sk) {
        ("A#aaaaaaaaaaaaaaaa", "KEY") => json!({
            "rev": {"N": "1"}, "secret_sha256": {"B": SECRET_SHA256}, "tenant": {"S": "acme"},
            "ledger": {"S": "credit"}, "name": {"S": "bench"}, "created_at": {"N": "1767225600000"},
            "scopes": {"L": [{"S": "records:write"}, {"S": "records:read"}]},
        }),
        ("LEDGERS", LEDGER) => json!({
            "rev": {"N": "1"}, "origin": {"S": "audit.test/acme/credit"},
            "retention_class": {"S": "7y"}, "buckets": {"N": "1"}, "scope": {"S": "day"},
            "lane": {"N": "0"}, "created_at": {"N": "1767225600000"},
            "ledger_keys": {"L": [{"M": {
                "key_id": {"B": SOME_ID}, "kms_key": {"S": KMS_KEY}, "wrapped": {"B": SOME_HASH},
            }}]},
        }),
        ("LEDGER#acme/credit", "HEAD") => json!({
            "size": {"N": "1"}, "root": {"B": SOME_HASH}, "frontier": {"B": SOME_HASH},
            "seg_start": {"N": "0"}, "seg_sha256": {"B": SOME_HASH}, "seg_version": {"S": "v1"},
        }),
        _ => return Value::Null,
    };
    row["pk"] = json!({ "S": pk });
    row["sk"] = json!({ "S": sk });
    row
}

/// The queue has every message.
fn sent(body: &Value) -> Value {
    let taken: Vec<Value> = body["Entries"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
        .collect();
    json!({"Successful": taken, "Failed": []})
}

fn stored() -> Answer {
    Answer {
        status: 200,
        headers: &[("x-amz-version-id", "v2"), ("etag", "\"0\"")],
        body: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        let get = |pk: &str, sk: &str| {
            let body = json!({"Key": {"pk": {"S": pk}, "sk": {"S": sk}}}).to_string();
            let request = Request {
                target: "DynamoDB_20120810.GetItem".to_owned(),
                body: body.into_bytes(),
                ..Request::default()
            };
            let said: Value = serde_json::from_str(&answer(&request).body).expect("JSON");
            said["Item"].is_object()
        };
        assert!(get("A#aaaaaaaaaaaaaaaa", "KEY") && get("LEDGERS", LEDGER));
        assert!(!get("A#bbbbbbbbbbbbbbbb", "KEY"));
    }
}
