//! What one record adds to its hour.

use audit_record::{Fields, Usage};

use super::Dimension;

/// A dimension's value, as far as figures may know it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Named<'a> {
    /// The record has none.
    #[default]
    Absent,
    /// It is a fact.
    Fact(&'a str),
    /// It was sealed as content: it has a value, but not one for a figure.
    Content,
}

/// What one record adds to its hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MetricFacts<'a> {
    /// `type`.
    pub record_type: Named<'a>,
    /// `decision.outcome`.
    pub outcome: Named<'a>,
    /// `decision.risk_level`.
    pub risk: Named<'a>,
    /// The model.
    pub model: Named<'a>,
    /// `system`.
    pub system: Named<'a>,
    /// The token counts.
    pub usage: Usage,
    /// `audit.call.cost` in billionths.
    pub cost_nano: Option<u64>,
    /// From `occurred_at` to `ended_at`.
    pub latency_ms: Option<u64>,
}

impl<'a> MetricFacts<'a> {
    /// Reads them from a record: `facts` shows its facts alone, `all` whatever could be opened
    /// (after an erasure the facts again). Which of them a field is in is what the body says.
    pub fn of<A, F>(all: &A, facts: &'a F) -> Self
    where
        A: Fields + ?Sized,
        F: Fields + ?Sized,
    {
        let named = |fact: Option<&'a str>, any: Option<&str>| match (fact, any) {
            (Some(fact), _) => Named::Fact(fact),
            (None, Some(_)) => Named::Content,
            (None, None) => Named::Absent,
        };
        Self {
            record_type: named(facts.text("/type"), all.text("/type")),
            outcome: named(facts.outcome(), all.outcome()),
            risk: named(facts.risk_level(), all.risk_level()),
            model: model(all, facts),
            system: named(facts.system(), all.system()),
            usage: facts.usage(),
            cost_nano: facts.cost().and_then(nano),
            latency_ms: facts.latency_ms(),
        }
    }

    /// The value of a dimension.
    #[must_use]
    pub fn value(&self, dimension: Dimension) -> Named<'a> {
        match dimension {
            Dimension::Type => self.record_type,
            Dimension::Outcome => self.outcome,
            Dimension::Risk => self.risk,
            Dimension::Model => self.model,
            Dimension::System => self.system,
        }
    }
}

/// The model comes from either of two fields. If the one that a row shows is content, a fact in the
/// other must not be counted in its place: the row's model would then be in no count.
fn model<'a, A, F>(all: &A, facts: &'a F) -> Named<'a>
where
    A: Fields + ?Sized,
    F: Fields + ?Sized,
{
    match (facts.model(), all.model()) {
        (Some(fact), Some(any)) if fact != any => Named::Content,
        (Some(fact), _) => Named::Fact(fact),
        (None, Some(_)) => Named::Content,
        (None, None) => Named::Absent,
    }
}

/// Billionths, rounded; nothing for what is negative.
fn nano(cost: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float saturates when it is cast, and negative ones were left out"
    )]
    (cost >= 0.0).then(|| (cost * 1e9).round() as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use audit_record::json::Value;

    use super::*;

    struct Map(BTreeMap<&'static str, Value<'static>>);

    impl Fields for Map {
        fn field(&self, pointer: &str) -> Option<&Value<'_>> {
            self.0.get(pointer).filter(|value| !value.is_null())
        }
    }

    fn fields(members: &[(&'static str, &'static str)]) -> Map {
        Map(members
            .iter()
            .map(|(pointer, text)| (*pointer, (*text).into()))
            .collect())
    }

    #[test]
    fn a_value_is_named_only_where_it_is_a_fact() {
        let all = fields(&[
            ("/type", "decision"),
            ("/decision/outcome", "needs a second look"),
            ("/occurred_at", "2026-01-01T00:00:00Z"),
            ("/ended_at", "2026-01-01T00:00:01.5Z"),
        ]);
        let facts = fields(&[
            ("/type", "decision"),
            ("/occurred_at", "2026-01-01T00:00:00Z"),
            ("/ended_at", "2026-01-01T00:00:01.5Z"),
        ]);
        let read = MetricFacts::of(&all, &facts);
        assert_eq!(read.record_type, Named::Fact("decision"));
        assert_eq!(read.outcome, Named::Content);
        assert_eq!(read.risk, Named::Absent);
        assert_eq!(read.latency_ms, Some(1_500));
    }

    #[test]
    fn a_model_that_is_content_is_not_replaced_by_the_one_asked_for() {
        let all = fields(&[
            ("/attributes/gen_ai.response.model", "my own model"),
            ("/attributes/gen_ai.request.model", "gpt-5"),
        ]);
        let facts = fields(&[("/attributes/gen_ai.request.model", "gpt-5")]);
        assert_eq!(MetricFacts::of(&all, &facts).model, Named::Content);
        assert_eq!(MetricFacts::of(&facts, &facts).model, Named::Fact("gpt-5"));
    }

    #[test]
    fn costs_are_counted_in_billionths() {
        for (cost, expected) in [
            (0.0, Some(0)),
            (0.001_234_567_8, Some(1_234_568)),
            (-1.0, None),
            (1e300, Some(u64::MAX)),
        ] {
            assert_eq!(nano(cost), expected, "{cost}");
        }
    }
}
