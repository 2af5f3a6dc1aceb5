//! The ledger's formats: canonical JSON, disclosures, parts, seal, entry, segment, tree. Pure.
