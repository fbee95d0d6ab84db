//! `fantasm explain`: the chapter of a rule.

use std::io::Write;

use fantasm_spec::Code;

use super::Verdict;
use crate::args::ExplainArgs;

pub(crate) fn run(args: &ExplainArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let Some(code) = &args.code else {
        for code in Code::ALL {
            writeln!(out, "{code}: {}", code.summary())?;
        }
        return Ok(Verdict::Good);
    };
    match code.parse::<Code>() {
        Ok(code) => {
            out.write_all(code.explanation().as_bytes())?;
            Ok(Verdict::Good)
        }
        Err(error) => {
            writeln!(err, "error: `{code}`: {error}\n  = help: `fantasm explain` lists them all")?;
            Ok(Verdict::Bad)
        }
    }
}
