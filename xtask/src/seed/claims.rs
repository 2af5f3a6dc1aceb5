//! Medical claims: sorted into paying at once, asking for documents, or a physician's review.

use serde_json::{Value, json};

use super::case::{Case, Exchange, Model, Review, Reviewer};
use super::random::Random;

const MODELS: [Model; 3] = [
    Model {
        provider: "aws.bedrock",
        name: "anthropic.claude-haiku-4-5",
        answered_as: "anthropic.claude-haiku-4-5-20251001-v1:0",
        input_cents: 100,
        output_cents: 500,
    },
    Model {
        provider: "gcp.vertex_ai",
        name: "gemini-2.5-pro",
        answered_as: "gemini-2.5-pro",
        input_cents: 125,
        output_cents: 1000,
    },
    Model {
        provider: "aws.bedrock",
        name: "amazon.nova-pro",
        answered_as: "amazon.nova-pro-v1:0",
        input_cents: 80,
        output_cents: 320,
    },
];

const CLERKS: [&str; 4] = ["t.jansen", "b.ferrari", "o.petrov", "claims-intake"];

const PHYSICIANS: [Reviewer; 3] = [
    Reviewer {
        id: "dr.vasquez",
        role: "medical reviewer",
    },
    Reviewer {
        id: "dr.eriksen",
        role: "medical reviewer",
    },
    Reviewer {
        id: "g.wolf",
        role: "claims supervisor",
    },
];

const TREATMENTS: [(&str, &str, u64); 7] = [
    (
        "S52.5",
        "fracture of the lower end of the radius, closed reduction",
        1_450,
    ),
    ("K80.2", "gallstones, laparoscopic cholecystectomy", 5_900),
    (
        "M54.5",
        "low back pain, twelve sessions of physiotherapy",
        620,
    ),
    ("I10", "hypertension, outpatient check with laboratory", 180),
    ("J45.9", "asthma, spirometry and inhaler training", 240),
    ("C50.9", "breast neoplasm, adjuvant radiotherapy", 18_700),
    ("H25.1", "senile cataract, lens replacement", 2_300),
];

const FINDINGS: [&str; 4] = [
    "the invoice matches the treatment plan",
    "one item is billed twice on the same day",
    "the discharge letter is missing",
    "the fee is above the schedule by a factor that needs a reason",
];

const INSTRUCTIONS: &str = "You sort medical claims for a health insurer. Check that diagnosis, \
treatment and invoice belong together and that the documents are complete. You never refuse a \
claim: doubtful ones go to a physician. Name what you relied on.";

/// One claim, from intake to the last word.
pub(crate) fn case(random: &mut Random, case: &mut Case) {
    let (code, treatment, usual) = *random.pick(&TREATMENTS);
    let amount = usual * random.between(70, 160) / 100;
    let finding = *random.pick(&FINDINGS);
    let clerk = random.pick(&CLERKS);
    let kind = if *clerk == "claims-intake" {
        "service"
    } else {
        "user"
    };
    case.about(&format!("member-{}", random.hex(8)), "patient", clerk, kind);
    if random.chance(45) {
        let arguments = json!({"code": code, "country": "DE"});
        let result = json!({"code": code, "usual_fee_eur": usual, "schedule": "2026"});
        case.tool_call("fee_schedule", &arguments, &result, random);
    }

    let outcome = outcome_of(amount, usual, finding, random);
    let question = format!(
        "Claim over {amount} EUR. Diagnosis {code}: {treatment}. On the documents: {finding}. \
         The usual fee is {usual} EUR."
    );
    let answer = triage(outcome, amount, finding);
    let exchange = Exchange {
        model: random.pick(&MODELS),
        prompt_name: "claim-triage",
        prompt_version: "5",
        instructions: INSTRUCTIONS,
        question: &question,
        answer: &answer,
    };
    if random.chance(6) {
        case.failed_call(&exchange, random);
        if random.chance(40) {
            let nothing = json!({"outcome": "error", "ai_role": "advisory", "risk_level": "high",
                "explanation": "No answer from the model in time; the claim went to the manual queue."});
            case.decision(nothing, regulatory(), random);
            return;
        }
    }
    case.llm_call(&exchange, random);
    let automatic = outcome == "approved" && amount < 500;
    let decision = json!({
        "outcome": outcome,
        "adverse": false,
        "confidence": random.hundredths(62, 99),
        "confidence_source": "logprob",
        "risk_level": risk_of(amount, outcome),
        "risk_reasons": ["health data", "eligibility for a benefit"],
        "ai_role": if automatic { "determinative" } else { "advisory" },
        "solely_automated": automatic,
        "policy": {"id": "claims-triage", "version": "3.2"},
        "factors": [
            {"name": "amount_to_usual_fee", "value": amount * 100 / usual, "weight": 0.5,
             "direction": if amount > usual { "negative" } else { "positive" }, "method": "rule"},
            {"name": "documents", "value": finding, "weight": 0.5,
             "direction": if outcome == "approved" { "positive" } else { "negative" }, "method": "model_reported"},
        ],
        "explanation": answer,
        "oversight": {"required": matches!(outcome, "escalated" | "flagged")},
    });
    case.decision(decision, regulatory(), random);
    review(outcome, amount, random, case);
}

fn outcome_of(amount: u64, usual: u64, finding: &str, random: &mut Random) -> &'static str {
    match finding {
        "the invoice matches the treatment plan" if amount <= usual * 13 / 10 => "approved",
        "the invoice matches the treatment plan" => "escalated",
        "the discharge letter is missing" => "flagged",
        _ if random.chance(70) => "escalated",
        _ => "flagged",
    }
}

fn risk_of(amount: u64, outcome: &str) -> &'static str {
    match (amount, outcome) {
        (10_000.., _) => "critical",
        (_, "approved") if amount < 500 => "minimal",
        (_, "approved") => "limited",
        _ => "high",
    }
}

fn triage(outcome: &str, amount: u64, finding: &str) -> String {
    match outcome {
        "approved" => format!(
            "Pay {amount} EUR. {}; the fee is within the schedule.",
            sentence(finding)
        ),
        "flagged" => format!("Ask the practice for documents before paying: {finding}."),
        _ => format!("To a physician: {finding}, at {amount} EUR."),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn review(outcome: &str, amount: u64, random: &mut Random, case: &mut Case) {
    let asked = outcome == "escalated" || amount >= 10_000;
    if !asked && !random.chance(10) {
        return;
    }
    let (action, result, reason) = match outcome {
        "escalated" if random.chance(60) => (
            "approved",
            "approved",
            "The factor is justified by the length of the procedure.",
        ),
        "escalated" => (
            "rejected",
            "denied",
            "The second item is a duplicate and is not paid.",
        ),
        "approved" if random.chance(30) => (
            "overridden",
            "flagged",
            "The treatment needs prior consent, which is not on file.",
        ),
        same => ("confirmed", same, "Checked against the file."),
    };
    case.review(
        &Review {
            reviewer: random.pick(&PHYSICIANS),
            action,
            outcome: result,
            risk_level: risk_of(amount, outcome),
            reason,
            after_ms: random.between(3, 45) * 60_000,
        },
        random,
    );
}

fn regulatory() -> Value {
    json!({
        "system_risk_class": "high",
        "intended_purpose": "Sorting medical claims by how they are to be handled",
        "legal_basis": "contract",
        "reference_data": ["fee-schedule-2026"],
        "retention": {"class": "7y"},
    })
}
