//! The traits that the struct of a context derives.

use crate::ast::Path;
use crate::code::Code;
use crate::diagnostic::Findings;
use crate::scalar::shorten;
use crate::similar::similar;

use super::attributes::Attributes;
use super::path::split;

/// The traits of Rust's own that can be asked for, and their modules.
const TRAITS: [(&str, &str); 5] =
    [("Copy", "marker"), ("Eq", "cmp"), ("PartialOrd", "cmp"), ("Ord", "cmp"), ("Hash", "hash")];

/// Those that every context derives.
const ALWAYS: [&str; 6] = ["Debug", "Clone", "Default", "PartialEq", "Serialize", "Deserialize"];

impl Attributes<'_> {
    pub(super) fn derive(&self, findings: &mut Findings) -> Vec<Path> {
        let names = self.values("derive", findings);
        let mut paths: Vec<Path> = Vec::new();
        for name in &names {
            let Some(path) = split(&name.value, name.span, findings) else { continue };
            let text = shorten(&name.value);
            let is_single = path.segments.len() == 1 && !path.is_absolute;
            let (problem, help) = if paths.iter().any(|other| other.written == path.written) {
                (format!("`{text}` stands twice"), "keep one of the two".to_owned())
            } else if is_single && ALWAYS.contains(&&*name.value) {
                (format!("every context derives `{text}`"), "remove it".to_owned())
            } else if is_single && let Some((_, module)) = TRAITS.iter().find(|(known, _)| *known == name.value) {
                let segments = ["std", module, &*name.value].map(str::to_owned).into();
                paths.push(Path { segments, is_absolute: true, ..path });
                continue;
            } else if is_single {
                let finding = findings.report(
                    Code::InvalidDerive,
                    name.span,
                    format!("`{text}` is no trait of Rust's own that a context can derive"),
                );
                match similar(&name.value, TRAITS.map(|(known, _)| known)) {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(name.span, meant),
                    None => finding.help("write Copy, Eq, PartialOrd, Ord or Hash, or the path of a trait, such as `::schemars::JsonSchema`"),
                };
                continue;
            } else {
                paths.push(path);
                continue;
            };
            findings.report(Code::InvalidDerive, name.span, problem).help(help);
        }
        if let Some(ord) = names.iter().find(|name| name.value == "Ord")
            && let Some(missing) =
                ["Eq", "PartialOrd"].into_iter().find(|other| !names.iter().any(|name| name.value == *other))
        {
            findings
                .report(Code::InvalidDerive, ord.span, format!("`Ord` needs `{missing}` beside it"))
                .help("write `derive: [Eq, PartialOrd, Ord]`");
        }
        paths
    }
}
