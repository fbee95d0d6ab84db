//! The tree of a file to what its author wrote: attributes by their names, values of the kinds they ask for.
//!
//! Nothing stops at the first mistake: what cannot be read is reported and left [`Invalid`](crate::ast::Field::Invalid).

mod attributes;
mod context_type;
mod countdown;
mod default;
mod derive;
mod edition;
mod fan_in;
mod integer;
mod items;
mod lints;
mod machine;
mod path;
mod queue;
mod schedule;
mod spelling;
mod state;
mod text;
mod transition;

use crate::ast::{File, Item, Queue};
use crate::attribute;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::Value;
use crate::similar::similar;
use crate::source::{FileId, Span, Spanned};
use crate::yaml::{Kind, Node};

use attributes::{Attributes, Known, Owner};
use edition::Edition;

pub(crate) use context_type::is_short_name;
pub(crate) use lints::lints;

const FILE: Owner =
    Owner { noun: "the file", attributes: Known::Of(attribute::Owner::File), unknown: Code::AttributeWithoutEffect };

/// Reads the top level of a file.
pub(crate) fn file(file: FileId, root: &Node, findings: &mut Findings) -> Option<File> {
    if !matches!(root.kind, Kind::Map(_)) {
        return state_machines_required(file, root, findings);
    }
    let Some(machines) = attributes::peek(root, "state_machines") else {
        return state_machines_required(file, root, findings);
    };
    let edition = Edition::of(root, findings);
    let attributes = Attributes::read(&FILE, root, edition, findings)?;
    let mut items = Vec::new();
    for node in attributes.list(machines, findings) {
        items.extend(item(node, edition, findings));
    }
    edition::newer_than_its_file(findings);
    Some(File {
        root_url: attributes.url(findings),
        root_url_key: attributes.key("root_url"),
        capabilities_key: attributes.key("enable_capabilities_check"),
        lints_key: attributes.key("lints"),
        queues_key: attributes.key("queues"),
        queues: queues(&attributes, findings),
        items,
    })
}

/// The queues of a file, or `None` when it lists none.
fn queues(attributes: &Attributes<'_>, findings: &mut Findings) -> Option<Vec<Queue>> {
    let node = attributes.get("queues")?;
    let items = attributes.list(node, findings);
    Some(items.iter().filter_map(|item| queue::queue(item, findings)).collect())
}

/// Reads a queue.yaml of App Engine.
pub(crate) fn queue_file(root: &Node, findings: &mut Findings) -> Vec<Queue> {
    const QUEUE_FILE: Owner = Owner {
        noun: "a file of queues",
        attributes: Known::Listed(&["queue", "total_storage_limit"]),
        unknown: Code::AttributeWithoutEffect,
    };
    let Some(attributes) = Attributes::read(&QUEUE_FILE, root, Edition::Second, findings) else { return Vec::new() };
    let items = attributes.get("queue").map(|list| attributes.list(list, findings)).unwrap_or_default();
    items.iter().filter_map(|item| queue::queue(item, findings)).collect()
}

/// A machine, or the import of a file that has some.
fn item(node: &Node, edition: Edition, findings: &mut Findings) -> Option<Item> {
    match attributes::peek(node, "import") {
        Some(import) if !import.is_falsy() => match import.value() {
            Some(Value::Text(path)) => Some(Item::Import(Spanned::new(path.to_owned(), import.span))),
            _ => {
                attributes::wrong_type(
                    import,
                    "`import` is the path of a file",
                    "write one path; another file is another item",
                    findings,
                );
                None
            }
        },
        Some(import) if attributes::peek(node, "name").is_none() => {
            findings
                .report(Code::MachineNameRequired, import.span, "neither a machine nor an import: `import` is empty")
                .help("write the path of a file behind `import:`");
            None
        }
        Some(_) | None => machine::machine(node, edition, findings).map(|machine| Item::Machine(Box::new(machine))),
    }
}

/// A file without a list of machines is most likely not a fsm.yaml, or misspells the key.
fn state_machines_required(file: FileId, root: &Node, findings: &mut Findings) -> Option<File> {
    const HELP: &str = "start the file with `state_machines:` and list the machines below it";
    let Kind::Map(entries) = &root.kind else {
        let message = format!("a file of machines is a mapping, this one is {}", root.describe());
        findings.report(Code::StateMachinesAttributeRequired, root.span, message).help(HELP);
        return None;
    };
    let message = "the file has no `state_machines`";
    let is_meant = |key: &str| matches!(key, "machines" | "machine") || similar(key, ["state_machines"]).is_some();
    let misspelt = entries.iter().find(|entry| is_meant(&entry.key.text()));
    match misspelt {
        Some(entry) => findings
            .report(Code::StateMachinesAttributeRequired, entry.key.span, message)
            .help("did you mean `state_machines`?")
            .fix(entry.key.span, "state_machines"),
        None => findings.report(Code::StateMachinesAttributeRequired, Span::start_of(file), message).help(HELP),
    };
    None
}
