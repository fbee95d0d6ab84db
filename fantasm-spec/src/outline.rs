//! A machine as programs in any language read it: names instead of ids, plain values, the attributes' own names.

use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::integer::Integer;
use crate::literal::Literal;
use crate::logging::{LogLevel, Logging};
use crate::model::{ContextType, Countdown, FanIn, Machine, RetryPolicy, Spec, State, Transition, UnknownKeys};
use crate::path::RustPath;

/// A machine to be serialized, every default filled in.
///
/// Its fields have the names of the attributes in fsm.yaml. Beside them stand `url`, where the machine is reached over HTTP,
/// `initial` and `final`, the names of those states, and for a state the `events` that leave it.
///
/// # Examples
///
/// ```
/// let loaded = fantasm_spec::load_str(
///     "fsm.yaml",
///     "state_machines: [{name: One, states: [{name: s, initial: true, final: true}]}]",
/// )?;
/// let outlines = fantasm_spec::outline(&loaded.spec);
/// let json = serde_json::to_value(&outlines).expect("outlines are plain data");
/// assert_eq!(json[0]["url"], "/fantasm/fsm/One/");
/// # Ok::<(), fantasm_spec::Report>(())
/// ```
#[derive(Debug, serde::Serialize)]
pub struct MachineOutline<'a> {
    name: &'a str,
    url: String,
    namespace: Option<&'a str>,
    queue: &'a str,
    target: Option<&'a str>,
    countdown: &'a Literal,
    logging: &'static str,
    use_run_once_semaphore: bool,
    #[serde(flatten)]
    retry: RetryOutline,
    #[serde(flatten)]
    later: LaterOutline<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown_keys: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    starts_with: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_finish: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_level: Option<&'static str>,
    context_types: BTreeMap<&'a str, String>,
    initial: &'a str,
    #[serde(rename = "final")]
    finals: Vec<&'a str>,
    states: Vec<StateOutline<'a>>,
}

#[derive(Debug, serde::Serialize)]
struct StateOutline<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    action: Option<String>,
    entry: Option<String>,
    exit: Option<String>,
    initial: bool,
    #[serde(rename = "final")]
    is_final: bool,
    continuation: bool,
    continuation_countdown: Integer,
    fan_in: Option<FanInOutline>,
    fan_in_group: &'a Literal,
    #[serde(flatten)]
    later: LaterOutline<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_failure: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<Integer>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    side_effects: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retry_from: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sets: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reads: Vec<&'a str>,
    events: Vec<&'a str>,
    transitions: Vec<TransitionOutline<'a>>,
}

/// What only the second edition of the language has; left out where it says nothing.
#[derive(Debug, serde::Serialize)]
struct LaterOutline<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    renamed_from: Vec<&'a str>,
}

#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
enum FanInOutline {
    Seconds(Integer),
    SecondsAndMax { seconds: Integer, max: Integer },
    All(&'static str),
}

#[derive(Debug, serde::Serialize)]
struct TransitionOutline<'a> {
    name: String,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    renamed_from: Vec<&'a str>,
    to: &'a str,
    action: Option<String>,
    queue: &'a str,
    target: Option<&'a str>,
    countdown: Countdown,
    #[serde(flatten)]
    retry: RetryOutline,
}

#[derive(Debug, serde::Serialize)]
struct RetryOutline {
    task_retry_limit: Option<Integer>,
    min_backoff_seconds: Option<Integer>,
    max_backoff_seconds: Option<Integer>,
    task_age_limit: Option<Integer>,
    max_doublings: Option<Integer>,
}

/// Outlines all machines of a spec.
#[must_use]
pub fn outline(spec: &Spec) -> Vec<MachineOutline<'_>> {
    spec.machines.iter().map(|machine| machine_outline(spec, machine)).collect()
}

fn machine_outline<'a>(spec: &'a Spec, machine: &'a Machine) -> MachineOutline<'a> {
    let finals = machine.states.iter().filter(|state| state.is_final).map(|state| state.name.as_str());
    let types = machine.context_types.iter().map(|field| (field.name.as_str(), type_name(&field.ty)));
    MachineOutline {
        name: machine.name.as_str(),
        url: format!("{}fsm/{}/", spec.root_url, machine.name),
        namespace: machine.namespace.as_ref().map(|path| path.written.as_str()),
        queue: &machine.queue,
        target: machine.target.as_deref(),
        countdown: &machine.countdown,
        logging: match machine.logging {
            Logging::Default => "default",
            Logging::Persistent => "persistent",
        },
        use_run_once_semaphore: machine.use_run_once_semaphore,
        retry: retry_outline(&machine.retry),
        later: LaterOutline {
            description: machine.description.as_deref(),
            doc: machine.doc.as_deref(),
            priority: Some(machine.priority).filter(|priority| *priority != 0),
            renamed_from: machine.renamed_from.iter().map(|name| name.as_str()).collect(),
        },
        schedule: machine.schedule.as_deref(),
        unknown_keys: Some(machine.unknown_keys)
            .filter(|choice| *choice != UnknownKeys::default())
            .map(UnknownKeys::as_str),
        starts_with: machine.starts_with.iter().map(|name| name.as_str()).collect(),
        on_finish: machine.on_finish.map(|next| spec[next].name.as_str()),
        log_level: machine.log_level.map(LogLevel::as_str),
        history: (!machine.has_history).then_some(false),
        context_types: types.collect(),
        initial: machine[machine.initial].name.as_str(),
        finals: finals.collect(),
        states: machine.states.iter().map(|state| state_outline(machine, state)).collect(),
    }
}

fn state_outline<'a>(machine: &'a Machine, state: &'a State) -> StateOutline<'a> {
    StateOutline {
        name: state.name.as_str(),
        namespace: state.namespace.as_ref().map(|path| path.written.as_str()),
        action: state.action.as_ref().map(dotted),
        entry: state.entry.as_ref().map(dotted),
        exit: state.exit.as_ref().map(dotted),
        initial: state.is_initial,
        is_final: state.is_final,
        continuation: state.is_continuation,
        continuation_countdown: state.continuation_countdown,
        fan_in: state.fan_in.as_ref().map(fan_in_outline),
        fan_in_group: &state.written_fan_in_group,
        later: LaterOutline {
            description: state.description.as_deref(),
            doc: state.doc.as_deref(),
            priority: Some(state.priority).filter(|priority| *priority != machine.priority),
            renamed_from: state.renamed_from.iter().map(|name| name.as_str()).collect(),
        },
        on_failure: state.on_failure.map(|id| machine[id].name.as_str()),
        timeout_seconds: state.timeout_seconds,
        side_effects: state.has_side_effects,
        retry_from: state.is_retried_from,
        sets: state.sets.iter().map(|name| name.as_str()).collect(),
        reads: state.reads.iter().map(|(name, _)| name.as_str()).collect(),
        events: state.transitions.iter().map(|transition| transition.event.as_str()).collect(),
        transitions: state
            .transitions
            .iter()
            .map(|transition| transition_outline(machine, state, transition))
            .collect(),
    }
}

fn fan_in_outline(fan_in: &FanIn) -> FanInOutline {
    match fan_in.max_contexts {
        _ if fan_in.gathers_all => FanInOutline::All("all"),
        Some(max) => FanInOutline::SecondsAndMax { seconds: fan_in.period_seconds, max },
        None => FanInOutline::Seconds(fan_in.period_seconds),
    }
}

fn transition_outline<'a>(machine: &'a Machine, state: &State, transition: &'a Transition) -> TransitionOutline<'a> {
    TransitionOutline {
        name: format!("{}--{}", state.name, transition.event),
        event: transition.event.as_str(),
        description: transition.description.as_deref(),
        renamed_from: transition.renamed_from.iter().map(|name| name.as_str()).collect(),
        to: machine[transition.to].name.as_str(),
        action: transition.action.as_ref().map(dotted),
        queue: &transition.queue,
        target: transition.target.as_deref(),
        countdown: transition.countdown,
        retry: retry_outline(&transition.retry),
    }
}

fn retry_outline(retry: &RetryPolicy) -> RetryOutline {
    RetryOutline {
        task_retry_limit: retry.task_retry_limit,
        min_backoff_seconds: retry.min_backoff_seconds,
        max_backoff_seconds: retry.max_backoff_seconds,
        task_age_limit: retry.task_age_limit,
        max_doublings: retry.max_doublings,
    }
}

/// A path with its namespace, as Fantasm writes it.
fn dotted(path: &RustPath) -> String {
    if path.is_absolute { path.to_string() } else { path.segments.join(".") }
}

/// The type as it travels: a dict is JSON.
fn type_name(ty: &ContextType) -> String {
    match ty {
        ContextType::Str => "str".to_owned(),
        ContextType::Int => "int".to_owned(),
        ContextType::Float => "float".to_owned(),
        ContextType::Bool => "bool".to_owned(),
        ContextType::Json => "json".to_owned(),
        ContextType::DateTime => "datetime".to_owned(),
        ContextType::Date => "date".to_owned(),
        ContextType::Pickle => "pickle".to_owned(),
        ContextType::DatastoreKey => "ndb.Key".to_owned(),
        ContextType::List(item) => format!("[{}]", type_name(item)),
        ContextType::Optional(item) => format!("{}?", type_name(item)),
        ContextType::Path(path) => dotted(path),
    }
}

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.get()) {
            Ok(number) => serializer.serialize_i64(number),
            Err(_) => serializer.serialize_i128(self.get()),
        }
    }
}

impl Serialize for Countdown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(seconds) => seconds.serialize(serializer),
            Self::Between { minimum, maximum } => [minimum, maximum].serialize(serializer),
        }
    }
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => number.serialize(serializer),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
