//! What was written to what is true. AFTER THIS POINT: ids, not names; every default is filled, every inheritance done.
//!
//! The rules have passed the machines, so nothing is missing here. Of machines that they have not passed, what has a name is
//! kept, for [`salvage`](crate::salvage()).

use std::collections::BTreeMap;

use crate::ast::{self, Field};
use crate::import::Collected;
use crate::literal::Literal;
use crate::model::{
    ContextField, ContextType, Countdown, FanIn, Machine, MachineId, Queue, RetryPolicy, Spec, State, StateId,
    Transition,
};
use crate::name::{ContextFieldName, EventName, MachineName, StateName};
use crate::path::RustPath;
use crate::source::{Place, Sources, Span};
use crate::yaml::Kind;

const DEFAULT_ROOT_URL: &str = "/fantasm/";
const DEFAULT_QUEUE: &str = "default";

/// Resolves all machines of a load.
pub(crate) fn resolve(collected: &Collected, sources: &Sources) -> Spec {
    let mut root_url = collected.root_url.clone().unwrap_or_else(|| DEFAULT_ROOT_URL.to_owned());
    if !root_url.ends_with('/') {
        root_url.push('/');
    }
    let machines = &collected.machines;
    Spec {
        root_url,
        machines: machines.iter().filter_map(|machine| Resolver::of(machine, machines, sources).machine()).collect(),
        queues: queues(collected.queues.as_deref().unwrap_or_default(), sources),
        files: sources.paths().map(str::to_owned).collect(),
    }
}

/// Resolves the machines with which nothing is wrong by themselves, for rules that look at one machine.
///
/// They are no [`Spec`]: what they say of each other may be about machines that are not among them.
pub(crate) fn sound_machines(collected: &Collected, sources: &Sources) -> Vec<Machine> {
    let machines = &collected.machines;
    let sound = machines.iter().filter(|machine| machine.is_sound);
    sound.filter_map(|machine| Resolver::of(machine, machines, sources).machine()).collect()
}

struct Resolver<'a> {
    machine: &'a ast::Machine,
    machines: &'a [ast::Machine],
    sources: &'a Sources,
    ids: BTreeMap<&'a str, StateId>,
}

impl<'a> Resolver<'a> {
    fn of(machine: &'a ast::Machine, machines: &'a [ast::Machine], sources: &'a Sources) -> Self {
        let names = machine.states.iter().map(|state| state.name.given());
        let ids = names.enumerate().filter_map(|(at, name)| Some((name?.value.as_str(), StateId(at)))).collect();
        Self { machine, machines, sources, ids }
    }

    fn machine(&self) -> Option<Machine> {
        let machine = self.machine;
        let name = machine.name.given()?;
        let initial = machine.states.iter().position(|state| state.initial.is_true()).unwrap_or_default();
        Some(Machine {
            name: MachineName::new(&name.value),
            description: text(&machine.description),
            doc: text(&machine.doc),
            schedule: text(&machine.schedule),
            priority: priority(&machine.priority).unwrap_or_default(),
            renamed_from: machine.renamed_from.iter().map(|name| MachineName::new(&name.value)).collect(),
            on_finish: self.on_finish(),
            has_history: machine.history.given().is_none_or(|wish| wish.value),
            namespace: self.machine_namespace().map(|path| self.path(path, None)),
            queue: text(&machine.queue).unwrap_or_else(|| DEFAULT_QUEUE.to_owned()),
            target: text(&machine.target),
            countdown: machine.written_countdown.as_ref().map_or(Literal::Integer(0.into()), Literal::from),
            retry: retry(&machine.retry, None),
            logging: machine.logging.or_default(),
            log_level: machine.log_level.given().map(|level| level.value),
            use_run_once_semaphore: machine.use_run_once_semaphore.given().is_none_or(|wish| wish.value),
            context_types: machine.context_types.iter().map(|field| self.context_field(field)).collect(),
            unknown_keys: machine.unknown_keys.or_default(),
            derive: machine.derive.iter().map(|path| self.path(path, None)).collect(),
            starts_with: machine.starts_with.iter().map(|name| ContextFieldName::new(&name.value)).collect(),
            is_started_by_an_end: self.is_started_by_an_end(),
            states: machine.states.iter().filter_map(|state| self.state(state)).collect(),
            initial: StateId(initial),
            place: self.place(name.span),
        })
    }

    fn on_finish(&self) -> Option<MachineId> {
        let next = self.machine.on_finish.given()?;
        let is_next = |machine: &ast::Machine| machine.name.given().is_some_and(|name| name.value == next.value);
        self.machines.iter().position(is_next).map(MachineId)
    }

    /// Whether a machine of the file has this one as `on_finish`.
    fn is_started_by_an_end(&self) -> bool {
        let name = self.machine.name.given().map(|name| &name.value);
        self.machines.iter().filter_map(|machine| machine.on_finish.given()).any(|next| Some(&next.value) == name)
    }

    fn state(&self, state: &ast::State) -> Option<State> {
        let name = state.name.given()?;
        let namespace = namespace(&state.namespace, self.machine_namespace());
        let action = |field: &Field<ast::Path>| field.given().map(|path| self.path(&path.value, namespace));
        Some(State {
            name: StateName::new(&name.value),
            description: text(&state.description),
            doc: text(&state.doc),
            on_failure: state.on_failure.given().and_then(|name| self.ids.get(name.value.as_str()).copied()),
            timeout_seconds: state.timeout_seconds.given().map(|seconds| seconds.value),
            priority: priority(&state.priority).or_else(|| priority(&self.machine.priority)).unwrap_or_default(),
            renamed_from: state.renamed_from.iter().map(|name| StateName::new(&name.value)).collect(),
            sets: state.sets.iter().map(|name| ContextFieldName::new(&name.value)).collect(),
            reads: state.reads.iter().map(|name| (ContextFieldName::new(&name.value), self.place(name.span))).collect(),
            has_side_effects: state.side_effects.is_true(),
            is_retried_from: state.retry_from.is_true(),
            namespace: namespace.map(|path| self.path(path, None)),
            action: action(&state.action),
            entry: action(&state.entry),
            exit: action(&state.exit),
            is_initial: state.initial.is_true(),
            is_final: state.is_final.is_true(),
            is_continuation: state.continuation.is_true(),
            continuation_countdown: state.continuation_countdown.or_default(),
            fan_in: self.fan_in(state),
            written_fan_in_group: state.fan_in_group.as_ref().map_or(Literal::Null, Literal::from),
            transitions: state.transitions.iter().filter_map(|transition| self.transition(transition)).collect(),
            place: self.place(name.span),
        })
    }

    fn fan_in(&self, state: &ast::State) -> Option<FanIn> {
        let fan_in = state.fan_in.given()?;
        let (period_seconds, max_contexts, gathers_all) = match fan_in.value {
            ast::FanIn::After { seconds, max } => (seconds, max, false),
            ast::FanIn::All => (0.into(), None, true),
        };
        let group = state.fan_in_group.as_ref().filter(|group| !group.is_falsy()).and_then(|group| match &group.kind {
            Kind::Scalar(key) => Some(ContextFieldName::new(&key.text)),
            Kind::List(_) | Kind::Map(_) => None,
        });
        Some(FanIn { period_seconds, max_contexts, gathers_all, group, place: self.place(fan_in.span) })
    }

    fn transition(&self, transition: &ast::Transition) -> Option<Transition> {
        let event = transition.event.given()?;
        let to = transition.to.given().and_then(|to| self.ids.get(to.value.as_str()));
        // A state's own namespace does not reach its transitions; Fantasm has always asked the machine here.
        let namespace = namespace(&transition.namespace, self.machine_namespace());
        let inherited = text(&self.machine.queue).unwrap_or_else(|| DEFAULT_QUEUE.to_owned());
        Some(Transition {
            event: EventName::new(&event.value),
            constant: transition.constant.as_ref().map(|path| self.path(path, None)),
            renamed_from: transition.renamed_from.iter().map(|name| EventName::new(&name.value)).collect(),
            description: text(&transition.description),
            to: to.copied().unwrap_or(StateId(0)),
            action: transition.action.given().map(|path| self.path(&path.value, namespace)),
            queue: text(&transition.queue).unwrap_or(inherited),
            target: text(&transition.target).or_else(|| text(&self.machine.target)),
            countdown: countdown(transition.countdown.or(&self.machine.countdown)),
            retry: retry(&transition.retry, Some(&self.machine.retry)),
            place: self.place(event.span),
        })
    }

    fn context_field(&self, field: &ast::ContextField) -> ContextField {
        ContextField {
            name: ContextFieldName::new(&field.name.value),
            ty: field.ty.given().map_or(ContextType::Json, |ty| self.context_type(&ty.value)),
            default: field.default.clone(),
            has_readable_type: field.ty.given().is_some(),
            place: self.place(field.name.span),
        }
    }

    fn context_type(&self, ty: &ast::ContextType) -> ContextType {
        match ty {
            ast::ContextType::Str => ContextType::Str,
            ast::ContextType::Int => ContextType::Int,
            ast::ContextType::Float => ContextType::Float,
            ast::ContextType::Bool => ContextType::Bool,
            ast::ContextType::Json => ContextType::Json,
            ast::ContextType::DateTime => ContextType::DateTime,
            ast::ContextType::Date => ContextType::Date,
            ast::ContextType::Pickle => ContextType::Pickle,
            ast::ContextType::DatastoreKey => ContextType::DatastoreKey,
            ast::ContextType::List(item) => ContextType::List(Box::new(self.context_type(item))),
            ast::ContextType::Optional(item) => ContextType::Optional(Box::new(self.context_type(item))),
            ast::ContextType::Path(path) => ContextType::Path(self.path(path, self.machine_namespace())),
        }
    }

    fn machine_namespace(&self) -> Option<&'a ast::Path> {
        namespace(&self.machine.namespace, None)
    }

    /// A single word is looked up in the namespace, everything else from the crate root.
    fn path(&self, path: &ast::Path, namespace: Option<&ast::Path>) -> RustPath {
        let namespace = namespace.filter(|_| path.segments.len() == 1 && !path.is_absolute);
        let prefix = namespace.map(|namespace| namespace.segments.as_slice()).unwrap_or_default();
        RustPath {
            segments: prefix.iter().chain(&path.segments).cloned().collect(),
            is_absolute: path.is_absolute || namespace.is_some_and(|namespace| namespace.is_absolute),
            written: path.written.clone(),
            place: self.place(path.span),
        }
    }

    fn place(&self, span: Span) -> Place {
        self.sources.place(span)
    }
}

/// Its own namespace, where it has one or says that it has none; else the inherited one.
fn namespace<'a>(own: &'a Field<Option<ast::Path>>, inherited: Option<&'a ast::Path>) -> Option<&'a ast::Path> {
    own.given().map_or(inherited, |own| own.value.as_ref())
}

/// Resolves the queues of a file.
pub(crate) fn queues(queues: &[ast::Queue], sources: &Sources) -> Vec<Queue> {
    let queue = |queue: &ast::Queue| {
        let name = queue.name.given()?;
        Some(Queue {
            name: name.value.clone(),
            rate: queue.rate.given().map(|rate| rate.value),
            bucket_size: queue.bucket_size.given().map(|size| size.value),
            max_concurrent_requests: queue.max_concurrent_requests.given().map(|most| most.value),
            retry: retry(&queue.retry, None),
            target: text(&queue.target),
            place: sources.place(name.span),
        })
    };
    queues.iter().filter_map(queue).collect()
}

/// The rules keep it between -100 and 100.
fn priority(field: &Field<crate::integer::Integer>) -> Option<i8> {
    field.given().and_then(|number| i8::try_from(number.value.get()).ok())
}

fn text(field: &Field<String>) -> Option<String> {
    field.given().map(|text| text.value.clone())
}

fn countdown(field: &Field<ast::Countdown>) -> Countdown {
    match field.given().map(|countdown| countdown.value) {
        Some(ast::Countdown::Between { minimum, maximum }) => Countdown::Between { minimum, maximum },
        Some(ast::Countdown::Fixed(seconds)) => Countdown::Fixed(seconds),
        None => Countdown::Fixed(0.into()),
    }
}

/// Each number its own, else the inherited one; the old name of the limit stands for the new one.
fn retry(own: &ast::Retry, inherited: Option<&ast::Retry>) -> RetryPolicy {
    let inherited = inherited.map(|inherited| retry(inherited, None)).unwrap_or_default();
    let number = |field: &Field<crate::integer::Integer>| field.given().map(|number| number.value);
    RetryPolicy {
        task_retry_limit: number(own.task_retry_limit.or(&own.max_retries)).or(inherited.task_retry_limit),
        min_backoff_seconds: number(&own.min_backoff_seconds).or(inherited.min_backoff_seconds),
        max_backoff_seconds: number(&own.max_backoff_seconds).or(inherited.max_backoff_seconds),
        task_age_limit: number(&own.task_age_limit).or(inherited.task_age_limit),
        max_doublings: number(&own.max_doublings).or(inherited.max_doublings),
    }
}
