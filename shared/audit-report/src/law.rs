//! The law that reports serve, as data: each duty with its clause, what it asks for in our words,
//! from when it applies, and where that was looked up, as of which day.
//!
//! This is the only file that knows a legal date. It is no legal advice, and reports say so. Seven
//! years of retention is this product's default and no law's; the AI Act asks for at least six
//! months.

/// A text of law, or a standard.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Its short name, as reports write it.
    pub name: &'static str,
    /// Its citation.
    pub citation: &'static str,
    /// The day on which this file was last compared with it.
    pub as_of: &'static str,
}

/// What one clause asks for.
#[derive(Debug, PartialEq, Eq)]
pub struct Duty {
    /// Where it stands.
    pub source: &'static Source,
    /// The clause, as it is cited.
    pub clause: &'static str,
    /// What it asks for, in our words.
    pub asks: &'static str,
    /// From when it applies; none for what is no law.
    pub applies_from: Option<Date>,
}

/// A date and why it is that one.
#[derive(Debug, PartialEq, Eq)]
pub struct Date {
    /// The day, `YYYY-MM-DD`.
    pub day: &'static str,
    /// The clause that says so.
    pub by: &'static str,
}

impl Duty {
    /// The duty as a section names it: `AI Act 12(1)`.
    #[must_use]
    pub fn short(&self) -> String {
        format!("{} {}", self.source.name, self.clause)
    }
}

/// The AI Act as amended.
pub static AI_ACT: Source = Source {
    name: "AI Act",
    citation: "Regulation (EU) 2024/1689, as amended by Regulation (EU) 2026/1744 (OJ L, 2026/1744, 24.7.2026)",
    as_of: "2026-11-24",
};
/// The General Data Protection Regulation.
pub static GDPR: Source = Source {
    name: "GDPR",
    citation: "Regulation (EU) 2016/679",
    as_of: "2026-11-24",
};
/// The management system standard for AI.
pub static ISO_42001: Source = Source {
    name: "ISO/IEC 42001",
    citation: "ISO/IEC 42001:2023, Information technology – Artificial intelligence – Management system",
    as_of: "2026-11-24",
};
/// The US framework for the risks of AI.
pub static NIST_RMF: Source = Source {
    name: "NIST AI RMF",
    citation: "NIST AI 100-1, Artificial Intelligence Risk Management Framework 1.0, January 2023",
    as_of: "2026-11-24",
};
/// The regulation of the Equal Credit Opportunity Act.
pub static REGULATION_B: Source = Source {
    name: "Regulation B",
    citation: "12 CFR Part 1002, under the Equal Credit Opportunity Act, 15 U.S.C. 1691",
    as_of: "2026-11-24",
};
/// The Fair Credit Reporting Act.
pub static FCRA: Source = Source {
    name: "FCRA",
    citation: "Fair Credit Reporting Act, 15 U.S.C. 1681 and following",
    as_of: "2026-11-24",
};

/// Chapter III, Sections 1 to 3, for the systems of Annex III.
const HIGH_RISK: Option<Date> = Some(Date {
    day: "2027-12-02",
    by: "Article 113(c) as amended, for systems of Annex III",
});
/// What Article 113 leaves at the general date: Chapter IX is not among the parts put off.
const GENERAL: Option<Date> = Some(Date {
    day: "2026-08-02",
    by: "Article 113, the general date",
});
const GDPR_DATE: Option<Date> = Some(Date {
    day: "2018-05-25",
    by: "Article 99(2)",
});

macro_rules! duties {
    ($($name:ident: $source:ident $clause:literal, $from:expr, $asks:literal;)+) => {
        $(#[doc = $asks] pub static $name: Duty = Duty {
            source: &$source, clause: $clause, asks: $asks, applies_from: $from,
        };)+
        /// All duties, in the order of this file.
        pub static DUTIES: [&Duty; [$(stringify!($name)),+].len()] = [$(&$name),+];
    };
}

duties! {
    AI_ACT_12_1: AI_ACT "12(1)", HIGH_RISK,
        "Events are recorded automatically over the lifetime of the system; what is missing shows.";
    AI_ACT_12_2_A: AI_ACT "12(2)(a)", HIGH_RISK,
        "Situations that may present a risk, and substantial modifications, can be identified.";
    AI_ACT_12_2_B: AI_ACT "12(2)(b)", HIGH_RISK,
        "The log serves post-market monitoring.";
    AI_ACT_12_2_C: AI_ACT "12(2)(c)", HIGH_RISK,
        "The log serves the deployer's monitoring of the operation.";
    AI_ACT_12_3: AI_ACT "12(3)", HIGH_RISK,
        "Remote biometric identification (Annex III, point 1(a)) only: each use with its start and end, the reference database, the input that matched, and who verified the result.";
    AI_ACT_13: AI_ACT "13", HIGH_RISK,
        "Instructions for use reach the deployer; the version in use is known.";
    AI_ACT_14: AI_ACT "14", HIGH_RISK,
        "People can oversee the system, and do.";
    AI_ACT_19: AI_ACT "19", HIGH_RISK,
        "Providers keep the logs under their control for at least six months.";
    AI_ACT_26_1: AI_ACT "26(1)", HIGH_RISK,
        "Deployers use the system as its instructions say.";
    AI_ACT_26_2: AI_ACT "26(2)", HIGH_RISK,
        "Deployers assign oversight to named people with competence and authority.";
    AI_ACT_26_5: AI_ACT "26(5)", HIGH_RISK,
        "Deployers monitor the operation, and suspend use and inform where it presents a risk.";
    AI_ACT_26_6: AI_ACT "26(6)", HIGH_RISK,
        "Deployers keep the logs under their control for at least six months.";
    AI_ACT_26_11: AI_ACT "26(11)", HIGH_RISK,
        "Deployers tell people that a system of Annex III makes or helps to make decisions about them.";
    AI_ACT_72: AI_ACT "72", GENERAL,
        "Providers collect and analyse data on performance throughout the system's life.";
    AI_ACT_86: AI_ACT "86", GENERAL,
        "A person affected by a decision taken on the basis of a system of Annex III may obtain clear and meaningful explanations of the system's role and of the main elements of the decision.";
    GDPR_15_1_H: GDPR "15(1)(h)", GDPR_DATE,
        "A person may obtain meaningful information about the logic involved in automated decision-making.";
    GDPR_22_3: GDPR "22(3)", GDPR_DATE,
        "A person may obtain human intervention, express a point of view and contest the decision.";
    GDPR_77: GDPR "77", GDPR_DATE,
        "A person may lodge a complaint with a supervisory authority.";
    ISO_9_1: ISO_42001 "9.1", None,
        "Monitoring, measurement, analysis and evaluation.";
    ISO_A_3_2: ISO_42001 "A.3.2", None,
        "Roles and responsibilities for AI are defined and allocated.";
    ISO_A_6_2_6: ISO_42001 "A.6.2.6", None,
        "Operation and monitoring of the AI system.";
    ISO_A_6_2_8: ISO_42001 "A.6.2.8", None,
        "Recording of event logs of the AI system.";
    ISO_A_8_4: ISO_42001 "A.8.4", None,
        "Communication of incidents.";
    ISO_A_9_4: ISO_42001 "A.9.4", None,
        "The AI system is used as intended.";
    NIST_GOVERN_2_1: NIST_RMF "GOVERN 2.1", None,
        "Roles, responsibilities and lines of communication are documented.";
    NIST_MAP_3_5: NIST_RMF "MAP 3.5", None,
        "Processes for human oversight are defined, assessed and documented.";
    NIST_MEASURE_2_4: NIST_RMF "MEASURE 2.4", None,
        "Functionality and behaviour are monitored in production.";
    NIST_MEASURE_2_8: NIST_RMF "MEASURE 2.8", None,
        "Risks of transparency and accountability are examined and documented.";
    NIST_MEASURE_2_9: NIST_RMF "MEASURE 2.9", None,
        "The model is explained, and its output is interpreted within its context.";
    NIST_MANAGE_4_1: NIST_RMF "MANAGE 4.1", None,
        "Post-deployment monitoring is carried out, with override, appeal and change management.";
    NIST_MANAGE_4_3: NIST_RMF "MANAGE 4.3", None,
        "Incidents and errors are tracked and communicated.";
    REG_B_9_A: REGULATION_B "1002.9(a)(2)", None,
        "A creditor that takes adverse action gives the applicant a statement of specific reasons and the notice of rights.";
    REG_B_9_B_2: REGULATION_B "1002.9(b)(2)", None,
        "The reasons are specific and indicate the principal ones; internal standards or a failed score are not enough.";
    FCRA_615_A: FCRA "615(a), 15 U.S.C. 1681m(a)", None,
        "Who takes adverse action on a consumer report names the agency, gives the score that was used and its key factors, and tells of the rights to a free copy and to dispute.";
}

/// What every report that cites law says about it.
pub const DISCLAIMER: &str = "Clauses are cited to show what each part was made for. This is no \
legal advice and no statement that a duty is met. Retention of seven years is the default of this \
product, not a law.";

#[cfg(test)]
mod tests {
    use audit_record::Millis;

    use super::*;

    #[test]
    fn each_duty_is_there_once_and_dated_by_a_day() {
        for (at, duty) in DUTIES.iter().enumerate() {
            let twice = DUTIES[..at]
                .iter()
                .any(|other| other.short() == duty.short());
            assert!(!twice, "{}", duty.short());
            Millis::parse_date(duty.source.as_of).expect("a date");
            if let Some(date) = &duty.applies_from {
                Millis::parse_date(date.day).expect("a date");
            }
        }
    }

    #[test]
    fn the_right_to_an_explanation_is_dated_apart_from_the_duties_of_high_risk_systems() {
        let day = |duty: &Duty| duty.applies_from.as_ref().map(|date| date.day);
        assert_eq!(day(&AI_ACT_12_1), Some("2027-12-02"));
        assert_eq!(day(&AI_ACT_26_11), Some("2027-12-02"));
        assert_eq!(day(&AI_ACT_86), Some("2026-08-02"));
    }
}
