//! Hiring: applications screened against a post's requirements. Nobody is turned down by a machine
//! alone: an adverse result always goes to a person.

use serde_json::{Value, json};

use super::case::{Case, Exchange, Model, Review, Reviewer};
use super::random::Random;

const MODELS: [Model; 3] = [
    Model {
        provider: "openai",
        name: "gpt-4.1-mini",
        answered_as: "gpt-4.1-mini-2025-04-14",
        input_cents: 40,
        output_cents: 160,
    },
    Model {
        provider: "mistral_ai",
        name: "mistral-large-2411",
        answered_as: "mistral-large-2411",
        input_cents: 200,
        output_cents: 600,
    },
    Model {
        provider: "azure.ai.openai",
        name: "gpt-4o",
        answered_as: "gpt-4o-2024-11-20",
        input_cents: 250,
        output_cents: 1000,
    },
];

const RECRUITERS: [&str; 4] = ["e.novak", "r.haddad", "c.lindgren", "ats-connector"];

const REVIEWERS: [Reviewer; 3] = [
    Reviewer {
        id: "d.moreau",
        role: "hiring manager",
    },
    Reviewer {
        id: "k.osei",
        role: "talent lead",
    },
    Reviewer {
        id: "works-council.02",
        role: "works council",
    },
];

const POSTS: [(&str, &str, [&str; 3]); 5] = [
    (
        "REQ-2291",
        "Backend engineer",
        ["Rust or Go", "distributed systems", "on-call experience"],
    ),
    (
        "REQ-2304",
        "Payroll specialist",
        ["payroll law", "SAP HCM", "fluent German"],
    ),
    (
        "REQ-2310",
        "Warehouse shift lead",
        ["forklift licence", "team of 10 or more", "shift planning"],
    ),
    (
        "REQ-2317",
        "Clinical data manager",
        ["GCP training", "CDISC", "audit experience"],
    ),
    (
        "REQ-2322",
        "Customer support agent",
        ["two languages", "ticketing tools", "weekend shifts"],
    ),
];

const BACKGROUNDS: [&str; 5] = [
    "Eight years in comparable posts, the last three leading a team",
    "Two years in a related field after a career change",
    "A degree and three internships, no full-time post yet",
    "Twelve years at one employer in the same function",
    "Freelance for five years, with references from four clients",
];

const INSTRUCTIONS: &str = "You compare an application with the requirements of a post. Judge \
evidence for each requirement, nothing else: no name, photo, age, gap in employment or school. Say \
what is proven, what is claimed, what is missing, and recommend: advance, hold or reject.";

/// One application, from parsing the documents to the person's word.
pub(crate) fn case(random: &mut Random, case: &mut Case) {
    let (number, title, requirements) = random.pick(&POSTS);
    let background = *random.pick(&BACKGROUNDS);
    let met = usize::try_from(random.between(0, 3)).unwrap_or(0);
    let recruiter = random.pick(&RECRUITERS);
    let kind = if *recruiter == "ats-connector" {
        "service"
    } else {
        "user"
    };
    case.about(
        &format!("candidate-{}", random.hex(8)),
        "candidate",
        recruiter,
        kind,
    );
    if random.chance(50) {
        let arguments =
            json!({"document": format!("cv-{}.pdf", random.hex(6)), "language": "auto"});
        let result = json!({"pages": random.between(1, 4), "skills_found": &requirements[..met]});
        case.tool_call("parse_cv", &arguments, &result, random);
    }

    let question = format!(
        "Post {number}, {title}. Required: {}. Application: {background}. Skills found in the \
         documents: {}.",
        requirements.join("; "),
        if met == 0 {
            "none of the required".to_owned()
        } else {
            requirements[..met].join("; ")
        }
    );
    let outcome = match met {
        3 => "approved",
        2 => {
            if random.chance(60) {
                "approved"
            } else {
                "flagged"
            }
        }
        1 => "escalated",
        _ => "denied",
    };
    let answer = recommendation(outcome, &requirements[..met], &requirements[met..]);
    let exchange = Exchange {
        model: random.pick(&MODELS),
        prompt_name: "screening",
        prompt_version: if random.chance(60) {
            "2026-10"
        } else {
            "2026-09"
        },
        instructions: INSTRUCTIONS,
        question: &question,
        answer: &answer,
    };
    if random.chance(5) {
        case.failed_call(&exchange, random);
    }
    case.llm_call(&exchange, random);
    let adverse = matches!(outcome, "denied" | "escalated");
    case.decision(
        decision(outcome, met, number, &answer, random),
        regulatory(random),
        random,
    );
    if adverse || random.chance(15) {
        review(outcome, random, case);
    }
}

fn recommendation(outcome: &str, met: &[&str], missing: &[&str]) -> String {
    let listed = |of: &[&str]| {
        if of.is_empty() {
            "none".to_owned()
        } else {
            of.join(", ")
        }
    };
    let advice = match outcome {
        "approved" => "Recommend to advance to the first interview.",
        "flagged" => "Hold: ask for evidence of the missing point before deciding.",
        "escalated" => "Not clear from the documents. A person should read the cover letter.",
        _ => "Recommend to reject, subject to a person's review.",
    };
    format!(
        "Proven: {}. Missing: {}. {advice}",
        listed(met),
        listed(missing)
    )
}

fn decision(
    outcome: &str,
    met: usize,
    post: &str,
    explanation: &str,
    random: &mut Random,
) -> Value {
    let adverse = outcome == "denied";
    let mut decision = json!({
        "outcome": outcome,
        "adverse": adverse,
        "confidence": random.hundredths(51, 94),
        "confidence_source": "model_reported",
        "risk_level": if adverse { "critical" } else { "high" },
        "risk_reasons": ["access to employment"],
        "ai_role": "advisory",
        "solely_automated": false,
        "policy": {"id": "screening-policy", "version": "7"},
        "factors": [
            {"name": "requirements_met", "value": met, "weight": 0.8,
             "direction": if met >= 2 { "positive" } else { "negative" }, "method": "rule"},
            {"name": "post", "value": post, "weight": 0.2, "direction": "neutral", "method": "user_supplied"},
        ],
        "explanation": explanation,
        "oversight": {"required": adverse || outcome == "escalated"},
    });
    if adverse {
        decision["principal_reasons"] = json!([
            {"code": "requirements_missing", "text": "No required skill is shown in the documents"},
        ]);
    }
    decision
}

fn review(outcome: &str, random: &mut Random, case: &mut Case) {
    let (action, result, reason) = match outcome {
        "denied" if random.chance(30) => (
            "overridden",
            "approved",
            "The skills are named in the cover letter, which the parser did not read.",
        ),
        "escalated" if random.chance(50) => (
            "approved",
            "approved",
            "The reference confirms the missing requirement.",
        ),
        "escalated" => (
            "rejected",
            "denied",
            "Two of three requirements are not met.",
        ),
        "approved" if random.chance(20) => (
            "overridden",
            "flagged",
            "The licence named in the application has expired.",
        ),
        same => ("confirmed", same, "Read and agreed."),
    };
    case.review(
        &Review {
            reviewer: random.pick(&REVIEWERS),
            action,
            outcome: result,
            risk_level: "high",
            reason,
            after_ms: random.between(2, 45) * 60_000,
        },
        random,
    );
}

fn regulatory(random: &mut Random) -> Value {
    json!({
        "system_risk_class": "high",
        "intended_purpose": "Comparing applications with a post's published requirements",
        "legal_basis": if random.chance(80) { "pre_contractual_steps" } else { "consent" },
        "reference_data": ["published-requirements"],
        "retention": {"class": "7y"},
    })
}
