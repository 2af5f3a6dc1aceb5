//! An account with one ledger and a key that writes to it.

use audit_ingest::{Ingest, router};
use audit_lambda::http::{Method, Request, Response, Router};
use audit_record::Millis;
use audit_storage::Clock as _;
use audit_storage::config::{
    ApiKey, ApiKeyId, ApiKeySecret, ApiScope, Lane, LedgerConfig, LedgerKey, RateLimit,
    ScopeSetting,
};
use audit_storage::key_table;
use audit_storage::message::{MAX_UNPACKED_BYTES, Message, unpack, unpack_staged};
use audit_storage::stores::StagingStore as _;
use audit_testkit::{
    Cloud, Gate, ManualClock, MemoryLanes, MemoryObjects, MemoryTable, SeededEntropy,
};

pub(crate) type Function =
    Ingest<MemoryTable, MemoryTable, MemoryLanes, MemoryObjects, ManualClock, SeededEntropy>;

/// A record that holds what a record needs.
pub(crate) const RECORD: &str =
    r#"{"type":"decision","occurred_at":"2026-11-24T09:00:00Z","system":"credit"}"#;

/// An account, and one instance of the function.
pub(crate) struct Account {
    pub(crate) cloud: Cloud,
    router: Router<Function>,
    token: String,
}

/// A limit that no test reaches but those that try it.
const UNREACHED: (u32, u32) = (1_000_000, 10_000_000);

/// An instance of the function over an account's stores.
pub(crate) fn instance(cloud: &Cloud, gate: &Gate, limit: RateLimit) -> Router<Function> {
    let process = cloud.process(gate);
    router(Ingest::new(
        process.keys,
        process.rows,
        process.lanes,
        process.staging,
        limit,
        process.clock,
        SeededEntropy::new(7),
    ))
}

/// Another key of the tenant that writes to its ledger.
pub(crate) async fn key(cloud: &Cloud, entropy: &SeededEntropy, scopes: &[ApiScope]) -> String {
    let (id, secret) = (ApiKeyId::random(entropy), ApiKeySecret::random(entropy));
    let token = secret.token(&id).to_string();
    let created_at = cloud.clock.now();
    let key = ApiKey {
        id,
        secret_sha256: secret.sha256(),
        tenant: "acme".to_owned(),
        ledger: Some("credit".to_owned()),
        scopes: scopes.iter().copied().collect(),
        name: "test".to_owned(),
        created_at,
        expires_at: Some(Millis::new(created_at.get() + 3_600_000)),
        revoked_at: None,
        revision: 1,
    };
    key_table::create_api_key(&cloud.keys, &key)
        .await
        .expect("a key");
    token
}

impl Account {
    pub(crate) async fn new() -> Self {
        Self::with(None, &[ApiScope::RecordsWrite], &Gate::new()).await
    }

    /// With this bound on the index and these scopes of the key; the function's own calls pass
    /// the gate.
    pub(crate) async fn with(index_days: Option<u32>, scopes: &[ApiScope], gate: &Gate) -> Self {
        let cloud = Cloud::new();
        let entropy = SeededEntropy::new(7);
        let created_at = cloud.clock.now();
        let ledger = LedgerConfig {
            ledger: "acme/credit".parse().expect("a name"),
            origin: "audit.localhost/acme/credit".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets: 1,
            scope: ScopeSetting::Day,
            lane: Lane(0),
            index_days,
            keys: vec![LedgerKey {
                key_id: [1; 16],
                kms_key: "key".to_owned(),
                wrapped: vec![1; 32],
            }],
            created_at,
            revision: 1,
        };
        key_table::create_ledger(&cloud.keys, &ledger)
            .await
            .expect("a ledger");
        let token = key(&cloud, &entropy, scopes).await;
        let limit = RateLimit::new(UNREACHED.0, UNREACHED.1).expect("a limit");
        let router = instance(&cloud, gate, limit);
        Self {
            cloud,
            router,
            token,
        }
    }

    /// The good key's token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request) -> Response {
        self.router.handle(request).await
    }

    /// A request with the good key.
    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, path).with_header("authorization", &format!("Bearer {}", self.token))
    }

    /// Posts a JSON batch.
    pub(crate) async fn post(&self, body: impl Into<Vec<u8>>) -> Response {
        self.send(
            self.request(Method::Post, "/api/v1/audit/logs")
                .with_body(body),
        )
        .await
    }

    /// Takes everything out of the lane: the records, in the order sent.
    pub(crate) async fn queued(&self) -> Vec<serde_json::Value> {
        let mut records = Vec::new();
        for message in self.cloud.lanes.receive(Lane(0), usize::MAX) {
            assert_eq!(message.ledger.as_str(), "acme/credit");
            let unpacked = match unpack(&message.body, MAX_UNPACKED_BYTES).expect("a message") {
                Message::Records(records) => records,
                Message::Staged(staged) => {
                    let object = self
                        .cloud
                        .staging
                        .get(&staged.key)
                        .await
                        .expect("a read")
                        .expect("an object");
                    unpack_staged(&staged, &object, MAX_UNPACKED_BYTES).expect("a message")
                }
            };
            records.extend(
                unpacked
                    .iter()
                    .map(|raw| serde_json::from_slice(raw).expect("JSON")),
            );
            self.cloud.lanes.delete(Lane(0), &message.receipt);
        }
        records
    }
}

/// A body as JSON.
pub(crate) fn json(response: &Response) -> serde_json::Value {
    serde_json::from_str(response.body()).expect("JSON")
}
