//! What a record may be, and how its errors are told.

use audit_record::json::Value;
use audit_record::{ActorType, Code, Fields, Record, RecordId, RecordType};

const ID: &str = "019390f7-0c00-7abc-8def-0123456789ab";

/// A valid record with one member put in or replaced.
fn with(member: &str) -> String {
    let name = member.split(':').next().unwrap_or_default();
    let members = [
        r#""type":"decision""#,
        r#""occurred_at":"2026-11-24T08:42:00Z""#,
        r#""system":"credit""#,
    ];
    let mut members: Vec<_> = members
        .into_iter()
        .filter(|m| !m.starts_with(name))
        .collect();
    members.push(member);
    format!("{{{}}}", members.join(","))
}

fn errors(text: &str) -> Vec<(String, Code)> {
    match Record::parse(text.as_bytes()) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.into_iter().map(|e| (e.field, e.code)).collect(),
    }
}

#[test]
fn members_are_checked_each_by_its_rule() {
    let key = |name: &str, len: usize| format!(r#""{name}":"{}""#, "k".repeat(len));
    for (member, expected) in [
        (format!(r#""id":"{ID}""#), None),
        (
            r#""id":"019390F7-0C00-7ABC-8DEF-0123456789AB""#.into(),
            Some(("/id", Code::InvalidId)),
        ),
        (
            r#""id":"019390f7-0c00-8abc-8def-0123456789ab""#.into(),
            Some(("/id", Code::InvalidId)),
        ),
        (
            r#""id":"e677d21f-dc00-7abc-8def-0123456789ab""#.into(),
            Some(("/id", Code::InvalidId)),
        ),
        (r#""id":7"#.into(), Some(("/id", Code::WrongType))),
        (r#""id":null"#.into(), Some(("/id", Code::NullNotAllowed))),
        (
            r#""type":"chat""#.into(),
            Some(("/type", Code::InvalidValue)),
        ),
        (
            r#""type":null"#.into(),
            Some(("/type", Code::NullNotAllowed)),
        ),
        (
            r#""type":["decision"]"#.into(),
            Some(("/type", Code::WrongType)),
        ),
        (
            r#""occurred_at":"yesterday""#.into(),
            Some(("/occurred_at", Code::InvalidTime)),
        ),
        (
            r#""occurred_at":1795509720"#.into(),
            Some(("/occurred_at", Code::WrongType)),
        ),
        (
            r#""ended_at":"2026-11-24""#.into(),
            Some(("/ended_at", Code::InvalidTime)),
        ),
        (r#""ended_at":null"#.into(), None),
        (key("system", 256), None),
        (key("system", 257), Some(("/system", Code::TooLong))),
        (key("system", 0), Some(("/system", Code::TooShort))),
        (
            key("environment", 257),
            Some(("/environment", Code::TooLong)),
        ),
        (key("trace_id", 0), Some(("/trace_id", Code::TooShort))),
        (key("parent_id", 257), Some(("/parent_id", Code::TooLong))),
        (
            key("decision_id", 0),
            Some(("/decision_id", Code::TooShort)),
        ),
        (r#""decision_id":null"#.into(), None),
        (
            r#""system":null"#.into(),
            Some(("/system", Code::NullNotAllowed)),
        ),
        (r#""actor":null"#.into(), None),
        (r#""actor":{"id":null,"type":null}"#.into(), None),
        (
            r#""actor":{"id":"","type":"user"}"#.into(),
            Some(("/actor/id", Code::TooShort)),
        ),
        (
            r#""actor":{"id":"a","type":"person"}"#.into(),
            Some(("/actor/type", Code::InvalidValue)),
        ),
        (
            r#""actor":{"id":"a","name":"x"}"#.into(),
            Some(("/actor/name", Code::UnknownField)),
        ),
        (r#""actor":"a""#.into(), Some(("/actor", Code::WrongType))),
        (
            r#""subject":{"id":"s","category":"applicant"}"#.into(),
            None,
        ),
        (
            r#""subject":{"id":7}"#.into(),
            Some(("/subject/id", Code::WrongType)),
        ),
        (r#""producer":{}"#.into(), None),
        (
            r#""producer":null"#.into(),
            Some(("/producer", Code::NullNotAllowed)),
        ),
        (
            r#""producer":{"id":"p-1_A.b","seq":1,"sdk":"python/0.1.0"}"#.into(),
            None,
        ),
        (
            r#""producer":{"id":"a b"}"#.into(),
            Some(("/producer/id", Code::InvalidValue)),
        ),
        (
            format!(r#""producer":{{"id":"{}"}}"#, "p".repeat(65)),
            Some(("/producer/id", Code::TooLong)),
        ),
        (
            r#""producer":{"seq":0}"#.into(),
            Some(("/producer/seq", Code::NumberOutOfRange)),
        ),
        (
            r#""producer":{"seq":-1}"#.into(),
            Some(("/producer/seq", Code::NumberOutOfRange)),
        ),
        (
            r#""producer":{"seq":1.5}"#.into(),
            Some(("/producer/seq", Code::WrongType)),
        ),
        (
            r#""attributes":null"#.into(),
            Some(("/attributes", Code::NullNotAllowed)),
        ),
        (
            r#""attributes":[]"#.into(),
            Some(("/attributes", Code::WrongType)),
        ),
        (
            r#""attributes":{"anything":{"goes":[1,null]},"gen_ai.request.model":null}"#.into(),
            None,
        ),
        (
            r#""attributes":{"gen_ai.request.model":4}"#.into(),
            Some(("/attributes/gen_ai.request.model", Code::WrongType)),
        ),
        (
            r#""attributes":{"gen_ai.usage.input_tokens":-4}"#.into(),
            Some((
                "/attributes/gen_ai.usage.input_tokens",
                Code::NumberOutOfRange,
            )),
        ),
        (
            r#""attributes":{"gen_ai.response.finish_reasons":["stop",7]}"#.into(),
            Some((
                "/attributes/gen_ai.response.finish_reasons/1",
                Code::WrongType,
            )),
        ),
        (
            r#""attributes":{"audit.call.completion":"done"}"#.into(),
            Some(("/attributes/audit.call.completion", Code::InvalidValue)),
        ),
        (
            r#""attributes":{"audit.call.cost":-0.1}"#.into(),
            Some(("/attributes/audit.call.cost", Code::NumberOutOfRange)),
        ),
        (
            r#""decision":null"#.into(),
            Some(("/decision", Code::NullNotAllowed)),
        ),
        (r#""decision":{}"#.into(), None),
        (r#""decision":{"outcome":"any word at all"}"#.into(), None),
        (
            r#""decision":{"risk_levl":"high"}"#.into(),
            Some(("/decision/risk_levl", Code::UnknownField)),
        ),
        (
            r#""decision":{"risk_level":"severe"}"#.into(),
            Some(("/decision/risk_level", Code::InvalidValue)),
        ),
        (
            r#""decision":{"confidence":95}"#.into(),
            Some(("/decision/confidence", Code::NumberOutOfRange)),
        ),
        (
            r#""decision":{"adverse":"yes"}"#.into(),
            Some(("/decision/adverse", Code::WrongType)),
        ),
        (
            r#""decision":{"ai_role":"boss"}"#.into(),
            Some(("/decision/ai_role", Code::InvalidValue)),
        ),
        (
            r#""decision":{"policy":{"id":"p","version":3}}"#.into(),
            Some(("/decision/policy/version", Code::WrongType)),
        ),
        (
            r#""decision":{"principal_reasons":["a","b","c","d"]}"#.into(),
            None,
        ),
        (
            r#""decision":{"principal_reasons":["a","b","c","d","e"]}"#.into(),
            Some(("/decision/principal_reasons", Code::TooMany)),
        ),
        (
            r#""decision":{"factors":[null,{"name":"n","value":{"x":[]},"weight":-3}]}"#.into(),
            None,
        ),
        (
            r#""decision":{"factors":[{"name":"n","wieght":1}]}"#.into(),
            Some(("/decision/factors/0/wieght", Code::UnknownField)),
        ),
        (
            r#""decision":{"factors":[{"method":"guess"}]}"#.into(),
            Some(("/decision/factors/0/method", Code::InvalidValue)),
        ),
        (
            r#""decision":{"oversight":null}"#.into(),
            Some(("/decision/oversight", Code::NullNotAllowed)),
        ),
        (
            r#""decision":{"oversight":{"at":"noon"}}"#.into(),
            Some(("/decision/oversight/at", Code::InvalidTime)),
        ),
        (
            r#""decision":{"oversight":{"reviewers":[{"id":"r","role":"lead"}]}}"#.into(),
            None,
        ),
        (
            r#""decision":{"oversight":{"reviewers":[{"nme":"r"}]}}"#.into(),
            Some(("/decision/oversight/reviewers/0/nme", Code::UnknownField)),
        ),
        (
            r#""regulatory":null"#.into(),
            Some(("/regulatory", Code::NullNotAllowed)),
        ),
        (
            r#""regulatory":{"retention":{"class":"7y","until":"2033-11-24"}}"#.into(),
            None,
        ),
        (
            r#""regulatory":{"retention":{"until":"later"}}"#.into(),
            Some(("/regulatory/retention/until", Code::InvalidTime)),
        ),
        (
            r#""regulatory":{"use_started_at":"2026-11-24T08:42:00Z","reference_data":[1,"x"]}"#
                .into(),
            None,
        ),
        (r#""index":3"#.into(), Some(("/index", Code::UnknownField))),
        (
            r#""rece/ived~at":3"#.into(),
            Some(("/rece~1ived~0at", Code::UnknownField)),
        ),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(p, c)| (p.to_owned(), c))
            .collect();
        assert_eq!(errors(&with(&member)), expected, "{member}");
    }
}

#[test]
fn all_errors_are_told_what_is_missing_last() {
    assert_eq!(
        errors(r#"{"foo":1,"decision":{"risk_level":"x","adverse":1},"system":""}"#),
        [
            ("/foo".into(), Code::UnknownField),
            ("/decision/risk_level".into(), Code::InvalidValue),
            ("/decision/adverse".into(), Code::WrongType),
            ("/system".into(), Code::TooShort),
            ("/type".into(), Code::Required),
            ("/occurred_at".into(), Code::Required),
        ]
    );
    for (text, code) in [
        ("[]", Code::WrongType),
        ("7", Code::WrongType),
        ("{", Code::InvalidJson),
    ] {
        assert_eq!(errors(text), [(String::new(), code)]);
    }
    let many: Vec<_> = (0..1000).map(|n| format!(r#""m{n}":1"#)).collect();
    assert_eq!(errors(&format!("{{{}}}", many.join(","))).len(), 32);
    let long = with(&format!(
        r#""attributes":{{"a":"{}"}}"#,
        "x".repeat(2 << 20)
    ));
    assert_eq!(errors(&long), [(String::new(), Code::TooLarge)]);
}

#[test]
fn messages_never_quote_a_value() {
    let text = with(
        r#""decision":{"risk_level":"marked-secret","confidence":"marked-secret","oversight":{"at":"marked-secret"}},"actor":{"type":"marked-secret"}"#,
    );
    for error in Record::parse(text.as_bytes()).unwrap_err() {
        assert!(!error.to_string().contains("marked-secret"), "{error}");
    }
}

#[test]
fn a_minted_id_goes_into_the_bytes_as_sent() {
    let id = RecordId::parse(ID).unwrap();
    for (raw, expected) in [
        (
            r#"{"type":"gap"}"#,
            format!(r#"{{"id":"{ID}","type":"gap"}}"#),
        ),
        (
            " {\n \"type\" : \"{\" }",
            format!(" {{\"id\":\"{ID}\",\n \"type\" : \"{{\" }}"),
        ),
    ] {
        assert_eq!(Record::insert_id(raw.as_bytes(), id), expected.as_bytes());
    }
    let raw = with(r#""subject":{"id":"x"}"#);
    assert_eq!(Record::parse(raw.as_bytes()).unwrap().id(), None);
    let with_id = Record::insert_id(raw.as_bytes(), id);
    assert_eq!(Record::parse(&with_id).unwrap().id(), Some(id));
}

#[test]
fn accessors_read_what_was_sent() {
    let text = r#"{"id":"019390f7-0c00-7abc-8def-0123456789ab","type":"llm_call","occurred_at":"2026-11-24T08:42:00Z",
        "ended_at":"2026-11-24T08:42:01.5Z","system":"credit","environment":"prod","actor":{"id":"svc","type":"service"},
        "subject":{"id":"s-1","category":"applicant"},"trace_id":"t","parent_id":"p","producer":{"id":"p-1","seq":9},
        "attributes":{"gen_ai.request.model":"m-1","gen_ai.provider.name":"acme","gen_ai.usage.input_tokens":11,
        "gen_ai.usage.cache_read.input_tokens":3,"audit.call.cost":0.25,"gen_ai.conversation.id":"c-1","error.type":null},
        "decision":{"outcome":"approved","risk_level":"high","oversight":{"required":true}}}"#;
    let record = Record::parse(text.as_bytes()).unwrap();
    assert_eq!(record.record_type(), Some(RecordType::LlmCall));
    assert_eq!(
        record.occurred_at().map(|t| t.to_string()).as_deref(),
        Some("2026-11-24T08:42:00.000Z")
    );
    assert_eq!(record.latency_ms(), Some(1500));
    assert_eq!(
        (record.system(), record.environment()),
        (Some("credit"), Some("prod"))
    );
    assert_eq!(
        (
            record.actor_id(),
            record.actor_type().map(ActorType::as_str)
        ),
        (Some("svc"), Some("service"))
    );
    assert_eq!(
        (record.subject_id(), record.subject_category()),
        (Some("s-1"), Some("applicant"))
    );
    assert_eq!(
        (record.trace_id(), record.decision_id(), record.chain_id()),
        (Some("t"), None, Some("t"))
    );
    assert_eq!(
        (record.producer().id, record.producer().seq),
        (Some("p-1"), Some(9))
    );
    assert_eq!(
        (record.model(), record.provider()),
        (Some("m-1"), Some("acme"))
    );
    let usage = record.usage();
    assert_eq!(
        (
            usage.input_tokens,
            usage.cache_read_input_tokens,
            usage.output_tokens
        ),
        (Some(11), Some(3), None)
    );
    assert_eq!((record.cost(), record.error_type()), (Some(0.25), None));
    assert_eq!(
        (record.outcome(), record.risk_level()),
        (Some("approved"), Some("high"))
    );
    assert_eq!(
        record
            .field("/decision/oversight/required")
            .and_then(Value::as_bool),
        Some(true)
    );
    let facts = record.facts();
    assert_eq!(
        (
            facts.actor_id(),
            facts.subject_id(),
            facts.conversation_id()
        ),
        (Some("svc"), None, None)
    );
    assert_eq!(facts.outcome(), Some("approved"));
}
