//! When no explanation letter may be made, and why.
//!
//! A letter tells a person why. What a model says about itself is no reason: nothing ties it to what
//! the model did. Nor is "internal policy" or "insufficient score" one (12 CFR 1002.9(b)(2)). So each
//! principal reason has to be specific and lead to a factor of the record that something other than
//! the model's own account put there.

use audit_record::json::Value;
use audit_record::{Fields, RecordType};
use thiserror::Error;

use crate::evidence::{Evidence, words_of};

/// The most principal reasons of a letter: our rule, after comment 9(b)(2)-1 of Regulation B, by
/// which more than four are not likely to help anybody.
pub const REASONS_MAX: usize = 4;

/// Why no letter is made. The text is for the person who asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The record is no decision.
    #[error("The record is no decision, but {0}.")]
    NoDecision(String),
    /// The content is gone.
    #[error("The content of the decision was erased; what is left of it gives no reasons.")]
    Erased,
    /// The record says nothing of what came out.
    #[error("The decision has no outcome.")]
    NoOutcome,
    /// The record does not say that the decision went against the person.
    #[error(
        "The decision is not recorded as adverse; a notice of adverse action needs one that is."
    )]
    NotAdverse,
    /// There is no reason.
    #[error(
        "The decision has no principal reasons. A model's explanation does not stand in for them."
    )]
    NoReasons,
    /// There are too many.
    #[error("The decision has {0} principal reasons; a letter gives four at most.")]
    TooMany(usize),
    /// A reason says nothing.
    #[error(
        "The reason \u{201c}{0}\u{201d} is generic: it does not tell the person what weighed against them."
    )]
    Generic(String),
    /// A reason leads to no factor.
    #[error("The reason \u{201c}{0}\u{201d} leads to no recorded factor of the decision.")]
    Untraceable(String),
    /// A reason leads only to what the model says of itself.
    #[error("The reason \u{201c}{0}\u{201d} rests on the model's own account only.")]
    ModelOnly(String),
    /// Nobody knows where the factor comes from.
    #[error(
        "The factor behind the reason \u{201c}{0}\u{201d} does not say by which method it was found."
    )]
    MethodUnknown(String),
}

impl Refusal {
    /// The kind of refusal, without words of the record.
    #[must_use]
    pub const fn in_short(&self) -> &'static str {
        match self {
            Self::NoDecision(_) => "no decision",
            Self::Erased => "content erased",
            Self::NoOutcome => "no outcome",
            Self::NotAdverse => "not adverse",
            Self::NoReasons => "no principal reasons",
            Self::TooMany(_) => "more than four reasons",
            Self::Generic(_) => "a generic reason",
            Self::Untraceable(_) => "a reason without a recorded factor",
            Self::ModelOnly(_) => "only the model's own account",
            Self::MethodUnknown(_) => "a factor of unknown method",
        }
    }
}

/// A principal reason and the factors that it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The reason, in words.
    pub words: String,
    /// The factors behind it, at least one.
    pub factors: Vec<Factor>,
}

/// A factor of the decision, as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Its value, in words.
    pub value: Option<String>,
    /// Whether it spoke for or against.
    pub direction: Option<String>,
    /// By which method it was found.
    pub method: Option<String>,
}

/// The decision's principal reasons, or why no letter may give them.
pub(crate) fn reasons(decision: &Evidence) -> Result<Vec<Reason>, Refusal> {
    if decision.record_type() != Some(RecordType::Decision) {
        let other = decision.text("/type").unwrap_or("something else");
        return Err(Refusal::NoDecision(other.to_owned()));
    }
    if decision.erased {
        return Err(Refusal::Erased);
    }
    if decision.outcome().is_none() {
        return Err(Refusal::NoOutcome);
    }
    let recorded = decision.field("/decision/principal_reasons");
    let recorded = recorded.and_then(Value::as_array).unwrap_or_default();
    if recorded.is_empty() {
        return Err(Refusal::NoReasons);
    }
    if recorded.len() > REASONS_MAX {
        return Err(Refusal::TooMany(recorded.len()));
    }
    let factors = factors(decision);
    recorded.iter().map(|one| reason(one, &factors)).collect()
}

/// The decision's factors.
pub(crate) fn factors(decision: &Evidence) -> Vec<Factor> {
    let recorded = decision.field("/decision/factors");
    let recorded = recorded.and_then(Value::as_array).unwrap_or_default();
    let text = |factor: &Value<'_>, name: &str| factor.get(name)?.as_str().map(str::to_owned);
    let named = recorded.iter().filter_map(|factor| {
        let value = factor.get("value").filter(|value| !value.is_null());
        Some(Factor {
            name: text(factor, "name")?,
            value: value.map(words_of),
            direction: text(factor, "direction"),
            method: text(factor, "method"),
        })
    });
    named.collect()
}

fn reason(recorded: &Value<'_>, factors: &[Factor]) -> Result<Reason, Refusal> {
    let text = |name: &str| recorded.get(name).and_then(Value::as_str);
    let words = recorded
        .as_str()
        .or_else(|| text("text"))
        .or_else(|| text("reason"));
    let words = words
        .or_else(|| text("code"))
        .unwrap_or_default()
        .trim()
        .to_owned();
    if is_generic(&words) {
        return Err(Refusal::Generic(words));
    }
    let names: Vec<&str> = names(recorded);
    let behind = factors
        .iter()
        .filter(|factor| names.contains(&factor.name.as_str()));
    let behind: Vec<Factor> = behind.cloned().collect();
    let found_by = |methods: &[&str]| {
        let method = |factor: &Factor| factor.method.clone().unwrap_or_default();
        behind
            .iter()
            .any(|factor| methods.contains(&method(factor).as_str()))
    };
    if behind.is_empty() {
        Err(Refusal::Untraceable(words))
    } else if found_by(&["shap", "counterfactual", "rule", "user_supplied"]) {
        Ok(Reason {
            words,
            factors: behind,
        })
    } else if found_by(&["model_reported", "logprob"]) {
        Err(Refusal::ModelOnly(words))
    } else {
        Err(Refusal::MethodUnknown(words))
    }
}

/// The names by which a reason may name its factors: itself, its code, `factor` or `factors`.
fn names<'a>(reason: &'a Value<'_>) -> Vec<&'a str> {
    let one = ["code", "factor"].map(|name| reason.get(name).and_then(Value::as_str));
    let several = reason
        .get("factors")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let several = several.iter().filter_map(Value::as_str);
    let all = one
        .into_iter()
        .flatten()
        .chain(reason.as_str())
        .chain(several);
    all.collect()
}

/// Phrases that name no reason. Compared with the whole of what a reason says, without what stands
/// around its words.
const GENERIC: [&str; 24] = [
    "",
    "n/a",
    "none",
    "unknown",
    "other",
    "denied",
    "rejected",
    "declined",
    "policy",
    "internal policy",
    "internal policies",
    "internal standards",
    "company policy",
    "credit policy",
    "does not meet our criteria",
    "did not meet our criteria",
    "criteria not met",
    "score",
    "low score",
    "score too low",
    "insufficient score",
    "failed to achieve a qualifying score",
    "model decision",
    "automated decision",
];

fn is_generic(words: &str) -> bool {
    let plain = words.to_lowercase().replace('_', " ");
    let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
    GENERIC.contains(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn outcome_of(decision: &str) -> Result<usize, Refusal> {
        let text = format!(
            r#"{{"id":"01a20cc8-8e80-7abc-8def-0123456789ab","type":"decision","system":"credit","occurred_at":"2026-11-24T09:00:00Z","decision":{decision}}}"#
        );
        reasons(&sample::evidence(&text)).map(|reasons| reasons.len())
    }

    #[test]
    fn a_reason_counts_only_if_it_is_specific_and_leads_to_a_factor_that_is_no_models_account() {
        let with = |reasons: &str, factors: &str| {
            outcome_of(&format!(
                r#"{{"outcome":"denied","principal_reasons":{reasons},"factors":{factors}}}"#
            ))
        };
        let burden = r#"[{"name":"burden","value":62,"method":"shap"}]"#;
        let told = r#"[{"name":"burden","value":62,"method":"model_reported"}]"#;
        let bare = r#"[{"name":"burden"}]"#;
        let by_code = r#"[{"code":"burden","text":"Obligations are high"}]"#;
        let words = || "Obligations are high".to_owned();
        for (reasons, factors, expected) in [
            (by_code, burden, Ok(1)),
            (r#"["burden"]"#, burden, Ok(1)),
            (
                r#"[{"text":"Obligations are high","factors":["burden"]}]"#,
                burden,
                Ok(1),
            ),
            (by_code, told, Err(Refusal::ModelOnly(words()))),
            (by_code, bare, Err(Refusal::MethodUnknown(words()))),
            (by_code, "[]", Err(Refusal::Untraceable(words()))),
            (
                r#"["Obligations are high"]"#,
                burden,
                Err(Refusal::Untraceable(words())),
            ),
            ("[]", burden, Err(Refusal::NoReasons)),
            (
                r#"["Internal policy."]"#,
                burden,
                Err(Refusal::Generic("Internal policy.".into())),
            ),
            (
                r#"["burden","insufficient_score"]"#,
                burden,
                Err(Refusal::Generic("insufficient_score".into())),
            ),
            (
                r#"["burden","burden","burden","burden","burden"]"#,
                burden,
                Err(Refusal::TooMany(5)),
            ),
        ] {
            assert_eq!(with(reasons, factors), expected, "{reasons} {factors}");
        }
        assert_eq!(
            outcome_of(r#"{"principal_reasons":["burden"]}"#),
            Err(Refusal::NoOutcome)
        );
    }

    #[test]
    fn a_models_explanation_is_no_reason() {
        let decision = r#"{"outcome":"denied","explanation":"I denied it because of the burden."}"#;
        assert_eq!(outcome_of(decision), Err(Refusal::NoReasons));
    }

    #[test]
    fn what_is_no_decision_or_was_erased_gets_no_letter() {
        let call = sample::evidence(
            r#"{"id":"01a20cc8-8e80-7abc-8def-0123456789ab","type":"llm_call","system":"credit","occurred_at":"2026-11-24T09:00:00Z"}"#,
        );
        assert_eq!(reasons(&call), Err(Refusal::NoDecision("llm_call".into())));
        let erased = Evidence {
            erased: true,
            ..sample::evidence(
                r#"{"id":"01a20cc8-8e80-7abc-8def-0123456789ab","type":"decision","system":"credit","occurred_at":"2026-11-24T09:00:00Z","decision":{"outcome":"denied"}}"#,
            )
        };
        assert_eq!(reasons(&erased), Err(Refusal::Erased));
    }
}
