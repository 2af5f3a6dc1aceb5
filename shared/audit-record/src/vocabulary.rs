//! The closed vocabularies of the record: words that a typo would silently turn into another
//! meaning, so that everything else is refused.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every word, in the order of the documentation.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it stands in a record.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads a word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

vocabulary! {
    /// What a record is about: its `type`.
    RecordType {
        /// A call of a model.
        LlmCall = "llm_call",
        /// A call of a tool.
        ToolCall = "tool_call",
        /// A decision, by a model or with its help.
        Decision = "decision",
        /// A person's review of a decision.
        HumanReview = "human_review",
        /// A change of the system's configuration.
        ConfigChange = "config_change",
        /// Somebody looked at recorded data.
        Access = "access",
        /// Recorded data left the system.
        Export = "export",
        /// A sign of life of a producer.
        Heartbeat = "heartbeat",
        /// A producer knows that it lost records.
        Gap = "gap",
    }
}

vocabulary! {
    /// Who caused a record: `actor.type`.
    ActorType {
        /// A person, whose id is personal data.
        User = "user",
        /// A service.
        Service = "service",
        /// A model.
        Model = "model",
        /// The AI system itself.
        System = "system",
    }
}

vocabulary! {
    /// `decision.risk_level`.
    RiskLevel {
        /// Minimal.
        Minimal = "minimal",
        /// Limited.
        Limited = "limited",
        /// High.
        High = "high",
        /// Critical.
        Critical = "critical",
    }
}

vocabulary! {
    /// `decision.ai_role`.
    AiRole {
        /// A person decides, with the model's advice.
        Advisory = "advisory",
        /// The model's result is the decision.
        Determinative = "determinative",
    }
}

vocabulary! {
    /// `decision.factors[].method`: where a factor's weight comes from.
    FactorMethod {
        /// The model said so.
        ModelReported = "model_reported",
        /// From the tokens' probabilities.
        Logprob = "logprob",
        /// Shapley values.
        Shap = "shap",
        /// By counterfactual.
        Counterfactual = "counterfactual",
        /// A rule.
        Rule = "rule",
        /// The application supplied it.
        UserSupplied = "user_supplied",
    }
}

vocabulary! {
    /// `attributes["audit.call.completion"]`: how a model call ended.
    Completion {
        /// To its end.
        Complete = "complete",
        /// The stream broke off.
        Partial = "partial",
        /// The caller cancelled it.
        Cancelled = "cancelled",
        /// The caller dropped the stream.
        Abandoned = "abandoned",
        /// With an error.
        Error = "error",
        /// It goes on at the provider.
        BackgroundPending = "background_pending",
    }
}
