//! A small seeded generator (`SplitMix64`, Steele, Lea and Flood 2014): sample data has to be the
//! same everywhere, not unpredictable.

/// The generator.
pub(crate) struct Random(u64);

impl Random {
    /// One that always gives the same numbers for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    /// A fraction from `low` to `high`, in hundredths.
    pub(crate) fn hundredths(&mut self, low: u32, high: u32) -> f64 {
        let number = self.between(u64::from(low), u64::from(high));
        f64::from(u32::try_from(number).unwrap_or(high)) / 100.0
    }

    /// Whether something that happens so often out of a hundred does.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = usize::try_from(self.bits() % u64::try_from(of.len()).unwrap_or(1)).unwrap_or(0);
        &of[at]
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.bits()));
        }
        text.truncate(digits);
        text
    }

    /// A `UUIDv7` (RFC 9562 section 5.7) of a time.
    pub(crate) fn uuid_v7(&mut self, ms: u64) -> String {
        let time = format!("{:012x}", ms & 0xFFFF_FFFF_FFFF);
        let (a, b) = (self.bits() & 0xFFF, self.bits());
        let variant = 0x8000 | (b >> 48 & 0x3FFF);
        format!(
            "{}-{}-7{a:03x}-{variant:04x}-{:012x}",
            &time[..8],
            &time[8..],
            b & 0xFFFF_FFFF_FFFF
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.bits()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
