//! Which records a list is asked for.
//!
//! All conditions hold together. Each compares one column of the index row, with the value cut in
//! the way in which the row's was, so a filter finds every record that was written with its value.

use audit_record::limits::cut;
use audit_record::vocabulary::RiskLevel;
use audit_record::{Millis, RecordType};
use audit_storage::metric_row::{Dimension, MetricRow};
use audit_storage::record_row::Members;
use sha2::{Digest as _, Sha256};

use crate::stretch::Stretch;

/// The conditions of a list; absent ones hold for every record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The earliest time of the record's id, itself included.
    pub from: Option<Millis>,
    /// The time of the record's id before which it must lie.
    pub to: Option<Millis>,
    /// `type`.
    pub record_type: Option<RecordType>,
    /// `decision.outcome`.
    pub outcome: Option<String>,
    /// `decision.risk_level`.
    pub risk_level: Option<RiskLevel>,
    /// `actor.id`.
    pub actor: Option<String>,
    /// `subject.id`.
    pub subject: Option<String>,
    /// `system`.
    pub system: Option<String>,
    /// The model that answered, else the one that was asked for.
    pub model: Option<String>,
    /// `gen_ai.provider.name`.
    pub provider: Option<String>,
    /// `environment`.
    pub environment: Option<String>,
}

impl Filter {
    /// The ids that its times allow; `None` where they allow none.
    pub(crate) fn stretch(&self) -> Option<Stretch> {
        Stretch::of_times(self.from, self.to)
    }

    /// Whether any condition beside the times looks at the row.
    pub(crate) fn narrows(&self) -> bool {
        self.conditions().iter().any(|(_, wanted)| wanted.is_some())
    }

    /// Whether a row meets every condition but the times, which the range of its key met.
    pub(crate) fn holds(&self, row: &Members) -> bool {
        let columns = [
            &row.record_type,
            &row.outcome,
            &row.risk_level,
            &row.actor_id,
            &row.subject_id,
            &row.system,
            &row.model,
            &row.provider,
            &row.environment,
        ];
        self.conditions()
            .into_iter()
            .zip(columns)
            .all(|((_, wanted), column)| {
                wanted.is_none_or(|wanted| column.as_deref() == Some(cut(wanted)))
            })
    }

    /// Whether an hour's counts could rule it out.
    pub(crate) fn rules_out_hours(&self) -> bool {
        self.dimensions().iter().any(|(_, wanted)| wanted.is_some())
    }

    /// Whether an hour may hold a match; a no is certain.
    pub(crate) fn may_hold(&self, hour: &MetricRow) -> bool {
        self.dimensions().into_iter().all(|(dimension, wanted)| {
            wanted.is_none_or(|wanted| hour.may_hold(dimension, cut(wanted)))
        })
    }

    fn dimensions(&self) -> [(Dimension, Option<&str>); 5] {
        [
            (Dimension::Type, self.record_type.map(RecordType::as_str)),
            (Dimension::Outcome, self.outcome.as_deref()),
            (Dimension::Risk, self.risk_level.map(RiskLevel::as_str)),
            (Dimension::Model, self.model.as_deref()),
            (Dimension::System, self.system.as_deref()),
        ]
    }

    /// A digest of all conditions, to which a cursor is bound.
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for time in [self.from, self.to] {
            // A time that is absent differs from each that is not: those end at the year 9999.
            hash.update(time.map_or(u64::MAX, Millis::get).to_be_bytes());
        }
        for (name, wanted) in self.conditions() {
            if let Some(wanted) = wanted {
                let wanted = cut(wanted);
                hash.update([u8::try_from(name.len()).unwrap_or(u8::MAX)]);
                hash.update(name);
                hash.update(
                    u32::try_from(wanted.len())
                        .unwrap_or(u32::MAX)
                        .to_be_bytes(),
                );
                hash.update(wanted);
            }
        }
        hash.finalize().into()
    }

    /// The conditions by the parameter's name, in one order.
    fn conditions(&self) -> [(&'static str, Option<&str>); 9] {
        [
            ("type", self.record_type.map(RecordType::as_str)),
            ("outcome", self.outcome.as_deref()),
            ("risk_level", self.risk_level.map(RiskLevel::as_str)),
            ("actor", self.actor.as_deref()),
            ("subject", self.subject.as_deref()),
            ("system", self.system.as_deref()),
            ("model", self.model.as_deref()),
            ("provider", self.provider.as_deref()),
            ("environment", self.environment.as_deref()),
        ]
    }
}
