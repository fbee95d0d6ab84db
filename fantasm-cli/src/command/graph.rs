//! `fantasm graph`: a machine as a picture.

use std::io::Write;
use std::path::Path;

use fantasm_spec::{Levels, graph, load_with, svg};

use super::Verdict;
use crate::args::{GraphArgs, GraphFormat};
use crate::disk::{self, Disk};

pub(crate) fn run(args: &GraphArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let Some(format) = format(args) else {
        let output = args.output.as_deref().unwrap_or(Path::new("")).display();
        writeln!(
            err,
            "error: the name `{output}` says no language of drawings\n  = help: let it end in .svg, .dot, .gv or .mmd, or add --format"
        )?;
        return Ok(Verdict::Bad);
    };
    let loaded = match load_with(&disk::file_of_machines(&args.file), &Disk::default(), &Levels::language()) {
        Ok(loaded) => loaded,
        Err(report) => {
            err.write_all(report.render().as_bytes())?;
            return Ok(Verdict::Bad);
        }
    };
    let machines = &loaded.spec.machines;
    let Some(machine) = machines.iter().find(|machine| machine.name.as_str() == args.machine) else {
        let names: Vec<&str> = machines.iter().map(|machine| machine.name.as_str()).collect();
        writeln!(
            err,
            "error: `{}` has no machine `{}`\n  = help: it has: {}",
            args.file,
            args.machine,
            names.join(", ")
        )?;
        return Ok(Verdict::Bad);
    };
    let text = match format {
        GraphFormat::Svg => svg::draw(machine),
        GraphFormat::Mermaid => graph::mermaid(machine),
        GraphFormat::Dot => graph::dot(machine),
    };
    match &args.output {
        Some(path) => disk::write(path, &text)?,
        None => out.write_all(text.as_bytes())?,
    }
    Ok(Verdict::Good)
}

/// Returns the language that was asked for; a name of a file that says none is an error, since a guess would surprise.
fn format(args: &GraphArgs) -> Option<GraphFormat> {
    let Some(output) = args.output.as_ref().filter(|_| args.format.is_none()) else {
        return Some(args.format.unwrap_or(GraphFormat::Mermaid));
    };
    match output.extension()?.to_str()? {
        "svg" => Some(GraphFormat::Svg),
        "dot" | "gv" => Some(GraphFormat::Dot),
        "mmd" => Some(GraphFormat::Mermaid),
        _ => None,
    }
}
