//! What one record adds to its hour: a function of its facts alone, so that an erasure, which takes
//! content and nothing else, changes no figure.

use audit_record::{Fields, Usage};

use super::Dimension;

/// What one record adds to its hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MetricFacts<'a> {
    /// `type`.
    pub record_type: Option<&'a str>,
    /// `decision.outcome`.
    pub outcome: Option<&'a str>,
    /// `decision.risk_level`.
    pub risk: Option<&'a str>,
    /// The model.
    pub model: Option<&'a str>,
    /// `system`.
    pub system: Option<&'a str>,
    /// The token counts.
    pub usage: Usage,
    /// `audit.call.cost` in billionths.
    pub cost_nano: Option<u64>,
    /// From `occurred_at` to `ended_at`.
    pub latency_ms: Option<u64>,
}

impl<'a> MetricFacts<'a> {
    /// Reads them from a record's facts. Which fields these are is what its body says.
    #[must_use]
    pub fn of<F: Fields + ?Sized>(facts: &'a F) -> Self {
        Self {
            record_type: facts.text("/type"),
            outcome: facts.outcome(),
            risk: facts.risk_level(),
            model: facts.model(),
            system: facts.system(),
            usage: facts.usage(),
            cost_nano: facts.cost().and_then(nano),
            latency_ms: facts.latency_ms(),
        }
    }

    /// The value of a dimension.
    #[must_use]
    pub fn value(&self, dimension: Dimension) -> Option<&'a str> {
        match dimension {
            Dimension::Type => self.record_type,
            Dimension::Outcome => self.outcome,
            Dimension::Risk => self.risk,
            Dimension::Model => self.model,
            Dimension::System => self.system,
        }
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
    fn each_figure_comes_from_its_fact() {
        let facts = fields(&[
            ("/type", "decision"),
            ("/attributes/gen_ai.request.model", "gpt-5"),
            ("/occurred_at", "2026-01-01T00:00:00Z"),
            ("/ended_at", "2026-01-01T00:00:01.5Z"),
        ]);
        let read = MetricFacts::of(&facts);
        assert_eq!(read.record_type, Some("decision"));
        assert_eq!((read.outcome, read.risk), (None, None));
        assert_eq!(read.model, Some("gpt-5"));
        assert_eq!(read.latency_ms, Some(1_500));
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
