//! [`KeyWrapper`] over KMS.

use audit_record::LedgerName;
use audit_storage::stores::{DataKey, KeyWrapper};
use audit_storage::{Error, Result};
use aws_sdk_kms::Client;
use aws_sdk_kms::operation::decrypt::DecryptError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, KeyState};
use zeroize::Zeroizing;

use crate::connection::Lazy;
use crate::failure::{Effect, failed};

/// The name of the one pair in the encryption context: KMS opens a key for its ledger only.
const CONTEXT_LEDGER: &str = "ledger";

/// The key that wraps ledger keys.
#[derive(Clone)]
pub struct KmsKeys {
    client: Lazy<Client>,
    key_id: String,
}

impl std::fmt::Debug for KmsKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("KmsKeys")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl KmsKeys {
    pub(crate) fn new(client: Lazy<Client>, key_id: &str) -> Self {
        Self {
            client,
            key_id: key_id.to_owned(),
        }
    }
}

impl KeyWrapper for KmsKeys {
    async fn generate(&self, ledger: &LedgerName) -> Result<DataKey> {
        let output = self
            .client
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .encryption_context(CONTEXT_LEDGER, ledger.to_string())
            .send()
            .await
            .map_err(|error| failed("GenerateDataKey", Effect::Read, &error))?;
        let (Some(plaintext), Some(wrapped), Some(kms_key)) =
            (output.plaintext, output.ciphertext_blob, output.key_id)
        else {
            return Err(Error::unavailable(
                "GenerateDataKey: an answer without its key",
            ));
        };
        Ok(DataKey {
            plaintext: key("GenerateDataKey", plaintext)?,
            wrapped: wrapped.into_inner(),
            kms_key,
        })
    }

    async fn unwrap(
        &self,
        ledger: &LedgerName,
        kms_key: &str,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>> {
        let output = self
            .client
            .decrypt()
            .key_id(kms_key)
            .ciphertext_blob(Blob::new(wrapped))
            .encryption_context(CONTEXT_LEDGER, ledger.to_string())
            .send()
            .await
            .map_err(|error| {
                let damaged = error.as_service_error().is_some_and(|error| {
                    DecryptError::is_invalid_ciphertext_exception(error)
                        || DecryptError::is_incorrect_key_exception(error)
                });
                if damaged {
                    Error::corrupt("a wrapped key that does not open for its ledger")
                } else {
                    failed("Decrypt", Effect::Read, &error)
                }
            })?;
        let plaintext = output
            .plaintext
            .ok_or_else(|| Error::unavailable("Decrypt: an answer without its key"))?;
        key("Decrypt", plaintext)
    }

    async fn probe(&self) -> Result<()> {
        let output = self
            .client
            .describe_key()
            .key_id(&self.key_id)
            .send()
            .await
            .map_err(|error| failed("DescribeKey", Effect::Read, &error))?;
        match output.key_metadata.and_then(|metadata| metadata.key_state) {
            Some(KeyState::Enabled) => Ok(()),
            _ => Err(Error::unavailable("the wrapping key is not enabled")),
        }
    }
}

/// The plain key; the copy that the client made is wiped.
fn key(context: &'static str, plaintext: Blob) -> Result<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(plaintext.into_inner());
    let key = bytes
        .as_slice()
        .try_into()
        .map_err(|_| Error::corrupt(format!("{context}: not a 256-bit key")))?;
    Ok(Zeroizing::new(key))
}
