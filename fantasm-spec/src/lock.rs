//! What stored instances rely on, as a file that is kept beside fsm.yaml: a change that they could not live with is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::{ContextType, Machine, Spec, State, UnknownKeys};
use crate::source::{Place, Sources};
use crate::stranded::renamed;
use crate::yaml::{self, Kind, Node};

/// The shapes of the machines at one time: states, of which kind they are, their events, and the types of the context.
///
/// # Examples
///
/// ```
/// let text = "state_machines: [{name: One, states: [{name: Start, initial: true, final: true}]}]";
/// let before = fantasm_spec::load_str("fsm.yaml", text)?;
/// let lock = fantasm_spec::Lock::of(&before.spec);
/// assert_eq!(fantasm_spec::Lock::parse(&lock.to_string()), Ok(lock.clone()));
///
/// let after = fantasm_spec::load_str("fsm.yaml", &text.replace("Start", "Begin"))?;
/// assert_eq!(lock.breaks(&after.spec)[0].message, "machine `One` no longer has the state `Start`");
/// # Ok::<(), fantasm_spec::Report>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock(BTreeMap<String, Shape>);

/// The shape of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Shape {
    /// The type of each value of the context.
    context: BTreeMap<String, String>,
    states: BTreeMap<String, StateShape>,
}

/// The shape of one state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct StateShape {
    kind: StateKind,
    events: BTreeSet<String>,
}

/// What kind of tasks a state has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum StateKind {
    #[default]
    Plain,
    /// Tasks that name a page.
    Continuation,
    /// Windows, and the contexts that wait in them.
    FanIn,
}

impl StateKind {
    fn of(state: &State) -> Self {
        match &state.fan_in {
            Some(_) => Self::FanIn,
            None if state.is_continuation => Self::Continuation,
            None => Self::Plain,
        }
    }

    /// The word before the events; a plain state has none.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Continuation => Some("continuation"),
            Self::FanIn => Some("fan_in"),
        }
    }

    /// Why tasks of this kind cannot be run by a state of another.
    fn break_with(self, after: Self) -> Option<&'static str> {
        match (self, after) {
            (Self::Continuation, Self::Plain) => Some("was a continuation, whose tasks name a page, and is none"),
            (Self::FanIn, Self::Plain | Self::Continuation) => {
                Some("was a fan-in, in which contexts wait, and is none")
            }
            (Self::Plain | Self::Continuation, Self::FanIn) => {
                Some("was no fan-in, so that its tasks have no window, and is one")
            }
            // A task that names no page is that of the first one.
            _ => None,
        }
    }
}

/// A change that instances which are stored could not live with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Break {
    /// What is no longer there, in one line.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where in fsm.yaml it would be; none where that has no machine at all.
    pub place: Option<Place>,
}

/// Why a text is no lock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockError {
    /// The line that is wrong.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

impl Lock {
    /// Takes the shapes of machines.
    #[must_use]
    pub fn of(spec: &Spec) -> Self {
        Self(spec.machines.iter().map(|machine| (machine.name.to_string(), Shape::of(machine))).collect())
    }

    /// Finds what instances that were stored by machines of these shapes could not live with.
    ///
    /// A state or a machine that is there under another name has to say so with `renamed_from`. More machines, states, events
    /// and values of the context are no harm, nor are fewer values: they are passed over when they are read.
    #[must_use]
    pub fn breaks(&self, spec: &Spec) -> Vec<Break> {
        let mut breaks = Vec::new();
        for (name, shape) in &self.0 {
            let is_meant = |machine: &&Machine| {
                machine.name.as_str() == name || machine.renamed_from.as_ref().is_some_and(|old| old.as_str() == name)
            };
            match spec.machines.iter().find(is_meant) {
                Some(machine) => shape.breaks(machine, &mut breaks),
                None => breaks.push(Break {
                    message: format!("there is no longer a machine `{name}`"),
                    help: renamed("machine", name),
                    place: spec.machines.first().map(|machine| machine.place.clone()),
                }),
            }
        }
        breaks
    }

    /// Reads what [`Lock`] displays as.
    ///
    /// # Errors
    ///
    /// When the text is nothing of the kind.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut sources = Sources::default();
        let file = sources.add("fantasm.lock", text);
        let error = |span, message: &str| LockError { line: sources.place(span).line, message: message.to_owned() };
        let root = yaml::parse(file, text).map_err(|failure| error(failure.span, &failure.message))?;
        let wrong = |node: &Node| error(node.span, "this is not what `fantasm lock` writes");
        let machines = entries(&root).ok_or_else(|| wrong(&root))?;
        machines.map(|(name, node)| Ok((name, Shape::parse(node).map_err(wrong)?))).collect::<Result<_, _>>().map(Self)
    }
}

impl Shape {
    fn of(machine: &Machine) -> Self {
        let shape = |state: &State| StateShape {
            kind: StateKind::of(state),
            events: state.transitions.iter().map(|transition| transition.event.to_string()).collect(),
        };
        let context = machine.context_types.iter().map(|field| (field.name.to_string(), word(&field.ty)));
        Self {
            context: context.collect(),
            states: machine.states.iter().map(|state| (state.name.to_string(), shape(state))).collect(),
        }
    }

    fn breaks(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        for field in &machine.context_types {
            let ty = word(&field.ty);
            let Some(before) = self.context.get(field.name.as_str()).filter(|before| !is_readable_as(before, &ty))
            else {
                continue;
            };
            breaks.push(Break {
                message: format!(
                    "the value `{}` of machine `{}` was `{before}` and is `{ty}`",
                    field.name, machine.name
                ),
                help: format!(
                    "give the value of the new type another name, and keep `{}: {before}` meanwhile",
                    field.name
                ),
                place: Some(field.place.clone()),
            });
        }
        self.refused_keys(machine, breaks);
        for (name, shape) in &self.states {
            let is_meant = |state: &&State| {
                state.name.as_str() == name || state.renamed_from.as_ref().is_some_and(|old| old.as_str() == name)
            };
            match machine.states.iter().find(is_meant) {
                Some(state) => {
                    breaks.extend(shape.kind.break_with(StateKind::of(state)).map(|what| other_kind(what, state)));
                    breaks.extend(shape.events.iter().filter_map(|event| gone_event(event, state)));
                }
                None => breaks.push(Break {
                    message: format!("machine `{}` no longer has the state `{name}`", machine.name),
                    help: renamed("state", name),
                    place: Some(machine.place.clone()),
                }),
            }
        }
    }

    /// What a stored context has and the machine would not read.
    fn refused_keys(&self, machine: &Machine, breaks: &mut Vec<Break>) {
        let is_gone = |name: &&String| !machine.context_types.iter().any(|field| field.name.as_str() == *name);
        let is_refused = machine.unknown_keys == UnknownKeys::Refuse;
        for name in self.context.keys().filter(|_| is_refused).filter(is_gone) {
            breaks.push(Break {
                message: format!(
                    "machine `{}` no longer has the value `{name}`, and refuses unknown keys",
                    machine.name
                ),
                help: format!(
                    "keep `{name}`, or write `unknown_keys: ignore`, until no instance is stored that has it"
                ),
                place: Some(machine.place.clone()),
            });
        }
    }

    fn parse(node: &Node) -> Result<Self, &Node> {
        let mut shape = Self::default();
        for (key, node) in entries(node).ok_or(node)? {
            match key.as_str() {
                "context" => {
                    for (name, ty) in entries(node).ok_or(node)? {
                        shape.context.insert(name, scalar(ty).ok_or(ty)?);
                    }
                }
                "states" => {
                    for (name, state) in entries(node).ok_or(node)? {
                        shape.states.insert(name, StateShape::parse(state)?);
                    }
                }
                _ => return Err(node),
            }
        }
        Ok(shape)
    }
}

impl StateShape {
    fn parse(node: &Node) -> Result<Self, &Node> {
        let (kind, list) = match entries(node) {
            None => (StateKind::Plain, node),
            Some(mut entries) => match (entries.next(), entries.next()) {
                (Some((word, list)), None) => {
                    let kinds = [StateKind::Continuation, StateKind::FanIn];
                    (kinds.into_iter().find(|kind| kind.word() == Some(&*word)).ok_or(node)?, list)
                }
                _ => return Err(node),
            },
        };
        let Kind::List(items) = &list.kind else { return Err(list) };
        let events = items.iter().map(|event| scalar(event).ok_or(event)).collect::<Result<_, _>>()?;
        Ok(Self { kind, events })
    }
}

fn other_kind(what: &str, state: &State) -> Break {
    Break {
        message: format!("state `{}` {what}", state.name),
        help: format!("give the new state another name, and keep `{}` until no task of it is stored", state.name),
        place: Some(state.place.clone()),
    }
}

fn gone_event(event: &str, state: &State) -> Option<Break> {
    let is_there = state.transitions.iter().any(|transition| transition.event.as_str() == event);
    (!is_there).then(|| Break {
        message: format!("state `{}` no longer has the event `{event}`", state.name),
        help: format!("keep a transition for `{event}` until no task that follows it is stored"),
        place: Some(state.place.clone()),
    })
}

/// Whether a value that was stored as one type can be read as another.
fn is_readable_as(before: &str, after: &str) -> bool {
    if let Some(after) = after.strip_suffix('?') {
        return is_readable_as(before.strip_suffix('?').unwrap_or(before), after);
    }
    before == after || after == "json" || (before == "int" && after == "float")
}

/// A type as the author may have written it.
fn word(ty: &ContextType) -> String {
    match ty {
        ContextType::Str => "str".to_owned(),
        ContextType::Int => "int".to_owned(),
        ContextType::Float => "float".to_owned(),
        ContextType::Bool => "bool".to_owned(),
        ContextType::Json | ContextType::Pickle | ContextType::DatastoreKey => "json".to_owned(),
        ContextType::DateTime => "datetime".to_owned(),
        ContextType::Date => "date".to_owned(),
        ContextType::List(item) => format!("[{}]", word(item)),
        ContextType::Optional(item) => format!("{}?", word(item)),
        ContextType::Path(path) => path.to_string(),
    }
}

fn entries(node: &Node) -> Option<impl Iterator<Item = (String, &Node)>> {
    match &node.kind {
        Kind::Map(entries) => Some(entries.iter().map(|entry| (entry.key.text(), &entry.value))),
        Kind::List(_) | Kind::Scalar(_) => None,
    }
}

fn scalar(node: &Node) -> Option<String> {
    matches!(node.kind, Kind::Scalar(_)).then(|| node.text())
}

/// YAML, one line for each state and each value, so that a change is a change of its line.
impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# What stored instances rely on. `fantasm lock` writes it; keep it with fsm.yaml.\n")?;
        if self.0.is_empty() {
            return f.write_str("{}\n");
        }
        for (name, shape) in &self.0 {
            writeln!(f, "{}:", quoted(name))?;
            f.write_str(if shape.context.is_empty() { "  context: {}\n" } else { "  context:\n" })?;
            for (name, ty) in &shape.context {
                writeln!(f, "    {}: {}", quoted(name), quoted(ty))?;
            }
            f.write_str("  states:\n")?;
            for (name, state) in &shape.states {
                let events = state.events.iter().map(|event| quoted(event)).collect::<Vec<_>>().join(", ");
                match state.kind.word() {
                    None => writeln!(f, "    {}: [{events}]", quoted(name))?,
                    Some(word) => writeln!(f, "    {}: {{{word}: [{events}]}}", quoted(name))?,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for LockError {}

/// A text as YAML, with quotes wherever it might mean something else.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    if is_plain {
        return text.to_owned();
    }
    let letters = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_control() => format!("\\U{:08x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", letters.collect::<String>())
}
