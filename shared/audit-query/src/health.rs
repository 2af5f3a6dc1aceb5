//! Whether the parts that answers are made of answer themselves.

use audit_record::LedgerName;
use audit_storage::config::RetentionClass;
use audit_storage::stores::{KeyStore as _, KeyWrapper as _, RowStore as _, SegmentStore as _};
use audit_storage::{Backend, Result, keys, rows};
use futures::future::{join4, try_join_all};

/// Which parts answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one answer for each part")]
pub struct Health {
    /// The index.
    pub index: bool,
    /// The segments.
    pub segments: bool,
    /// The `keys` table.
    pub keys: bool,
    /// The key service.
    pub kms: bool,
}

impl Health {
    /// Whether all of them do.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.index && self.segments && self.keys && self.kms
    }
}

/// Sends each part one cheap request, all at once. What it asks for need not exist: an answer that
/// there is none is an answer.
pub(crate) async fn health(sources: &impl Backend, classes: &[RetentionClass]) -> Health {
    let Ok(probe) = LedgerName::new("health", "probe") else {
        return Health {
            index: false,
            segments: false,
            keys: false,
            kms: false,
        };
    };
    let (head, segment, config) = (
        rows::head(&probe),
        keys::segment(&probe, 0),
        rows::ledger(&probe),
    );
    let buckets = classes
        .iter()
        .map(|class| sources.segments().versions(class, &segment));
    let (index, segments, keys, kms) = join4(
        sources.rows().get(&head),
        try_join_all(buckets),
        sources.keys().get(&config),
        sources.wrapper().probe(),
    )
    .await;
    Health {
        index: answers("index", index),
        segments: answers("segments", segments),
        keys: answers("keys", keys),
        kms: answers("kms", kms),
    }
}

fn answers<T>(part: &'static str, result: Result<T>) -> bool {
    if let Err(error) = &result {
        tracing::warn!(part, %error, "a part does not answer");
    }
    result.is_ok()
}
