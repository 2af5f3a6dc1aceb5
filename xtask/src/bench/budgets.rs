//! What each figure may be, and how one that was measured compares with it.

use serde_json::{Value, json};

use crate::failure::{OrFail, Result};

const BUDGETS: &str = include_str!("../../budgets.json");

/// On which side of its limit a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Most,
    Least,
}

/// What a figure may be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Budget {
    name: String,
    about: String,
    unit: String,
    side: Side,
    target: Option<f64>,
    limit: Option<f64>,
}

/// A figure, or why there is none on this machine.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    name: String,
    figure: std::result::Result<f64, String>,
}

/// A figure beside its budget.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    budget: Budget,
    figure: std::result::Result<f64, String>,
    /// Whether it keeps its limit; none where it has none, or was not measured.
    pub(super) ok: Option<bool>,
}

/// All budgets, in the order of the file.
pub(super) fn all() -> Result<Vec<Budget>> {
    let values: Vec<Value> = serde_json::from_str(BUDGETS).or_fail("read budgets.json")?;
    values.iter().map(budget).collect()
}

fn budget(value: &Value) -> Result<Budget> {
    let text = |name: &str| {
        let text = value[name]
            .as_str()
            .or_fail(format_args!("read {name} of a budget"))?;
        Ok(text.to_owned())
    };
    Ok(Budget {
        name: text("name")?,
        about: text("about")?,
        unit: text("unit")?,
        side: match value["at"].as_str() {
            Some("least") => Side::Least,
            _ => Side::Most,
        },
        target: value["target"].as_f64(),
        limit: value["limit"].as_f64(),
    })
}

impl Measured {
    /// A figure.
    pub(super) fn new(name: impl Into<String>, figure: f64) -> Self {
        Self {
            name: name.into(),
            figure: Ok(figure),
        }
    }

    /// The bench that it is a figure of.
    pub(super) fn bench(&self) -> &str {
        bench_of(&self.name)
    }

    /// One that can't be measured here, and what is missing.
    pub(super) fn skipped(name: impl Into<String>, why: &str) -> Self {
        Self {
            name: name.into(),
            figure: Err(why.to_owned()),
        }
    }
}

impl Budget {
    /// The budget of a figure.
    pub(super) fn of(budgets: &[Self], measured: &Measured) -> Result<Self> {
        let found = budgets.iter().find(|budget| budget.name == measured.name);
        found
            .cloned()
            .or_fail(format_args!("find a budget for {}", measured.name))
    }

    /// The bench that measures it.
    #[cfg(test)]
    pub(super) fn bench(&self) -> &str {
        bench_of(&self.name)
    }

    pub(super) fn judge(self, measured: Measured) -> Verdict {
        let ok = match (&measured.figure, self.limit) {
            (Ok(figure), Some(limit)) => Some(match self.side {
                Side::Most => *figure <= limit,
                Side::Least => *figure >= limit,
            }),
            _ => None,
        };
        Verdict {
            figure: measured.figure,
            budget: self,
            ok,
        }
    }
}

impl Verdict {
    pub(super) fn name(&self) -> &str {
        &self.budget.name
    }

    /// As one line of JSON.
    pub(super) fn json(&self) -> String {
        let budget = &self.budget;
        let mut line = json!({
            "name": budget.name,
            "figure": self.figure.as_ref().ok().map(|figure| rounded(*figure)),
            "unit": budget.unit,
            "target": budget.target,
            "limit": budget.limit,
            "at": match budget.side { Side::Most => "most", Side::Least => "least" },
            "ok": self.ok,
        });
        if let Err(why) = &self.figure {
            line["skipped"] = why.as_str().into();
        }
        line.to_string()
    }

    /// As a row of a table.
    pub(super) fn row(&self) -> String {
        let budget = &self.budget;
        let figure = match &self.figure {
            Ok(figure) => rounded(*figure).to_string(),
            Err(why) => return format!("  {:<22} skipped: {why}", budget.name),
        };
        let sign = match budget.side {
            Side::Most => '≤',
            Side::Least => '≥',
        };
        let limit = budget
            .limit
            .map_or_else(String::new, |limit| format!("{sign} {limit}"));
        let verdict = match self.ok {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "",
        };
        let unit = format!("{} ({})", budget.unit, budget.about);
        format!(
            "  {:<22} {figure:>10} {limit:>9}  {verdict:<6} {unit}",
            budget.name
        )
    }
}

/// Figures are called `<bench>.<what>`.
fn bench_of(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// Four digits say all that a measurement can.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.3e}").parse().unwrap_or(figure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, figure: f64) -> Value {
        let measured = Measured::new(name, figure);
        let budget = Budget::of(&all().expect("budgets"), &measured).expect("a budget");
        serde_json::from_str(&budget.judge(measured).json()).expect("JSON")
    }

    #[test]
    fn a_figure_is_judged_by_its_side_of_the_limit() {
        for (name, figure, ok) in [
            ("ingest.handler", 1.3, json!(true)),
            ("ingest.handler", 1.31, json!(false)),
            ("writer.rate", 25_000.0, json!(true)),
            ("writer.rate", 24_999.0, json!(false)),
            ("writer.rate", 24_000.0, json!(false)),
            ("writer.bare_rate", 1.0, json!(null)),
        ] {
            assert_eq!(line(name, figure)["ok"], ok, "{name} {figure}");
        }
    }

    #[test]
    fn a_line_holds_what_the_figure_is_judged_by() {
        assert_eq!(
            line("writer.allocations", 20.123_4),
            json!({"name": "writer.allocations", "figure": 20.12, "unit": "per record",
                "target": 30.0, "limit": 30.0, "at": "most", "ok": true})
        );
    }

    #[test]
    fn what_was_not_measured_says_why_and_is_no_success() {
        let measured = Measured::skipped("cold.ingest", "valgrind is missing");
        let budget = Budget::of(&all().expect("budgets"), &measured).expect("a budget");
        let verdict = budget.judge(measured);
        let line: Value = serde_json::from_str(&verdict.json()).expect("JSON");
        assert_eq!((&line["ok"], &line["figure"]), (&Value::Null, &Value::Null));
        assert_eq!(line["skipped"], "valgrind is missing");
        assert!(verdict.row().contains("skipped: valgrind is missing"));
    }

    #[test]
    fn a_figure_without_a_budget_is_a_failure() {
        let budgets = all().expect("budgets");
        assert!(Budget::of(&budgets, &Measured::new("writer.nothing", 1.0)).is_err());
    }
}
