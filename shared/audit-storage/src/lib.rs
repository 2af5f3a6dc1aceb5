//! Where things stand in storage: object keys, row forms, queue messages and the storage traits.
