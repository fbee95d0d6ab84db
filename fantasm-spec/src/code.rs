//! The codes of all that can be said about a file.

use std::fmt;

use crate::similar::similar;

/// Whether the breach of a rule can be lived with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// Always an error: the file has no meaning.
    Error,
    /// Fantasm (Python) accepts it, generated Rust cannot: an error unless the caller only asks what the file means.
    Portability,
    /// It has a meaning that is most likely not meant: a warning unless the author or the caller decides otherwise.
    Lint,
}

macro_rules! codes {
    ($($class:ident { $(#[doc = $doc:literal] $variant:ident = $text:literal,)* })*) => {
        /// Names the rule that a file breaks.
        ///
        /// Codes are stable: scripts and command lines name them. Those of rules that Fantasm (Python) has too keep the name
        /// of its exception, in kebab-case and without `Error`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {$($(
            #[doc = $doc]
            $variant,
        )*)*}

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$($(Self::$variant),*),*];

            /// Returns the code as it is written: `invalid-fan-in`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $text),*),* }
            }

            /// Returns the rule in one sentence.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $($(Self::$variant => $doc.trim_ascii()),*),* }
            }

            /// Returns the rule's chapter: why it is there, a file that breaks it, and how to mend that.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $($(Self::$variant => include_str!(concat!("../docs/codes/", $text, ".md"))),*),* }
            }

            /// Returns whether the breach of the rule can be lived with.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $($(Self::$variant => Class::$class),*),* }
            }
        }
    };
}

codes! {
    Error {
        /// A file that is loaded or imported must be there and be readable.
        YamlFileNotFound = "yaml-file-not-found",
        /// A file is at most 1 MiB long.
        YamlFileTooLarge = "yaml-file-too-large",
        /// A file is text in UTF-8.
        YamlNotUtf8 = "yaml-not-utf8",
        /// A file is one YAML document, well formed.
        YamlSyntax = "yaml-syntax",
        /// Nesting, aliases and the number of values in a file are bounded.
        YamlTooComplex = "yaml-too-complex",
        /// A key stands only once in a mapping.
        DuplicateKey = "duplicate-key",
        /// A value has the kind (text, list, mapping…) that its key asks for.
        WrongType = "wrong-type",
        /// A whole number has at most 38 digits.
        NumberOutOfRange = "number-out-of-range",
        /// A file has a list of machines under `state_machines`.
        StateMachinesAttributeRequired = "state-machines-attribute-required",
        /// An imported file leaves `root_url` and `enable_capabilities_check` to the file that imports it.
        Configuration = "configuration",
        /// A file is imported once.
        YamlFileCircularImport = "yaml-file-circular-import",
        /// `lints` gives levels to rules that have one.
        UnknownLint = "unknown-lint",
        /// `edition` is 1 or 2.
        InvalidEdition = "invalid-edition",
        /// A queue has a name and limits that it can keep.
        InvalidQueue = "invalid-queue",
        /// A machine has a name.
        MachineNameRequired = "machine-name-required",
        /// The name of a machine is 1 to 50 ASCII letters, digits and hyphens.
        InvalidMachineName = "invalid-machine-name",
        /// A machine has only the attributes that Fantasm knows.
        InvalidMachineAttribute = "invalid-machine-attribute",
        /// The name of a machine is used once in a file and its imports.
        MachineNameNotUnique = "machine-name-not-unique",
        /// `logging` is `default` or `persistent`, and `log_level` one of its four levels.
        InvalidLogging = "invalid-logging",
        /// `task_retry_limit` is a whole number.
        InvalidTaskRetryLimit = "invalid-task-retry-limit",
        /// `min_backoff_seconds` is a whole number.
        InvalidMinBackoffSeconds = "invalid-min-backoff-seconds",
        /// `max_backoff_seconds` is a whole number.
        InvalidMaxBackoffSeconds = "invalid-max-backoff-seconds",
        /// `task_age_limit` is a whole number.
        InvalidTaskAgeLimit = "invalid-task-age-limit",
        /// `max_doublings` is a whole number.
        InvalidMaxDoublings = "invalid-max-doublings",
        /// `max_retries` is a whole number.
        InvalidMaxRetries = "invalid-max-retries",
        /// `max_retries` is the old name of `task_retry_limit`; only one of them is given.
        MaxRetriesAndTaskRetryLimitMutuallyExclusive = "max-retries-and-task-retry-limit-mutually-exclusive",
        /// A schedule has the five fields of cron.
        InvalidSchedule = "invalid-schedule",
        /// `priority` is a whole number from -100 to 100.
        InvalidPriority = "invalid-priority",
        /// `renamed_from` is a name that nothing has any more.
        InvalidRenamedFrom = "invalid-renamed-from",
        /// `on_finish` is another machine, which one context is enough to start.
        InvalidOnFinish = "invalid-on-finish",
        /// A value that is filled from an ended instance is of a type that can take it.
        InvalidRecordType = "invalid-record-type",
        /// A context type is one that fantasm knows, a list of one, or the path of a Rust type.
        InvalidContextType = "invalid-context-type",
        /// The default of a value in the context is of its type.
        InvalidDefault = "invalid-default",
        /// `unknown_keys` is `ignore`, `refuse` or `keep`.
        InvalidUnknownKeys = "invalid-unknown-keys",
        /// `derive` lists traits that a context does not derive anyway.
        InvalidDerive = "invalid-derive",
        /// `sets`, `reads` and `starts_with` list values of `context_types`, and a state that sets one has an action or an entry.
        InvalidSets = "invalid-sets",
        /// A value that a state reads is set on every way to the state.
        UnsetValue = "unset-value",
        /// A state has a name.
        StateNameRequired = "state-name-required",
        /// The name of a state is 1 to 50 ASCII letters, digits and hyphens.
        InvalidStateName = "invalid-state-name",
        /// A state has only the attributes that Fantasm knows.
        InvalidStateAttribute = "invalid-state-attribute",
        /// The name of a state is used once in a machine.
        StateNameNotUnique = "state-name-not-unique",
        /// A state that is not final has an action, which says how to go on.
        StateActionRequired = "state-action-required",
        /// A continuation state has an action, which works on the pages.
        InvalidContinuationInterface = "invalid-continuation-interface",
        /// An action is the path of a Rust item, written with dots or `::`.
        InvalidActionPath = "invalid-action-path",
        /// `continuation_countdown` is a whole number.
        InvalidContinuationCountdown = "invalid-continuation-countdown",
        /// `timeout_seconds` is a whole number from 1 up.
        InvalidTimeoutSeconds = "invalid-timeout-seconds",
        /// `on_failure` is another state of the machine, which can take over by itself.
        InvalidOnFailure = "invalid-on-failure",
        /// `fan_in` is a whole number of seconds.
        InvalidFanIn = "invalid-fan-in",
        /// `fan_in_group` stands only in a state that has `fan_in`.
        InvalidFanInGroup = "invalid-fan-in-group",
        /// A state is a continuation or a fan-in, not both.
        FanInContinuationNotSupported = "fan-in-continuation-not-supported",
        /// Exits, transition actions and countdowns stand only where a continuation or a fan-in leaves room for them.
        UnsupportedConfiguration = "unsupported-configuration",
        /// A machine has an initial state.
        MachineHasNoInitialState = "machine-has-no-initial-state",
        /// A machine has one initial state.
        MachineHasMultipleInitialStates = "machine-has-multiple-initial-states",
        /// A machine has a final state.
        MachineHasNoFinalState = "machine-has-no-final-state",
        /// A transition has only the attributes that Fantasm knows.
        InvalidTransitionAttribute = "invalid-transition-attribute",
        /// A transition names its event.
        TransitionEventRequired = "transition-event-required",
        /// The name of an event is 1 to 50 ASCII letters, digits and hyphens.
        InvalidTransitionEventName = "invalid-transition-event-name",
        /// The names of a state and of an event that leaves it have at most 48 characters together.
        InvalidTransitionName = "invalid-transition-name",
        /// The names of transitions, `state--event`, differ in a machine.
        TransitionNameNotUnique = "transition-name-not-unique",
        /// A transition says where it leads.
        TransitionToRequired = "transition-to-required",
        /// A transition leads to a state of its machine.
        TransitionUnknownToState = "transition-unknown-to-state",
        /// `countdown` is a whole number of seconds, or a `minimum` and a `maximum`.
        InvalidCountdown = "invalid-countdown",
    }
    Portability {
        /// A name becomes a Rust identifier of its own.
        IdentifierUnavailable = "identifier-unavailable",
        /// Two names that meet in one Rust module become different Rust identifiers.
        IdentifierCollision = "identifier-collision",
        /// A context type is one that Rust has.
        PythonOnlyContextType = "python-only-context-type",
        /// A number of seconds or of tries fits in 32 bits and is not negative.
        NumberWithoutMeaning = "number-without-meaning",
    }
    Lint {
        /// `task_retry_limit` is the name to use; `max_retries` is its old one.
        DeprecatedMaxRetries = "deprecated-max-retries",
        /// A state can be reached from the initial one.
        UnreachableState = "unreachable-state",
        /// A state that is not final has transitions.
        DeadEndState = "dead-end-state",
        /// From every state a final one can be reached.
        NoWayToFinalState = "no-way-to-final-state",
        /// A transition from a state to itself has a countdown.
        BusyLoop = "busy-loop",
        /// Ways of failures make no circle without a wait.
        FailureCircle = "failure-circle",
        /// A continuation state is final.
        ContinuationNotFinal = "continuation-not-final",
        /// Transitions do not lead from a continuation state back to it.
        ContinuationCycle = "continuation-cycle",
        /// A continuation leads to a fan-in.
        FanInWithoutFanOut = "fan-in-without-fan-out",
        /// Where queues are listed, every queue that is named is among them.
        UnknownQueue = "unknown-queue",
        /// A state with side effects is not tried without end.
        UnlimitedRetries = "unlimited-retries",
        /// An attribute does something.
        AttributeWithoutEffect = "attribute-without-effect",
        /// A whole number is written as one.
        NumberInDisguise = "number-in-disguise",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let meant = || similar(text, Self::ALL.iter().map(|code| code.as_str()));
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or_else(|| UnknownCode { meant: meant() })
    }
}

/// No rule has the code that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownCode {
    /// The code that was most likely meant.
    pub meant: Option<&'static str>,
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no rule has this code")
    }
}

impl std::error::Error for UnknownCode {}
