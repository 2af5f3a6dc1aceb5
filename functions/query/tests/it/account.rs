//! An account with two tenants, whose records took the whole way: ingest, lane, writer.
//!
//! What a test asks goes in as an API Gateway event and comes out as the function's answer, and each
//! answer is held against the OpenAPI document on the way.

use std::collections::BTreeMap;
use std::fmt;

use audit_ingest::Ingest;
use audit_lambda::http::{Event, Router};
use audit_ledger::{Delivered, Limits, NewLedger, Operator, Writer};
use audit_query::Reader;
use audit_query_function::Query;
use audit_record::Millis;
use audit_storage::Clock as _;
use audit_storage::config::{
    ApiKey, ApiKeyId, ApiKeySecret, ApiScope, Lane, RateLimit, ScopeSetting,
};
use audit_storage::key_table;
use audit_testkit::{
    Cloud, Gate, ManualClock, MemoryLanes, MemoryObjects, MemoryStores, MemoryTable, SeededEntropy,
};
use serde_json::{Value, json};

use crate::schemas::Schemas;

type QueryRouter = Router<Query<MemoryStores, MemoryTable, ManualClock>>;
type IngestRouter = Router<
    Ingest<MemoryTable, MemoryTable, MemoryLanes, MemoryObjects, ManualClock, SeededEntropy>,
>;

/// 2026-01-01, when the clock starts.
pub(crate) const NOW: u64 = 1_767_225_600_000;

/// The ledgers, by tenant and short name. The tenants' names of ledgers collide.
const LEDGERS: [(&str, &str); 5] = [
    ("acme", "credit"),
    ("acme", "hiring"),
    ("globex", "credit"),
    ("globex", "vault"),
    ("globex", "hiring"),
];

/// The keys by name: tenant, home ledger, scopes.
const KEYS: [(&str, &str, Option<&str>, &[ApiScope]); 10] = [
    ("home", "acme", Some("credit"), &[ApiScope::RecordsRead]),
    ("tenant", "acme", None, &[ApiScope::TenantRead]),
    (
        "all",
        "acme",
        Some("credit"),
        &[ApiScope::RecordsWrite, ApiScope::TenantRead],
    ),
    (
        "hiring",
        "acme",
        Some("hiring"),
        &[ApiScope::RecordsWrite, ApiScope::RecordsRead],
    ),
    ("writer", "acme", Some("credit"), &[ApiScope::RecordsWrite]),
    ("homeless", "acme", None, &[ApiScope::RecordsRead]),
    ("expired", "acme", Some("credit"), &[ApiScope::RecordsRead]),
    ("revoked", "acme", Some("credit"), &[ApiScope::RecordsRead]),
    (
        "globex",
        "globex",
        Some("credit"),
        &[ApiScope::RecordsWrite, ApiScope::TenantRead],
    ),
    (
        "vault",
        "globex",
        Some("vault"),
        &[ApiScope::RecordsWrite, ApiScope::RecordsRead],
    ),
];

/// What the function answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
    /// The bytes of the whole answer as Lambda takes it.
    pub(crate) wire_len: usize,
}

impl Answer {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Field and code of each detail.
    pub(crate) fn details(&self) -> Vec<(String, String)> {
        let body = self.body();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let details = body["error"]["details"].as_array().cloned();
        details
            .unwrap_or_default()
            .iter()
            .map(|detail| (text(&detail["field"]), text(&detail["code"])))
            .collect()
    }

    /// The ids of a list's records.
    pub(crate) fn ids(&self) -> Vec<String> {
        let body = self.body();
        let records = body["records"].as_array().expect("records");
        let id = |record: &Value| record["id"].as_str().expect("an id").to_owned();
        records.iter().map(id).collect()
    }
}

pub(crate) struct Account {
    pub(crate) cloud: Cloud,
    pub(crate) gate: Gate,
    query: QueryRouter,
    ingest: IngestRouter,
    tokens: BTreeMap<&'static str, String>,
    schemas: Schemas,
}

impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Account").finish_non_exhaustive()
    }
}

impl Account {
    /// Empty ledgers and their keys.
    pub(crate) async fn new() -> Self {
        Self::through(Gate::new()).await
    }

    /// The same, with the query function's own calls passing a gate.
    pub(crate) async fn through(gate: Gate) -> Self {
        let cloud = Cloud::new();
        make_ledgers(&cloud).await;
        let mut tokens = BTreeMap::new();
        let entropy = SeededEntropy::new(7);
        for (name, tenant, ledger, scopes) in KEYS {
            let key = make_key(&cloud, &entropy, name, tenant, ledger, scopes).await;
            tokens.insert(name, key);
        }
        let process = cloud.process(&gate);
        let reader = Reader::new(process.stores(2));
        let query =
            Query::new(reader, process.keys, process.clock, ["7y", "trial"]).expect("classes");
        let ingest = Ingest::new(
            cloud.keys.clone(),
            cloud.rows.clone(),
            cloud.lanes.clone(),
            cloud.staging.clone(),
            RateLimit::DEFAULT,
            cloud.clock.clone(),
            SeededEntropy::new(8),
        );
        Self {
            cloud,
            gate,
            query: audit_query_function::router(query),
            ingest: audit_ingest::router(ingest),
            tokens,
            schemas: Schemas::new(),
        }
    }

    /// Asks the query function with a key, or without one (`""`).
    pub(crate) async fn ask(&self, key: &str, method: &str, target: &str) -> Answer {
        let event = self.event(key, method, target, None);
        self.send(event).await
    }

    /// `GET`.
    pub(crate) async fn get(&self, key: &str, target: &str) -> Answer {
        self.ask(key, "GET", target).await
    }

    /// Hands an event to the query function and checks the answer against the document.
    pub(crate) async fn send(&self, event: Value) -> Answer {
        let (method, path) = (
            text(&event["requestContext"]["http"]["method"]),
            text(&event["rawPath"]),
        );
        let event: Event = serde_json::from_value(event).expect("an event");
        let wire = self.query.handle_event(event, "invocation-1").await;
        self.checked(&method, &path, &serde_json::to_string(&wire).expect("JSON"))
    }

    /// Hands a body to the ingest function and checks the answer against the document.
    pub(crate) async fn post(&self, key: &str, path: &str, body: &str) -> Answer {
        let event = self.event(key, "POST", path, Some(body));
        let event: Event = serde_json::from_value(event).expect("an event");
        let wire = self.ingest.handle_event(event, "invocation-1").await;
        self.checked("POST", path, &serde_json::to_string(&wire).expect("JSON"))
    }

    /// Sends records and has them committed.
    pub(crate) async fn commit(&self, key: &str, records: &[Value]) {
        for chunk in records.chunks(100) {
            let body = serde_json::to_string(chunk).expect("JSON");
            let answer = self.post(key, "/api/v1/audit/logs", &body).await;
            assert_eq!(answer.status, 202, "{}", answer.text);
            assert_eq!(
                answer.body()["accepted"],
                json!(chunk.len()),
                "{}",
                answer.text
            );
            self.drain().await;
        }
    }

    /// Commits what waits in the lane.
    pub(crate) async fn drain(&self) {
        let writer = Writer::new(
            self.cloud.stores(1),
            self.cloud.staging.clone(),
            self.cloud.quarantine.clone(),
            Limits::unhurried(),
        );
        loop {
            let received = self.cloud.lanes.receive(Lane(0), 100);
            if received.is_empty() {
                return;
            }
            let messages = received.iter().map(|message| Delivered {
                message_id: message.message_id.clone(),
                receipt: message.receipt.clone(),
                sent_at: message.sent_at,
                receive_count: message.receive_count,
                ledger: Some(message.ledger.to_string()),
                body: message.body.clone(),
            });
            let outcome = writer.commit_batch(messages.collect()).await;
            assert_eq!(outcome.retries().count(), 0);
            for message in received {
                self.cloud.lanes.delete(Lane(0), &message.receipt);
            }
        }
    }

    /// The recorded event with this request in its place.
    pub(crate) fn event(&self, key: &str, method: &str, target: &str, body: Option<&str>) -> Value {
        let mut event: Value =
            serde_json::from_str(include_str!("../data/list_records.json")).expect("an event");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(query);
        event["requestContext"]["http"]["method"] = json!(method);
        event["requestContext"]["http"]["path"] = json!(path);
        let headers = event["headers"].as_object_mut().expect("headers");
        headers.remove("authorization");
        if !key.is_empty() {
            let token = self.tokens.get(key).map_or(key, String::as_str);
            headers.insert("authorization".to_owned(), json!(format!("Bearer {token}")));
        }
        if let Some(body) = body {
            headers.insert("content-type".to_owned(), json!("application/json"));
            event["body"] = json!(body);
        }
        event
    }

    fn checked(&self, method: &str, path: &str, wire: &str) -> Answer {
        let value: Value = serde_json::from_str(wire).expect("JSON");
        assert_eq!(value["isBase64Encoded"], json!(false));
        let headers: BTreeMap<String, String> =
            serde_json::from_value(value["headers"].clone()).expect("headers");
        let answer = Answer {
            status: value["statusCode"].as_u64().expect("a status"),
            headers,
            text: text(&value["body"]),
            wire_len: wire.len(),
        };
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        self.schemas
            .check(method, path, answer.status, &answer.body());
        answer
    }
}

async fn make_ledgers(cloud: &Cloud) {
    let operator = Operator::new(cloud.stores(1), Limits::unhurried());
    for (tenant, ledger) in LEDGERS {
        operator.create_tenant(tenant).await.expect("a tenant");
        let new = NewLedger {
            ledger: format!("{tenant}/{ledger}").parse().expect("a name"),
            domain: "audit.localhost".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets: 1,
            scope: ScopeSetting::Day,
            lane: Lane(0),
            index_days: None,
        };
        operator.create_ledger(&new).await.expect("a ledger");
    }
}

async fn make_key(
    cloud: &Cloud,
    entropy: &SeededEntropy,
    name: &str,
    tenant: &str,
    ledger: Option<&str>,
    scopes: &[ApiScope],
) -> String {
    let (id, secret) = (ApiKeyId::random(entropy), ApiKeySecret::random(entropy));
    let now = cloud.clock.now();
    let key = ApiKey {
        id: id.clone(),
        secret_sha256: secret.sha256(),
        tenant: tenant.to_owned(),
        ledger: ledger.map(str::to_owned),
        scopes: scopes.iter().copied().collect(),
        name: name.to_owned(),
        created_at: now,
        expires_at: (name == "expired").then_some(Millis::new(now.get() - 1)),
        revoked_at: (name == "revoked").then_some(now),
        revision: 1,
    };
    key_table::create_api_key(&cloud.keys, &key)
        .await
        .expect("a key");
    secret.token(&id).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// An id of a moment after the clock's start; the last digits tell ids of one moment apart.
pub(crate) fn id(after_ms: u64, number: u64) -> String {
    let time = NOW + after_ms;
    let (high, low) = (time >> 16, time & 0xffff);
    format!("{high:08x}-{low:04x}-7abc-8def-{number:012x}")
}

/// A record with what a record needs, and these members.
pub(crate) fn record(id: &str, members: Value) -> Value {
    let mut record = json!({
        "id": id, "type": "decision", "occurred_at": "2026-01-01T00:00:00Z", "system": "credit",
    });
    let members = members.as_object().cloned().unwrap_or_default();
    record.as_object_mut().expect("an object").extend(members);
    record
}

/// Equal as JSON values, numbers by their value.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
