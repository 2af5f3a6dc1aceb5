//! Times: milliseconds since 1970, RFC 3339 in and out. No clock is read here.

use std::fmt;

/// A text is no RFC 3339 time between 1970 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time from 1970 to 9999")]
pub struct InvalidTime;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(u64);

const DAY_MS: u64 = 86_400_000;

impl Millis {
    /// 9999-12-31T23:59:59.999Z, the last that RFC 3339 can say.
    pub const MAX: Millis = Millis(253_402_300_799_999);

    /// From a count of milliseconds.
    #[must_use]
    pub const fn new(millis: u64) -> Self {
        Self(millis)
    }

    /// The count of milliseconds.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Reads an RFC 3339 time: any offset, any number of digits after the point (cut at
    /// milliseconds), `T` and `Z` in either case, second 60 only at the end of a UTC day.
    ///
    /// # Errors
    /// If it is anything else, or outside 1970 to 9999 in UTC.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        parse(text.as_bytes()).ok_or(InvalidTime)
    }

    /// Reads a time exactly as the server writes it, `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse_exact(text: &str) -> Result<Self, InvalidTime> {
        let time = Self::parse(text)?;
        if *text.as_bytes() == time.text() {
            Ok(time)
        } else {
            Err(InvalidTime)
        }
    }

    /// Reads a date, `YYYY-MM-DD`, as its first millisecond in UTC.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse_date(text: &str) -> Result<Self, InvalidTime> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 {
            return Err(InvalidTime);
        }
        let days = date(bytes).ok_or(InvalidTime)?;
        u64::try_from(days)
            .map(|days| Self(days * DAY_MS))
            .map_err(|_| InvalidTime)
    }

    /// The text `YYYY-MM-DDTHH:MM:SS.mmmZ`, without allocation.
    #[must_use]
    pub fn text(self) -> [u8; 24] {
        let at = self.0.min(Self::MAX.0);
        let (year, month, day) = civil(at / DAY_MS);
        let of_day = at % DAY_MS;
        let mut text = *b"0000-00-00T00:00:00.000Z";
        digits(&mut text[0..4], year);
        digits(&mut text[5..7], month);
        digits(&mut text[8..10], day);
        digits(&mut text[11..13], of_day / 3_600_000);
        digits(&mut text[14..16], of_day / 60_000 % 60);
        digits(&mut text[17..19], of_day / 1_000 % 60);
        digits(&mut text[20..23], of_day % 1_000);
        text
    }

    /// The day in UTC, `YYYYMMDD`.
    #[must_use]
    pub fn day(self) -> String {
        let (year, month, day) = civil(self.0.min(Self::MAX.0) / DAY_MS);
        format!("{year:04}{month:02}{day:02}")
    }

    /// The hour in UTC, `YYYY-MM-DDTHH`.
    #[must_use]
    pub fn hour(self) -> String {
        String::from_utf8_lossy(&self.text()[..13]).into_owned()
    }

    /// The first millisecond of this time's hour.
    #[must_use]
    pub const fn start_of_hour(self) -> Self {
        Self(self.0 - self.0 % 3_600_000)
    }

    /// The first millisecond of this time's day.
    #[must_use]
    pub const fn start_of_day(self) -> Self {
        Self(self.0 - self.0 % DAY_MS)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

/// Writes a number right-aligned over its digits.
fn digits(text: &mut [u8], mut number: u64) {
    for digit in text.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}

fn number(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + i64::from(digit - b'0'))
    })
}

/// RFC 3339 section 5.6, `date-time`.
fn parse(text: &[u8]) -> Option<Millis> {
    if text.len() < 20 || !matches!(text[10], b'T' | b't') || text[13] != b':' || text[16] != b':' {
        return None;
    }
    let days = date(&text[..10])?;
    let hour = number(&text[11..13]).filter(|h| *h < 24)?;
    let minute = number(&text[14..16]).filter(|m| *m < 60)?;
    let second = number(&text[17..19]).filter(|s| *s <= 60)?;
    let mut rest = &text[19..];
    let mut millis = 0;
    if rest[0] == b'.' {
        let len = rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if len == 0 {
            return None;
        }
        for place in 0..3 {
            millis = millis * 10
                + if place < len {
                    i64::from(rest[1 + place] - b'0')
                } else {
                    0
                };
        }
        rest = &rest[1 + len..];
    }
    let offset_minutes = offset(rest)?;
    let minutes = days * 1_440 + hour * 60 + minute - offset_minutes;
    if second == 60 && minutes.rem_euclid(1_440) != 1_439 {
        return None;
    }
    let total = u64::try_from(minutes * 60_000 + second * 1_000 + millis).ok()?;
    (total <= Millis::MAX.0).then_some(Millis(total))
}

/// Minutes east of UTC.
fn offset(text: &[u8]) -> Option<i64> {
    match text {
        b"Z" | b"z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let hours = number(&[*h1, *h2]).filter(|h| *h < 24)?;
            let minutes = number(&[*m1, *m2]).filter(|m| *m < 60)?;
            let total = hours * 60 + minutes;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD`.
fn date(text: &[u8]) -> Option<i64> {
    if text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    let year = number(&text[..4])?;
    let month = number(&text[5..7]).filter(|m| (1..=12).contains(m))?;
    let day = number(&text[8..10])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=length)
        .contains(&day)
        .then(|| days_of(year, month, day))
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar: Howard Hinnant, "chrono-compatible
/// low-level date algorithms", `days_from_civil`.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The inverse, `civil_from_days`, from 1970 on.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_3339_times_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-24T08:42:00.123Z", Some(1_795_509_720_123)),
            ("2026-11-24t08:42:00.1239z", Some(1_795_509_720_123)),
            ("2026-11-24T09:42:00.1+01:00", Some(1_795_509_720_100)),
            ("2026-11-23T23:42:00-09:00", Some(1_795_509_720_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_800_000)),
            ("2017-01-01T00:59:60+01:00", Some(1_483_228_800_000)),
            ("9999-12-31T23:59:59.999Z", Some(Millis::MAX.0)),
            ("9999-12-31T23:59:59.999-00:01", None),
            ("1970-01-01T00:59:59+01:00", None),
            ("1969-12-31T23:59:59Z", None),
            ("2016-12-31T22:59:60Z", None),
            ("2023-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-00-01T00:00:00Z", None),
            ("2026-01-00T00:00:00Z", None),
            ("2026-11-24T24:00:00Z", None),
            ("2026-11-24T08:60:00Z", None),
            ("2026-11-24T08:42:61Z", None),
            ("2026-11-24 08:42:00Z", None),
            ("2026-11-24T08:42:00", None),
            ("2026-11-24T08:42:00.Z", None),
            ("2026-11-24T08:42:00,5Z", None),
            ("2026-11-24T08:42:00+0100", None),
            ("2026-11-24T08:42:00+24:00", None),
            ("2026-11-24T08:42Z", None),
            ("2026-11-24", None),
            ("+026-11-24T08:42:00Z", None),
            ("2026-11-24T08:42:00ZZ", None),
            ("", None),
        ] {
            assert_eq!(
                Millis::parse(text).ok().map(Millis::get),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn a_time_writes_itself_with_three_digits() {
        for (millis, text, day, hour) in [
            (0, "1970-01-01T00:00:00.000Z", "19700101", "1970-01-01T00"),
            (
                1_795_509_720_007,
                "2026-11-24T08:42:00.007Z",
                "20261124",
                "2026-11-24T08",
            ),
            (
                Millis::MAX.0,
                "9999-12-31T23:59:59.999Z",
                "99991231",
                "9999-12-31T23",
            ),
        ] {
            let time = Millis::new(millis);
            assert_eq!(time.to_string(), text);
            assert_eq!((time.day().as_str(), time.hour().as_str()), (day, hour));
            assert_eq!(Millis::parse_exact(text), Ok(time));
        }
    }

    #[test]
    fn the_exact_form_is_the_only_one_for_server_times() {
        for text in [
            "2026-11-24T08:42:00Z",
            "2026-11-24T08:42:00.0Z",
            "2026-11-24T08:42:00.0000Z",
            "2026-11-24t08:42:00.000Z",
            "2026-11-24T08:42:00.000+00:00",
            "2016-12-31T23:59:60.000Z",
        ] {
            assert_eq!(Millis::parse_exact(text), Err(InvalidTime), "{text}");
        }
    }

    #[test]
    fn dates_and_starts() {
        let at = Millis::new(1_795_509_720_123);
        let day = Millis::parse_date("2026-11-24").unwrap();
        assert_eq!(at.start_of_day(), day);
        assert_eq!(at.start_of_hour().to_string(), "2026-11-24T08:00:00.000Z");
        for text in ["2026-11-31", "2026-1-1", "1969-12-31", "2026-11-24T", ""] {
            assert_eq!(Millis::parse_date(text), Err(InvalidTime), "{text}");
        }
    }

    #[test]
    fn every_day_to_the_year_9999_comes_back() {
        for day in 0..=Millis::MAX.0 / DAY_MS {
            let time = Millis::new(day * DAY_MS + day % DAY_MS);
            assert_eq!(Millis::parse_exact(&time.to_string()), Ok(time));
        }
    }
}
