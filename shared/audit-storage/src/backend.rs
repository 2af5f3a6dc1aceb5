//! The stores and ports in one bundle, so that what is written over all of them has one type
//! parameter in place of a list of six.

use crate::ports::{Clock, Entropy};
use crate::stores::{KeyStore, KeyWrapper, RowStore, SegmentStore};

/// The stores of ledgers, with time and randomness: what the write side and the read side stand on.
///
/// The contracts are those of the traits; nothing is added. Implemented by [`Stores`].
pub trait Backend: Send + Sync {
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
    /// Randomness.
    type Entropy: Entropy;

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
    /// The random generator.
    fn entropy(&self) -> &Self::Entropy;
}

/// A [`Backend`] made of its parts.
#[derive(Debug, Clone)]
pub struct Stores<S, R, K, W, C, E> {
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
    /// The random generator.
    pub entropy: E,
}

impl<S, R, K, W, C, E> Backend for Stores<S, R, K, W, C, E>
where
    S: SegmentStore,
    R: RowStore,
    K: KeyStore,
    W: KeyWrapper,
    C: Clock,
    E: Entropy,
{
    type Segments = S;
    type Rows = R;
    type Keys = K;
    type Wrapper = W;
    type Clock = C;
    type Entropy = E;

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

    fn entropy(&self) -> &E {
        &self.entropy
    }
}
