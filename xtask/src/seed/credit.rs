//! Consumer credit: a bureau's score, a model's assessment, a decision with its principal reasons,
//! and an underwriter's word where the amount or the doubt is large.

use serde_json::{Value, json};

use super::case::{Case, Exchange, Model, Review, Reviewer};
use super::random::Random;

const MODELS: [Model; 3] = [
    Model {
        provider: "anthropic",
        name: "claude-sonnet-4-5",
        answered_as: "claude-sonnet-4-5-20250929",
        input_cents: 300,
        output_cents: 1500,
    },
    Model {
        provider: "openai",
        name: "gpt-4.1",
        answered_as: "gpt-4.1-2025-04-14",
        input_cents: 200,
        output_cents: 800,
    },
    Model {
        provider: "openai",
        name: "gpt-4.1-mini",
        answered_as: "gpt-4.1-mini-2025-04-14",
        input_cents: 40,
        output_cents: 160,
    },
];

const OFFICERS: [&str; 5] = [
    "a.kowalski",
    "j.okafor",
    "m.schneider",
    "l.dubois",
    "branch-kiosk",
];

const UNDERWRITERS: [Reviewer; 3] = [
    Reviewer {
        id: "p.andersen",
        role: "underwriter",
    },
    Reviewer {
        id: "s.rossi",
        role: "senior underwriter",
    },
    Reviewer {
        id: "h.tanaka",
        role: "credit risk lead",
    },
];

const PURPOSES: [&str; 6] = [
    "a used car",
    "a kitchen renovation",
    "consolidating two card balances",
    "a heat pump",
    "further education",
    "medical expenses",
];

const EMPLOYMENTS: [&str; 5] = [
    "permanently employed for 6 years",
    "permanently employed for 14 months",
    "self-employed since 2021",
    "on a fixed-term contract until next summer",
    "retired",
];

const INSTRUCTIONS: &str = "You assess consumer credit applications for a retail bank. Use only the \
facts in the application and the bureau's answer. Never use or guess age, sex, origin, religion or \
health. Answer with an assessment, up to four principal reasons, and your confidence.";

/// The reasons of a denial, with their codes.
const REASONS: [(&str, &str); 6] = [
    (
        "debt_to_income",
        "Obligations are high in relation to income",
    ),
    (
        "recent_delinquency",
        "A payment was more than 30 days late in the last 12 months",
    ),
    ("short_history", "The credit history is short"),
    (
        "utilisation",
        "Revolving credit is used close to its limits",
    ),
    (
        "income_unverified",
        "The stated income could not be verified",
    ),
    (
        "recent_enquiries",
        "Many applications were made in the last 6 months",
    ),
];

struct Application {
    amount: u64,
    months: u64,
    income: u64,
    score: u64,
    burden: u64,
    purpose: &'static str,
    employment: &'static str,
}

/// One application, from the bureau's answer to the last word.
pub(crate) fn case(random: &mut Random, case: &mut Case) {
    let application = Application {
        amount: random.between(15, 450) * 100,
        months: *random.pick(&[12, 24, 36, 48, 60, 84]),
        income: random.between(16, 78) * 100,
        score: random.between(480, 820),
        burden: random.between(12, 62),
        purpose: random.pick::<&'static str>(&PURPOSES),
        employment: random.pick::<&'static str>(&EMPLOYMENTS),
    };
    let officer = random.pick(&OFFICERS);
    let kind = if *officer == "branch-kiosk" {
        "service"
    } else {
        "user"
    };
    case.about(
        &format!("applicant-{}", random.hex(8)),
        "applicant",
        officer,
        kind,
    );
    ask_bureau(&application, random, case);

    let outcome = outcome_of(&application);
    let question = format!(
        "Application: {} EUR over {} months for {}. Applicant is {}. Net income {} EUR a month, \
         obligations {} % of it. Bureau score {}.",
        application.amount,
        application.months,
        application.purpose,
        application.employment,
        application.income,
        application.burden,
        application.score
    );
    let answer = assessment(&application, outcome);
    let exchange = Exchange {
        model: random.pick(&MODELS),
        prompt_name: "credit-assessment",
        prompt_version: if random.chance(70) { "14" } else { "13" },
        instructions: INSTRUCTIONS,
        question: &question,
        answer: &answer,
    };
    if random.chance(4) {
        case.failed_call(&exchange, random);
        if random.chance(50) {
            let nothing = json!({"outcome": "error", "ai_role": "advisory", "risk_level": "limited",
                "explanation": "The model gave no answer; the application was put back."});
            case.decision(nothing, regulatory(), random);
            return;
        }
    }
    case.llm_call(&exchange, random);
    case.decision(
        decision(&application, outcome, random),
        regulatory(),
        random,
    );
    review(&application, outcome, random, case);
}

fn ask_bureau(application: &Application, random: &mut Random, case: &mut Case) {
    let arguments = json!({"reference": format!("bq-{}", random.hex(6)), "product": "consumer"});
    let result = json!({"score": application.score, "accounts": random.between(1, 14),
        "delinquencies_12m": u64::from(application.score < 560), "as_of": "last month end"});
    case.tool_call("bureau_score", &arguments, &result, random);
}

fn outcome_of(application: &Application) -> &'static str {
    let stretched = application.amount > application.income * 8;
    match application.score {
        ..560 => "denied",
        560..620 if application.burden > 45 => "denied",
        560..640 => "escalated",
        _ if application.burden > 55 => "denied",
        _ if stretched => "escalated",
        _ => "approved",
    }
}

fn risk_of(application: &Application) -> &'static str {
    match application.amount {
        ..5_000 => "limited",
        5_000..35_000 => "high",
        _ => "critical",
    }
}

fn assessment(application: &Application, outcome: &str) -> String {
    match outcome {
        "approved" => format!(
            "The application can be approved. A score of {} and obligations of {} % of net income \
             leave room for the instalment over {} months; being {} supports that. Nothing in the \
             bureau's answer speaks against it.",
            application.score, application.burden, application.months, application.employment
        ),
        "denied" => format!(
            "The application should be denied. With a score of {} and {} % of net income already \
             bound, a further {} EUR over {} months can't be carried with enough certainty. The \
             applicant can be told which two points weigh most and what would change them.",
            application.score, application.burden, application.amount, application.months
        ),
        _ => format!(
            "This one is for a person. The score of {} is in the band in which the policy leaves \
             room, and {} EUR for {} is large against the stated income. Ask for proof of income \
             before deciding.",
            application.score, application.amount, application.purpose
        ),
    }
}

fn decision(application: &Application, outcome: &str, random: &mut Random) -> Value {
    let adverse = outcome == "denied";
    let mut decision = json!({
        "outcome": outcome,
        "adverse": adverse,
        "confidence": random.hundredths(58, 97),
        "confidence_source": "model_reported",
        "alternatives": if outcome == "approved" { json!(["escalated"]) } else { json!(["approved"]) },
        "risk_level": risk_of(application),
        "risk_reasons": ["creditworthiness of a natural person"],
        "ai_role": "advisory",
        "solely_automated": false,
        "policy": {"id": "retail-credit", "version": "2026-08"},
        "factors": [
            {"name": "bureau_score", "value": application.score, "weight": 0.46,
             "direction": if application.score >= 640 { "positive" } else { "negative" }, "method": "shap"},
            {"name": "debt_to_income", "value": application.burden, "weight": 0.31,
             "direction": if application.burden <= 45 { "positive" } else { "negative" }, "method": "shap"},
            {"name": "employment", "value": application.employment, "weight": 0.12,
             "direction": "positive", "method": "model_reported"},
        ],
        "explanation": assessment(application, outcome),
        "oversight": {"required": outcome == "escalated" || application.amount >= 35_000},
    });
    if adverse {
        let first = usize::from(application.score >= 560);
        let reasons: Vec<Value> = (0..random.between(2, 4))
            .zip(REASONS.iter().cycle().skip(first))
            .map(|(_, (code, text))| json!({"code": code, "text": text}))
            .collect();
        decision["principal_reasons"] = reasons.into();
    }
    decision
}

fn review(application: &Application, outcome: &str, random: &mut Random, case: &mut Case) {
    let asked = outcome == "escalated" || application.amount >= 35_000;
    if !asked && !random.chance(12) {
        return;
    }
    let overridden = outcome != "escalated" && random.chance(40);
    let (action, result, reason) = match (outcome, overridden) {
        ("denied", true) => (
            "overridden",
            "approved",
            "Income was proven with three payslips; the late payment was the bank's own error.",
        ),
        ("approved", true) => (
            "overridden",
            "denied",
            "The employer is in insolvency proceedings, which the model could not know.",
        ),
        ("escalated", _) if random.chance(55) => (
            "approved",
            "approved",
            "Proof of income is complete and leaves room for the instalment.",
        ),
        ("escalated", _) => (
            "rejected",
            "denied",
            "The applicant did not send the proof of income that was asked for.",
        ),
        (same, _) => ("confirmed", same, "The assessment is right as it stands."),
    };
    case.review(
        &Review {
            reviewer: random.pick(&UNDERWRITERS),
            action,
            outcome: result,
            risk_level: risk_of(application),
            reason,
            after_ms: random.between(4, 40) * 60_000,
        },
        random,
    );
}

fn regulatory() -> Value {
    json!({
        "system_risk_class": "high",
        "intended_purpose": "Assessing the creditworthiness of natural persons for consumer loans up to 50,000 EUR",
        "legal_basis": "contract",
        "reference_data": ["bureau-extract", "income-statement"],
        "retention": {"class": "7y"},
    })
}
