//! The key that wraps ledger keys.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, GrantOperation};

use super::{Answer, Row, Scene, of, tried};
use crate::place::Clients;

fn unwrap(by: &Clients, at: &Scene, ledger: &str) -> Answer {
    let wrapped = Blob::new(at.wrapped.clone());
    let request = by.kms.decrypt().key_id(&at.kms_key);
    of(request
        .ciphertext_blob(wrapped)
        .encryption_context("ledger", ledger)
        .send())
}

#[rustfmt::skip]
const WRAPPING: &[Row] = &[
    ("unwrap a ledger's key", ["no", "yes", "yes", "yes"], "yes", |by, at| unwrap(by, at, &at.wrapped_for)),
    ("unwrap a ledger's key as another's", ["no", "context", "context", "context"], "context",
        |by, at| unwrap(by, at, "demo/hiring")),
    // Ingest and writer by way of S3, which asks in their name; only AWS tells that apart.
    ("make a data key", ["yes", "yes", "no", "yes"], "yes",
        |by, at| of(by.kms.generate_data_key().key_id(&at.kms_key).key_spec(DataKeySpec::Aes256)
            .encryption_context("ledger", &at.wrapped_for).send())),
    ("encrypt", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.kms.encrypt().key_id(&at.kms_key).plaintext(Blob::new([7])).send())),
    ("let somebody else decrypt", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.kms.create_grant().key_id(&at.kms_key).operations(GrantOperation::Decrypt)
            .grantee_principal("arn:aws:iam::000000000000:role/audit-local-ingest").send())),
    ("switch the key off", ["no", "no", "no", "no"], "yes", |by, at| of(by.kms.disable_key().key_id(&at.kms_key).send())),
    ("delete the key", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.kms.schedule_key_deletion().key_id(&at.kms_key).pending_window_in_days(7).send())),
];

#[test]
fn ledger_keys_are_unwrapped_by_those_who_need_them_and_for_their_ledger_only() {
    println!("{}", tried(WRAPPING));
}
