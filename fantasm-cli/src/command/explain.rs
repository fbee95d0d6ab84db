//! `fantasm explain`: the chapter of a rule.

use std::io::Write;

use fantasm_spec::{Class, Code};

use super::Verdict;
use crate::args::ExplainArgs;

pub(crate) fn run(args: &ExplainArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<Verdict> {
    let Some(code) = &args.code else {
        for code in Code::ALL {
            let level = level(*code).map(|level| format!(" ({level})")).unwrap_or_default();
            writeln!(out, "{code}{level}: {}", code.summary())?;
        }
        return Ok(Verdict::Good);
    };
    match code.parse::<Code>() {
        Ok(code) => {
            out.write_all(code.explanation().as_bytes())?;
            Ok(Verdict::Good)
        }
        Err(error) => {
            let help = match error.meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`fantasm explain` lists them all".to_owned(),
            };
            writeln!(err, "error: `{code}`: {error}\n  = help: {help}")?;
            Ok(Verdict::Bad)
        }
    }
}

/// What a rule is when nobody has said otherwise; nothing, when it is always an error.
fn level(code: Code) -> Option<&'static str> {
    match code.class() {
        Class::Lint => Some("warning"),
        Class::Portability => Some("warning, and an error of the build"),
        _ => None,
    }
}
