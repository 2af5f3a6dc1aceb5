//! What a record adds to its hour's figures, kept until it is folded in: a conditional write may
//! have to be made again on another row.

use audit_record::{Fields, Usage};
use audit_storage::metric_row::MetricFacts;

/// [`MetricFacts`] with their own strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    record_type: Option<String>,
    outcome: Option<String>,
    risk: Option<String>,
    model: Option<String>,
    system: Option<String>,
    usage: Usage,
    cost_nano: Option<u64>,
    latency_ms: Option<u64>,
}

impl Sample {
    /// Takes it from a record's facts.
    pub(crate) fn of(facts: &impl Fields) -> Self {
        let read = MetricFacts::of(facts);
        let own = |value: Option<&str>| value.map(str::to_owned);
        Self {
            record_type: own(read.record_type),
            outcome: own(read.outcome),
            risk: own(read.risk),
            model: own(read.model),
            system: own(read.system),
            usage: read.usage,
            cost_nano: read.cost_nano,
            latency_ms: read.latency_ms,
        }
    }

    pub(crate) fn facts(&self) -> MetricFacts<'_> {
        MetricFacts {
            record_type: self.record_type.as_deref(),
            outcome: self.outcome.as_deref(),
            risk: self.risk.as_deref(),
            model: self.model.as_deref(),
            system: self.system.as_deref(),
            usage: self.usage,
            cost_nano: self.cost_nano,
            latency_ms: self.latency_ms,
        }
    }
}
