//! Numbers: the doubles that a record may hold.

use crate::limits::INTEGER_MAX;

/// A finite double, integral only within ±(2^53 − 1), and never −0.
///
/// Beyond 2^53 every double is integral, so one comparison covers the value before and after
/// rounding: a literal of 2^53 or more rounds to 2^53 or more, and one between 2^53 − 1 and 2^53
/// rounds to one of the two.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Number(f64);

impl Number {
    /// From a double; −0 becomes 0.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        // `+ 0.0` turns −0 into 0 and leaves every other value as it is.
        (value.abs() <= INTEGER_MAX).then_some(Self(value + 0.0))
    }

    /// The double.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The value, if it is an integer from 0 up.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 2^53 − 1 and integral, so that the cast is exact"
    )]
    pub fn as_u64(self) -> Option<u64> {
        (self.0 >= 0.0 && self.0.fract() == 0.0).then_some(self.0 as u64)
    }
}

impl From<u32> for Number {
    fn from(value: u32) -> Self {
        Self(f64::from(value))
    }
}
