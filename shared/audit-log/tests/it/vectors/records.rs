//! The records of the vectors, as a client sends them.

/// A record's name, and its bytes as sent.
pub(crate) type Sample = (&'static str, String);

/// An id of one day, different for each number.
fn id(number: usize) -> String {
    format!("019ab508-{number:04x}-7abc-8def-0123456789ab")
}

fn record(number: usize, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(
        r#"{{"id":"{}","type":"llm_call","occurred_at":"2026-11-24T08:42:00Z","system":"credit"{comma}{members}}}"#,
        id(number)
    )
}

fn attribute(json: &str) -> String {
    format!(r#""attributes":{{"x":{json}}}"#)
}

const CALL: &str = r#""ended_at":"2026-11-24T08:42:01.250Z","environment":"production","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","parent_id":"00f067aa0ba902b7","actor":{"id":"scoring-service","type":"service"},"subject":{"id":"applicant-7","category":"applicant"},"producer":{"id":"p-019ab508","seq":41,"sdk":"python/0.1.0"},"attributes":{"gen_ai.operation.name":"chat","gen_ai.provider.name":"acme","gen_ai.request.model":"acme-large","gen_ai.response.model":"acme-large-2026-10","gen_ai.response.id":"resp_0a1b","gen_ai.response.finish_reasons":["stop"],"gen_ai.usage.input_tokens":1180,"gen_ai.usage.output_tokens":212,"gen_ai.usage.cache_read.input_tokens":1024,"gen_ai.usage.cache_write.input_tokens":0,"gen_ai.usage.reasoning.output_tokens":64,"gen_ai.prompt.name":"credit/assess","gen_ai.prompt.version":"v3","gen_ai.conversation.id":"conv-1","server.address":"api.acme.example","audit.call.completion":"complete","audit.call.attempts":1,"audit.call.provider_request_id":"req_77","audit.call.cost":0.0123,"gen_ai.input.messages":[{"role":"user","parts":[{"type":"text","content":"Assess: income 41 000, rent 9 600."}]}],"gen_ai.output.messages":[{"role":"assistant","parts":[{"type":"text","content":"Deny: debt to income is above 40 %."}],"finish_reason":"stop"}]}"#;

const DECISION: &str = r#""decision_id":"d-1","subject":{"id":"applicant-7"},"decision":{"outcome":"denied","adverse":true,"confidence":0.87,"confidence_source":"logprob","alternatives":["approved","escalated"],"risk_level":"high","risk_reasons":["debt to income above 40 %"],"ai_role":"advisory","solely_automated":false,"policy":{"id":"credit-policy","version":"2026-10"},"principal_reasons":["Debt to income ratio","Length of employment"],"factors":[{"name":"dti","value":0.43,"weight":0.7,"direction":"against","method":"shap"},{"name":"tenure","value":{"months":4},"weight":-0.2,"method":"rule"}],"explanation":"Income does not carry the instalment.","oversight":{"required":true,"action":"confirmed","reason":"Checked the payslips.","at":"2026-11-24T08:50:00+01:00","reviewers":[{"id":"reviewer-3","role":"underwriter"}]}},"regulatory":{"system_risk_class":"high","intended_purpose":"Creditworthiness of natural persons","use_started_at":"2026-11-24T08:00:00Z","use_ended_at":"2026-11-24T09:00:00Z","reference_data":["bureau-2026-11"],"legal_basis":"contract","retention":{"class":"7y","until":"2033-11-24"}}"#;

/// Every record, in the order in which they are appended.
pub(crate) fn all() -> Vec<Sample> {
    let samples: Vec<(&'static str, String)> = vec![
        ("least that a record holds", String::new()),
        ("model call in full", CALL.into()),
        ("decision in full", DECISION.into()),
        ("unicode as sent, not normalised", r#""subject":{"id":"Ame\u0301lie"},"attributes":{"note":"Amélie Ame\u0301lie \u00e9 \ud83d\ude00 \u200b ﬁ"}"#.into()),
        ("names sorted by utf-16, astral before the end of the plane", attribute(r#"{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5,"\uffff":6,"\u0080":7}"#)),
        ("fields sorted by utf-16", r#""attributes":{"\uffff":1,"\ud83d\ude00":2,"z":3}"#.into()),
        ("every escape", attribute(r#""\"\\\/\b\f\n\r\t\u0000\u001f\u007f\u2028""#)),
        ("minus zero is zero", r#""attributes":{"audit.call.cost":-0.0,"x":[-0,-0e5,0.0]}"#.into()),
        ("big and small numbers", attribute("[9007199254740991,-9007199254740991,5e-324,2.2250738585072014e-308,0.1,1e-7,0.000001,123456789012345.6,1E2,1.0]")),
        ("numbers that round", attribute("[0.1000000000000000055511151231257827,9007199254740991.4,333333333.33333329,2.5e-324]")),
        ("empty attributes", r#""attributes":{}"#.into()),
        ("empty decision", r#""decision":{}"#.into()),
        ("empty oversight", r#""decision":{"oversight":{}}"#.into()),
        ("empty regulatory", r#""regulatory":{}"#.into()),
        ("empty producer and actor", r#""producer":{},"actor":{}"#.into()),
        ("empty values", r#""attributes":{"a":[],"b":{},"c":"","":null,"gen_ai.response.finish_reasons":[]}"#.into()),
        ("nulls are values", r#""environment":null,"trace_id":null,"subject":null,"actor":{"id":null,"type":null},"decision":{"outcome":null},"attributes":{"gen_ai.request.model":null}"#.into()),
        ("actor is a user", r#""actor":{"id":"j.doe","type":"user"}"#.into()),
        ("actor is a service", r#""actor":{"id":"batch-7","type":"service"}"#.into()),
        ("actor is a model", r#""actor":{"type":"model","id":"acme-large"}"#.into()),
        ("actor is a service with a name of free text", r#""actor":{"id":"Jane Doe","type":"service"}"#.into()),
        ("actor without a type", r#""actor":{"id":"x"}"#.into()),
        ("free text where a fact is named", r#""trace_id":"trace of Jane Doe","decision":{"outcome":"denied after a call","policy":{"id":"p","version":"second edition"}},"attributes":{"gen_ai.prompt.name":"Grüße","error.type":"a@b"}"#.into()),
        ("lists and objects at the edge of the grammar", r#""attributes":{"gen_ai.response.finish_reasons":["1","2","3","4","5","6","7","8"]},"regulatory":{"retention":{"class":"7y"},"legal_basis":"a/b:c+d_e.f-g"}"#.into()),
        ("lists beyond the grammar", r#""attributes":{"gen_ai.response.finish_reasons":["1","2","3","4","5","6","7","8","9"]},"regulatory":{"retention":{"class":"7y","until":null}}"#.into()),
        ("longest fact", format!(r#""trace_id":"{}""#, "t".repeat(128))),
        ("longer than a fact", format!(r#""trace_id":"{}""#, "t".repeat(129))),
        ("names with slash and tilde", r#""attributes":{"a/b":1,"m~n":2,"~1":3,"/":4,"a":{"b":5}}"#.into()),
        ("an attribute called oversight", r#""attributes":{"oversight":{"required":true}}"#.into()),
        ("producer with a number only", r#""producer":{"seq":9007199254740991}"#.into()),
        ("producer with nulls", r#""producer":{"id":"p-1","seq":null,"sdk":null}"#.into()),
        ("producer whose sdk is free text", r#""producer":{"id":"p-1","seq":2,"sdk":"my own client"}"#.into()),
        ("lower-case time", r#""ended_at":"2026-11-24t08:42:01z""#.into()),
        ("nested to the limit", attribute(&format!("{}{}", "[".repeat(30), "]".repeat(30)))),
        ("white space and order as sent", r#" "environment" : "test" , "actor" : { "type" : "system" , "id" : "cron" } "#.into()),
        ("long and repetitive", attribute(&format!(r#""{}""#, "The applicant's income carries the instalment. ".repeat(120)))),
    ];
    let mut all: Vec<Sample> = Vec::new();
    for (number, (name, members)) in samples.into_iter().enumerate() {
        all.push((name, record(number, &members)));
    }
    all
}

/// The record that comes with the id of the second one and says something else.
pub(crate) fn conflicting() -> Sample {
    (
        "conflict",
        record(
            1,
            r#""subject":{"id":"applicant-8"},"producer":{"id":"p-other","seq":1}"#,
        ),
    )
}
