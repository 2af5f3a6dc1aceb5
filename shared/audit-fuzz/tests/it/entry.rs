//! Entries: the leaves of the log.

use audit_fuzz::hold;
use audit_log::{ENTRY_BYTES_MAX, Entry, Leaf};

use crate::golden;

#[test]
fn entry() {
    let mut seeds = golden(&["record-entry"]);
    for file in golden(&["entries"]) {
        seeds.extend(file.split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
    }
    hold(&seeds, |bytes| match Entry::read(bytes) {
        // What is known has one spelling, and this is it.
        Ok(Leaf::Known(entry)) => {
            assert_eq!(entry.to_vec().expect("an entry"), bytes);
            assert!(bytes.len() <= ENTRY_BYTES_MAX);
        }
        Ok(Leaf::Unknown { .. }) | Err(_) => {}
    });
}
