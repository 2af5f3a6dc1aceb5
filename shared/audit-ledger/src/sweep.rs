//! The sweep: what stands at the size of a ledger's HEAD is rolled forward, for every ledger.

use audit_storage::config::LedgerConfig;
use audit_storage::{Backend, Kind, Result, key_table};

use crate::concurrent::concurrently;
use crate::key_ring::KeyRing;
use crate::limits::Limits;
use crate::outcome::SweepOutcome;
use crate::patience::Patience;
use crate::session::Session;

pub(crate) async fn sweep_all<B: Backend>(
    backend: &B,
    limits: &Limits,
    ring: &KeyRing,
) -> Result<SweepOutcome> {
    let patience = Patience::new(backend.clock(), limits);
    let configs = patience.ask(|| key_table::ledgers(backend.keys())).await?;
    let mut work = Vec::with_capacity(configs.len());
    for config in &configs {
        work.push(sweep_one(backend, limits, ring, config, &patience));
    }
    let done = concurrently(limits.concurrent_ledgers, work).await;
    let mut outcome = SweepOutcome::default();
    for (config, swept) in configs.iter().zip(done) {
        outcome.ledgers += 1;
        match swept {
            Ok(rolled_forward) => outcome.rolled_forward += rolled_forward,
            Err(error) => {
                outcome.failed += 1;
                let corrupt = error.kind() == Kind::Corrupt;
                outcome.alarms += u64::from(corrupt);
                tracing::warn!(
                    alarm = if corrupt { "ledger_corrupt" } else { "" },
                    ledger = %config.ledger,
                    error = &error as &dyn std::error::Error,
                    "a ledger could not be swept"
                );
            }
        }
    }
    Ok(outcome)
}

async fn sweep_one<B: Backend>(
    backend: &B,
    limits: &Limits,
    ring: &KeyRing,
    config: &LedgerConfig,
    patience: &Patience<'_, B::Clock>,
) -> Result<u64> {
    let session = Session::new(backend, limits, patience, ring, config);
    let tip = session.tip().await?;
    match session.standing_at(tip.size().0).await? {
        Some(found) => session.catch_up(tip, found).await,
        None => Ok(0),
    }
}
