//! What can be made out of files that have errors, so that code which names it can be checked meanwhile.

mod merge;
mod readable;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{self, Field};
use crate::check;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Findings, Report, Severity};
use crate::import;
use crate::level::Levels;
use crate::model::Spec;
use crate::resolve;
use crate::source::{FileId, Files, ReadError, Span, Spanned};

use self::merge::keep_names;
pub(crate) use self::readable::hint;
use self::readable::readable;

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
    collected.machines.iter_mut().enumerate().for_each(name_the_nameless);
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

/// The beginning of names of machines that have none; no other name begins with a hyphen twice.
const NAMELESS: &str = "Nameless--";

/// Gives a machine without a name one that nobody has, so that what else it has is not lost.
fn name_the_nameless((at, machine): (usize, &mut ast::Machine)) {
    if machine.name.given().is_none() {
        machine.name = Field::Given(Spanned::new(format!("{NAMELESS}{at}"), machine.span));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OneFile;
    use crate::model::{ContextType, Machine, State};

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
