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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_the_formula() {
        for (len, expected) in [
            (0, 256),
            (36, 256),
            (256, 256),
            (257, 272),
            (272, 272),
            (273, 288),
            (511, 512),
            (512, 512),
            (513, 544),
            (1000, 1024),
            (1025, 1088),
            (3000, 3072),
            (65_536, 65_536),
            (65_537, 67_584),
            (1_000_000, 1_015_808),
            (2_097_153, 2_162_688),
        ] {
            assert_eq!(padded(len), expected, "{len}");
        }
    }

    #[test]
    fn padding_never_shortens_and_never_adds_an_eighth() {
        let mut last = 0;
        for len in (257..100_000).chain((0..2_000).map(|n| n * 4_001 + 100_000)) {
            let long = padded(len);
            assert!(
                long >= len && long * 8 < len * 9 && long >= last,
                "{len} {long}"
            );
            assert_eq!(padded(long), long);
            last = long;
        }
    }
}
