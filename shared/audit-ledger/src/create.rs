//! Tenants and ledgers come into being.
//!
//! A ledger is made in an order that a rerun completes from wherever a crash left it: first its
//! configuration, which fixes everything that the genesis says; then the genesis, a pure function
//! of the configuration, so that every attempt writes the same bytes; then its row and HEAD, by
//! rolling the genesis forward like any segment.

use audit_log::segment::{Builder, Built};
use audit_log::{BodyRef, Entry, Frontier, KeyBody, KeyId, Kind as EntryKind, own_id};
use audit_record::{LedgerName, is_name};
use audit_storage::config::{Lane, LedgerConfig, LedgerKey, RetentionClass, ScopeSetting, Tenant};
use audit_storage::encode::base64url;
use audit_storage::stores::{KeyWrapper, Written};
use audit_storage::{Backend, Clock, Entropy, Error, Kind, Result, key_table};

use crate::head::Tip;
use crate::operator::Operator;
use crate::place::Placed;
use crate::session::Session;

/// What a new ledger is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLedger {
    /// Its name; the tenant must exist.
    pub ledger: LedgerName,
    /// The domain that its origin begins with: `<domain>/<tenant>/<ledger>`.
    pub domain: String,
    /// Which bucket its segments go to. Fixed for ever.
    pub retention_class: RetentionClass,
    /// Partitions of a day's rows, at least 1: one for each 500 records a second. Fixed for ever.
    pub buckets: u16,
    /// Which key seals content that has no subject.
    pub scope: ScopeSetting,
    /// The queue of its messages.
    pub lane: Lane,
    /// Days that a record stays in the index; absent for as long as it lives.
    pub index_days: Option<u32>,
}

/// Whether something was made or was there already, the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Creation {
    /// It was made now (or a crashed attempt was completed).
    Created,
    /// It was there.
    Existed,
}

impl<B: Backend> Operator<B> {
    /// Makes a tenant. One that exists stays as it is.
    ///
    /// # Errors
    /// `Invalid` if the name is none.
    pub async fn create_tenant(&self, name: &str) -> Result<(Tenant, Creation)> {
        if !is_name(name) {
            return Err(Error::invalid(
                "a tenant's name is 1 to 63 of a-z, 0-9 and -, not beginning with -",
            ));
        }
        let patience = self.patience();
        let keys = self.backend().keys();
        let tenant = Tenant {
            name: name.to_owned(),
            limit: None,
            created_at: self.backend().clock().now(),
            revision: 1,
        };
        // After a lost reply the second attempt finds the first one's row, which is as good.
        let written = patience
            .write_again(|| key_table::create_tenant(keys, &tenant))
            .await?;
        match written {
            Written::Done => Ok((tenant, Creation::Created)),
            Written::ConditionFailed => {
                let existing = patience.ask(|| key_table::tenant(keys, name)).await?;
                let existing = existing.ok_or_else(|| Error::conflict("the tenant went away"))?;
                Ok((existing, Creation::Existed))
            }
        }
    }

    /// Makes a ledger, or completes one that a crash left half made. One that exists with the
    /// same settings stays as it is.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant, `Conflict` if the ledger exists with other settings,
    /// `Corrupt` if a foreign genesis stands in its place.
    pub async fn create_ledger(&self, new: &NewLedger) -> Result<(LedgerConfig, Creation)> {
        let patience = self.patience();
        let keys = self.backend().keys();
        let tenant = new.ledger.tenant();
        if patience
            .ask(|| key_table::tenant(keys, tenant))
            .await?
            .is_none()
        {
            return Err(Error::not_found("tenant"));
        }
        let existing = patience
            .ask(|| key_table::ledger(keys, &new.ledger))
            .await?;
        let config = match existing {
            Some(config) => config,
            None => self.write_config(new).await?,
        };
        if !new.describes(&config) {
            return Err(Error::conflict("a ledger of this name has other settings"));
        }
        // If we crash here, the ledger has a configuration and no genesis. A writer that is asked
        // to commit to it finds no HEAD and no segment and leaves the messages queued; a rerun of
        // this goes on from here.
        let session = Session::new(
            self.backend(),
            self.limits(),
            &patience,
            self.ring(),
            &config,
        );
        let creation = session.begin().await?;
        Ok((config, creation))
    }

    async fn write_config(&self, new: &NewLedger) -> Result<LedgerConfig> {
        let patience = self.patience();
        let keys = self.backend().keys();
        let data_key = patience
            .ask(|| self.backend().wrapper().generate(&new.ledger))
            .await?;
        let config = LedgerConfig {
            ledger: new.ledger.clone(),
            origin: format!("{}/{}", new.domain, new.ledger),
            retention_class: new.retention_class.clone(),
            buckets: new.buckets.max(1),
            scope: new.scope,
            lane: new.lane,
            index_days: new.index_days,
            keys: vec![LedgerKey {
                key_id: self.backend().entropy().array(),
                kms_key: data_key.kms_key,
                wrapped: data_key.wrapped,
            }],
            created_at: self.backend().clock().now(),
            revision: 1,
        };
        let mut attempt = 0;
        loop {
            let error = match key_table::create_ledger(keys, &config).await {
                Ok(Written::Done) => return Ok(config),
                // Somebody else made it meanwhile, or an attempt whose reply was lost did: what
                // stands there is the ledger, with its key.
                Ok(Written::ConditionFailed) => {
                    let stored = patience
                        .ask(|| key_table::ledger(keys, &new.ledger))
                        .await?;
                    return stored.ok_or_else(|| Error::conflict("the ledger went away"));
                }
                Err(error) => error,
            };
            attempt += 1;
            let worth_it = matches!(error.kind(), Kind::Unavailable | Kind::Unknown);
            if !worth_it || !patience.pause(attempt).await {
                return Err(error);
            }
        }
    }
}

impl NewLedger {
    /// Whether a ledger is what this asks for, in everything that can't be changed later.
    fn describes(&self, config: &LedgerConfig) -> bool {
        config.origin == format!("{}/{}", self.domain, self.ledger)
            && config.retention_class == self.retention_class
            && config.buckets == self.buckets.max(1)
    }
}

impl<B: Backend> Session<'_, B> {
    /// Writes the genesis and rolls it forward.
    async fn begin(&self) -> Result<Creation> {
        if self.head().await?.is_some() {
            return Ok(Creation::Existed);
        }
        let built = genesis(self.config)?;
        let (version, bytes) = match self.place(&built).await? {
            Placed::Mine(version) => (version, built.bytes),
            Placed::Theirs(..) => {
                return Err(Error::corrupt(
                    "another genesis stands in the bucket: the keys table is not the one that \
                     this ledger was made with",
                ));
            }
        };
        // If we crash here, the ledger exists; the sweep or a rerun gives it its row and HEAD.
        let tip = Tip::before_genesis();
        let segment = self.derive(&tip, &bytes, &version).await?;
        self.roll_forward(&tip, &segment).await?;
        Ok(Creation::Created)
    }
}

/// Segment 0: the genesis alone, a pure function of the configuration.
///
/// No request makes a ledger, so the source of the entry's id is the key id of its first key,
/// which is as unique, and its time the ledger's creation.
fn genesis(config: &LedgerConfig) -> Result<Built> {
    let key = config
        .keys
        .first()
        .ok_or_else(|| Error::corrupt("ledger without a key"))?;
    let body = KeyBody {
        key_id: KeyId::from_bytes(key.key_id),
        kms_key: key.kms_key.clone(),
        wrapped: key.wrapped.clone(),
    }
    .to_vec();
    let entry = Entry {
        id: own_id::derive("genesis", &base64url(&key.key_id), config.created_at),
        ledger: config.ledger.clone(),
        received_at: config.created_at,
        kind: EntryKind::Genesis {
            origin: config.origin.clone(),
            retention_class: config.retention_class.to_string(),
            buckets: u64::from(config.buckets),
        },
        body: Some(BodyRef::of(&body)),
        content: None,
        producer: None,
    };
    let entry = entry
        .to_vec()
        .map_err(|error| Error::internal("genesis entry").caused_by(error))?;
    let mut builder = Builder::new(config.ledger.clone(), Frontier::new(), None);
    builder
        .push(&entry, &body)
        .map_err(|full| Error::internal("genesis segment").caused_by(full))?;
    builder
        .finish(config.created_at)
        .ok_or_else(|| Error::internal("genesis segment is empty"))
}
