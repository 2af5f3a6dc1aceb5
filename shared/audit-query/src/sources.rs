//! What the read side stands on: stores and clock of `audit-storage` in one type parameter.

use audit_storage::Clock;
use audit_storage::stores::{KeyStore, KeyWrapper, RowStore, SegmentStore};

/// The stores that are read, and the time. The contracts are those of the traits.
pub trait Sources: Send + Sync {
    /// Write-once segments.
    type Segments: SegmentStore;
    /// The derived index.
    type Rows: RowStore;
    /// Configurations and scope keys.
    type Keys: KeyStore;
    /// The key service.
    type Wrapper: KeyWrapper;
    /// Time.
    type Clock: Clock;

    /// The segments.
    fn segments(&self) -> &Self::Segments;
    /// The index.
    fn rows(&self) -> &Self::Rows;
    /// The `keys` table.
    fn keys(&self) -> &Self::Keys;
    /// The key service.
    fn wrapper(&self) -> &Self::Wrapper;
    /// The clock.
    fn clock(&self) -> &Self::Clock;
}

/// [`Sources`] made of their parts.
#[derive(Debug, Clone)]
pub struct Parts<S, R, K, W, C> {
    /// The segments.
    pub segments: S,
    /// The index.
    pub rows: R,
    /// The `keys` table.
    pub keys: K,
    /// The key service.
    pub wrapper: W,
    /// The clock.
    pub clock: C,
}

impl<S, R, K, W, C> Sources for Parts<S, R, K, W, C>
where
    S: SegmentStore,
    R: RowStore,
    K: KeyStore,
    W: KeyWrapper,
    C: Clock,
{
    type Segments = S;
    type Rows = R;
    type Keys = K;
    type Wrapper = W;
    type Clock = C;

    fn segments(&self) -> &S {
        &self.segments
    }

    fn rows(&self) -> &R {
        &self.rows
    }

    fn keys(&self) -> &K {
        &self.keys
    }

    fn wrapper(&self) -> &W {
        &self.wrapper
    }

    fn clock(&self) -> &C {
        &self.clock
    }
}
