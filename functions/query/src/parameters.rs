//! The parameters of the routes, read strictly: what is wrong is said for all of them at once.

use audit_lambda::http::{ApiError, Detail, QueryParameters, Request};
use audit_query::{Bucket, Filter};
use audit_record::vocabulary::RiskLevel;
use audit_record::{Millis, RecordType};
use audit_storage::stores::Order;

/// Every parameter of a list.
pub(crate) const LIST: &[&str] = &[
    "ledger",
    "from",
    "to",
    "type",
    "outcome",
    "risk_level",
    "actor",
    "subject",
    "system",
    "model",
    "provider",
    "environment",
    "order",
    "limit",
    "cursor",
];

/// Records of one answer where the request names no number.
pub(crate) const DEFAULT_LIMIT: usize = 50;
/// The most records of one answer.
pub(crate) const MAX_LIMIT: usize = 500;
/// The most records of one answer of a chain, and where the request names no number.
pub(crate) const CHAIN_LIMIT: usize = 200;

/// What a list is asked for.
#[derive(Debug)]
pub(crate) struct ListParameters {
    pub(crate) ledger: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) order: Order,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
}

impl ListParameters {
    /// Reads them.
    ///
    /// # Errors
    /// 400 with a detail for each parameter that is wrong.
    pub(crate) fn read(request: &Request) -> Result<Self, ApiError> {
        let given = request.query(LIST)?;
        let mut reader = Reader::new(&given);
        let filter = Filter {
            from: reader.time("from"),
            to: reader.time("to"),
            record_type: reader.word("type", RecordType::from_word, RecordType::WORDS),
            outcome: reader.text("outcome"),
            risk_level: reader.word("risk_level", RiskLevel::from_word, RiskLevel::WORDS),
            actor: reader.text("actor"),
            subject: reader.text("subject"),
            system: reader.text("system"),
            model: reader.text("model"),
            provider: reader.text("provider"),
            environment: reader.text("environment"),
        };
        reader.check_order(filter.from, filter.to);
        let read = Self {
            ledger: given.get("ledger").map(str::to_owned),
            filter,
            order: reader
                .word("order", order_of, &["asc", "desc"])
                .unwrap_or(Order::Descending),
            limit: reader.limit(DEFAULT_LIMIT, MAX_LIMIT),
            cursor: reader.text("cursor"),
        };
        reader.done(read)
    }
}

/// What a chain is asked for.
#[derive(Debug)]
pub(crate) struct ChainParameters {
    pub(crate) ledger: Option<String>,
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
}

impl ChainParameters {
    /// Reads them.
    ///
    /// # Errors
    /// 400 with a detail for each parameter that is wrong.
    pub(crate) fn read(request: &Request) -> Result<Self, ApiError> {
        let given = request.query(&["ledger", "limit", "cursor"])?;
        let mut reader = Reader::new(&given);
        let read = Self {
            ledger: given.get("ledger").map(str::to_owned),
            limit: reader.limit(CHAIN_LIMIT, CHAIN_LIMIT),
            cursor: reader.text("cursor"),
        };
        reader.done(read)
    }
}

/// What figures are asked for.
#[derive(Debug)]
pub(crate) struct MetricsParameters {
    pub(crate) ledger: Option<String>,
    pub(crate) from: Millis,
    pub(crate) to: Option<Millis>,
    pub(crate) bucket: Bucket,
}

impl MetricsParameters {
    /// Reads them.
    ///
    /// # Errors
    /// 400 with a detail for each parameter that is wrong.
    pub(crate) fn read(request: &Request) -> Result<Self, ApiError> {
        let given = request.query(&["ledger", "from", "to", "bucket"])?;
        let mut reader = Reader::new(&given);
        let (from, to) = (reader.time("from"), reader.time("to"));
        if given.get("from").is_none() {
            reader.refuse("from", "required", "says where the figures begin");
        }
        reader.check_order(from, to);
        let read = Self {
            ledger: given.get("ledger").map(str::to_owned),
            from: from.unwrap_or(Millis::MAX),
            to,
            bucket: reader
                .word("bucket", bucket_of, &["hour", "day"])
                .unwrap_or(Bucket::Day),
        };
        reader.done(read)
    }
}

fn bucket_of(word: &str) -> Option<Bucket> {
    match word {
        "hour" => Some(Bucket::Hour),
        "day" => Some(Bucket::Day),
        _ => None,
    }
}

fn order_of(word: &str) -> Option<Order> {
    match word {
        "asc" => Some(Order::Ascending),
        "desc" => Some(Order::Descending),
        _ => None,
    }
}

/// Reads parameters and collects what is wrong; one that is wrong reads as absent, which never
/// gets past [`Reader::done`].
struct Reader<'a> {
    given: &'a QueryParameters,
    details: Vec<Detail>,
}

impl<'a> Reader<'a> {
    fn new(given: &'a QueryParameters) -> Self {
        Self {
            given,
            details: Vec::new(),
        }
    }

    /// What was read, if nothing was wrong.
    fn done<T>(self, read: T) -> Result<T, ApiError> {
        if self.details.is_empty() {
            return Ok(read);
        }
        let code = audit_lambda::http::Code::InvalidRequest;
        Err(ApiError::new(code, "The query string is not valid.").with_details(self.details))
    }

    fn check_order(&mut self, from: Option<Millis>, to: Option<Millis>) {
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            let message = "must be later than `from`; it is not included itself";
            self.refuse("to", "invalid_value", message);
        }
    }

    fn refuse(
        &mut self,
        field: &'static str,
        code: &'static str,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.details.push(Detail::new(field, code, message));
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        let text = self.given.get(name)?;
        if text.is_empty() {
            self.refuse(
                name,
                "too_short",
                "must not be empty; leave it out to ask for all",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn word<T>(
        &mut self,
        name: &'static str,
        read: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let word = read(self.given.get(name)?);
        if word.is_none() {
            self.refuse(
                name,
                "invalid_value",
                format!("is one of {}", words.join(", ")),
            );
        }
        word
    }

    fn time(&mut self, name: &'static str) -> Option<Millis> {
        // A `+` that was not percent-encoded arrives as a space; no time holds one otherwise.
        let text = self.given.get(name)?.replace(' ', "+");
        let time = Millis::parse(&text)
            .or_else(|_| Millis::parse_date(&text))
            .ok();
        if time.is_none() {
            self.refuse(
                name,
                "invalid_time",
                "is an RFC 3339 time or a date, from 1970 to 9999",
            );
        }
        time
    }

    fn limit(&mut self, default: usize, most: usize) -> usize {
        let Some(text) = self.given.get("limit") else {
            return default;
        };
        // Digits only: `parse` alone would take "+5".
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(limit) = text
            .parse::<usize>()
            .ok()
            .filter(|limit| digits && (1..=most).contains(limit))
        {
            limit
        } else {
            self.refuse(
                "limit",
                "invalid_value",
                format!("is a number from 1 to {most}"),
            );
            default
        }
    }
}
