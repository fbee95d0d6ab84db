//! `fantasm graph`: a machine as a picture.

use std::io::Write;

use fantasm_spec::{Levels, graph, load_with};

use super::Verdict;
use crate::args::{GraphArgs, GraphFormat};
use crate::disk::Disk;

pub(crate) fn run(args: &GraphArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let loaded = match load_with(&args.file, &Disk, &Levels::language()) {
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
    let text = match args.format {
        GraphFormat::Mermaid => graph::mermaid(machine),
        GraphFormat::Dot => graph::dot(machine),
    };
    out.write_all(text.as_bytes())?;
    Ok(Verdict::Good)
}
