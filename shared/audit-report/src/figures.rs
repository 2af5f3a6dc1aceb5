//! Numbers and days as people read them.

use audit_record::Millis;

/// The day of a time in UTC, `YYYY-MM-DD` (ISO 8601): read the same everywhere.
pub(crate) fn day_of(time: Millis) -> String {
    let text = time.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// A number with a no-break space between thousands (ISO 80000-1), so that no reader takes a comma for
/// a decimal point.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// A share in per cent with one decimal, rounded half up. Nothing of nothing is no share.
pub(crate) fn percent(part: u64, whole: u64) -> Option<String> {
    let tenths = tenths(part, whole)?;
    Some(format!("{}.{} %", tenths / 10, tenths % 10))
}

/// A share in tenths of a per cent.
pub(crate) fn tenths(part: u64, whole: u64) -> Option<u64> {
    let whole = u128::from(whole);
    let twice = u128::from(part) * 2000 + whole;
    let tenths = twice.checked_div(whole * 2)?;
    u64::try_from(tenths).ok()
}

/// A number and what is counted, in the right number.
pub(crate) fn counted(number: u64, unit: (&str, &str)) -> String {
    let name = if number == 1 { unit.0 } else { unit.1 };
    format!("{} {name}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1\u{a0}000"),
            (12_345_678, "12\u{a0}345\u{a0}678"),
        ] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn shares_are_rounded_half_up() {
        for (part, whole, text) in [
            (0, 0, None),
            (0, 3, Some("0.0 %")),
            (1, 3, Some("33.3 %")),
            (2, 3, Some("66.7 %")),
            (1, 2_000, Some("0.1 %")),
            (3, 3, Some("100.0 %")),
            (u64::MAX, u64::MAX, Some("100.0 %")),
        ] {
            assert_eq!(percent(part, whole).as_deref(), text, "{part} of {whole}");
        }
    }
}
