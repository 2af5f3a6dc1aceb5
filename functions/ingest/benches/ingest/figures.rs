//! The handler beside what `serde_json` alone takes to read the same bytes into a `Value`, in turns.
//!
//! A request goes the whole way: routed, authenticated, its records parsed strictly, validated and
//! put into a message, the message sent, the answer written. What the queue's form asks for beyond
//! that, compression and base64 of the message, is measured by itself on the same bytes, with a
//! compressor that is used again, and taken off again where the name says `handler` or `batch`.

use audit_ingest::{Ingest, router};
use audit_lambda::http::{Method, Request, Router};
use audit_record::Millis;
use audit_storage::config::{
    ApiKey, ApiKeyId, ApiKeySecret, ApiScope, Lane, LedgerConfig, LedgerKey, RateLimit,
    ScopeSetting,
};
use audit_storage::message::{Form, pack};
use audit_storage::system::SystemEntropy;
use audit_storage::{Clock as _, key_table};
use audit_testkit::corpus::{Shape, records};
use audit_testkit::measure::{Figure, Rounds, Scale, timed};
use audit_testkit::{Cloud, Gate, ManualClock, MemoryLanes, MemoryObjects, MemoryTable};
use base64_simd::STANDARD;
use zstd::bulk::{Compressor, decompress};

type Function =
    Ingest<MemoryTable, MemoryTable, MemoryLanes, MemoryObjects, ManualClock, SystemEntropy>;

/// Records of a batch: what an SDK sends at a time.
const BATCH: usize = 100;
/// zstd's level of a message, as `audit-storage` has it.
const LEVEL: i32 = -1;
const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// The figures of the bench `ingest`.
pub(crate) fn figures(scale: Scale) -> Vec<Figure> {
    let records = records(Shape::Indexed, Millis::new(1_767_225_600_000), 0, BATCH);
    let batch = format!("[{}]", records.join(","));
    let function = Deployed::new();
    let singles: Vec<Vec<u8>> = records.iter().map(|record| cbor(&[record])).collect();
    let whole = [cbor(&records)];
    let mut compressors = [(); 2].map(|()| Compressor::new(LEVEL).expect("a compressor"));
    let [first, second] = &mut compressors;
    let rounds = Rounds::take(
        scale.choose(1, 61),
        [
            Box::new(|| function.take("/api/v1/audit/log", &records)),
            Box::new(|| timed(|| compress(first, &singles)).0),
            Box::new(|| function.take("/api/v1/audit/logs", std::slice::from_ref(&batch))),
            Box::new(|| timed(|| compress(second, &whole)).0),
            Box::new(|| timed(|| records.iter().for_each(|record| read(record))).0),
        ],
    );
    #[expect(clippy::cast_precision_loss, reason = "a hundred records")]
    let count = BATCH as f64;
    vec![
        Figure::new(
            "ingest.handler",
            rounds.median(|[one, packed, _, _, value]| (one - packed) / value),
        ),
        Figure::new(
            "ingest.batch",
            rounds.median(|[_, _, all, packed, value]| (all - packed) / value),
        ),
        Figure::new(
            "ingest.whole",
            rounds.median(|[one, .., value]| one / value),
        ),
        Figure::new("ingest.rate", count / rounds.seconds(2)),
        Figure::new("ingest.value_rate", count / rounds.seconds(4)),
    ]
}

/// What stands for the limit.
fn read(record: &str) {
    let value: serde_json::Value = serde_json::from_slice(record.as_bytes()).expect("JSON");
    drop(std::hint::black_box(value));
}

/// A message's content before it is compressed.
fn cbor<R: AsRef<[u8]>>(records: &[R]) -> Vec<u8> {
    let packed = pack(REQUEST_ID, Millis::new(1_767_225_600_000), records).expect("records");
    let Form::Inline(body) = &packed[0].form else {
        unreachable!("a message that fits");
    };
    let object = STANDARD.decode_to_vec(body).expect("base64");
    decompress(&object, 1 << 20).expect("a frame")
}

fn compress(compressor: &mut Compressor<'_>, messages: &[Vec<u8>]) {
    for message in messages {
        let object = compressor.compress(message).expect("a frame");
        std::hint::black_box(STANDARD.encode_to_string(object));
    }
}

/// The function over stores in memory, with a ledger and a key that writes to it.
struct Deployed {
    cloud: Cloud,
    gate: Gate,
    router: Router<Function>,
    token: String,
}

impl Deployed {
    fn new() -> Self {
        let (cloud, gate) = (Cloud::new(), Gate::new());
        let created_at = cloud.clock.now();
        let ledger = LedgerConfig {
            ledger: "acme/credit".parse().expect("a name"),
            origin: "audit.test/acme/credit".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets: 1,
            scope: ScopeSetting::Day,
            lane: Lane(0),
            index_days: None,
            keys: vec![LedgerKey {
                key_id: [1; 16],
                kms_key: "key".to_owned(),
                wrapped: vec![1; 184],
            }],
            created_at,
            revision: 1,
        };
        let (id, secret) = (
            ApiKeyId::random(&SystemEntropy),
            ApiKeySecret::random(&SystemEntropy),
        );
        let token = secret.token(&id).to_string();
        let key = ApiKey {
            id,
            secret_sha256: secret.sha256(),
            tenant: "acme".to_owned(),
            ledger: Some("credit".to_owned()),
            scopes: [ApiScope::RecordsWrite].into(),
            name: "bench".to_owned(),
            created_at,
            expires_at: None,
            revoked_at: None,
            revision: 1,
        };
        let made = gate.run(async {
            key_table::create_ledger(&cloud.keys, &ledger).await?;
            key_table::create_api_key(&cloud.keys, &key).await
        });
        made.expect("alive").expect("an account");
        let process = cloud.process(&gate);
        // So much that no key of the bench is ever refused; it is leased and counted all the same.
        let limit = RateLimit::new(1_000_000, 1_000_000_000).expect("a limit");
        let ingest = Ingest::new(
            process.keys,
            process.rows,
            process.lanes,
            process.staging,
            limit,
            process.clock,
            SystemEntropy,
        );
        Self {
            cloud,
            gate,
            router: router(ingest),
            token,
        }
    }

    /// Takes bodies in, a request each, and says how long that took.
    fn take(&self, path: &str, bodies: &[String]) -> std::time::Duration {
        let authorization = format!("Bearer {}", self.token);
        let requests: Vec<Request> = bodies
            .iter()
            .map(|body| {
                Request::new(Method::Post, path)
                    .with_header("authorization", &authorization)
                    .with_header("content-type", "application/json")
                    .with_body(body.as_bytes())
            })
            .collect();
        let (took, answers) = timed(|| {
            let answer = |request| self.gate.run(self.router.handle(request)).expect("alive");
            requests.into_iter().map(answer).collect::<Vec<_>>()
        });
        assert!(
            answers.iter().all(|answer| answer.status() == 202),
            "{answers:?}"
        );
        for message in self.cloud.lanes.receive(Lane(0), usize::MAX) {
            self.cloud.lanes.delete(Lane(0), &message.receipt);
        }
        took
    }
}
