//! What a record adds to its hour's figures, kept until it is folded in: a conditional write may
//! have to be made again on another row.

use audit_record::{Fields, Usage};
use audit_storage::metric_row::{MetricFacts, Named};

/// [`MetricFacts`] with their own strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    record_type: OwnNamed,
    outcome: OwnNamed,
    risk: OwnNamed,
    model: OwnNamed,
    system: OwnNamed,
    usage: Usage,
    cost_nano: Option<u64>,
    latency_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum OwnNamed {
    Absent,
    Fact(String),
    Content,
}

impl OwnNamed {
    fn named(&self) -> Named<'_> {
        match self {
            Self::Absent => Named::Absent,
            Self::Fact(value) => Named::Fact(value),
            Self::Content => Named::Content,
        }
    }
}

impl From<Named<'_>> for OwnNamed {
    fn from(named: Named<'_>) -> Self {
        match named {
            Named::Absent => Self::Absent,
            Named::Fact(value) => Self::Fact(value.to_owned()),
            Named::Content => Self::Content,
        }
    }
}

impl Sample {
    /// Takes it from a record, of which `all` shows what could be opened and `facts` the facts.
    pub(crate) fn of(all: &impl Fields, facts: &impl Fields) -> Self {
        let read = MetricFacts::of(all, facts);
        Self {
            record_type: read.record_type.into(),
            outcome: read.outcome.into(),
            risk: read.risk.into(),
            model: read.model.into(),
            system: read.system.into(),
            usage: read.usage,
            cost_nano: read.cost_nano,
            latency_ms: read.latency_ms,
        }
    }

    pub(crate) fn facts(&self) -> MetricFacts<'_> {
        MetricFacts {
            record_type: self.record_type.named(),
            outcome: self.outcome.named(),
            risk: self.risk.named(),
            model: self.model.named(),
            system: self.system.named(),
            usage: self.usage,
            cost_nano: self.cost_nano,
            latency_ms: self.latency_ms,
        }
    }
}
