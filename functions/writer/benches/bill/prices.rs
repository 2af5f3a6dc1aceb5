//! What AWS asks for, from `prices.json` alone.

use std::collections::BTreeMap;
use std::time::Duration;

use audit_testkit::Bill;
use serde::Deserialize;

const PRICES: &str = include_str!("prices.json");
const GB: f64 = 1_073_741_824.0;
const MONTHS_OF_7_YEARS: f64 = 84.0;
/// What DynamoDB adds to each stored row ("Amazon DynamoDB pricing", data storage).
const ROW_OVERHEAD: f64 = 100.0;

/// The price list, and what is assumed where nothing in process can count.
#[derive(Debug, Deserialize)]
pub(crate) struct Prices {
    per_million_units: BTreeMap<String, f64>,
    lambda_gb_second: f64,
    logs_gb: f64,
    s3_gb_month: f64,
    dynamodb_gb_month: f64,
    fixed_per_month: BTreeMap<String, f64>,
    pub(crate) assumptions: Assumptions,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Assumptions {
    ingest_memory_gb: f64,
    writer_memory_gb: f64,
    /// Memory that comes with one core (AWS: "Configure Lambda function memory", 1,769 MB).
    gb_per_core: f64,
    request_ms: BTreeMap<String, f64>,
    log_line_bytes: f64,
    pub(crate) idle_receives_per_minute: f64,
    pub(crate) sweeps_per_minute: f64,
    pub(crate) batching_window_s: f64,
}

/// Which function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Function {
    Ingest,
    Writer,
}

/// What went through one function: its invocations, its storage calls, its time on a core.
#[derive(Debug, Default, Clone)]
pub(crate) struct Usage {
    pub(crate) invocations: f64,
    pub(crate) bills: BTreeMap<&'static str, Bill>,
    pub(crate) cpu: Duration,
}

impl Prices {
    pub(crate) fn read() -> Self {
        serde_json::from_str(PRICES).expect("prices.json")
    }

    /// So many units of something.
    pub(crate) fn units(&self, unit: &str, count: f64) -> f64 {
        self.per_million_units[unit] / 1e6 * count
    }

    /// What a function's invocations cost, all that they asked of AWS included.
    ///
    /// Its time is its time on a core, at the share of one that its memory buys, and all of its
    /// requests as if each waited for the one before.
    pub(crate) fn function(&self, function: Function, usage: &Usage) -> f64 {
        let assumed = &self.assumptions;
        let memory_gb = match function {
            Function::Ingest => assumed.ingest_memory_gb,
            Function::Writer => assumed.writer_memory_gb,
        };
        let mut cost = self.units("lambda:request", usage.invocations);
        let share = (memory_gb / assumed.gb_per_core).min(1.0);
        let mut seconds = usage.cpu.as_secs_f64() / share;
        for (operation, bill) in &usage.bills {
            cost += self.units(unit(operation), float(bill.units));
            let service = operation.split(':').next().unwrap_or_default();
            seconds += float(bill.requests) * assumed.request_ms[service] / 1e3;
        }
        cost += seconds * memory_gb * self.lambda_gb_second;
        cost + usage.invocations * assumed.log_line_bytes / GB * self.logs_gb
    }

    /// What stands before ingest, for so many requests of up to 512 KB.
    pub(crate) fn edge(&self, requests: f64) -> f64 {
        ["cloudfront:request", "waf:request", "apigateway:request"]
            .map(|unit| self.units(unit, requests))
            .iter()
            .sum()
    }

    /// Bytes in S3 and in the index for seven years.
    pub(crate) fn seven_years(&self, segments: f64, rows: f64, row_bytes: f64) -> f64 {
        let index = row_bytes + rows * ROW_OVERHEAD;
        let month = segments / GB * self.s3_gb_month + index / GB * self.dynamodb_gb_month;
        month * MONTHS_OF_7_YEARS
    }

    /// What is asked for each month whatever goes through.
    pub(crate) fn fixed(&self) -> f64 {
        self.fixed_per_month.values().sum()
    }
}

/// What an operation is billed as; the gate counts in these units.
fn unit(operation: &str) -> &str {
    match operation {
        "dynamodb:PutItem" | "dynamodb:BatchWriteItem" | "dynamodb:UpdateItem" => {
            "dynamodb:write_unit"
        }
        "dynamodb:GetItem" | "dynamodb:BatchGetItem" | "dynamodb:Query" => {
            "dynamodb:half_read_unit"
        }
        other if other.starts_with("sqs:") => "sqs:request",
        other if other.starts_with("kms:") => "kms:request",
        other => other,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few thousand")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}
