//! The key service: wraps by looking up, and insists on the encryption context.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use audit_record::LedgerName;
use audit_storage::stores::{DataKey, KeyWrapper};
use audit_storage::{Entropy, Error, Result};
use zeroize::Zeroizing;

use crate::entropy::SeededEntropy;
use crate::gate::{Gate, Touch};

const KEY_ARN: &str =
    "arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000000";

type Wrapped = BTreeMap<Vec<u8>, (LedgerName, [u8; 32])>;

/// A key service in memory. Clones share it.
#[derive(Debug, Clone)]
pub struct MemoryKeyWrapper {
    keys: Arc<Mutex<Wrapped>>,
    entropy: SeededEntropy,
    gate: Gate,
}

impl MemoryKeyWrapper {
    /// A service whose keys come from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            keys: Arc::default(),
            entropy: SeededEntropy::new(seed),
            gate: Gate::new(),
        }
    }

    /// The same service through another process's gate.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Self {
        Self {
            gate: gate.clone(),
            ..self.clone()
        }
    }

    /// A copy that goes its own way.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            keys: Arc::new(Mutex::new(self.keys().clone())),
            entropy: self.entropy.fork(),
            gate: Gate::new(),
        }
    }

    fn keys(&self) -> MutexGuard<'_, Wrapped> {
        self.keys.lock().expect("no panic while it is held")
    }
}

impl KeyWrapper for MemoryKeyWrapper {
    async fn generate(&self, ledger: &LedgerName) -> Result<DataKey> {
        let generate = || {
            self.gate.bill("kms:GenerateDataKey", 1);
            let plaintext: [u8; 32] = self.entropy.array();
            let wrapped = self.entropy.array::<184>().to_vec();
            drop(
                self.keys()
                    .insert(wrapped.clone(), (ledger.clone(), plaintext)),
            );
            Ok(DataKey {
                plaintext: Zeroizing::new(plaintext),
                wrapped,
                kms_key: KEY_ARN.to_owned(),
            })
        };
        // A lost reply loses a key that nobody has: for the caller nothing happened.
        self.gate
            .call("kms:GenerateDataKey", Touch::Fixed, generate)
            .await
    }

    async fn unwrap(
        &self,
        ledger: &LedgerName,
        kms_key: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>> {
        let unwrap = || {
            self.gate.bill("kms:Decrypt", 1);
            match self.keys().get(wrapped) {
                Some((owner, key)) if owner == ledger && kms_key == KEY_ARN => {
                    Ok(Zeroizing::new(*key))
                }
                _ => Err(Error::corrupt("wrapped key (InvalidCiphertextException)")),
            }
        };
        self.gate.call("kms:Decrypt", Touch::Fixed, unwrap).await
    }

    async fn probe(&self) -> Result<()> {
        self.gate
            .call("kms:DescribeKey", Touch::Fixed, || Ok(()))
            .await
    }
}
