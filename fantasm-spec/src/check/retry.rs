//! How often a task is tried.

use crate::ast::Retry;
use crate::code::Code;
use crate::diagnostic::Findings;

pub(super) fn all(retry: &Retry, findings: &mut Findings) {
    match (retry.max_retries_key, retry.task_retry_limit_key) {
        (Some(_), Some(_)) => max_retries_and_task_retry_limit_mutually_exclusive(retry, findings),
        (Some(_), None) => deprecated_max_retries(retry, findings),
        (None, _) => {}
    }
}

/// Two names for one number.
fn max_retries_and_task_retry_limit_mutually_exclusive(retry: &Retry, findings: &mut Findings) {
    let (Some(old), Some(new)) = (retry.max_retries_key, retry.task_retry_limit_key) else { return };
    let message = "`max_retries` and `task_retry_limit` are two names for one number";
    findings
        .report(Code::MaxRetriesAndTaskRetryLimitMutuallyExclusive, old, message)
        .related(new, "the other one")
        .help("keep `task_retry_limit`");
}

/// App Engine renamed the number, and so did Fantasm.
fn deprecated_max_retries(retry: &Retry, findings: &mut Findings) {
    if let Some(key) = retry.max_retries_key {
        findings
            .report(Code::DeprecatedMaxRetries, key, "`max_retries` is the old name of `task_retry_limit`")
            .help("write the new name")
            .fix(key, "task_retry_limit");
    }
}
