//! Figures of one AI system over a period, counted record by record.
//!
//! The counts are of the records that the list of the API gives for the same filter, each once, so
//! that anyone can count again. What a record does not say is counted as not said, never guessed.

use std::collections::BTreeMap;

use audit_record::json::Value;
use audit_record::{Fields, Millis, RecordType};

use crate::evidence::{Evidence, words_of};
use crate::figures::day_of;
use crate::gaps::Numbering;
use crate::letter::refusal::{self, Refusal};

/// The value that stands for "a record does not say".
pub const NOT_RECORDED: &str = "not recorded";

/// How often each value was there.
pub type Counts = BTreeMap<String, u64>;

/// What is known of the use of a version of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The first record that names it.
    pub first: Millis,
    /// The last one.
    pub last: Millis,
    /// How many do.
    pub records: u64,
}

/// What versions were in use: by what they are called, and their version.
pub type Versions = BTreeMap<(String, String), InUse>;

/// A decision that a person changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The review's record.
    pub review: String,
    /// When.
    pub at: Millis,
    /// What had come out.
    pub from: String,
    /// What the person made of it.
    pub to: String,
    /// Who, by role where one is recorded.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

/// A use as Article 12(3) of the AI Act asks for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Use {
    /// When it began.
    pub from: Option<Millis>,
    /// When it ended.
    pub to: Option<Millis>,
    /// The record.
    pub record: String,
    /// The reference database.
    pub reference: String,
    /// Who verified the result.
    pub verified_by: String,
}

/// Figures.
#[derive(Debug, Default)]
pub struct Tally {
    /// All records.
    pub records: u64,
    /// By `type`.
    pub types: Counts,
    /// Records by day of the id's time, which is what the list goes by.
    pub days: Counts,
    /// Decisions.
    pub decisions: u64,
    /// Decisions by day.
    pub decision_days: Counts,
    /// Decisions by outcome.
    pub outcomes: Counts,
    /// Decisions by risk level.
    pub risks: Counts,
    /// Decisions by what the system's part was.
    pub roles: Counts,
    /// Decisions against a person.
    pub adverse: u64,
    /// Decisions that no person had a part in.
    pub solely_automated: u64,
    /// Decisions that required oversight.
    pub oversight_required: u64,
    /// Of those, how many have a review, their own or a record of one.
    pub oversight_done: u64,
    /// Reviews by what was done.
    pub actions: Counts,
    /// Reviewers: id and role, and how many reviews.
    pub reviewers: BTreeMap<(String, String), u64>,
    /// Decisions that a person changed, oldest first.
    pub overrides: Vec<Override>,
    /// Model calls.
    pub calls: u64,
    /// Errors by `error.type`.
    pub errors: Counts,
    /// Errors by day.
    pub error_days: Counts,
    /// Model calls by how they ended.
    pub completions: Counts,
    /// Models: provider and model.
    pub models: Versions,
    /// Policies: id and version.
    pub policies: Versions,
    /// Prompts: name and version.
    pub prompts: Versions,
    /// Intended purposes as recorded.
    pub purposes: Versions,
    /// Changes of the configuration, oldest first.
    pub changes: Vec<(Millis, String, String)>,
    /// Adverse decisions that an explanation letter can be made for.
    pub explainable: u64,
    /// Adverse decisions that a letter would be refused for, by the reason.
    pub refusals: Counts,
    /// Uses of remote biometric identification, oldest first.
    pub uses: Vec<Use>,
    /// Records of which content was erased.
    pub erased: u64,
    /// Running numbers, by producer.
    pub numbering: Numbering,
    pending: BTreeMap<String, Decided>,
    cases: BTreeMap<String, Vec<String>>,
    reviews: Vec<Review>,
}

/// A decision, until it is known whether a review followed.
#[derive(Debug)]
struct Decided {
    outcome: String,
    at: Millis,
    required: bool,
    reviewed: bool,
}

#[derive(Debug)]
struct Review {
    of: Vec<String>,
    id: String,
    at: Millis,
    outcome: Option<String>,
    by: String,
    reason: Option<String>,
}

impl Tally {
    /// Counts records, given in any order, each once.
    #[must_use]
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let mut tally = Self::default();
        for record in records {
            tally.add(record);
        }
        tally.settle();
        tally
    }

    fn add(&mut self, record: &Evidence) {
        let day = day_of(record.id.millis());
        self.records += 1;
        self.erased += u64::from(record.erased);
        more(&mut self.days, &day);
        more(
            &mut self.types,
            record.text("/type").unwrap_or(NOT_RECORDED),
        );
        self.numbering.add(record.producer(), record.happened());
        self.add_versions(record);
        if record.field("/regulatory/use_started_at").is_some() {
            let reference = record.field("/regulatory/reference_data");
            self.uses.push(Use {
                from: record.time("/regulatory/use_started_at"),
                to: record.time("/regulatory/use_ended_at"),
                record: record.id.to_string(),
                reference: reference.map_or_else(|| NOT_RECORDED.to_owned(), words_of),
                verified_by: reviewer(record),
            });
        }
        if let Some(error) = record.error_type() {
            more(&mut self.errors, error);
            more(&mut self.error_days, &day);
        }
        match record.record_type() {
            Some(RecordType::Decision) => self.add_decision(record, &day),
            Some(RecordType::HumanReview) => self.add_review(record),
            Some(RecordType::LlmCall) => {
                self.calls += 1;
                let completion = record.text("/attributes/audit.call.completion");
                more(&mut self.completions, completion.unwrap_or(NOT_RECORDED));
            }
            Some(RecordType::ConfigChange) => {
                let attributes = record.field("/attributes");
                let what = attributes.map_or_else(|| NOT_RECORDED.to_owned(), words_of);
                let id = record.id.to_string();
                self.changes.push((record.happened(), id, what));
            }
            _ => {}
        }
    }

    fn add_versions(&mut self, record: &Evidence) {
        let at = record.happened();
        if let Some(model) = record.model() {
            let provider = record.provider().unwrap_or(NOT_RECORDED);
            in_use(&mut self.models, (provider, model), at);
        }
        for (into, name, version) in [
            (
                &mut self.policies,
                "/decision/policy/id",
                "/decision/policy/version",
            ),
            (
                &mut self.prompts,
                "/attributes/gen_ai.prompt.name",
                "/attributes/gen_ai.prompt.version",
            ),
        ] {
            if let Some(name) = record.text(name) {
                let version = record.text(version).unwrap_or(NOT_RECORDED);
                in_use(into, (name, version), at);
            }
        }
        if let Some(purpose) = record.text("/regulatory/intended_purpose") {
            in_use(&mut self.purposes, (purpose, ""), at);
        }
    }

    fn add_decision(&mut self, record: &Evidence, day: &str) {
        self.decisions += 1;
        more(&mut self.decision_days, day);
        let outcome = record.outcome().unwrap_or(NOT_RECORDED);
        more(&mut self.outcomes, outcome);
        more(&mut self.risks, record.risk_level().unwrap_or(NOT_RECORDED));
        let role = record.text("/decision/ai_role");
        more(&mut self.roles, role.unwrap_or(NOT_RECORDED));
        self.solely_automated += u64::from(flag(record, "/decision/solely_automated"));
        if flag(record, "/decision/adverse") {
            self.adverse += 1;
            match refusal::reasons(record) {
                Ok(_) => self.explainable += 1,
                Err(refusal) => more(&mut self.refusals, Refusal::in_short(&refusal)),
            }
        }
        let action = record.text("/decision/oversight/action");
        let decided = Decided {
            outcome: outcome.to_owned(),
            at: record.happened(),
            required: flag(record, "/decision/oversight/required"),
            reviewed: action.is_some(),
        };
        if let Some(action) = action {
            more(&mut self.actions, action);
            self.add_reviewers(record);
        }
        let id = record.id.to_string();
        // What a review names is the decision's own id, or an id that all of the case share.
        for case in [Some(id.as_str()), record.decision_id()]
            .into_iter()
            .flatten()
        {
            self.cases
                .entry(case.to_owned())
                .or_default()
                .push(id.clone());
        }
        self.pending.insert(id, decided);
    }

    fn add_review(&mut self, record: &Evidence) {
        let action = record.text("/decision/oversight/action");
        more(&mut self.actions, action.unwrap_or(NOT_RECORDED));
        self.add_reviewers(record);
        let named = [record.decision_id(), record.parent_id()];
        self.reviews.push(Review {
            of: named.into_iter().flatten().map(str::to_owned).collect(),
            id: record.id.to_string(),
            at: record.happened(),
            outcome: record.outcome().map(str::to_owned),
            by: reviewer(record),
            reason: record.text("/decision/oversight/reason").map(str::to_owned),
        });
    }

    fn add_reviewers(&mut self, record: &Evidence) {
        let reviewers = record.field("/decision/oversight/reviewers");
        for reviewer in reviewers.and_then(Value::as_array).unwrap_or_default() {
            let word = |name| {
                let value = reviewer.get(name).and_then(Value::as_str);
                value.unwrap_or(NOT_RECORDED).to_owned()
            };
            *self
                .reviewers
                .entry((word("id"), word("role")))
                .or_default() += 1;
        }
    }

    /// Brings reviews and decisions together.
    fn settle(&mut self) {
        self.changes.sort();
        self.uses.sort();
        self.reviews
            .sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        for review in std::mem::take(&mut self.reviews) {
            let Some(decided) = self.reviewed(&review) else {
                continue;
            };
            decided.reviewed = true;
            let Some(to) = review.outcome.filter(|to| *to != decided.outcome) else {
                continue;
            };
            let from = std::mem::replace(&mut decided.outcome, to.clone());
            let changed = Override {
                review: review.id,
                at: review.at.max(decided.at),
                from,
                to,
                by: review.by,
                reason: review.reason,
            };
            self.overrides.push(changed);
        }
        for decided in self.pending.values().filter(|decided| decided.required) {
            self.oversight_required += 1;
            self.oversight_done += u64::from(decided.reviewed);
        }
    }
}

impl Tally {
    /// The decision that a review is about: of several with the id that it names, the last before it.
    fn reviewed(&mut self, review: &Review) -> Option<&mut Decided> {
        let decisions = review.of.iter().find_map(|id| self.cases.get(id))?;
        let earlier = |id: &&String| self.pending.get(*id).is_some_and(|d| d.at <= review.at);
        let at = |id: &&String| self.pending.get(*id).map(|decided| decided.at);
        let last = decisions.iter().filter(earlier).max_by_key(at);
        let of = last.or_else(|| decisions.first())?.clone();
        self.pending.get_mut(&of)
    }
}

fn reviewer(record: &Evidence) -> String {
    let first = record.field("/decision/oversight/reviewers");
    let first = first.and_then(Value::as_array).and_then(<[_]>::first);
    let word = |name| first.and_then(|r| r.get(name)).and_then(Value::as_str);
    let word = word("role")
        .or_else(|| word("id"))
        .or_else(|| record.actor_id());
    word.unwrap_or(NOT_RECORDED).to_owned()
}

fn flag(record: &Evidence, pointer: &str) -> bool {
    record.field(pointer).and_then(Value::as_bool) == Some(true)
}

fn more(counts: &mut Counts, value: &str) {
    if let Some(count) = counts.get_mut(value) {
        *count += 1;
    } else {
        counts.insert(value.to_owned(), 1);
    }
}

fn in_use(versions: &mut Versions, (name, version): (&str, &str), at: Millis) {
    let key = (name.to_owned(), version.to_owned());
    let known = versions.entry(key).or_insert(InUse {
        first: at,
        last: at,
        records: 0,
    });
    known.first = known.first.min(at);
    known.last = known.last.max(at);
    known.records += 1;
}
