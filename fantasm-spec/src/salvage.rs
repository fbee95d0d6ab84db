//! What can be made out of files that have errors, so that code which names it can be checked meanwhile.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::ast::{self, Field};
use crate::check;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Findings, Report, Severity};
use crate::import;
use crate::level::Levels;
use crate::model::{Machine, Spec, State, StateId};
use crate::name::{RESERVED_STATE_IDENTS, UNKNOWN_KEYS_IDENT, cannot_be_raw, is_identifier};
use crate::resolve;
use crate::source::{self, FileId, Files, ReadError, Span};

/// Each round mends everything that can be mended at once; an attribute that was misspelt may have mistakes of its own.
const MOST_ROUNDS: usize = 20;

/// Reads the machines, states, events and context fields of files that [`load`](crate::load()) refuses.
///
/// What has an obvious correction is corrected, and a line that is no YAML is passed over; what is wrong all the same is left
/// out. The names are good Rust, and that is all: every transition leads to the first state, and no rule holds.
/// So this is for code that has to compile beside the errors of [`load`](crate::load()), and never for running.
#[must_use]
pub fn salvage(root: &str, files: &dyn Files) -> Spec {
    let mended = Mended { files, texts: RefCell::default() };
    for _ in 1..MOST_ROUNDS {
        let (report, spec) = read(root, &mended);
        if !mended.mend(&report) {
            return spec;
        }
    }
    read(root, &mended).1
}

fn read(root: &str, files: &dyn Files) -> (Report, Spec) {
    let mut findings = Findings::new(Levels::default());
    let mut collected = import::collect(root, files, &mut findings);
    check::all(&mut collected.machines, collected.queues.as_deref(), &mut findings);
    collected.machines.iter_mut().for_each(name_the_second);
    let mut spec = resolve::resolve(&collected, &findings.sources);
    keep_names(&mut spec);
    (findings.finish(), spec)
}

/// Gives the second of two states with one name the name that transitions have for a state and no state has.
fn name_the_second(machine: &mut ast::Machine) {
    let names = machine.states.iter().filter_map(|state| state.name.given());
    let mut names: BTreeSet<_> = names.map(|name| name.value.clone()).collect();
    let targets =
        machine.states.iter().flat_map(|state| &state.transitions).filter_map(|transition| transition.to.given());
    let mut unknown: BTreeSet<_> = targets.map(|to| to.value.clone()).filter(|to| !names.contains(to)).collect();
    for state in &mut machine.states {
        let Field::Given(name) = &mut state.name else { continue };
        if !names.remove(&name.value)
            && let Some(meant) = unknown.pop_first()
        {
            name.value = meant;
        }
    }
}

/// The files, and over them the texts that were mended.
struct Mended<'a> {
    files: &'a dyn Files,
    texts: RefCell<BTreeMap<String, String>>,
}

impl Files for Mended<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.texts.borrow().get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.files.read(path),
        }
    }
}

impl Mended<'_> {
    /// Mends what a report knows how to; answers whether there was anything.
    fn mend(&self, report: &Report) -> bool {
        let mut corrections = BTreeMap::<FileId, Vec<_>>::new();
        for (span, text) in report.diagnostics().iter().filter_map(correction) {
            corrections.entry(span.file).or_default().push((span, text));
        }
        let mut texts = self.texts.borrow_mut();
        for (file, corrections) in &corrections {
            let source = report.sources().get(*file);
            texts.insert(source.path.to_string(), corrected(&source.text, corrections));
        }
        !corrections.is_empty()
    }
}

/// Puts corrections into a text, from its end on, so that the places before stay where they are.
fn corrected(text: &str, corrections: &[(Span, Option<&str>)]) -> String {
    let mut corrected = text.to_owned();
    let mut rest = text.len();
    for (span, correction) in corrections.iter().rev() {
        let (range, correction) = match correction {
            Some(correction) => (span.start..span.end, (*correction).to_owned()),
            None => readable(text, span.start),
        };
        if range.end <= rest {
            rest = range.start;
            corrected.replace_range(range, &correction);
        }
    }
    corrected
}

/// Where to put which text; a diagnostic without a text is about what is no YAML.
fn correction(diagnostic: &Diagnostic) -> Option<(Span, Option<&str>)> {
    // At the top of a file, what has slipped out of a machine is a warning.
    if diagnostic.severity != Severity::Error && diagnostic.code != Code::AttributeWithoutEffect {
        return None;
    }
    match &diagnostic.fix {
        Some(fix) => Some((fix.span, Some(&fix.text))),
        None => (diagnostic.code == Code::YamlSyntax).then_some((diagnostic.span, None)),
    }
}

/// The line to change, and what to put there, for a text that stops being YAML at this byte.
///
/// Most often a quote or a bracket is left open on a line before; else the line at the byte goes.
fn readable(text: &str, at: usize) -> (Range<usize>, String) {
    if let Some(tabs) = source::tabs(text) {
        return (tabs.clone(), "  ".repeat(tabs.len()));
    }
    let at = at.min(text.trim_end().len());
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let mut start = 0;
    for line in text[..end].split_inclusive('\n') {
        let range = start..start + line.trim_end().len();
        start += line.len();
        if let Some(pair) = PAIRS.iter().find(|pair| is_open(line, **pair)) {
            return (range.clone(), text[range].replace(*pair, ""));
        }
    }
    let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
    (start..end, String::new())
}

const PAIRS: [[char; 2]; 3] = [['"', '"'], ['[', ']'], ['{', '}']];

/// Whether a line opens what it does not close.
fn is_open(line: &str, [opening, closing]: [char; 2]) -> bool {
    let count = |letter| line.matches(letter).count();
    if opening == closing { count(opening) % 2 == 1 } else { count(opening) != count(closing) }
}

impl Spec {
    /// Adds what another has under names that this one does not have: machines, states, events and values of the context.
    ///
    /// For what was [salvaged](salvage()) of a file that has errors, from the file as it was without.
    pub fn add_names(&mut self, other: Self) {
        for machine in other.machines {
            match self.machines.iter_mut().find(|own| own.name == machine.name) {
                Some(own) => add_names_of_machine(own, machine),
                None => self.machines.push(machine),
            }
        }
        keep_names(self);
    }
}

fn add_names_of_machine(own: &mut Machine, other: Machine) {
    for field in other.context_types {
        match own.context_types.iter_mut().find(|own| own.name == field.name) {
            Some(own) if !own.has_readable_type => *own = field,
            Some(_) => {}
            None => own.context_types.push(field),
        }
    }
    for state in other.states {
        match own.states.iter_mut().find(|own| own.name == state.name) {
            Some(own) => own.transitions.extend(state.transitions),
            None => own.states.push(state),
        }
    }
}

/// Keeps what has a name of its own.
fn keep_names(spec: &mut Spec) {
    let mut names = Names::default();
    spec.machines.retain(|machine| names.take(&[machine.name.type_ident(), machine.name.module_ident()]));
    spec.machines.iter_mut().for_each(keep_names_of_machine);
}

fn keep_names_of_machine(machine: &mut Machine) {
    let mut names = Names(BTreeSet::from([UNKNOWN_KEYS_IDENT.to_owned()]));
    machine.context_types.retain(|field| names.take(&[field.name.field_ident()]));
    let mut names = Names(RESERVED_STATE_IDENTS.map(str::to_owned).into());
    machine.states.retain(|state| names.take(&[state.name.type_ident()]));
    machine.initial = StateId(0);
    machine.on_finish = None;
    machine.states.iter_mut().for_each(keep_names_of_state);
}

fn keep_names_of_state(state: &mut State) {
    let mut names = Names::default();
    state.transitions.retain(|transition| names.take(&[transition.event.type_ident()]));
    // A state that was left out has shifted the others.
    state.transitions.iter_mut().for_each(|transition| transition.to = StateId(0));
    state.on_failure = None;
}

/// The identifiers that are taken.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// Takes identifiers unless they are none, or taken.
    fn take(&mut self, idents: &[String]) -> bool {
        let is_free =
            idents.iter().all(|ident| is_identifier(ident) && !cannot_be_raw(ident) && !self.0.contains(ident));
        let is_own = idents.iter().collect::<BTreeSet<_>>().len() == idents.len();
        if is_free && is_own {
            self.0.extend(idents.iter().cloned());
        }
        is_free && is_own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OneFile;
    use crate::model::ContextType;

    const FILE: &str = "\
state_machines:
- name: Import
  context_types: {rows: int}
  states:
  - {name: Load, initial: true, action: load, transitions: [{event: done, to: End}]}
  - {name: End, final: true}
";

    /// The states, each with its events.
    fn names(text: &str) -> String {
        let spec = salvage("fsm.yaml", &OneFile { name: "fsm.yaml", text });
        let event = |state: &State| {
            let events = state.transitions.iter().map(|transition| format!(" {}", transition.event));
            format!("{}{};", state.name, events.collect::<String>())
        };
        let machine = |machine: &Machine| machine.states.iter().map(event).collect::<String>();
        spec.machines.iter().map(machine).collect()
    }

    #[test]
    fn what_is_meant_is_kept() {
        for (good, bad) in [
            ("", ""),
            ("to: End", "to: Edn"),
            ("to: End", "to: Nowhere"),
            ("transitions", "transitons"),
            ("initial: true, ", ""),
            ("rows: int", "rows: 7"),
            ("event: done", "event: done, event: done"),
            ("state_machines:", "state_machines:\n  [\n"),
            ("{name: End", "{name: Load"),
            ("  states:", "\tstates:"),
            ("  states:", "states:"),
            ("state_machines:", "machines:"),
            ("transitions: [{event: done, to: End}]", "transitions: {done: End}"),
            ("transitions: [{event: done, to: End}]", "transitions: {event: done, to: End}"),
            ("event: done", "on: done"),
            ("- name: Import", "- name: \"Import"),
        ] {
            assert_eq!(names(&FILE.replacen(good, bad, 1)), "Load done;End;", "`{bad}` for `{good}`");
        }
    }

    #[test]
    fn what_has_no_name_of_its_own_is_left_out() {
        assert_eq!(names(&FILE.replace("End", "load")), "Load done;");
        assert_eq!(names(&FILE.replace("Load", "Context")), "End;");
        assert_eq!(names(&FILE.replace("done", "self")), "Load;End;");
        assert_eq!(names(&FILE.replace("Import", "404")), "");
    }

    #[test]
    fn a_type_that_can_be_read_is_that_of_today() {
        for (today, ty) in [
            ("json", ContextType::Json),
            ("str?", ContextType::Optional(Box::new(ContextType::Str))),
            ("{type: str, default: 7}", ContextType::Str),
            ("{type: json, default: .nan, colour: red}", ContextType::Json),
            ("7", ContextType::Int),
            ("Option<i32", ContextType::Int),
            ("{type: [], default: 7}", ContextType::Int),
        ] {
            let text = format!("edition: 2\n{FILE}").replace("{rows: int}", &format!("{{rows: {today}}}"));
            let mut spec = salvage("fsm.yaml", &OneFile { name: "fsm.yaml", text: &text.replace("to: End", "to: 7") });
            spec.add_names(salvage("fsm.yaml", &OneFile { name: "fsm.yaml", text: FILE }));
            assert_eq!(spec.machines[0].context_types[0].ty, ty, "{today}");
        }
    }

    #[test]
    fn of_what_is_no_fsm_yaml_nothing_is_left() {
        for text in ["", "7", "state_machines: [", "\0", "- - -", "{{{{", "\"", "a: &a [*a]"] {
            assert_eq!(names(text), "", "{text}");
        }
    }
}
