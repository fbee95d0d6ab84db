//! `fantasm schema`: the language as a JSON Schema.

use std::io::Write;

use super::Verdict;
use crate::schema::schema;

pub(crate) fn run(out: &mut dyn Write) -> anyhow::Result<Verdict> {
    writeln!(out, "{:#}", schema())?;
    Ok(Verdict::Good)
}
