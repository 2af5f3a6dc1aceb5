//! Padmé padding (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
//! with PURBs", section 4): lengths of few kinds, at most 12 % longer.

/// Shortest padded plaintext.
pub(crate) const LEN_MIN: usize = 256;

/// The padded length of a plaintext of `len` bytes.
pub(crate) const fn padded(len: usize) -> usize {
    if len <= LEN_MIN {
        return LEN_MIN;
    }
    let e = len.ilog2();
    let s = e.ilog2() + 1;
    len.next_multiple_of(1 << (e - s))
}
