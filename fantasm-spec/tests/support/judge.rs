//! What is asked of every file, whatever it holds.

mod print;

use fantasm_spec::{Files, Levels, Loaded, ReadError, Report, Spec, graph, load_with, outline, salvage, svg};

/// A picture of more states takes longer than a fuzzer waits.
const MOST_DRAWN: usize = 30;

/// Loads a file; whether it is usable.
pub(crate) fn judge(bytes: &[u8]) -> bool {
    match load_with("fsm.yaml", &OneFile(bytes), &Levels::language()) {
        Ok(loaded) => {
            assert!(!loaded.warnings.has_errors());
            is_well_told(&loaded.warnings);
            is_printed_and_read_again(&loaded);
            true
        }
        Err(report) => {
            assert!(report.has_errors());
            is_well_told(&report);
            let _: Spec = salvage("fsm.yaml", &OneFile(bytes));
            false
        }
    }
}

/// In file order, each on one line with a next step, and rendered.
fn is_well_told(report: &Report) {
    let places: Vec<(u32, u32)> =
        report.diagnostics().iter().map(|told| (told.place.line, told.place.column)).collect();
    assert!(places.is_sorted(), "{report}");
    for told in report.diagnostics() {
        assert!(!told.message.contains('\n') && told.help.is_some(), "{told:?}");
        assert!((told.place.line, told.place.column) <= (told.place.end_line, told.place.end_column), "{told:?}");
        assert!(report.render_one(told).contains(&told.place.to_string()), "{told:?}");
    }
}

/// Print and parse are each other's inverse.
fn is_printed_and_read_again(loaded: &Loaded) {
    let text = print::spec(&loaded.spec);
    let again = load_with("fsm.yaml", &OneFile(text.as_bytes()), &Levels::language())
        .unwrap_or_else(|report| panic!("what was printed is refused: {report}\n{text}"));
    let json = |loaded: &Loaded| serde_json::to_string_pretty(&outline(&loaded.spec)).expect("outlines are plain data");
    assert_eq!(json(loaded), json(&again), "{text}");
    assert_eq!(loaded.spec.queues.len(), again.spec.queues.len());
    for machine in &loaded.spec.machines {
        assert!(!graph::mermaid(machine).is_empty() && !graph::dot(machine).is_empty());
        assert!(machine.states.len() > MOST_DRAWN || svg::draw(machine).ends_with("</svg>\n"));
    }
}

struct OneFile<'a>(&'a [u8]);

impl Files for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "fsm.yaml" { Ok(self.0.into()) } else { Err(ReadError::NotFound) }
    }
}
