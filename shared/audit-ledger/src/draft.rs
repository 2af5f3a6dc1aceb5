//! Step 3: from pieces to a segment. Scope keys are made durable first, then everything is sealed
//! and laid out from the tip on.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::segment::{Builder, Built};
use audit_log::{
    Entry, Kind, LedgerKey, PartSalt, PartSecrets, Scope, ScopeKey, ScopeRule, Sealed, Sealer,
    Sealing, own_id,
};
use audit_record::{Millis, Part, Record, RecordId};
use audit_storage::config::ScopeSetting;
use audit_storage::record_row;
use audit_storage::stores::VersionId;
use audit_storage::{Backend, Clock, Entropy, Error, Result};

use crate::dedup::{Verdict, Verdicts};
use crate::derived::{Derived, Place};
use crate::head::Tip;
use crate::piece::{Fate, Matter, Piece, canonical_of};
use crate::sample::Sample;
use crate::session::Session;

/// A segment that is ready to be committed, and what its commit means for the pieces.
#[derive(Default)]
pub(crate) struct Draft {
    /// None if no piece gets an entry.
    pub(crate) built: Option<Built>,
    /// The entries, in their order.
    laid: Vec<Laid>,
    /// What becomes of which piece once the segment is committed.
    pub(crate) fates: BTreeMap<usize, Fate>,
}

struct Laid {
    piece: usize,
    id: RecordId,
    kind: &'static str,
}

/// What of a piece's sealing a later conflict with it needs.
struct EarlierPiece {
    index: u64,
    last_part: PartSalt,
}

/// Everything that sealing takes, for a whole draft.
struct Bench<'k> {
    ledger_key: &'k LedgerKey,
    scope_keys: BTreeMap<Scope, ScopeKey>,
    sealer: Sealer,
}

impl<B: Backend> Session<'_, B> {
    /// Lays out as many pieces as fit into one segment.
    pub(crate) async fn draft(
        &self,
        tip: &Tip,
        pieces: &[Piece<'_>],
        verdicts: &Verdicts,
    ) -> Result<Draft> {
        let written: Vec<usize> = verdicts
            .iter()
            .filter(|(_, verdict)| !matches!(verdict, Verdict::Duplicate | Verdict::Twin { .. }))
            .map(|(at, _)| *at)
            .collect();
        if written.is_empty() {
            return Ok(Draft {
                fates: verdicts.keys().map(|at| (*at, Fate::Duplicate)).collect(),
                ..Draft::default()
            });
        }
        let ledger_key = self.sealing_key().await?;
        let scopes = self.scopes_of(pieces, written.into_iter());
        let bench = Bench {
            ledger_key: &ledger_key,
            scope_keys: self.scope_keys(scopes).await?,
            sealer: Sealer::new().map_err(|error| Error::internal("sealer").caused_by(error))?,
        };
        Ok(self.lay_out(tip, pieces, verdicts, bench))
    }

    fn scopes_of(
        &self,
        pieces: &[Piece<'_>],
        chosen: impl Iterator<Item = usize>,
    ) -> BTreeSet<Scope> {
        chosen
            .filter_map(|at| match &pieces[at].matter {
                Matter::Record(record) if record.has_content() => {
                    Some(Scope::of(record, pieces[at].id, self.rule()))
                }
                Matter::Record(_) | Matter::Rejected { .. } => None,
            })
            .collect()
    }

    fn rule(&self) -> ScopeRule {
        match self.config.scope {
            ScopeSetting::Day => ScopeRule::Day,
            ScopeSetting::Conversation => ScopeRule::Conversation,
            ScopeSetting::Record => ScopeRule::Record,
        }
    }

    fn lay_out(
        &self,
        tip: &Tip,
        pieces: &[Piece<'_>],
        verdicts: &Verdicts,
        mut bench: Bench<'_>,
    ) -> Draft {
        let mut builder = Builder::new(self.ledger().clone(), tip.frontier.clone(), tip.prev);
        let mut draft = Draft::default();
        let mut earlier: BTreeMap<usize, EarlierPiece> = BTreeMap::new();
        for (at, verdict) in verdicts {
            let piece = &pieces[*at];
            let (id, kind) = match *verdict {
                Verdict::Duplicate => {
                    draft.fates.insert(*at, Fate::Duplicate);
                    continue;
                }
                Verdict::Twin { of } => {
                    // It shares the fate of its twin, also that of not fitting in.
                    if draft.fates.contains_key(&of) {
                        draft.fates.insert(*at, Fate::Duplicate);
                    }
                    continue;
                }
                Verdict::New => (piece.id, Kind::Record),
                Verdict::Conflict { id, ref_index } => {
                    let ref_id = piece.id;
                    (id, Kind::Conflict { ref_id, ref_index })
                }
                Verdict::ConflictWith { of } => match conflict_with(piece, earlier.get(&of)) {
                    Some(conflict) => conflict,
                    None => continue,
                },
            };
            if builder.len() >= self.limits.segment_entries {
                break;
            }
            let fate = match kind {
                Kind::Conflict { .. } => Fate::Conflict,
                _ => Fate::Committed,
            };
            let sealed = match self.seal(piece, id, kind, &mut bench) {
                Ok(sealed) => sealed,
                Err(error) => {
                    // By the limits of a record it can't happen. If it does, this record alone
                    // stays in the queue: it must not hold up those beside it.
                    tracing::error!(alarm = "seal", ledger = %self.ledger(), id = %piece.id, %error,
                        "a record can't be sealed");
                    continue;
                }
            };
            let Ok((index, _)) = builder.push(&sealed.entry, &sealed.body) else {
                break;
            };
            draft.laid.push(Laid {
                piece: *at,
                id,
                kind: sealed.kind,
            });
            draft.fates.insert(*at, fate);
            if let Some(last_part) = sealed.last_part {
                let index = index.0;
                earlier.insert(*at, EarlierPiece { index, last_part });
            }
        }
        draft.built = builder.finish(self.backend.clock().now());
        draft
    }

    fn seal(
        &self,
        piece: &Piece<'_>,
        id: RecordId,
        kind: Kind,
        bench: &mut Bench<'_>,
    ) -> Result<SealedPiece> {
        match &piece.matter {
            Matter::Record(record) => {
                let word = kind.as_str();
                let (sealed, last_part) = self.seal_record(piece, record, (id, kind), bench)?;
                Ok(SealedPiece {
                    entry: sealed.entry,
                    body: sealed.body,
                    kind: word,
                    last_part: Some(last_part),
                })
            }
            Matter::Rejected { digest, reason } => {
                let kind = Kind::Rejected {
                    digest: *digest,
                    reason: reason.clone(),
                };
                let word = kind.as_str();
                let entry = own_entry(self.ledger(), id, piece.received_at, kind)?;
                Ok(SealedPiece {
                    entry,
                    body: Vec::new(),
                    kind: word,
                    last_part: None,
                })
            }
        }
    }

    fn seal_record(
        &self,
        piece: &Piece<'_>,
        record: &Record<'_>,
        (id, kind): (RecordId, Kind),
        bench: &mut Bench<'_>,
    ) -> Result<(Sealed, PartSalt)> {
        let entropy = self.backend.entropy();
        let secrets: [PartSecrets; 2] = std::array::from_fn(|_| PartSecrets::new(&entropy.array()));
        let last = if record.has_content() {
            Part::Content
        } else {
            Part::Facts
        };
        let last_part = secrets[usize::from(last.number())].part_salt.clone();
        let scope = Scope::of(record, piece.id, self.rule());
        let sealing = Sealing {
            ledger: self.ledger(),
            id,
            kind,
            received_at: piece.received_at,
            ledger_key: bench.ledger_key,
            scope_key: bench.scope_keys.get(&scope),
            secrets,
        };
        let sealed = bench
            .sealer
            .seal(record, &sealing)
            .map_err(|error| Error::internal("seal a record").caused_by(error))?;
        Ok((sealed, last_part))
    }

    /// What the index must hold once the draft is committed under a version.
    pub(crate) fn derive_draft(
        &self,
        draft: &Draft,
        built: &Built,
        pieces: &[Piece<'_>],
        version: VersionId,
    ) -> Derived {
        let start = built.start.0;
        let mut derived = Derived::new(start, built.hash, version, built.frontier.clone());
        for (offset, (laid, (span, leaf_hash))) in (0..).zip(draft.laid.iter().zip(&built.items)) {
            let piece = &pieces[laid.piece];
            let place = Place {
                id: laid.id,
                kind: laid.kind,
                received_at: piece.received_at,
                leaf_hash: *leaf_hash,
                index: audit_log::Index(start + offset),
                span: *span,
            };
            let record = match &piece.matter {
                Matter::Record(record) if laid.kind == record_row::RECORD_KIND => Some(record),
                Matter::Record(_) | Matter::Rejected { .. } => None,
            };
            let opened = record.map_or(record_row::Opened::OwnKind, record_row::Opened::Whole);
            let row = self.row(&place, &opened, (start, &derived.version));
            derived.rows.push(row.to_item());
            if let Some(record) = record {
                derived.add_sample(laid.id, Sample::of(&record.facts()));
            }
        }
        derived
    }
}

struct SealedPiece {
    entry: Vec<u8>,
    body: Vec<u8>,
    kind: &'static str,
    /// The salt of a record's last part.
    last_part: Option<PartSalt>,
}

/// The entry of a conflict with an earlier piece of the same draft; `None` if that one did not
/// fit in, so that this one waits with it.
fn conflict_with(piece: &Piece<'_>, first: Option<&EarlierPiece>) -> Option<(RecordId, Kind)> {
    let Matter::Record(record) = &piece.matter else {
        return None;
    };
    let first = first?;
    let id = own_id::conflict(piece.id, &first.last_part, &canonical_of(record));
    let kind = Kind::Conflict {
        ref_id: piece.id,
        ref_index: first.index,
    };
    Some((id, kind))
}

/// The bytes of an entry of the ledger's own, without a sealed body.
pub(crate) fn own_entry(
    ledger: &audit_record::LedgerName,
    id: RecordId,
    at: Millis,
    kind: Kind,
) -> Result<Vec<u8>> {
    let entry = Entry {
        id,
        ledger: ledger.clone(),
        received_at: at,
        kind,
        body: None,
        content: None,
        producer: None,
    };
    entry
        .to_vec()
        .map_err(|error| Error::internal("entry").caused_by(error))
}
