use audit_record::json::{Value, parse};
use audit_record::{LedgerName, Millis, RecordId};
use audit_report::access::AccessReport;
use audit_report::content::Paper;
use audit_report::decision::DecisionReport;
use audit_report::evidence::Evidence;
use audit_report::letter::{LetterRequest, Variant};
use audit_report::system::{Access, Integrity, Retention, SystemReport, sample_of};
use audit_report::tally::Tally;

pub(crate) const JOB: &str = "01a20d00-0000-7000-8000-000000000001";

pub(crate) fn ledger() -> LedgerName {
    LedgerName::new("demo", "credit").expect("a name")
}

pub(crate) fn time(text: &str) -> Millis {
    Millis::parse(text).expect("a time")
}

/// The id with this number, of the time that it is given.
pub(crate) fn id(at: &str, number: u8) -> RecordId {
    RecordId::mint(time(at), [number; 10])
}

/// A record: number, time, type, and its other members as JSON.
pub(crate) fn record(number: u8, at: &str, kind: &str, members: &str) -> Evidence {
    let id = id(at, number);
    let comma = if members.is_empty() { "" } else { "," };
    let text = format!(
        r#"{{"id":"{id}","type":"{kind}","occurred_at":"{at}","system":"credit-scoring"{comma}{members}}}"#
    );
    let Value::Object(record) = parse(text.as_bytes()).expect("JSON").into_owned() else {
        unreachable!("a record is an object");
    };
    Evidence {
        id,
        ledger: ledger(),
        index: u64::from(number),
        leaf_hash: format!("{number:043}"),
        received_at: Millis::new(time(at).get() + 120),
        erased: false,
        record,
        answer: format!(r#"{{"record":{text},"index":{number}}}"#).into_bytes(),
    }
}

pub(crate) fn call() -> Evidence {
    record(
        11,
        "2026-11-03T09:00:01.000Z",
        "llm_call",
        r#""decision_id":"case-1","producer":{"id":"p-1","seq":4},
        "attributes":{"gen_ai.provider.name":"openai","gen_ai.request.model":"gpt-5","gen_ai.response.model":"gpt-5-2026-08-01",
        "gen_ai.prompt.name":"assess","gen_ai.prompt.version":"12","gen_ai.usage.input_tokens":812,"gen_ai.usage.output_tokens":96,
        "audit.call.completion":"complete",
        "gen_ai.system_instructions":[{"type":"text","content":"You assess consumer credit applications."}],
        "gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"Applicant: net income 2 900 EUR.\nObligations: 62 %."}]}],
        "gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"text","content":"The burden is too high. 返済負担率が高い。"}],"finish_reason":"stop"}]}"#,
    )
}

pub(crate) fn decision() -> Evidence {
    record(
        12,
        "2026-11-03T09:00:04.000Z",
        "decision",
        r#""decision_id":"case-1","environment":"production","producer":{"id":"p-1","seq":5},
        "actor":{"id":"loan-service","type":"service"},"subject":{"id":"ps_4f1c","category":"applicant"},
        "decision":{"outcome":"denied","adverse":true,"confidence":0.83,"confidence_source":"model_reported","risk_level":"high",
        "ai_role":"advisory","solely_automated":false,"policy":{"id":"retail-credit","version":"2026-08"},
        "principal_reasons":[{"code":"debt_to_income","text":"Obligations are high in relation to income"}],
        "factors":[{"name":"debt_to_income","value":62,"weight":0.31,"direction":"negative","method":"shap"},
        {"name":"net_income","value":"2 900 EUR","direction":"positive","method":"rule"},
        {"name":"debt_to_income_limit","value":"below 45 it would have been approved","method":"counterfactual"}],
        "explanation":"Too much of the income is bound already.","oversight":{"required":true}},
        "regulatory":{"system_risk_class":"high","intended_purpose":"Creditworthiness of natural persons","legal_basis":"contract"}"#,
    )
}

pub(crate) fn review() -> Evidence {
    record(
        13,
        "2026-11-03T11:30:00.000Z",
        "human_review",
        r#""decision_id":"case-1","producer":{"id":"p-1","seq":8},
        "decision":{"outcome":"approved","oversight":{"required":true,"action":"overridden","reason":"The second income was left out.",
        "at":"2026-11-03T11:29:58Z","reviewers":[{"id":"p.andersen","role":"senior underwriter"}]}}"#,
    )
}

pub(crate) fn case() -> Vec<Evidence> {
    vec![
        record(
            10,
            "2026-11-02T08:00:00.000Z",
            "config_change",
            r#""producer":{"id":"p-1","seq":3},"attributes":{"what":"prompt assess","to":"12"}"#,
        ),
        call(),
        decision(),
        review(),
        record(
            14,
            "2026-11-04T10:00:00.000Z",
            "llm_call",
            r#""producer":{"id":"p-2","seq":1},"attributes":{"gen_ai.provider.name":"anthropic","gen_ai.request.model":"claude-4","error.type":"timeout","audit.call.completion":"error"}"#,
        ),
    ]
}

pub(crate) fn decision_report(record: Evidence, chain: Vec<Evidence>) -> DecisionReport {
    DecisionReport {
        job: JOB.to_owned(),
        as_of: time("2026-11-24T12:00:00Z"),
        paper: Paper::A4,
        ledger: ledger(),
        record,
        chain,
        more: false,
    }
}

pub(crate) fn system_report(records: &[Evidence]) -> SystemReport {
    let decisions: Vec<RecordId> = records
        .iter()
        .filter(|record| record.record.get("type").and_then(Value::as_str) == Some("decision"))
        .map(|record| record.id)
        .collect();
    let chosen = sample_of(JOB, &decisions, 25);
    let sample = chosen.iter().map(|id| {
        records
            .iter()
            .find(|r| r.id == *id)
            .expect("it is there")
            .clone()
    });
    SystemReport {
        job: JOB.to_owned(),
        as_of: time("2026-11-24T12:00:00Z"),
        paper: Paper::A4,
        ledger: ledger(),
        system: "credit-scoring".to_owned(),
        from: time("2026-11-01T00:00:00Z"),
        to: time("2026-11-24T00:00:00Z"),
        biometric: true,
        size: 40,
        tally: Tally::of(records),
        integrity: Integrity {
            root: "r".repeat(43),
            checked: u64::try_from(records.len()).expect("few"),
            broken: Vec::new(),
        },
        retention: Retention {
            class: "7y".to_owned(),
            days: 2557,
        },
        accesses: accesses(),
        sample: sample.collect(),
    }
}

pub(crate) fn accesses() -> Vec<Access> {
    vec![Access {
        record: id("2026-11-05T08:00:00Z", 30).to_string(),
        at: time("2026-11-05T08:00:00Z"),
        by: "auditor@bank.example".to_owned(),
        what: "record of case-1".to_owned(),
    }]
}

pub(crate) fn access_report(accesses: Vec<Access>) -> AccessReport {
    AccessReport {
        job: JOB.to_owned(),
        as_of: time("2026-11-24T12:00:00Z"),
        paper: Paper::Letter,
        ledger: ledger(),
        from: time("2026-11-01T00:00:00Z"),
        to: time("2026-11-24T00:00:00Z"),
        accesses,
    }
}

pub(crate) fn letter_request(variant: Variant) -> LetterRequest {
    LetterRequest {
        job: JOB.to_owned(),
        as_of: time("2026-11-24T12:00:00Z"),
        paper: Paper::A4,
        sender: vec!["Example Bank".to_owned(), "1 High Street".to_owned()],
        recipient: vec!["Applicant ps_4f1c".to_owned()],
        contact: "review@bank.example, 1 High Street".to_owned(),
        authority: "Data Protection Authority, 2 Law Lane".to_owned(),
        variant,
    }
}
